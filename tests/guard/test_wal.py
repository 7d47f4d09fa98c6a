import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from unittest import TestCase, mock

from kb.guard import wal


class TheFilesBesideTheDatabase(TestCase):
    def test_stay_while_the_process_lives(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "one.sqlite3"
            with closing(sqlite3.connect(path)) as database:
                database.executescript("PRAGMA journal_mode=WAL; CREATE TABLE t (a);")
            self.assertEqual([one.name for one in Path(folder).iterdir()], ["one.sqlite3"])
            held = mock.Mock(vendor="sqlite", settings_dict={"NAME": str(path)})
            with mock.patch.object(wal, "connection", held), mock.patch.object(wal, "_held", []) as kept:
                wal.keep_open()
                wal.keep_open()
                with closing(sqlite3.connect(path)) as database:
                    database.execute("INSERT INTO t VALUES (1)")
                self.assertEqual(len(list(Path(folder).iterdir())), 3)
                self.assertEqual(len(kept), 1)
                kept[0].close()

    def test_are_no_matter_to_postgresql(self):
        with (
            mock.patch.object(wal, "connection", mock.Mock(vendor="postgresql")),
            mock.patch.object(wal, "_held", []) as kept,
        ):
            wal.keep_open()
            self.assertEqual(kept, [])
