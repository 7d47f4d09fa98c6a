"""Bounces in the shapes that mail systems give them, with what must be read: name | replies | statuses | nature | recipients."""

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "samples"


@dataclass(frozen=True)
class Sample:
    name: str
    replies: list[str]
    statuses: list[str]
    nature: str
    recipients: list[str]
    text: str


def samples(name: str) -> list[Sample]:
    pieces = (FOLDER / f"{name}.txt").read_text().split("%% ")[1:]
    return [_sample(piece) for piece in pieces]


def _sample(piece):
    head, _, text = piece.partition("\n")
    name, replies, statuses, nature, recipients = (part.strip() for part in head.split("|"))
    lists = ([value for value in part.split(",") if value] for part in (replies, statuses, recipients))
    replies, statuses, recipients = lists
    return Sample(name, replies, statuses, nature, recipients, text)
