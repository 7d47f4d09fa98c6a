"""read(source) → Reading: what mail servers said in a text, to whom, in which words. Says nothing about what it means."""

from dataclasses import replace

from kb.diagnosis.reader import nature
from kb.diagnosis.reader.mail import Mail, is_mail, open_mail
from kb.diagnosis.reader.marks import marks_of, words_of
from kb.diagnosis.reader.normal import decoded, normal, packed, unpacked
from kb.diagnosis.reader.people import people_in
from kb.diagnosis.reader.recipients import LIKELY, Scene, told
from kb.diagnosis.reader.report import fields_of, groups_of, is_report
from kb.diagnosis.reader.returned import kept_length
from kb.diagnosis.reader.speech import Heard, heard_in
from kb.diagnosis.reading import Reading, Recipient

READ_AT_MOST = 1024 * 1024
MOST_TEXT = 512 * 1024
SHORT = 400  # letters: in so short a text, three digits are meant as a code
CLEAR = 64.0  # as “error code 550” is
SPOKEN = 75.0  # as any pair on a line of its own is
DONE = 3.0  # of a success, whose score is tempered
DEEPEST = 3


def read(source: str | bytes) -> Reading:
    """Any text a person may have at hand: a mail, log lines, an exception, a bounce copied from a page. Never raises."""
    raw = unpacked(source[:READ_AT_MOST]) if isinstance(source, bytes) else packed(source[:READ_AT_MOST])
    raw = raw[:READ_AT_MOST].replace("\r\n", "\n").replace("\r", "\n")
    return (
        _of_mail(raw, 0)
        if is_mail(raw)
        else _assembled(normal(decoded(raw[:MOST_TEXT].encode("latin-1"))), None)
    )


def _of_mail(raw, depth):
    mail = open_mail(raw)
    inner = _inner(mail) if depth < DEEPEST else ""
    if inner and not nature.is_from_daemon(mail) and not mail.of_kind("report", "feedback"):
        return _of_mail(inner, depth + 1)
    prose = "\n\n".join(part.text.strip("\n") for part in _shown(mail))
    kept = prose[: _kept_length(prose)]
    report = "\n\n".join(part.text.strip() for part in mail.of_kind("report"))
    reading = _assembled(f"{kept.rstrip()}\n\n{report}".strip("\n") if report else kept, mail)
    if not reading.codes and reading.nature in {"bounce", "none"} and depth < DEEPEST:
        again = _of_mail(inner, depth + 1) if inner else _of_rest(raw)
        return again if again.codes else reading
    return reading


def _shown(mail):
    """The parts a person reads: plain ones, or else those of HTML."""
    texts = [part for part in mail.of_kind("text") if part.text.strip()]
    plain = [part for part in texts if not part.is_html]
    return plain if sum(len(part.text.split()) for part in plain) >= 4 else texts


def _inner(mail: Mail) -> str:
    """The attached mail, if it is a bounce itself: somebody passed it on."""
    for part in mail.of_kind("returned"):
        raw = part.text.lstrip("\n")
        if is_mail(raw):
            attached = open_mail(raw)
            if nature.is_from_daemon(attached) or attached.of_kind("report"):
                return raw
    return ""


def _of_rest(raw):
    """A bounce inside a bounce, where the outer one says nothing."""
    body = raw.find("\n\n")
    for start in ("\nFrom MAILER-DAEMON", "\nReturn-Path: <>"):
        if (at := raw.find(start, body)) >= 0 and is_mail(raw[at:]):
            return _of_mail(raw[at:], DEEPEST)
    return Reading("")


def _assembled(text, mail):
    if nature.is_abuse_report(mail, text):
        return Reading(text, bool(mail), "abuse-report")
    if nature.is_auto_reply(mail, text):
        return Reading(text, bool(mail), "auto-reply")
    end = len(text) if mail else _kept_length(text)
    fields = fields_of(text, 0, end) if is_report(text[:end]) else []
    groups = groups_of(text, fields)
    heard = _heard_outside(text, end, fields)
    failed = nature.is_a_failure(mail, text[:end])
    heard = _likely(heard, text, mail, failed=failed, reported=bool(groups))
    people = people_in(text, fields[0].start if groups else end)
    recipients = told(Scene(text, end, heard, people, _named_in(mail)), groups)
    return _finished(text, end, mail, groups, recipients, failed)


def _named_in(mail):
    return mail.headers.get("x-failed-recipients", "").replace(",", " ").split() if mail else []


def _kept_length(text):
    """All of it where only what looks like the returned message says something: then it is none."""
    end = kept_length(text)
    is_all = end < len(text) and not _says_something(text[:end]) and _says_something(text[end:])
    return len(text) if is_all else end


def _says_something(text):
    return is_report(text) or any(one.is_refusal and one.score >= SPOKEN for one in heard_in(text))


def _heard_outside(text, end, fields):
    if not fields:
        return heard_in(text, 0, end)
    first = text.rfind("\n", 0, fields[0].start) + 1
    return heard_in(text, 0, first) + heard_in(text, fields[-1].end, end)


def _likely(heard: list[Heard], text, mail, *, failed, reported) -> list[Heard]:
    """Those that are likely codes; if there is none, what is at least possible; if all went well, what says so."""
    likely = [one for one in heard if one.score >= LIKELY]
    if not failed and (mail or not _may_be_meant(text)):
        likely = [one for one in likely if one.status or one.score >= CLEAR]
    if not likely and mail is None and len(text) <= SHORT:
        likely = [replace(one, score=LIKELY) for one in heard if one.is_refusal]
    if likely or reported or (failed and mail):
        return likely
    return [
        replace(one, score=LIKELY) for one in heard if one.level == "2" and one.status and one.score >= DONE
    ]


def _may_be_meant(text):
    """May three digits alone be a code here?"""
    return len(text) <= SHORT or nature.is_about_mail(text)


def _finished(text, end, mail, groups, recipients: list[Recipient], failed):
    levels = {(one.reply or one.status)[:1] for person in recipients for one in person.said[:1]} - {""}
    if not levels and not failed and not groups:
        return Reading(text, bool(mail), "none")
    return Reading(
        text,
        bool(mail),
        nature.outcome(groups, text[:end], levels),
        tuple(recipients),
        marks_of(text[:end], mail, groups, recipients),
        words_of(text[:end], recipients),
    )
