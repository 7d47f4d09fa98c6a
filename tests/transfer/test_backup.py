import json
import shutil
import sqlite3
import tarfile
import tempfile
import threading
from contextlib import closing
from pathlib import Path
from unittest import mock, skipUnless

from django.core.management import CommandError, call_command
from django.db import connection
from django.test import SimpleTestCase, TestCase, override_settings

from kb.accounts import roles
from kb.jobs.models import MOST_ATTEMPTS
from kb.transfer import backup as verbs
from kb.transfer import databases, upgrading
from kb.transfer.archive import BackupError, Manifest
from tests.transfer.keeping import Keeping

GROUPS = list(roles.GROUPS)
CHANGED = ["Someone", *GROUPS[1:]]


@skipUnless(connection.vendor == "sqlite", "PostgreSQL has its own tools, in test_postgres")
class OnDisk(Keeping, TestCase):
    """The test database as a file in a folder of its own."""

    @classmethod
    def setUpClass(cls):
        made = tempfile.TemporaryDirectory()
        cls.addClassCleanup(made.cleanup)
        cls.first = Path(made.name) / "first"
        with closing(sqlite3.connect(cls.first)) as file:
            connection.connection.backup(file)  # before the transaction of all tests, which would lock it
            file.execute("PRAGMA journal_mode=WAL")
        super().setUpClass()

    def setUp(self):
        made = tempfile.TemporaryDirectory()
        self.addCleanup(made.cleanup)
        self.place = Path(made.name)
        self.file = self.place / "kept.tar.gz"
        self.live_in(self.place / "data")
        shutil.copy(self.first, self.data / "codebook.sqlite3")

    def live_in(self, data):
        self.data = data
        data.mkdir()
        ours = connection.copy()
        ours.settings_dict = {**connection.settings_dict, "NAME": str(data / "codebook.sqlite3")}
        self.addCleanup(ours.close)
        for module in (databases, verbs):
            self.enterContext(mock.patch.object(module, "connection", ours))
        self.enterContext(override_settings(DATA_DIR=data, MEDIA_ROOT=data / "media"))

    def query(self, sql):
        with closing(sqlite3.connect(self.data / "codebook.sqlite3", timeout=20)) as database:
            found = database.execute(sql).fetchall()
            database.commit()
            return found

    def names(self):
        return [name for (name,) in self.query("SELECT name FROM auth_group ORDER BY id")]


