import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from unittest import TestCase

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs" / "reference" / "settings.md"


def manage(*arguments, **environment):
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "DATA_DIR": folder, **environment},
            capture_output=True,
            text=True,
        )


class Settings(TestCase):
    def test_explain_every_wrong_variable(self):
        for name, value, words in (
            ("SITE_URL", "help.example.org", "Write a scheme and a host"),
            ("SITE_URL", "https://example.org/help", "no path"),
            ("DEBUG", "perhaps", "Write yes or no"),
            ("SUPPORT_EMAIL", "support", "Write one mail address"),
            ("TRUSTED_PROXY", "the proxy", "Write addresses or networks"),
            ("DATABASE_URL", "mysql://localhost/kb", "must begin with sqlite"),
            ("DATA_DIR", "/proc/nothing", "must be able to write"),
            ("HOST", "0.0.0.0", "Say under which address"),
            ("PORT", "many", "Write a port number"),
        ):
            with self.subTest(name=name):
                answer = manage("check", **{name: value})
                self.assertNotEqual(answer.returncode, 0)
                self.assertIn(name, answer.stderr)
                self.assertIn(words, answer.stderr)
                self.assertNotIn("Traceback", answer.stderr)

    def test_are_fit_for_the_internet_over_https(self):
        answer = manage(
            "check",
            "--deploy",
            "--fail-level",
            "WARNING",
            SITE_URL="https://help.example.org",
            SUPPORT_EMAIL="help@example.org",
        )
        self.assertEqual((answer.returncode, answer.stderr), (0, answer.stderr))
        self.assertIn("no issues", answer.stdout + answer.stderr)

    def test_are_all_in_the_reference(self):
        source = (ROOT / "kb" / "settings.py").read_text() + (ROOT / "run").read_text()
        read = set(
            re.findall(
                r'(?:env\.\w+|yes_or_no|web_address|mail_address|networks|database|port)\("([A-Z_]+)"', source
            )
        )
        read |= {"HOST", "PORT", "DEMO_PASSWORD", "PYTHON"}
        named = set(re.findall(r"^### `([A-Z_]+)`", DOCS.read_text(), re.MULTILINE))
        self.assertEqual(named, read)


class TheSecretKey(TestCase):
    def test_is_made_once_and_kept_for_its_owner_alone(self):
        with tempfile.TemporaryDirectory() as folder:
            for _ in range(2):
                subprocess.run(
                    [sys.executable, "manage.py", "check"],
                    cwd=ROOT,
                    env={"PATH": os.environ["PATH"], "DATA_DIR": folder},
                    check=True,
                    capture_output=True,
                )
            key = Path(folder) / "secret-key"
            self.assertGreaterEqual(len(key.read_text()), 50)
            self.assertEqual(key.stat().st_mode & 0o777, 0o600)
