"""Every command of the documentation does what it says, as it is written, on a copy set up as documented."""

import os
import pty
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing, suppress
from pathlib import Path
from unittest import TestCase, skipUnless

from django.db import connection

from tests.delivery.served import ServedTestCase, free_port

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
UNITS = sorted(DOCS.rglob("*.service"))
CALL = re.compile(
    r"(?:^|[\s('])(?:\./(?:codebook|run|check)\b|(?:\S*/)?manage\.py\b|/srv/codebook/(?:codebook|run)\b)"
)
NEEDED = (
    "codebook",
    "docs",
    "fixtures",
    "kb",
    "manage.py",
    "pyproject.toml",
    "run",
    "scripts",
    "static",
    "templates",
)
# What stands in the guides, and what it is here.
PLACES = {
    "/srv/codebook": "{copy}",
    "/var/lib/codebook": "{data}",
    "/tmp/trial": "{trial}",
    "restore FILE": "restore {data}/backups/codebook.tar.gz",
    "help COMMAND": "help search",
    "COMMAND": "search mailbox full",
    "%%": "%",  # as a unit file writes it
}
PASSWORD = "kept under the mat"
# As written; in brackets what a person types when asked. Those that wait for another come after it.
RUN: dict[str, list[str]] = {
    "./codebook upgrade": [],
    "./codebook createsuperuser": ["anna", "anna@example.org", PASSWORD, PASSWORD],
    "./codebook changepassword anna": [PASSWORD * 2, PASSWORD * 2],
    "./codebook backup /var/lib/codebook/backups/codebook.tar.gz": [],
    "./codebook backup /var/lib/codebook/backups/moving.tar.gz": [],
    "/bin/sh -c 'exec ./codebook backup /var/lib/codebook/backups/day-$(date +%%u).tar.gz'": [],
    "DATA_DIR=/tmp/trial ./codebook restore /var/lib/codebook/backups/codebook.tar.gz": [],
    "./codebook restore /var/lib/codebook/backups/codebook.tar.gz --force": [],
    "./codebook restore /var/lib/codebook/backups/moving.tar.gz --force": [],
    "./codebook restore FILE --force": [],
    "./codebook check --deploy": [],
    "./codebook demo --remove": [],
    "./codebook diagnose": [],
    "manage.py diagnose --json": [],
    "./codebook help": [],
    "./codebook help COMMAND": [],
    "./codebook loadcodes --dry-run": [],
    "./codebook sendtestemail you@example.org": [],
    "./codebook --version": [],
    "./codebook COMMAND": [],
    "/srv/codebook/codebook COMMAND": [],
    "manage.py COMMAND": [],
    ".venv/bin/python manage.py COMMAND": [],
}
SERVES = ["./run", "/srv/codebook/run"]
NOT_RUN = {
    "./check": "it runs these tests",
    "POSTGRES=yes ./check": "it runs these tests",
    "manage.py": "the name of the file",
    "manage.py work --once": "tests/jobs/test_outbox.py runs it",
    "manage.py work": "it goes on until it is stopped: tests/guard/test_command_line.py",
}


def commands():
    """{as written: the page}: lines of code and words within a sentence."""
    found = {}
    for page in [ROOT / "README.md", *sorted(DOCS.rglob("*.md")), *UNITS]:
        text = page.read_text()
        lines = re.findall(r"^(?: {4,}|ExecStart=)(.+)", text, re.MULTILINE) + fenced(text)
        for line in lines + re.findall(r"`([^`\n]+)`", text):
            command = re.sub(r"\s+# .*", "", line).strip()
            if CALL.search(command):
                found[command] = page.name
    return found


