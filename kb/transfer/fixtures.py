"""The shipped content as it lies on disk: files in the shape of Django fixtures, loaded by `loadcodes`."""

from dataclasses import dataclass
from pathlib import Path

import yaml

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C one is ten times as fast, where it is built


class FixtureError(Exception):
    """A file cannot be used; the message names it."""


@dataclass(frozen=True)
class Entry:
    """One shipped record: its model's label, its key, and what it says."""

    model: str
    key: str
    fields: dict
    file: str


def read_folder(folder: Path) -> list[Entry]:
    """Every entry of every file, in the order of the files' names. Raises FixtureError."""
    return [entry for path in sorted(folder.rglob("*.yaml")) for entry in _read_file(path, folder)]


def _read_file(path, folder):
    name = str(path.relative_to(folder))
    try:
        listed = yaml.load(path.read_bytes(), Loader)  # noqa: S506 (both are safe loaders)
    except yaml.YAMLError as problem:
        raise FixtureError(f"{name} cannot be read: {problem}") from None
    for item in listed or []:
        try:
            fields = dict(item["fields"])
            yield Entry(item["model"], fields.pop("key"), fields, name)
        except (KeyError, TypeError):
            raise FixtureError(
                f"{name}: every entry needs “model” and “fields”, and its fields a “key”."
            ) from None
