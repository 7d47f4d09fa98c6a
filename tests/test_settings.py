import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from unittest import mock

from django.core.exceptions import ImproperlyConfigured
from django.test import SimpleTestCase as TestCase

from kb.environment import read_settings_file

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
            ("DATA_DIR", "manage.py", "which is a file"),
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
            ("SITE_NAME", "", "SITE_NAME is empty"),
            ("PORTAL_NAME", " ", "PORTAL_NAME is empty"),
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


class AFirstUpgrade(TestCase):
    @classmethod
    def setUpClass(cls):
        parent = tempfile.TemporaryDirectory()
        cls.addClassCleanup(parent.cleanup)
        cls.folder = Path(parent.name) / "50% #1 what?"
        cls.folder.mkdir()
        (cls.folder / "secret-key").touch()  # as a crash may have left it
        cls.folder.chmod(0o700)
        cls.answer = manage("upgrade", DATA_DIR=str(cls.folder))

    def test_takes_a_folder_of_any_name(self):
        self.assertEqual(self.answer.returncode, 0, self.answer.stderr)
        self.assertTrue((self.folder / "codebook.sqlite3").exists())

    def test_makes_a_secret_key_for_its_owner_alone(self):
        key = self.folder / "secret-key"
        self.assertGreaterEqual(len(key.read_text()), 50)
        self.assertEqual(key.stat().st_mode & 0o777, 0o600)
        self.assertEqual([path.name for path in self.folder.glob("secret-key*")], ["secret-key"])

    def test_is_followed_by_commands_that_find_it(self):
        answer = manage("search", "mailbox", "full", DATA_DIR=str(self.folder))
        self.assertIn("/kb/mailbox-full/", answer.stdout, answer.stderr)

    def test_opens_the_database_to_lose_nothing_and_to_wait_its_turn(self):
        asked = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        script = (
            "from django.db import connection; cursor = connection.cursor(); "
            f"print([cursor.execute('PRAGMA ' + name).fetchone()[0] for name in {asked!r}], "
            "connection.settings_dict['OPTIONS']['transaction_mode'])"
        )
        answer = manage("shell", "--command", script, DATA_DIR=str(self.folder))
        self.assertIn("['wal', 2, 1, 20000] IMMEDIATE", answer.stdout, answer.stderr)

    def test_lets_a_connection_stay_open_between_requests(self):
        """A request whose connection is opened anew takes twice as long; one that is kept for ever keeps a lost file."""
        script = (
            "from django.db import close_old_connections, connection; from time import monotonic; "
            "connection.ensure_connection(); first = connection.connection; close_old_connections(); "
            "kept = connection.connection is first; connection.close_at = monotonic(); close_old_connections(); "
            "print('kept', kept, connection.connection is None)"
        )
        answer = manage("shell", "--command", script, DATA_DIR=str(self.folder))
        self.assertIn("kept True True", answer.stdout, answer.stderr)

    def test_says_where_it_may_not_write(self):
        answer = manage("upgrade", DATA_DIR="/proc/nothing")
        self.assertEqual((answer.returncode, answer.stdout), (1, ""))
        self.assertRegex(answer.stderr, r"^DATA_DIR: .*/proc/nothing.*must be able to write\.\n$")


class TheSettingsFile(TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file, self.elsewhere = Path(folder.name) / ".env", Path(folder.name) / "codebook.env"
        kept = mock.patch.dict(os.environ)
        kept.start()
        self.addCleanup(kept.stop)

    def read(self, text):
        self.file.write_text(text)
        return read_settings_file(self.file, self.elsewhere)

    def test_has_its_values_taken_unless_the_environment_has_others(self):
        os.environ["SITE_NAME"] = "Given"
        self.assertEqual(
            self.read('# ours\n\nSITE_NAME=Kept\nOPERATOR="Example Ltd"\n'), ["SITE_NAME", "OPERATOR"]
        )
        self.assertEqual((os.environ["SITE_NAME"], os.environ["OPERATOR"]), ("Given", "Example Ltd"))

    def test_is_refused_where_a_line_would_be_passed_over(self):
        for line in ('SITE_NAME = "Help"', " SITE_NAME=Help", "SITE_NAME: Help", "set SITE_NAME=Help"):
            with self.assertRaisesMessage(ImproperlyConfigured, "Line 2 of"):
                self.read(f"# ours\n{line}\n")

    def test_is_refused_where_it_is_no_text(self):
        self.file.write_bytes(b"SITE_NAME=\xff")
        with self.assertRaisesMessage(ImproperlyConfigured, "not UTF-8"):
            read_settings_file(self.file, self.elsewhere)

    def test_is_asked_for_where_the_settings_stand_in_another(self):
        self.elsewhere.touch()
        os.environ.pop("DATA_DIR", None)
        os.environ.pop("DATABASE_URL", None)
        with self.assertRaisesMessage(ImproperlyConfigured, f"ln -s {self.elsewhere} {self.file}"):
            read_settings_file(self.file, self.elsewhere)
        os.environ["DATA_DIR"] = "/var/lib/codebook"  # as from the service manager
        self.assertEqual(read_settings_file(self.file, self.elsewhere), [])

    def test_may_not_name_what_is_no_setting(self):
        answer = manage("check", SITE_NAMES="Help", COMMENT_APROVAL="all", HOSTNAME="here")
        self.assertIn("SITE_NAMES is no setting of Codebook", answer.stderr)
        self.assertIn("Did you mean SITE_NAME?", answer.stderr)
        self.assertIn("Did you mean COMMENT_APPROVAL?", answer.stderr)
        self.assertNotIn("HOSTNAME", answer.stderr)

    def test_means_the_same_folder_wherever_a_command_is_called(self):
        script = "from kb import settings; print(settings.DATA_DIR, settings.DATABASES['default']['NAME'])"
        given = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "DATA_DIR": "here"}
        told = subprocess.run(
            [sys.executable, "-c", script],
            cwd="/",
            env={**given, "DATABASE_URL": "sqlite:///one.sqlite3"},
            capture_output=True,
            text=True,
        )
        self.assertEqual(told.stdout, f"{ROOT / 'here'} {ROOT / 'one.sqlite3'}\n", told.stderr)
