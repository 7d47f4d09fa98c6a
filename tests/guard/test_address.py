import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from unittest import TestCase, mock, skipUnless

from kb.guard.address import CannotListen, find_address, place, raise_limit_of_files, reserve

ROOT = Path(__file__).resolve().parents[2]


def taken_port(stack):
    """A port that another program listens on, willing to share it as Granian does."""
    other = socket.socket()
    stack(other.close)
    other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    other.bind(("127.0.0.1", 0))
    other.listen()
    return other.getsockname()[1]


def ask(*server, house=ROOT, before=None, **environment):
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.run(
            [sys.executable, "-m", "kb.guard.address", *(server or ("echo", "server"))],
            cwd=house,
            preexec_fn=before,
            env={"PATH": os.environ["PATH"], "DATA_DIR": folder, "SECRET_KEY": "for tests", **environment},
            capture_output=True,
            text=True,
        )


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


class TheAddress(TestCase):
    def test_is_given_in_numbers(self):
        self.assertEqual(find_address("localhost", 0), "127.0.0.1")
        self.assertEqual(find_address("0.0.0.0", 0), "0.0.0.0")

    def test_waits_for_a_server_that_is_just_leaving(self):
        with socket.socket() as leaving:
            leaving.bind(("127.0.0.1", 0))
            leaving.listen()
            port = leaving.getsockname()[1]
            threading.Timer(0.4, leaving.close).start()
            address, held = place("127.0.0.1", port)
            held.close()
            self.assertEqual(address, "127.0.0.1")

    def test_names_the_port_that_is_taken(self):
        port = taken_port(self.addCleanup)
        for host in ("127.0.0.1", "0.0.0.0"):
            with self.assertRaisesRegex(CannotListen, f"PORT {port} is taken"):
                find_address(host, port)

    def test_names_the_host_that_is_not_here(self):
        for host in ("192.0.2.1", "nowhere.invalid"):
            with self.assertRaisesRegex(CannotListen, "HOST"):
                find_address(host, 0)

    def test_comes_from_the_settings(self):
        port = free_port()
        answer = ask(PORT=port, HOST="localhost")
        self.assertIn(f"Codebook is at http://localhost:{port}/ ", answer.stdout, answer.stderr)
        self.assertIn(f"server --host 127.0.0.1 --port {port}\n", answer.stdout)
        answer = ask(PORT=port, HOST="0.0.0.0", SITE_URL="https://help.example.org")
        self.assertIn("Codebook is at https://help.example.org/ ", answer.stdout, answer.stderr)
        self.assertIn(f"server --host 0.0.0.0 --port {port}\n", answer.stdout)

    def test_leaves_what_stands_in_the_env_file_to_the_server(self):
        """Which reads it again when it is reloaded, and would believe what it inherited more."""
        with tempfile.TemporaryDirectory() as house:
            shutil.copytree(ROOT / "kb", Path(house) / "kb")
            (Path(house) / ".env").write_text("SITE_NAME=Old\nHOST=localhost\n")
            script = 'echo "name ${SITE_NAME-none} $*"'
            answer = ask("sh", "-c", script, "sh", house=house, PORT=free_port())
        self.assertIn("name none --host 127.0.0.1 ", answer.stdout, answer.stderr)

    @skipUnless(sys.platform == "linux", "abstract sockets are Linux's")
    def test_comes_with_frugal_memory_unless_told_otherwise(self):
        script = 'echo "arenas $MALLOC_ARENA_MAX"'
        self.assertIn("arenas 2", ask("sh", "-c", script, PORT=free_port()).stdout)
        self.assertIn("arenas 8", ask("sh", "-c", script, PORT=free_port(), MALLOC_ARENA_MAX="8").stdout)

    def test_comes_with_as_many_open_files_as_the_system_lets_it_have(self):
        for soft, hard, most in ((300, 5000, 5000), (300, 70_000, 65_536), (66_000, 70_000, 66_000)):
            with (
                mock.patch("kb.guard.address.resource.getrlimit", return_value=(soft, hard)),
                mock.patch("kb.guard.address.resource.setrlimit") as told,
            ):
                raise_limit_of_files()
            self.assertEqual(told.call_args.args[1][0] if told.called else soft, most)
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        limits = (min(300, hard), hard)
        answer = ask(
            "sh",
            "-c",
            "ulimit -n",
            PORT=free_port(),
            before=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, limits),
        )
        self.assertIn(f")\n{min(hard, 65_536)}\n", answer.stdout, answer.stderr)

    def test_is_given_to_one_of_two_starts_at_once(self):
        port = int(free_port())
        with reserve("127.0.0.1", port), self.assertRaisesRegex(CannotListen, f"PORT {port} is taken"):
            reserve("127.0.0.1", port)
        reserve("127.0.0.1", port).close()

    def test_is_refused_in_a_sentence(self):
        port = str(taken_port(self.addCleanup))
        for environment, words in (({"PORT": port}, f"PORT {port} is taken"), ({"PORT": "many"}, "PORT is")):
            answer = ask(**environment)
            self.assertEqual((answer.returncode, answer.stdout), (1, ""))
            self.assertIn(words, answer.stderr)
            self.assertNotIn("Traceback", answer.stderr)
