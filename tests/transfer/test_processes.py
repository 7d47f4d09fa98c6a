"""Backup, restore and upgrade as processes of their own: killed at any moment, on a full disk, on a read-only one."""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from unittest import skipUnless

from django.db import connection
from django.test import override_settings

from kb.transfer import archive, upgrading
from tests.delivery.served import ROOT, CopyTestCase, Server

READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
SMALL = 'mount -t tmpfs -o size="$0" tmpfs "$1" && shift && exec "$@"'


def can_mount():
    """Only root may, and not in every container."""
    with tempfile.TemporaryDirectory() as folder:
        tried = ["unshare", "-m", "sh", "-c", READ_ONLY, folder, "true"]
        return bool(shutil.which("unshare")) and not subprocess.run(tried, capture_output=True).returncode


@skipUnless(connection.vendor == "sqlite", "PostgreSQL has one transaction for all, in test_postgres")
class Processes(CopyTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        made = tempfile.TemporaryDirectory()
        cls.addClassCleanup(made.cleanup)
        cls.first = Path(made.name) / "first.sqlite3"
        with closing(sqlite3.connect(cls.first)) as file:
            connection.cursor().connection.backup(file)
            file.execute("PRAGMA journal_mode=WAL")

    def setUp(self):
        made = tempfile.TemporaryDirectory()
        self.addCleanup(made.cleanup)
        self.place = Path(made.name)
        self.data = self.place / "data"
        self.data.mkdir(mode=0o700)
        self.database = self.data / "codebook.sqlite3"
        shutil.copy(self.first, self.database)
        self.target = self.place / "target"
        self.target.mkdir()
        self.file = self.target / "kept.tar.gz"

    def command(self, *words, before=()):
        return [*before, sys.executable, "manage.py", *map(str, words)]

    def environment(self, **more):
        ours = {"DATA_DIR": str(self.data), "DATABASE_URL": "", "LIMITS": "off", "PYTHONWARNINGS": ""}
        return {**os.environ, **ours, **more}

    def run_command(self, *words, before=(), **more):
        return subprocess.run(
            self.command(*words, before=before),
            cwd=ROOT,
            env=self.environment(**more),
            capture_output=True,
            text=True,
        )

    def refused(self, words, *command, **how):
        done = self.run_command(*command, **how)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(words, done.stderr)
        self.assertNotIn("Traceback", done.stderr)

    def query(self, sql):
        with closing(sqlite3.connect(self.database, timeout=20)) as database:
            found = database.execute(sql).fetchall()
            database.commit()
            return found

    def put_upload(self, name, content=b"picture"):
        path = self.data / "media" / "pictures" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def left(self):
        """What lies about after the work."""
        return [
            str(path.relative_to(self.place))
            for path in self.place.rglob(".*")
            if path.name.startswith((".backup-", ".restore-")) or path.name.endswith(".part")
        ]


class AnEmptyFolder(Processes):
    def test_gives_no_backup_and_gets_no_database(self):
        self.database.unlink()
        self.refused("There is no Codebook", "backup", self.file)
        self.assertFalse(self.database.exists())
        self.database.touch()
        self.refused("There is no Codebook", "backup", self.file)
        self.query("CREATE TABLE django_migrations (app TEXT, name TEXT)")
        self.refused("holds nothing of Codebook", "backup", self.file)
        self.database.write_bytes(b"no database at all" * 100)
        self.refused("file is not a database", "backup", self.file)
        self.assertEqual(list(self.target.iterdir()), [])

    def test_with_tables_and_no_content_says_so(self):
        self.run_command("backup", self.file)
        for table in ("articles_article", "codes_code"):
            self.query(f"DELETE FROM {table}")
        for (table,) in self.query('SELECT DISTINCT "table" FROM pragma_foreign_key_check'):
            self.query(
                f"DELETE FROM {table} WHERE rowid IN (SELECT rowid FROM pragma_foreign_key_check('{table}'))"
            )
        done = self.run_command("backup", self.file)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("0 articles and 0 codes", done.stderr)

    def test_is_not_what_a_backup_replaces_by_mistake(self):
        self.run_command("upgrade")
        for used in (self.database, self.data / "secret-key"):
            before = used.read_bytes()
            self.refused("is what Codebook itself uses", "backup", used)
            self.assertEqual(used.read_bytes(), before)
        self.refused("is no file", "backup", self.data)

    def test_is_told_apart_by_the_database_that_is_named(self):
        done = self.run_command("backup", self.file)
        self.assertIn(f"Backed up {self.database}: ", done.stdout)
        done = self.run_command("restore", self.file, "--force")
        self.assertIn(f"into {self.database}.", done.stdout)


class Killed(Processes):
    """At moments spread over the work; the next start finds the old state or the new one, and clears the rest."""

    TIMES = 4
    WORK = 0.6  # seconds, about: the larger part of a run is the start of Python

    def setUp(self):
        super().setUp()
        self.assertEqual(self.run_command("backup", self.file).returncode, 0)

    def kill_in(self, *words, number, begin=None):
        process = subprocess.Popen(
            self.command(*words),
            cwd=ROOT,
            env=self.environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        while process.poll() is None and not (begin or self.left)():
            time.sleep(0.005)
        time.sleep(self.WORK * (number + random.random()) / self.TIMES)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def rows(self):
        self.assertEqual(self.query("PRAGMA integrity_check"), [("ok",)])
        self.assertEqual(self.query("PRAGMA foreign_key_check"), [])
        tables = [
            name
            for (name,) in self.query("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        ]
        return {
            name: self.query(f'SELECT COUNT(*) FROM "{name}"') for name in tables if name != "delivery_change"
        }

    def test_a_backup_leaves_the_old_file_or_the_new_one(self):
        for number in range(self.TIMES):
            self.kill_in("backup", self.file, number=number)
        done = self.run_command("restore", self.file, "--force")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.left(), [])

    def test_a_restore_leaves_the_old_state_or_the_new_one(self):
        old = self.rows()
        self.query("INSERT INTO auth_group (name) VALUES ('Newer')")
        added = self.put_upload("added.png")
        other = self.target / "other.tar.gz"
        self.run_command("backup", other)
        new = self.rows()
        self.assertNotEqual(old, new)
        for number in range(self.TIMES):
            added.unlink(missing_ok=True)
            if self.rows() != old:
                self.run_command("restore", self.file, "--force")
            self.assertEqual(self.rows(), old)
            self.kill_in("restore", other, "--force", number=number)
            self.assertIn(self.rows(), [old, new])
        self.run_command("backup", self.place / "last.tar.gz")
        self.assertEqual(self.left(), [])
        if added.exists():  # no row names it, so it stays only where the restore went through
            self.assertEqual(self.rows(), new)

    def test_an_upgrade_is_done_by_the_next_one(self):
        self.run_command("upgrade")
        new = self.rows()
        for number in range(self.TIMES):
            (self.data / "upgraded-from").unlink(missing_ok=True)
            self.kill_in("upgrade", number=number)
        done = self.run_command("upgrade")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.rows(), new)
        self.assertEqual(self.left(), [])


@skipUnless(can_mount(), "This user may mount nothing.")
class ReadOnly(Processes):
    def read_only(self, *words):
        return self.run_command(*words, before=["unshare", "-m", "sh", "-c", READ_ONLY, str(self.data)])

    def setUp(self):
        super().setUp()
        self.run_command("check")  # makes the key
        with override_settings(DATA_DIR=self.data):
            upgrading.note_done()

    def reads(self):
        for words in (
            ("search", "mailbox full"),
            ("check",),
            ("diagnose", "README.md"),
            ("backup", self.file),
        ):
            with self.subTest(words=words):
                done = self.read_only(*words)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertNotIn("Traceback", done.stderr)

    def test_is_enough_to_read_and_to_back_up(self):
        self.reads()
        self.assertEqual(self.left(), [])
        self.assertEqual(self.run_command("restore", self.file, "--force").returncode, 0)

    def test_takes_what_stands_in_the_log_alone_into_the_backup(self):
        for kept in (("-wal", "-shm"), ("-wal",)):
            with self.subTest(kept=kept):
                with closing(sqlite3.connect(self.database)) as database:
                    database.execute("PRAGMA journal_mode=WAL")
                    database.execute("INSERT INTO auth_group (name) VALUES (?)", [f"In the log {kept}"])
                    database.commit()
                    for ending in ("", "-wal", "-shm"):
                        shutil.copy(f"{self.database}{ending}", self.place / f"killed{ending}")
                for ending in ("", *kept):
                    shutil.copy(self.place / f"killed{ending}", f"{self.database}{ending}")
                for ending in {"-wal", "-shm"} - {*kept}:
                    Path(f"{self.database}{ending}").unlink(missing_ok=True)
                self.reads()
                self.assertEqual(self.run_command("restore", self.file, "--force").returncode, 0)
                self.assertIn((f"In the log {kept}",), self.query("SELECT name FROM auth_group"))

    def test_serves_readers_and_says_that_nothing_can_be_stored(self):
        (self.data / "static").mkdir()
        (self.data / "static" / "one.css").write_text("p { color: red }")
        self.assertFalse(Path(f"{self.database}-wal").exists())
        before = ["unshare", "-m", "sh", "-c", READ_ONLY, str(self.data)]
        server = Server(str(self.data), before=before)
        self.addCleanup(server.end)
        for path in ("/", "/codes/smtp/550/", "/search/?q=mailbox+full", "/healthz"):
            self.assertEqual(server.get(path).status, 200, path)
        answer = server.post("/codes/smtp/550/comments/", {"text": "Seen on Monday.", "name": "Anna"})
        self.assertEqual(answer.status, 503)

    def test_lets_a_start_go_on_and_refuses_what_writes_in_words(self):
        done = self.read_only("upgrade")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("read-only disk: nothing was changed", done.stdout)
        self.run_command("backup", self.file)
        before = ["unshare", "-m", "sh", "-c", READ_ONLY, str(self.data)]
        self.refused("is read-only", "restore", self.file, "--force", before=before)
        (self.data / "upgraded-from").write_text("of before")
        self.refused("is read-only", "upgrade", "--no-backup", before=before)


@skipUnless(can_mount(), "This user may mount nothing.")
class AFullDisk(Processes):
    def on_small(self, folder, size, *words):
        return self.run_command(*words, before=["unshare", "-m", "sh", "-c", SMALL, size, str(folder)])

    def test_is_called_so_by_a_backup(self):
        noise = random.Random(1).randbytes(3_000_000)
        self.put_upload("large.png", noise)
        small = self.place / "small"
        small.mkdir()
        for size in ("64k", "1m", "3500k"):
            done = self.on_small(small, size, "backup", small / "kept.tar.gz")
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertRegex(done.stderr, r"The disk that holds .*small.* is (too )?full")
            self.assertNotIn("Traceback", done.stderr)
        self.assertEqual(self.left(), [])

    def test_is_called_so_by_a_restore_and_nothing_is_changed(self):
        self.run_command("backup", self.file)
        for size in ("2m", "8m"):
            done = self.on_small(self.data, size, "restore", self.file)
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertRegex(done.stderr, "The disk that holds .*data is (too )?full")

    def test_stops_an_upgrade_before_it_changes_anything(self):
        size = f"{self.database.stat().st_size // 1024 + 500}k"
        fill = (
            'mount -t tmpfs -o size="$0" tmpfs "$1" && cp "$2" "$1/codebook.sqlite3" && shift 2 && exec "$@"'
        )
        before = ["unshare", "-m", "sh", "-c", fill, size, str(self.data), str(self.first)]
        done = self.run_command("upgrade", before=before)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stderr, "Nothing was changed.* The disk that holds .*backups is too full")

    def test_is_called_so_where_it_fills_while_files_are_unpacked(self):
        self.run_command("backup", self.file)
        before = ["sh", "-c", 'ulimit -f 1000 && exec "$@"', "sh"]
        self.refused("is full", "restore", self.file, "--force", before=before)
        self.refused("cannot be copied", "backup", self.file, before=before)
        self.assertEqual(self.left(), [])


class Damaged(Processes):
    def test_text_is_found_before_anything_is_replaced(self):
        self.query("UPDATE auth_group SET name = CAST(x'ff80' AS TEXT) WHERE id = 1")
        self.refused("text in auth_group cannot be read", "backup", self.file)
        self.assertEqual(list(self.target.iterdir()), [])
        migrations = ["codes.0001_initial"]
        facts = archive.Facts("1", "2026-01-01", "sqlite", migrations, {})
        archive.write(self.file, {"database.sqlite3": self.database}, facts)
        shutil.copy(self.first, self.database)
        self.refused("text in auth_group cannot be read", "restore", self.file, "--force")

    def test_content_is_found_before_anything_is_replaced(self):
        """Each is packed as it should be, with the right checksums."""
        facts = archive.Facts("1", "2026-01-01", "sqlite", ["codes.0001_initial"], {})
        no_database, empty = self.place / "words", self.place / "empty"
        no_database.write_bytes(b"no database at all" * 100)
        with closing(sqlite3.connect(empty)) as database:
            database.execute("CREATE TABLE django_migrations (app TEXT, name TEXT, applied TEXT)")
        damaged = self.place / "damaged"
        content = bytearray(self.first.read_bytes())
        content[4096 * 3 : 4096 * 43] = b"\xff" * 4096 * 40
        damaged.write_bytes(content)
        upload = self.put_upload("a.png", b"of now")
        other = self.place / "a.png"
        other.write_bytes(b"of then")
        for file, given, words in (
            (no_database, facts, "not a database"),
            (empty, facts, "no tables of Codebook"),
            (damaged, facts, "damaged"),
            (self.first, replace(facts, rows={"codes_code": 1}), "codes_code has 1 rows, and it has"),
            (self.first, replace(facts, rows={"no_table": 1}), "no_table has 1 rows, and it has no"),
            (self.first, replace(facts, migrations=[]), "no tables of Codebook"),
            (self.first, replace(facts, migrations=["codes.0999_later"]), "Update this copy first"),
            (self.first, replace(facts, engine="postgresql"), "They do not mix"),
        ):
            with self.subTest(words=words):
                archive.write(self.file, {"database.sqlite3": file, "media/pictures/a.png": other}, given)
                before = self.database.read_bytes()
                self.refused(words, "restore", self.file, "--force")
                self.assertEqual((self.database.read_bytes(), upload.read_bytes()), (before, b"of now"))
                self.assertEqual(self.left(), [])


class Private(Processes):
    def modes(self):
        return {path.name: oct(path.stat().st_mode & 0o777) for path in self.data.iterdir()}

    def test_is_what_an_open_folder_holds_after_the_next_start(self):
        self.data.chmod(0o755)
        self.database.chmod(0o644)
        self.put_upload("a.png")
        (self.data / "media").chmod(0o755)
        done = self.run_command("upgrade")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"{self.data} was open to others; now it is its owner’s alone.", done.stdout)
        modes = self.modes()
        self.assertEqual(self.data.stat().st_mode & 0o777, 0o700)
        for name in ("codebook.sqlite3", "secret-key"):
            self.assertEqual(modes[name], "0o600")
        for name in ("media", "backups"):
            self.assertEqual(modes[name], "0o700")
        self.assertNotIn("open to others", self.run_command("upgrade").stdout)

    def test_is_a_new_database_in_an_open_folder(self):
        self.database.unlink()
        self.data.chmod(0o755)
        self.run_command("upgrade")
        self.assertEqual(self.modes()["codebook.sqlite3"], "0o600")

    def test_is_no_reason_to_close_a_folder_shared_with_a_group_or_with_other_things(self):
        for mode, other in ((0o750, ""), (0o755, "theirs")):
            self.data.chmod(mode)
            if other:
                (self.data / other).touch()
            self.database.chmod(0o644)
            self.run_command("upgrade")
            self.assertEqual(self.data.stat().st_mode & 0o777, mode)
            self.assertEqual(self.modes()["codebook.sqlite3"], "0o600")