def fenced(text):
    return [
        line
        for block in re.findall(r"^```.*?\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
        for line in block.splitlines()
    ]


class TheCommands(TestCase):
    def test_are_all_run_or_left_out_for_a_reason(self):
        known = {*RUN, *SERVES, *NOT_RUN}
        self.assertEqual({name: page for name, page in commands().items() if name not in known}, {})
        self.assertEqual(known - {*commands()}, set())


@skipUnless(connection.vendor == "sqlite", "the copy is a SQLite file")
class AsDocumented(ServedTestCase):
    servers = 0

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        place = tempfile.TemporaryDirectory()
        cls.addClassCleanup(place.cleanup)
        cls.place = Path(place.name)
        cls.names = {name: cls.place / name for name in ("copy", "data", "trial")}
        cls.copy, cls.data, cls.port = cls.names["copy"], cls.names["data"], free_port()
        for folder in (cls.copy, cls.data / "backups", cls.names["trial"]):
            folder.mkdir(parents=True)
        for name in NEEDED:
            source, ignored = ROOT / name, shutil.ignore_patterns("__pycache__")
            if source.is_dir():
                shutil.copytree(source, cls.copy / name, ignore=ignored)
            else:
                shutil.copy(source, cls.copy / name)
        (cls.copy / ".venv").symlink_to(sys.prefix)
        (cls.copy / ".env").write_text(cls.settings())
        shutil.copy(cls.file, cls.data / "codebook.sqlite3")

    @classmethod
    def settings(cls):
        """Those of the guide, but for mail."""
        guide = (DOCS / "deploy" / "one-machine.md").read_text()
        lines = re.findall(r"^    ([A-Z_]+=.+)$", guide, re.MULTILINE)
        lines = [cls.here(line) for line in lines if not line.startswith("EMAIL_URL")]
        return "\n".join([*lines, "EMAIL_URL=consolemail://", f"PORT={cls.port}", ""])

    @classmethod
    def here(cls, written):
        for name, meant in PLACES.items():
            written = written.replace(name, meant.format(**cls.names))
        return f"./{written}" if written.startswith("manage.py") else written

    def environment(self):
        path = f"{sys.prefix}/bin:{os.environ['PATH']}"
        return {"PATH": path, "HOME": str(self.place), "TERM": "dumb", "PREPARED": "yes"}

    def ended(self, written):
        return subprocess.run(
            ["sh", "-c", self.here(written)],
            cwd=self.copy,
            env=self.environment(),
            input="550 5.1.1 user unknown\n",
            capture_output=True,
            text=True,
            timeout=300,
        )

    def typed(self, written, answers):
        """What a terminal shows, with an answer to each question; and the exit code."""
        child, terminal = pty.fork()
        if not child:
            os.chdir(self.copy)
            os.execvpe("sh", ["sh", "-c", self.here(written)], self.environment())
        shown, waiting = b"", list(answers)
        with suppress(OSError):  # the terminal is gone with its last program
            while part := os.read(terminal, 1024):
                shown += part
                if waiting and re.search(rb": $", shown):
                    os.write(terminal, f"{waiting.pop(0)}\n".encode())
                    shown += b"\n"
        return shown.decode(), os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    def query(self, sql):
        with closing(sqlite3.connect(self.data / "codebook.sqlite3")) as database:
            return database.execute(sql).fetchall()

    def test_every_command_works_on_the_data_of_the_server(self):
        for written, answers in RUN.items():
            with self.subTest(written):
                if answers:
                    shown, code = self.typed(written, answers)
                else:
                    ended = self.ended(written)
                    shown, code = ended.stdout + ended.stderr, ended.returncode
                self.assertEqual(code, 0, shown)
                self.assertNotIn("Traceback", shown)
        self.assertEqual(self.query("SELECT username FROM accounts_user"), [("anna",)])
        self.assertEqual(self.query("SELECT COUNT(*) FROM comments_comment"), [(0,)])
        self.assertFalse((self.copy / "var").exists())
        self.assertEqual(len(list((self.data / "backups").glob("day-[1-7].tar.gz"))), 1)
        self.assertGreater((self.names["trial"] / "codebook.sqlite3").stat().st_size, 1_000_000)

    def test_every_way_to_start_serves_it(self):
        for written in SERVES:
            with self.subTest(written):
                server = subprocess.Popen(
                    ["sh", "-c", f"exec {self.here(written)}"],
                    cwd=self.copy,
                    env=self.environment(),
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                )
                self.addCleanup(server.stdout.close)
                for line in server.stdout:
                    if line.startswith("Codebook is at"):
                        break
                self.assertIn(f"http://127.0.0.1:{self.port}/", line)
                self.wait_until_it_answers()
                server.send_signal(signal.SIGINT)
                self.assertEqual(server.wait(60), 0)

    def wait_until_it_answers(self):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=5):
                return
            time.sleep(0.1)

    def test_run_tells_what_it_does_and_takes_nothing_else(self):
        for argument, code, words in (
            ("--help", 0, "Usage: ./run"),
            ("-h", 0, "Usage"),
            ("--port", 2, "“--port”"),
        ):
            ended = self.ended(f"./run {argument}")
            self.assertEqual(ended.returncode, code)
            self.assertIn(words, ended.stdout + ended.stderr)

    def test_the_wrapper_may_be_called_from_anywhere_and_by_a_link(self):
        link = self.place / "a link"
        link.symlink_to(self.copy / "codebook")
        ended = subprocess.run(
            [link, "diagnose", "here.txt"],
            cwd=self.place,
            env=self.environment(),
            capture_output=True,
            text=True,
        )
        self.assertEqual(
            (ended.returncode, ended.stderr), (1, "here.txt: No such file or directory. It was left out.\n")
        )


@skipUnless(shutil.which("systemd-analyze"), "systemd-analyze is missing")
class TheUnits(TestCase):
    def test_are_understood_by_the_service_manager(self):
        with tempfile.TemporaryDirectory() as folder:
            for unit in [*UNITS, *DOCS.rglob("*.timer")]:
                text = (
                    unit.read_text()
                    .replace("/srv/codebook", str(ROOT))
                    .replace("User=codebook", "User=daemon")
                )
                Path(folder, unit.name).write_text(text)
            checked = subprocess.run(
                ["systemd-analyze", "verify", "--man=no", *sorted(Path(folder).iterdir())],
                capture_output=True,
                text=True,
            )
        told = [line for line in checked.stderr.splitlines() if "codebook" in line and "wayland" not in line]
        self.assertEqual(told, [])
