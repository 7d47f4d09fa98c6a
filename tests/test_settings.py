import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from unittest import TestCase

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs" / "reference" / "settings.md"

WITHOUT_DRIVER = """
import importlib.util
importlib.util.find_spec = lambda name: None
from kb import settings
"""

MEDIA = {
    "MEDIA_BUCKET": "codebook-media",
    "MEDIA_ENDPOINT": "https://s3.example.org",
    "MEDIA_ACCESS_KEY": "codebook",
    "MEDIA_SECRET_KEY": "hush",
}


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
            ("SITE_URL", "https://anna:secret@example.org", "no path, user name"),
            ("SITE_URL", "https://example.org:99999", "with a port"),
            ("SITE_URL", "https://example.org:many", "with a port"),
            ("SITE_URL", "https://example.org#top", "fragment"),
            ("SITE_URL", "http://[", "Write a scheme and a host"),
            ("DEBUG", "perhaps", "Write yes or no"),
            ("SUPPORT_EMAIL", "support", "Write one mail address"),
            ("TRUSTED_PROXY", "the proxy", "Write addresses or networks"),
            ("DATABASE_URL", "mysql://localhost/kb", "must begin with sqlite"),
            ("DATABASE_URL", "postgres://db.example.org", "must name a database"),
            ("DATABASE_URL", "postgres://kb:a/b@db.example.org:many/kb", "must name a database"),
            ("DATABASE_URL", "sqlite:///", "name a file"),
            ("DATABASE_URL", "sqlite:///:memory:", "name a file"),
            ("DATA_DIR", "/proc/nothing", "must be able to write"),
            ("DATA_DIR", "", "Name a folder"),
            ("HOST", "0.0.0.0", "Say under which address"),
            ("HOST", "::", "Say under which address"),
            ("HOST", "http://127.0.0.1", "without scheme and port"),
            ("HOST", "", "Write an address"),
            ("PORT", "many", "Write a port number"),
            ("PORT", "0", "from 1 to 65535"),
            ("PORT", "65536", "from 1 to 65535"),
            ("TIME_ZONE", "Berlin", "such as Europe/Berlin"),
            ("TIME_ZONE", "Europe", "such as Europe/Berlin"),
            ("TIME_ZONE", "../etc/passwd", "such as Europe/Berlin"),
            ("LANGUAGE_CODE", "klingon", "a language that Django knows"),
            ("LANGUAGE_CODE", "de_DE", "a language that Django knows"),
            ("ASKS_KEPT_DAYS", "-1", "from 0 to 9999, such as 90"),
            ("HSTS_SUBDOMAINS", "perhaps", "Write yes or no"),
            ("CACHE_URL", "memcached://127.0.0.1", "must begin with redis://"),
            ("MEDIA_BUCKET", "https://s3.example.org/media", "Write the name of a bucket"),
            ("MEDIA_BUCKET", "codebook-media", "or MEDIA_REGION for one of Amazon’s"),
            ("MEDIA_ENDPOINT", "https://s3.example.org", "MEDIA_BUCKET is not"),
            ("MEDIA_SECRET_KEY", "hush", "MEDIA_BUCKET is not"),
            ("METRICS_FOR", "everyone", "Write addresses or networks"),
            ("LOG_FORMAT", "xml", "Write one of: line, json"),
            ("ACCESS_LOG", "some", "Write yes or no"),
            ("SECURITY_CONTACT", "security@example.org", "Write mailto:"),
            ("LIMITS", "maybe", "Write yes or no"),
            ("LIMIT_ASK", "many", "Write how many in what time"),
            ("LIMIT_VOTE", "0/minute", "Write how many in what time"),
            ("EMAIL_URL", "mail.example.org", "names no way to send mail"),
            ("EMAIL_URL", "smtp://", "names no way to send mail"),
            ("EMAIL_URL", "smtp://anna:hush/@mail.example.org", "for # / : @ in the password"),
            ("EMAIL_URL", "smtps://anna:hush@mail.example.org:many", "names no way to send mail"),
            ("DEFAULT_FROM_EMAIL", "Anna <anna@example.org>", "Write one mail address"),
            ("PAGE_STORE_MB", "0", "a whole number from 1 to 9999"),
            ("MAILS_KEPT_DAYS", "0", "from 1 to 9999"),
            ("MAILS_KEPT_DAYS", "some", "from 1 to 9999"),
        ):
            with self.subTest(name=name):
                answer = manage("check", **{name: value})
                self.assertNotEqual(answer.returncode, 0)
                self.assertIn(name, answer.stderr)
                self.assertIn(words, answer.stderr)
                self.assertNotIn("Traceback", answer.stderr)
                self.assertNotIn("hush", answer.stderr)

    def test_lift_the_limits_on_this_machine_only(self):
        self.assertEqual(manage("check", LIMITS="off").returncode, 0)
        answer = manage("check", LIMITS="off", HOST="0.0.0.0", SITE_URL="https://help.example.org")
        self.assertEqual(answer.returncode, 1)
        self.assertIn("LIMITS is off", answer.stderr)

    def test_take_what_is_right(self):
        for environment in (
            {"HOST": "::1"},
            {"HOST": "[::1]"},
            {"HOST": "127.0.0.2", "PORT": "65535"},
            {"HOST": "0.0.0.0", "SITE_URL": "http://192.0.2.7:8000"},
            {"SITE_URL": "http://[2001:db8::1]:8000/"},
            {"TIME_ZONE": "Europe/Berlin", "LANGUAGE_CODE": "de-at"},
            {"LANGUAGE_CODE": "pt-br"},
            MEDIA,
            {**MEDIA, "MEDIA_ENDPOINT": "", "MEDIA_REGION": "eu-central-1"},
            {"CACHE_URL": "redis://127.0.0.1:6379/1", "LIMIT_ASK": "5/minute;20 per hour"},
            {"EMAIL_URL": "smtp+tls://anna%40example.org:a%23b@mail.example.org"},
        ):
            with self.subTest(**environment):
                answer = manage("check", **environment)
                self.assertEqual(answer.returncode, 0, answer.stderr)

    def test_name_what_is_missing_of_a_bucket(self):
        for told, words in (
            ({"MEDIA_ACCESS_KEY": ""}, "MEDIA_BUCKET needs MEDIA_ACCESS_KEY"),
            ({"MEDIA_SECRET_KEY": ""}, "MEDIA_BUCKET needs MEDIA_SECRET_KEY"),
            ({"MEDIA_ENDPOINT": "s3.example.org"}, "MEDIA_ENDPOINT is “s3.example.org”. Write a scheme"),
        ):
            answer = manage("check", **{**MEDIA, **told})
            self.assertNotEqual(answer.returncode, 0)
            self.assertIn(words, answer.stderr)
            self.assertNotIn("Traceback", answer.stderr)
            self.assertNotIn("hush", answer.stderr)

    def test_name_the_lock_where_the_client_of_a_bucket_is_missing(self):
        answer = subprocess.run(
            [sys.executable, "-c", WITHOUT_DRIVER],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **MEDIA},
            capture_output=True,
            text=True,
        )
        self.assertIn("requirements-s3.txt", answer.stderr)

    def test_hold_the_database_of_a_url(self):
        for address, words in (
            ("postgres://kb:p%40ss@db.example.org:5433/kb?sslmode=require", "'PASSWORD': 'p@ss'"),
            ("postgresql://kb@db.example.org/kb?sslmode=require", "'sslmode': 'require'"),
            ("postgres://kb@db.example.org/kb?pool_size=20", "'max_size': 20"),
        ):
            with self.subTest(address=address):
                answer = manage("diffsettings", DATABASE_URL=address)
                self.assertEqual(answer.returncode, 0, answer.stderr)
                self.assertIn(words, answer.stdout)
                self.assertIn("'CONN_HEALTH_CHECKS': True", answer.stdout)

    def test_name_the_lock_where_the_driver_of_postgresql_is_missing(self):
        answer = subprocess.run(
            [sys.executable, "-c", WITHOUT_DRIVER],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "DATABASE_URL": "postgres://kb@db.example.org/kb"},
            capture_output=True,
            text=True,
        )
        self.assertIn("requirements-postgres.txt", answer.stderr)

    def test_find_the_mail_server_in_one_address(self):
        for url, said in (
            ("", ["EMAIL_BACKEND = 'django.core.mail.backends.console.EmailBackend'"]),
            ("smtp://localhost", ["EMAIL_PORT = 25", "EMAIL_HOST_USER = ''", "EMAIL_USE_TLS = False"]),
            (
                "smtp+tls://anna%40example.org:a%23b+c@mail.example.org",
                [
                    "EMAIL_HOST = 'mail.example.org'",
                    "EMAIL_PORT = 587",
                    "EMAIL_USE_TLS = True",
                    "EMAIL_HOST_USER = 'anna@example.org'",
                    "EMAIL_HOST_PASSWORD = 'a#b+c'",
                ],
            ),
            ("smtp+ssl://[::1]:1465", ["EMAIL_HOST = '::1'", "EMAIL_PORT = 1465", "EMAIL_USE_SSL = True"]),
        ):
            told = manage("diffsettings", "--all", **({"EMAIL_URL": url} if url else {})).stdout
            for line in said:
                self.assertIn(line, told)

    def test_are_fit_for_the_internet_over_https(self):
        for subdomains in ("no", "yes"):
            answer = manage(
                "check",
                "--deploy",
                "--fail-level",
                "WARNING",
                SITE_URL="https://help.example.org",
                SUPPORT_EMAIL="help@example.org",
                EMAIL_URL="smtp+tls://mail.example.org",
                TRUSTED_PROXY="127.0.0.1",
                HSTS_SUBDOMAINS=subdomains,
            )
            self.assertEqual((answer.returncode, answer.stderr), (0, answer.stderr))
            self.assertIn("no issues", answer.stdout + answer.stderr)

    def test_speak_for_the_subdomains_only_when_asked(self):
        for subdomains in ("no", "yes"):
            answer = manage(
                "diffsettings", SITE_URL="https://help.example.org", HSTS_SUBDOMAINS=subdomains
            ).stdout
            for name in ("SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD"):
                self.assertEqual(f"{name} = True" in answer, subdomains == "yes")

    def test_speak_of_https_behind_a_trusted_proxy_too(self):
        for proxy, spoken in (("", False), ("127.0.0.1", True)):
            answer = manage("diffsettings", TRUSTED_PROXY=proxy).stdout
            self.assertEqual("SECURE_HSTS_SECONDS = 31536000" in answer, spoken)

    def test_are_all_in_the_reference(self):
        commands = ROOT / "kb" / "transfer" / "management" / "commands"
        readers = (ROOT / "kb" / "settings.py", commands / "demo.py", commands / "upgrade.py")
        source = "\n".join(path.read_text() for path in readers)
        read = set(re.findall(r'\w\("([A-Z_]+)"[,)]', source))
        read |= set(re.findall(r"\$\{([A-Z_]+):-", (ROOT / "scripts" / "environment").read_text()))
        named = re.findall(r"^### `([A-Z_]+)`", DOCS.read_text(), re.MULTILINE)
        self.assertEqual(sorted(named), sorted(read))  # and each once


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

    def test_is_made_anew_where_a_crash_left_an_empty_one(self):
        with tempfile.TemporaryDirectory() as folder:
            key = Path(folder) / "secret-key"
            key.touch()
            answer = manage("check", DATA_DIR=folder)
            self.assertEqual(answer.returncode, 0, answer.stderr)
            self.assertGreaterEqual(len(key.read_text()), 50)
            self.assertEqual([path.name for path in Path(folder).glob("secret-key*")], ["secret-key"])