class Leftovers(Processes):
    def test_of_a_running_backup_stay_and_go_once_it_is_killed(self):
        begun = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "import django; django.setup()\n"
                "from pathlib import Path; from kb.delivery import drafts; from kb.transfer import workspace; import sys\n"
                "with workspace.opened('backup', Path(sys.argv[1])) as folder, drafts.replacing(Path(sys.argv[2])) as file:\n"
                "    workspace.note_target(folder, Path(sys.argv[2]).parent); print('ready', flush=True); sys.stdin.read()",
                str(self.data),
                str(self.file),
            ],
            cwd=ROOT,
            env=self.environment(DJANGO_SETTINGS_MODULE="kb.settings"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        begun.stdout.readline()
        mine = self.left()
        self.assertEqual(len(mine), 2)
        other = self.target / ".backup-20260101"
        other.mkdir()
        (other / "not ours").touch()
        self.assertEqual(self.run_command("backup", self.target / "second.tar.gz").returncode, 0)
        self.assertCountEqual(self.left(), [*mine, str(other.relative_to(self.place))])
        begun.kill()
        begun.communicate()
        self.assertEqual(self.run_command("upgrade", "--no-backup").returncode, 0)
        self.assertEqual(self.left(), [str(other.relative_to(self.place))])

    def test_of_a_killed_restore_are_uploads_that_no_picture_needs(self):
        folder = self.data / ".restore-abcdefgh"
        folder.mkdir()
        (folder / "uploads").write_text('["pictures/nobodys.png"]')
        lost, kept = self.put_upload("nobodys.png"), self.put_upload("kept.png")
        self.put_upload(".half.png.0123abcd.part")
        self.assertEqual(self.run_command("upgrade", "--no-backup").returncode, 0)
        self.assertEqual((lost.exists(), kept.exists(), self.left()), (False, True, []))
