"""Every command, as a shell sees it: what it prints, how it ends, and what it leaves behind."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from unittest import mock

from django.core.management import get_commands
from django.core.management.base import CommandError
from django.db import OperationalError
from django.test import SimpleTestCase

from kb.guard import command_line
from tests.delivery.served import ServedTestCase

ROOT = Path(__file__).resolve().parents[2]
AS_A_SHELL = {**os.environ, "PYTHONWARNINGS": ""}  # a shell hides warnings meant for developers
OURS = sorted(name for name, app in get_commands().items() if str(app).startswith("kb."))
ARGUMENTS = {
    "backup": ["{place}/kept.tar.gz"],
    "changepassword": ["admin"],
    "createsuperuser": ["--noinput", "--username", "anna", "--email", "anna@example.org"],
    "diagnose": ["README.md"],
    "restore": ["{place}/kept.tar.gz", "--force"],
    "search": ["mailbox", "full"],
    "seed_load": ["--articles", "1"],
    "work": ["--once"],
}
WITHOUT_TABLES = {"join_static", "upgrade"}
STOPPED = """
import os, signal, sys, time
from django.core.management.base import BaseCommand
from kb.guard.command_line import main
def execute(*arguments, **options):
    print("begun")
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(20)
BaseCommand.execute = execute
main(sys.argv)
"""


def arguments_of(name, place):
    return [argument.format(place=place) for argument in ARGUMENTS.get(name, [])]


def run(*command, data, **options):
    """Ended by itself within a minute; what it said."""
    given = {**AS_A_SHELL, "DATA_DIR": str(data), "DJANGO_SETTINGS_MODULE": "kb.settings", "DATABASE_URL": ""}
    options = {"stdout": subprocess.PIPE, "stdin": subprocess.DEVNULL, "cwd": ROOT} | options
    given |= options.pop("env", {})
    return subprocess.run(
        [sys.executable, *map(str, command)],
        env=given,
        stderr=subprocess.PIPE,
        text=True,
        timeout=120,
        **options,
    )


class WithoutACopy(SimpleTestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.place = Path(folder.name)
        self.data = self.place / "none"

    def test_every_command_says_so_in_a_sentence_and_makes_nothing(self):
        others = ["changepassword", "createsuperuser", "migrate", "showmigrations", "clearsessions"]
        for name in [*OURS, *others]:
            if name in WITHOUT_TABLES:
                continue
            with self.subTest(name):
                ended = run("manage.py", name, *arguments_of(name, self.place), data=self.data)
                self.assertEqual((ended.returncode, ended.stdout), (1, ""), ended.stderr)
                self.assertRegex(ended.stderr, rf"\A[A-Z][^\n]* {self.data}[^\n]*\.?\n\Z")
                self.assertEqual(list(self.place.iterdir()), [])

    def test_every_command_says_so_of_an_empty_database_too(self):
        self.data.mkdir()
        (self.data / "codebook.sqlite3").touch()
        for name in ("search", "work", "backup", "createsuperuser", "clearsessions"):
            with self.subTest(name):
                ended = run("manage.py", name, *arguments_of(name, self.place), data=self.data)
                self.assertEqual((ended.returncode, ended.stdout), (1, ""), ended.stderr)
                self.assertIn("./run", ended.stderr)
                self.assertEqual([path.name for path in self.data.iterdir()], ["codebook.sqlite3"])

    def test_a_file_that_is_no_database_is_called_so(self):
        self.data.mkdir()
        (self.data / "codebook.sqlite3").write_text("SITE_NAME=Help\n" * 100)
        ended = run("manage.py", "search", "550", data=self.data)
        self.assertEqual(ended.returncode, 1)
        self.assertRegex(
            ended.stderr, r"\AThe database [^\n]* cannot be opened: file is not a database\.\n\Z"
        )

    def test_the_server_does_not_start(self):
        ended = run("-m", "kb.guard.address", "true", data=self.data)
        self.assertEqual((ended.returncode, ended.stdout), (1, ""))
        self.assertIn("./run", ended.stderr)
        self.assertFalse(self.data.exists())

    def test_help_is_about_the_command(self):
        for name in [*OURS, "createsuperuser"]:
            with self.subTest(name):
                ended = run("manage.py", name, "--help", data=self.data)
                self.assertEqual((ended.returncode, ended.stderr), (0, ""))
                self.assertTrue(ended.stdout.startswith(f"usage: codebook {name} [-h]"), ended.stdout)
                for option in ("--settings", "--verbosity", "--traceback"):
                    self.assertNotIn(option, ended.stdout)
        self.assertFalse(self.data.exists())

    def test_help_and_version_speak_of_codebook(self):
        for arguments in (["--version"], ["version"], ["search", "--version"]):
            self.assertRegex(run("manage.py", *arguments, data=self.data).stdout, r"\ACodebook \d+\.\d+")
        for arguments in ([], ["help"], ["--help"]):
            told = run("manage.py", *arguments, data=self.data).stdout
            for name in [*OURS, "createsuperuser", "changepassword", "sendtestemail"]:
                self.assertRegex(told, rf"\n  {name}  +[A-Z]")

    def test_a_wrong_option_is_told_with_the_one_that_was_meant(self):
        for arguments, words in (
            (["search", "--jsn", "x"], "There is no --jsn. Did you mean --json?"),
            (["backup"], "required: FILE"),
            (["seed_load", "--articles", "many"], "--articles: invalid int value: 'many'"),
            (["search", "spf", "-all"], "stands after --"),
            (["serch", "x"], "Did you mean search?"),
        ):
            with self.subTest(arguments):
                ended = run("manage.py", *arguments, data=self.data)
                self.assertEqual(ended.returncode, 2)
                self.assertIn(words, ended.stderr)
                self.assertNotIn("Traceback", ended.stderr)


class OnACopy(ServedTestCase):
    servers = 0

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = {"DATABASE_URL": cls.database, "SECRET_KEY": "for tests alone"}

    def run_it(self, *arguments, **options):
        return run("manage.py", *arguments, data=self.folder, env=self.env, **options)

    def test_ends_quietly_when_nobody_reads_on(self):
        self.run_it("backup", f"{self.folder}/kept.tar.gz")
        lines = (json.dumps({"id": n, "text": "550 5.1.1 user unknown"}) for n in range(300))
        given = Path(self.folder) / "lines"
        given.write_text("\n".join(lines))
        asked = [[name, *arguments_of(name, self.folder)] for name in OURS if name != "upgrade"]
        asked += [["diagnose", "--json", "README.md"], ["diagnose", "--jsonl"], ["help"], ["--version"]]
        asked += [["search", "--help"], ["check"], ["work"], ["restore", f"{self.folder}/none"]]
        for arguments in asked:
            with self.subTest(arguments), given.open() as source:
                reads, writes = os.pipe()
                os.close(reads)
                ended = self.run_it(*arguments, stdout=writes, stdin=source)
                os.close(writes)
                self.assertNotIn("Traceback", ended.stderr)
                self.assertNotIn("Exception", ended.stderr)
                self.assertIn(ended.returncode, (141, 0, 1), ended.stderr)
                if "--help" not in arguments and arguments[0] in {
                    "backup",
                    "diagnose",
                    "search",
                    "loadcodes",
                    "help",
                    "work",
                }:
                    self.assertEqual((ended.returncode, ended.stderr), (141, ""))

    def test_is_stopped_by_ctrl_c_without_a_traceback(self):
        for name in [*OURS, "createsuperuser", "changepassword", "check"]:
            with self.subTest(name):
                place = Path(self.folder)
                ended = run("-c", STOPPED, name, *arguments_of(name, place), data=place, env=self.env)
                self.assertEqual((ended.returncode, ended.stderr), (130, ""))

    def test_is_stopped_by_ctrl_c_while_it_waits(self):
        for arguments in (["diagnose", "--jsonl"], ["work"]):
            with self.subTest(arguments):
                running = subprocess.Popen(
                    [sys.executable, "manage.py", *arguments],
                    cwd=ROOT,
                    env={
                        **AS_A_SHELL,
                        "DJANGO_SETTINGS_MODULE": "kb.settings",
                        "DATA_DIR": self.folder,
                        **self.env,
                    },
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                )
                if arguments == ["work"]:
                    running.stdout.readline()
                else:
                    running.stdin.write('{"id": 1, "text": "550 5.1.1 user unknown"}\n')
                    running.stdin.flush()
                    running.stdout.readline()
                running.send_signal(signal.SIGINT)
                _, told = running.communicate(timeout=60)
                self.assertEqual((running.returncode, told), (130, ""))

    def test_works_with_its_output_closed(self):
        ended = subprocess.run(
            ["sh", "-c", 'exec "$0" manage.py search 550 >&-', sys.executable],
            cwd=ROOT,
            env={
                **AS_A_SHELL,
                "DJANGO_SETTINGS_MODULE": "kb.settings",
                "DATA_DIR": self.folder,
                **self.env,
            },
            stderr=subprocess.PIPE,
            text=True,
        )
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))

    def test_works_with_its_input_closed(self):
        ended = self.run_it("diagnose", stdin=None, preexec_fn=lambda: os.close(0))
        self.assertEqual((ended.returncode, ended.stderr), (1, ""))
        self.assertIn("No error of a mail server was found", ended.stdout)

    def test_says_that_its_input_ended_before_an_answer(self):
        self.run_it("createsuperuser", *arguments_of("createsuperuser", self.folder))
        ended = self.run_it("changepassword", "anna")
        self.assertEqual(ended.returncode, 1)
        self.assertNotIn("Traceback", ended.stderr)
        self.assertIn("the input ended", ended.stderr)

    def test_says_that_its_output_cannot_be_written(self):
        with open("/dev/full", "w") as full:
            ended = self.run_it("search", "550", stdout=full)
        self.assertEqual((ended.returncode, ended.stderr), (1, "No space left on device.\n"))


class AFullDisk(SimpleTestCase):
    """Beside a database that no server has open, SQLite has to make two files before it reads a row."""

    def told(self, *, blocks):
        lack = OperationalError("disk I/O error")
        lack.__cause__ = sqlite3.OperationalError()
        lack.__cause__.sqlite_errorcode = sqlite3.SQLITE_IOERR_SHMSIZE
        disk = mock.Mock(f_frsize=4096, f_bavail=blocks)
        with (
            mock.patch.object(command_line, "has_database_file", side_effect=lack),
            mock.patch.object(command_line.os, "statvfs", return_value=disk),
            self.assertRaises(CommandError) as caught,
        ):
            command_line.check_tables()
        return str(caught.exception)

    def test_is_called_so(self):
        self.assertIn("its disk is full. Make room there", self.told(blocks=3))
        self.assertIn("disk I/O error", self.told(blocks=100))


class Root(SimpleTestCase):
    """Leaves no files that the owner of the data could not touch."""

    def calls(self, user, group, euid=0):
        called = mock.Mock()
        names = ("initgroups", "setgroups", "setgid", "setuid")
        with mock.patch.multiple(
            command_line.os, geteuid=lambda: euid, **{name: getattr(called, name) for name in names}
        ):
            command_line.become_owner(user, group)
        return [call[0] for call in called.mock_calls]

    def test_goes_on_as_the_owner(self):
        self.assertEqual(self.calls(4_000_000, 4_000_000), ["setgroups", "setgid", "setuid"])
        with mock.patch.dict(os.environ):
            self.assertEqual(self.calls(1, 1), ["initgroups", "setgid", "setuid"])

    def test_stays_root_where_root_is_the_owner(self):
        self.assertEqual(self.calls(0, 0), [])
        self.assertEqual(self.calls(4_000_000, 4_000_000, euid=1000), [])