class TheDatabaseFile(TestCase):
    def test_is_opened_to_lose_nothing_and_to_wait_its_turn(self):
        asked = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        script = (
            "from django.db import connection; cursor = connection.cursor(); "
            f"print([cursor.execute('PRAGMA ' + name).fetchone()[0] for name in {asked!r}], "
            "connection.settings_dict['OPTIONS']['transaction_mode'])"
        )
        answer = manage("shell", "--command", script)
        self.assertIn("['wal', 2, 1, 20000] IMMEDIATE", answer.stdout, answer.stderr)

    def test_stays_open_between_requests(self):
        """A request whose connection is opened anew takes twice as long; one that is kept for ever keeps a lost file."""
        script = (
            "from django.db import close_old_connections, connection; from time import monotonic; "
            "connection.ensure_connection(); first = connection.connection; close_old_connections(); "
            "kept = connection.connection is first; connection.close_at = monotonic(); close_old_connections(); "
            "print('kept', kept, connection.connection is None)"
        )
        answer = manage("shell", "--command", script)
        self.assertIn("kept True True", answer.stdout, answer.stderr)


class TheDataFolder(TestCase):
    def test_may_have_any_name_and_is_its_owners_alone(self):
        with tempfile.TemporaryDirectory() as parent:
            folder = Path(parent) / "50% #1 what?"
            answer = manage("migrate", DATA_DIR=str(folder))
            self.assertEqual(answer.returncode, 0, answer.stderr)
            self.assertTrue((folder / "codebook.sqlite3").exists())
            self.assertEqual(folder.stat().st_mode & 0o777, 0o700)