class ABackup(OnDisk):
    def test_is_one_whole_file_that_restores_elsewhere(self):
        media = self.data / "media" / "a"
        media.mkdir(parents=True)
        (media / "picture.png").write_bytes(b"picture")
        codes = self.query("SELECT COUNT(*) FROM codes_code")
        self.backup()
        self.live_in(self.place / "elsewhere")
        self.restore()
        self.assertEqual((self.names(), self.query("SELECT COUNT(*) FROM codes_code")), (GROUPS, codes))
        self.assertEqual((self.data / "media" / "a" / "picture.png").read_bytes(), b"picture")
        self.assertEqual(self.query("PRAGMA journal_mode"), [("wal",)])
        self.assertEqual([path.name for path in self.data.iterdir() if path.name.startswith(".")], [])

    def test_holds_what_waited_in_it_before_anybody_sees_it(self):
        self.query(
            "INSERT INTO jobs_mail (key, recipient, reply_to, subject, text, headers, number, state, due, attempts, last_error, "
            "made_at) VALUES ('a', 'anna@example.org', '', 'Hello', '', '{}', 'a', 'waiting', '2026-01-01', 0, '', '2026-01-01'), "
            "('b', 'ben@example.org', '', 'Hello', '', '{}', 'b', 'sent', '2026-01-01', 1, '', '2026-01-01')"
        )
        self.query("DELETE FROM jobs_job")
        self.query(
            "INSERT INTO jobs_job (name, key, due, attempts, last_error, made_at) VALUES "
            "('moderated', '1', '2026-01-01', 0, '', '2026-01-01'), ('relate', '1', '2026-01-01', 0, '', '2026-01-01')"
        )
        self.backup()
        write, seen = databases._write_over, []

        def write_and_look(given):
            write(given)
            seen.extend(self.query("SELECT key, state, last_error FROM jobs_mail ORDER BY key"))
            seen.extend(self.query("SELECT name, attempts, last_error FROM jobs_job ORDER BY name"))

        with mock.patch.object(databases, "_write_over", write_and_look):
            self.restore(force=True)
        self.assertEqual(
            seen,
            [
                ("a", "unclear", verbs.WAITED),
                ("b", "sent", ""),
                ("moderated", MOST_ATTEMPTS, verbs.WAITED),
                ("relate", 0, ""),
            ],
        )

    def test_without_a_table_that_came_later_is_restored(self):
        self.query("DROP TABLE jobs_mail")
        self.backup()
        self.restore(force=True)
        self.assertEqual(self.names(), GROUPS)

    def test_is_of_one_moment_while_people_write(self):
        self.query("CREATE TABLE pair (side TEXT)")
        stop = threading.Event()

        def write():
            while not stop.is_set():
                self.query("INSERT INTO pair VALUES ('left'), ('right')")

        writer = threading.Thread(target=write)
        writer.start()
        try:
            for _ in range(3):
                self.backup()
        finally:
            stop.set()
            writer.join()
        self.live_in(self.place / "elsewhere")
        self.restore()
        [(left,)] = self.query("SELECT COUNT(*) FROM pair WHERE side = 'left'")
        [(right,)] = self.query("SELECT COUNT(*) FROM pair WHERE side = 'right'")
        self.assertEqual(left, right)
        self.assertGreater(left, 0)

    def test_tells_what_it_holds(self):
        self.backup()
        with tarfile.open(self.file) as archive:
            manifest = json.load(archive.extractfile("manifest.json"))
        self.assertEqual(manifest["version"], verbs.version())
        self.assertEqual(manifest["rows"]["auth_group"], len(GROUPS))
        self.assertIn("accounts.0001_initial", manifest["migrations"])

    def test_of_a_damaged_database_is_not_made(self):
        with open(self.data / "codebook.sqlite3", "r+b") as file:
            file.seek(4096 * 3)
            file.write(b"\xff" * 4096 * 40)
        with self.assertRaisesRegex(CommandError, "No backup was made. The database"):
            self.backup()
        self.assertFalse(self.file.exists())

    def test_of_rows_that_point_nowhere_is_not_made(self):
        self.query("INSERT INTO accounts_user_groups (user_id, group_id) VALUES (1000, 1000)")
        with self.assertRaisesRegex(CommandError, "point to nothing, the first in accounts_user_groups"):
            self.backup()

    def test_needs_a_place(self):
        self.file = self.place / "no" / "kept"
        with self.assertRaisesRegex(CommandError, "Make it first"):
            self.backup()


