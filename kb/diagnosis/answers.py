"""What a diagnosis comes to: plain frozen values that pages, the command and the API share."""

from dataclasses import dataclass

from kb.codes.advising import Grounds
from kb.codes.models import Cause, Provider, Wording
from kb.codes.spoken import SpokenCode
from kb.diagnosis.reading import Reading, Recipient, Spoken

# The rungs of the ladder, the surest first
BY_PROVIDER = "provider"  # a wording of the provider that speaks
BY_WORDING = "wording"  # a known wording, whoever speaks
BY_WORDS = "words"  # words that point to a cause, with any code or none
BY_ENHANCED = "enhanced"  # a registered enhanced code
BY_REPLY = "reply"  # a registered reply code
BY_CLASS = "class"  # a code without a record: its subject and class
BY_NOTHING = "nothing"  # a bounce whose words are not known, without a code

STRONG, FAIR, WEAK = "strong", "fair", "weak"


@dataclass(frozen=True)
class Answer:
    """What happened to the mail for one recipient, how sure that is, and why it is thought."""

    recipient: Recipient
    spoken: Spoken | None  # what the answer stands on; its places refer to Reading.text
    rung: str
    sure: str
    why: str  # one plain sentence without anything of the person's text in it
    wording: Wording | None = None
    cause: Cause | None = None
    provider: Provider | None = None
    code: SpokenCode | None = None  # the code to open: the one that says most
    reply: SpokenCode | None = None
    enhanced: SpokenCode | None = None
    causes: tuple[Cause, ...] = ()  # what else it may be, likeliest first

    @property
    def who_acts(self):
        """The roles that must act: as the wording says, else the cause, else the code. A cause may need nobody."""
        if self.wording and self.wording.actors:
            return self.wording.actors
        if self.cause:
            return self.cause.actors
        return self.code.who_acts if self.code else []

    @property
    def grounds(self) -> Grounds:
        """What advice is taken from, in the order in which it is taken."""
        return Grounds(self.wording, self.cause, self.enhanced, self.reply)

    @property
    def in_brief(self) -> str:
        """What to do in a few words."""
        sources = (self.wording, self.cause, self.code)
        return next((source.in_brief for source in sources if source and source.in_brief), "")

    @property
    def meaning(self) -> str:
        """What happened, in plain words; those of the wording fit best."""
        sources = (self.wording, self.cause, self.code)
        return next((source.meaning for source in sources if source and source.meaning), "")


@dataclass(frozen=True)
class Diagnosis:
    """The answer to a reading, one for each recipient."""

    reading: Reading
    answers: tuple[Answer, ...] = ()

    @property
    def nature(self) -> str:
        """What kind of text it is: a bounce, a delay, a success, an automatic reply and so on."""
        return self.reading.nature

    @property
    def best(self) -> Answer | None:
        return self.answers[0] if self.answers else None

    @property
    def is_bounce(self) -> bool:
        return self.nature in {"bounce", "delayed"}

    @property
    def causes(self) -> list[Cause]:
        """Each answer's cause, then what else it may be; each once."""
        first = [answer.cause for answer in self.answers if answer.cause]
        others = [cause for answer in self.answers for cause in answer.causes]
        return list(dict.fromkeys([*first, *others]))
