"""Real servers on a copy of the test's content, each a process of its own on one database file."""

import http.client
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from django.db import connection
from django.test import SimpleTestCase

ROOT = Path(__file__).resolve().parents[2]
SERVER = [sys.executable, "-m", "granian"]
OPTIONS = next(line for line in (ROOT / "run").read_text().splitlines() if "--interface rsgi" in line)
OPTIONS = OPTIONS.partition("bin/granian ")[2].split()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    def __init__(self, folder, **settings):
        self.port = free_port()
        environment = {
            **os.environ,
            "DATA_DIR": folder,
            "PORT": str(self.port),
            "DJANGO_SETTINGS_MODULE": "tests.delivery.serving_settings",
        }
        environment.pop("DATABASE_URL", None)
        environment |= settings
        self.process = subprocess.Popen(
            [*SERVER, *OPTIONS, "--host", "127.0.0.1", "--port", str(self.port)],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.wait()

    def wait(self):
        for _ in range(300):
            try:
                self.get("/")
                return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("The server did not start.")

    def get(self, path, method="GET", **headers):
        talk = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        talk.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = talk.getresponse()
        answer.text = answer.read().decode(errors="replace")
        talk.close()
        return answer

    def raw(self, sent):
        """What comes back for these bytes until the other side is silent."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as talk:
            talk.sendall(sent)
            return talk.recv(65536)

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(40)


class ServedTestCase(SimpleTestCase):
    """Outside of any transaction: within one, SQLite does not copy."""

    databases = {"default"}
    servers = 1

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        connection.ensure_connection()
        kept = tempfile.TemporaryDirectory()
        cls.addClassCleanup(kept.cleanup)
        cls.folder = kept.name
        cls.file = Path(cls.folder) / "codebook.sqlite3"
        with sqlite3.connect(cls.file) as copy:
            connection.connection.backup(copy)
        (Path(cls.folder) / "static").mkdir()
        (Path(cls.folder) / "static" / "one.css").write_text("p { color: red }")
        cls.running = [Server(cls.folder) for _ in range(cls.servers)]
        for server in cls.running:
            cls.addClassCleanup(server.end)