class Restoring(OnDisk):
    def setUp(self):
        super().setUp()
        self.backup()
        self.query("UPDATE auth_group SET name = 'Someone'  WHERE id = 1")

    def test_leaves_what_is_there_unless_told(self):
        with self.assertRaisesRegex(CommandError, "Say --force"):
            self.restore()
        self.assertEqual(self.names(), CHANGED)
        self.restore(force=True)
        self.assertEqual(self.names(), GROUPS)

    def test_is_seen_whole_by_those_who_have_the_database_open(self):
        with closing(sqlite3.connect(self.data / "codebook.sqlite3", timeout=20)) as reader:
            reader.execute("SELECT * FROM auth_group").fetchall()
            self.restore(force=True)
            self.assertEqual(
                reader.execute("SELECT name FROM auth_group WHERE id = 1").fetchall(), [(GROUPS[0],)]
            )

    def test_mends_a_database_that_is_damaged_only_when_told(self):
        databases.connection.close()
        for path in self.data.glob("codebook.sqlite3-*"):
            path.unlink()
        (self.data / "codebook.sqlite3").write_bytes(b"no database at all" * 1000)
        with self.assertRaisesRegex(CommandError, "Say --force"):
            self.restore()
        self.restore(force=True)
        self.assertEqual(self.names(), GROUPS)
        self.assertTrue((self.data / "codebook.sqlite3.damaged").exists())

    def test_refuses_a_damaged_backup_and_changes_nothing(self):
        whole = self.file.read_bytes()
        self.file.write_bytes(whole[: len(whole) // 2])
        with self.assertRaisesRegex(CommandError, "Nothing was restored"):
            self.restore(force=True)
        self.assertEqual(self.names(), CHANGED)


class BeforeAnUpgrade(SimpleTestCase):
    def setUp(self):
        made = tempfile.TemporaryDirectory()
        self.addCleanup(made.cleanup)
        self.data = Path(made.name)
        changed = override_settings(DATA_DIR=self.data)
        changed.enable()
        self.addCleanup(changed.disable)

    def is_due(self, *, is_empty=False, new_tables=False):
        with (
            mock.patch.object(databases, "is_empty", return_value=is_empty),
            mock.patch.object(upgrading, "_has_new_tables", return_value=new_tables),
        ):
            return upgrading.is_due()

    def test_a_backup_is_due_only_where_something_will_change(self):
        self.assertTrue(self.is_due())
        self.assertFalse(self.is_due(is_empty=True))
        upgrading.note_done()
        self.assertFalse(self.is_due())
        self.assertTrue(self.is_due(new_tables=True))
        self.assertFalse(self.is_due(new_tables=True, is_empty=True))
        with override_settings(FIXTURE_DIR=self.data):
            self.assertTrue(self.is_due())

    def test_the_last_few_are_kept_and_nothing_else_is_touched(self):
        folder = self.data / "backups"
        folder.mkdir()
        for day in range(1, 9):
            (folder / f"before-upgrade-2026010{day}-000000.tar.gz").touch()
        (folder / "mine.tar.gz").touch()
        with mock.patch.object(
            upgrading, "backup", side_effect=lambda path: path.touch() or mock.Mock(path=path)
        ):
            made = upgrading.back_up()
        left = sorted(path.name for path in folder.iterdir())
        self.assertEqual(len(left), upgrading.KEPT + 1)
        self.assertIn(made.name, left)
        self.assertIn("mine.tar.gz", left)
        self.assertNotIn("before-upgrade-20260104-000000.tar.gz", left)

    def test_that_of_the_state_before_is_kept_until_an_upgrade_is_complete(self):
        names = [f"before-upgrade-2026010{day}-000000.tar.gz" for day in range(1, 9)]

        def upgrade(name, *, completes):
            made = self.data / "backups" / name
            report = mock.Mock(path=made)
            with mock.patch.object(upgrading, "backup", side_effect=lambda _: made.touch() or report):
                upgrading.back_up()
            if completes:
                upgrading.note_done()
            return {path.name for path in made.parent.iterdir()}

        for name in names:
            left = upgrade(name, completes=False)
        self.assertIn(names[0], left)
        self.assertNotIn(names[1], left)
        upgrade(names[-1], completes=True)
        left = upgrade("before-upgrade-20260109-000000.tar.gz", completes=True)
        self.assertEqual(left, {*names[-upgrading.KEPT + 1 :], "before-upgrade-20260109-000000.tar.gz"})

    def test_nothing_is_changed_where_there_can_be_none(self):
        with (
            mock.patch.object(upgrading, "is_due", return_value=True),
            mock.patch.object(upgrading, "backup", side_effect=BackupError("The disk is full.")),
            mock.patch("kb.transfer.management.commands.upgrade.call_command") as called,
            self.assertRaisesRegex(CommandError, "Nothing was changed"),
        ):
            call_command("upgrade")
        called.assert_not_called()


class AnotherCopy(SimpleTestCase):
    def refusal(self, **manifest):
        with self.assertRaises(BackupError) as refused:
            facts = {"version": "9.0", "made_at": "2026-01-01", "engine": connection.vendor, "rows": {}}
            verbs._refuse_unfit(Manifest(**facts | {"migrations": [], "files": {}} | manifest))
        return str(refused.exception)

    def test_that_is_newer_is_refused(self):
        self.assertIn("Update this copy first", self.refusal(migrations=["codes.0999_of_tomorrow"]))

    def test_on_another_engine_is_refused(self):
        self.assertIn("They do not mix", self.refusal(engine="oracle"))
