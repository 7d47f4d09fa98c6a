"""kill -9 while mails are asked for and sent: what was acknowledged is there, and nothing is sent twice."""

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import closing
from pathlib import Path
from unittest import TestCase

from tests.jobs.mail_server import MailServer

ROOT = Path(__file__).resolve().parent.parent.parent
START = "import django; django.setup()\n"
ASK = """
from itertools import count
from kb.jobs.outbox import send_later
for number in count():
    send_later(f"mail:{number}", to=f"person{number}@example.org", subject="A reply", text="Words.")
    print(number, flush=True)
"""
SEND = "from kb.jobs.sending import send_due\nsend_due()"


class KillMinusNine(TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.server = MailServer()
        self.addCleanup(self.server.end)
        self.database = Path(folder.name) / "codebook.sqlite3"
        self.environment = {
            "PATH": os.environ["PATH"],
            "DATA_DIR": folder.name,
            "SECRET_KEY": "for tests alone",
            "DJANGO_SETTINGS_MODULE": "kb.settings",
            "EMAIL_URL": f"smtp://127.0.0.1:{self.server.port}",
        }
        self.database.touch()
        self.python("manage.py", "migrate", "jobs").communicate()

    def python(self, *arguments):
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def ask(self, fewest):
        """Ask for mails until killed; returns the numbers that were acknowledged."""
        asker = self.python("-c", START + ASK)
        told = [asker.stdout.readline() for _ in range(fewest)]
        asker.kill()
        told.extend(asker.communicate()[0].splitlines())
        return [int(number) for number in told]

    def send(self, *, die_at, address):
        """Send until the server has heard this step for this address, and kill the sender there and then."""

        def kill(heard):
            if heard == address:
                self.write()
                os.kill(sender.pid, signal.SIGKILL)
                sender.wait()
            return {"data": "354 go on"}.get(die_at, "250 fine")

        self.server.script = {die_at: kill}
        sender = self.python("-c", START + SEND)
        sender.communicate()
        self.server.script = {}

    def write(self):
        """The sender is in the middle of a talk, and the write lock is free."""
        with closing(sqlite3.connect(self.database, timeout=0, isolation_level=None)) as database:
            database.execute("UPDATE jobs_mail SET last_error = '' WHERE id = 0")

    def states(self):
        with closing(sqlite3.connect(self.database)) as database:
            return dict(database.execute("SELECT recipient, state FROM jobs_mail"))

    def test_loses_nothing_and_sends_nothing_twice(self):
        asked = self.ask(fewest=12)
        states = self.states()
        for number in asked:
            self.assertEqual(states.get(f"person{number}@example.org"), "waiting")
        killed = {}
        for number, step in ((2, "rcpt"), (4, "data"), (6, "body")):
            killed[f"person{number}@example.org"] = "sending"
            self.send(die_at=step, address=f"person{number}@example.org")
        self.send(die_at="quit", address="nobody")
        came = Counter(address for address, _ in self.server.mails)
        self.assertEqual(set(came.values()), {1})
        for address, state in self.states().items():
            self.assertEqual(state, killed.get(address, "sent"))
            self.assertEqual(came[address], 1 if state == "sent" or address.startswith("person6@") else 0)
