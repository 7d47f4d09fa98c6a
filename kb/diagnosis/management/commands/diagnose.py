import json
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from django.core.management.base import CommandError

from kb.diagnosis.book import book
from kb.diagnosis.diagnosing import diagnose
from kb.diagnosis.parse import READ_AT_MOST
from kb.diagnosis.records import record
from kb.diagnosis.telling import NO_BOUNCE, told
from kb.guard.command_line import CodebookCommand


class Command(CodebookCommand):
    help = "Read a bounce or any text with an error of a mail server, and say what happened and what to do."
    requires_system_checks = ()
    may_stay_root = True  # it writes nothing, and reads what only root may

    def add_arguments(self, parser):
        parser.add_argument(
            "files", nargs="*", metavar="FILE", help="A mail or any text; - is standard input."
        )
        form = parser.add_mutually_exclusive_group()
        form.add_argument("--json", action="store_true", help="Print one JSON object a file.")
        form.add_argument(
            "--jsonl",
            action="store_true",
            help='Read {"id", "text"} lines from standard input and print one JSON object a line.',
        )

    def handle(self, *, files, json: bool, jsonl: bool, **options):
        self.problems, self.has_found = 0, False
        if sys.stdin and sys.stdin.isatty() and files in ([], ["-"]):
            self.stderr.write("Paste the text, then press Enter and Ctrl+D.")
        if jsonl and files:
            raise CommandError("With --jsonl the texts come from standard input; leave the files out.")
        book()  # read before the first text, whose time is told without it
        if jsonl:
            self._print_records(self._lines())
        elif json:
            self._print_records(self._sources(files))
        else:
            self._print_words(self._sources(files), titled=len(files) > 1)
        if self.problems or not (self.has_found or json or jsonl):
            sys.exit(1)

    def _print_records(self, texts):
        for name, text in texts:
            self._write(as_json(name, text))

    def _print_words(self, texts, *, titled):
        for name, text in texts:
            if titled:
                self._write(f"== {name}")
            found = diagnose(text)
            self.has_found |= bool(found.answers) and found.nature not in NO_BOUNCE
            for line in told(found):
                self._write(line)
            if titled:
                self._write("")

    def _write(self, line: str):
        self.stdout.write(line.encode("utf-8", "replace").decode())
        self.stdout.flush()

    def _sources(self, files: list[str]) -> Iterator[tuple[str, bytes]]:
        """Name and bytes of each file that can be read."""
        for file in files or ["-"]:
            try:
                content = _content(file)
            except OSError as problem:
                self._complain(f"{file}: {problem.strerror or problem}. It was left out.")
                continue
            if len(content) > READ_AT_MOST:
                self._complain(f"{file}: only the first 1 MB was read.", is_problem=False)
            yield ("stdin" if file == "-" else Path(file).stem), content[:READ_AT_MOST]

    def _lines(self) -> Iterator[tuple[str, str]]:
        """Id and text of each line; what is no such object is named and left out."""
        for number, line in enumerate(sys.stdin.buffer, 1):
            if not line.strip():
                continue
            try:
                asked = json.loads(line)
                name, text = asked["id"], asked["text"]
            except (ValueError, KeyError, TypeError, RecursionError):
                self._complain(f'Line {number} is no {{"id", "text"}} object. It was left out.')
                continue
            yield name, text if isinstance(text, str) else str(text)

    def _complain(self, sentence: str, *, is_problem: bool = True):
        self.problems += is_problem
        self.stderr.write(sentence)


def as_json(name: str, text: str | bytes) -> str:
    started = perf_counter()
    found = diagnose(text)
    return json.dumps(record(found, name, (perf_counter() - started) * 1000))


def _content(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read(READ_AT_MOST + 1)
    with Path(file).open("rb") as source:
        return source.read(READ_AT_MOST + 1)
