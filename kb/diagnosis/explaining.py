"""Why an answer is thought to be right: one plain sentence a rung, and nothing of the person's own text in it."""

from kb.diagnosis import answers as rungs


def why(rung, wording, enhanced, reply) -> str:
    return WHY[rung](wording, enhanced, reply)


def _provider(wording, enhanced, reply):
    return f"These are words that {wording.provider} uses for it{_with(enhanced, reply)}."


def _wording(wording, enhanced, reply):
    whose = f"that {wording.provider} uses" if wording.provider else "that many servers use"
    return f"These are words {whose} for it{_with(enhanced, reply)}."


def _words(wording, enhanced, reply):
    code = enhanced or reply
    return (
        f"The words point to it; the code {code} alone does not say so."
        if code
        else "The words point to it; no code stands beside them."
    )


def _enhanced(wording, enhanced, reply):
    known = "stands for" if enhanced.is_registered else "is used for, though no registry lists it"
    return f"The words are not known here, so the answer is what {enhanced} {known}."


def _reply(wording, enhanced, reply):
    return f"The words are not known here, so the answer is what {reply} stands for, which can have several causes."


def _class(wording, enhanced, reply):
    code = enhanced or reply
    return f"{code} is on no list, so the answer is what its first numbers say."


def _nothing(wording, enhanced, reply):
    return "It is a bounce, but it holds no code, and its words are not known here."


def _with(enhanced, reply):
    codes = " ".join(str(code) for code in (reply, enhanced) if code)
    return f", here with {codes}" if codes else ""


WHY = {
    rungs.BY_PROVIDER: _provider,
    rungs.BY_WORDING: _wording,
    rungs.BY_WORDS: _words,
    rungs.BY_ENHANCED: _enhanced,
    rungs.BY_REPLY: _reply,
    rungs.BY_CLASS: _class,
    rungs.BY_NOTHING: _nothing,
}
