"""Real servers on a copy of the test's content, each a process of its own on one database."""

import http.client
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from django.db import connection
from django.test import SimpleTestCase

ROOT = Path(__file__).resolve().parents[2]
SERVER = [sys.executable, "-m", "kb.guard.address", sys.executable, "-m", "granian"]
OPTIONS = next(line for line in (ROOT / "run").read_text().splitlines() if "--interface rsgi" in line)
OPTIONS = OPTIONS.partition("-m granian ")[2].split()


def free_port(host="127.0.0.1"):
    with socket.socket() as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]


class Server:
    """As `./run` ends."""

    def __init__(self, folder, host="127.0.0.1", before=(), **settings):
        Path(folder).mkdir(exist_ok=True)
        self.host, self.port = host, free_port(host)
        self.environment = {
            **os.environ,
            "DATA_DIR": folder,
            "HOST": host,
            "PORT": str(self.port),
            "DJANGO_SETTINGS_MODULE": "tests.delivery.serving_settings",
            "DATABASE_URL": "",
            **settings,
        }
        self.process = subprocess.Popen(
            [*before, *SERVER, *OPTIONS],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.wait()

    def wait(self):
        end = time.monotonic() + 60
        while time.monotonic() < end and self.process.poll() is None:
            try:
                self.get("/")
                return
            except OSError:
                time.sleep(0.1)
        self.end()
        raise AssertionError("The server did not start.")

    def get(self, path, method="GET", **headers):
        return self._ask(method, path, None, headers)

    def post(self, path, form, **headers):
        headers = {
            "Content_Type": "application/x-www-form-urlencoded",
            "Sec_Fetch_Site": "same-origin",
            **headers,
        }
        return self._ask("POST", path, urlencode(form), headers)

    def _ask(self, method, path, body, headers):
        talk = http.client.HTTPConnection(self.host, self.port, timeout=20)
        talk.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = talk.getresponse()
        answer.text = answer.read().decode(errors="replace")
        talk.close()
        return answer

    def raw(self, sent):
        """What comes back for these bytes until the other side is silent."""
        with socket.create_connection((self.host, self.port), timeout=20) as talk:
            talk.sendall(sent)
            return talk.recv(65536)

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(40)


class CopyTestCase(SimpleTestCase):
    """Copies the database with its content, outside of any transaction: within one, no database lets itself be copied.

    Such tests run before those that leave the database empty.
    """

    databases = {"default"}


class ServedTestCase(CopyTestCase):
    servers = 1

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        kept = tempfile.TemporaryDirectory()
        cls.addClassCleanup(kept.cleanup)
        cls.folder = kept.name
        (Path(cls.folder) / "static").mkdir()
        (Path(cls.folder) / "static" / "one.css").write_text("p { color: red }")
        if connection.vendor == "sqlite":
            cls.copy_in_file()
        else:
            cls.copy_on_server()
        cls.running = [cls.start(cls.folder) for _ in range(cls.servers)]

    @classmethod
    def start(cls, folder, **settings):
        server = Server(folder, DATABASE_URL=cls.database, **settings)
        cls.addClassCleanup(server.end)
        return server

    @classmethod
    def copy_in_file(cls):
        cls.file = Path(cls.folder) / "codebook.sqlite3"
        cls.database = f"sqlite:///{cls.file}"
        connection.ensure_connection()
        with closing(sqlite3.connect(cls.file)) as copy:
            connection.connection.backup(copy)

    @classmethod
    def copy_on_server(cls):
        creation = connection.creation
        creation.clone_test_db("served", verbosity=0)
        cls.addClassCleanup(creation.destroy_test_db, suffix="served", verbosity=0)
        name = creation.get_test_db_clone_settings("served")["NAME"]
        cls.database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
