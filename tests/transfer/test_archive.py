import gzip
import hashlib
import json
import os
import random
import tarfile
import tempfile
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from unittest import TestCase, mock

from kb.transfer import archive
from kb.transfer.archive import BackupError, Facts

FACTS = Facts("1", "2026-01-01T00:00:00+00:00", "sqlite", ["codes.0001_initial"], {"codes_code": 3})
SAID = {**asdict(FACTS), "format": 1, "files": {}}
NOTHING = hashlib.sha256().hexdigest()


class ABackupFile(TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.path = self.folder / "kept.tar.gz"
        self.database = self.folder / "database.sqlite3"
        self.database.write_bytes(bytes(range(256)) * 400)

    def write(self, **more):
        return archive.write(self.path, {"database.sqlite3": self.database, **more}, FACTS)

    def forge(self, *files):
        """A file of the same kind with this inside."""
        with tarfile.open(self.path, "w:gz") as forged:
            for name, data in files:
                entry = tarfile.TarInfo(name)
                entry.size = len(data)
                forged.addfile(entry, BytesIO(data))

    def refused(self, words):
        with self.assertRaisesRegex(BackupError, words):
            archive.check(self.path)

    def test_holds_what_was_put_in(self):
        self.write()
        manifest = archive.check(self.path)
        self.assertEqual(manifest.version, "1")
        into = self.folder / "out"
        found = archive.unpack(self.path, into)
        self.assertEqual(found["database.sqlite3"].read_bytes(), self.database.read_bytes())

    def test_is_its_owners_alone(self):
        self.write()
        self.assertEqual(self.path.stat().st_mode & 0o777, 0o600)

    def test_is_there_as_a_whole_or_not_at_all(self):
        self.write()
        before = self.path.read_bytes()
        with (
            mock.patch("kb.transfer.archive.check", side_effect=BackupError("not whole")),
            self.assertRaises(BackupError),
        ):
            self.write()
        self.assertEqual(self.path.read_bytes(), before)
        self.assertEqual(
            sorted(path.name for path in self.folder.iterdir()), ["database.sqlite3", "kept.tar.gz"]
        )

    def test_is_not_believed_once_damaged(self):
        self.write()
        whole = self.path.read_bytes()
        for damaged in (
            whole[: len(whole) // 2],
            b"",
            b"no archive",
            whole[:200] + b"?" * 40 + whole[240:],
        ):
            self.path.write_bytes(damaged)
            with self.assertRaises(BackupError):
                archive.check(self.path)

    def test_must_be_what_its_manifest_says(self):
        said = {**SAID, "files": {"database.sqlite3": {"size": 3, "sha256": "0" * 64}}}
        self.forge(("manifest.json", json.dumps(said).encode()), ("database.sqlite3", b"abc"))
        self.refused("is not what was put in")
        self.forge(("manifest.json", json.dumps(said).encode()))
        self.refused("in it is missing")
        self.forge(("manifest.json", json.dumps({**said, "files": {}}).encode()), ("more", b"abc"))
        self.refused("is not what was put in")

    def test_that_is_none_is_told_so(self):
        self.forge(("photo.jpg", b"abc"))
        self.refused("does not begin with a manifest")
        self.forge(("manifest.json", b"{"))
        self.refused("its manifest is not JSON")
        self.forge(("manifest.json", json.dumps({"format": 2, "files": {}}).encode()))
        self.refused("newer Codebook")
        self.path.unlink()
        self.refused("There is no file")

    def test_puts_nothing_outside_its_folder(self):
        for name in ("../evil", "/etc/evil", "media/../../evil"):
            files = {name: asdict(archive._described(self.database))}
            self.forge(
                ("manifest.json", json.dumps({**SAID, "files": files}).encode()),
                (name, self.database.read_bytes()),
            )
            with self.assertRaisesRegex(BackupError, "else than expected as “files”"):
                archive.unpack(self.path, self.folder / "out")
            self.assertFalse((self.folder / "evil").exists())

    def test_has_a_manifest_that_is_whole_or_is_none(self):
        wrong = [
            *(json.dumps(it) for it in ([], None, "text", 1, True, {})),
            "",
            "[" * 100_000,
            '{"a":' * 100_000,
            "9" * 10_000,
            *(json.dumps({name: it for name, it in SAID.items() if name != left_out}) for left_out in SAID),
            *(
                json.dumps({**SAID, name: it})
                for name in SAID
                for it in (None, [1], {"a": []}, -1, 1.5, True, "\0 ?")
            ),
            json.dumps({**SAID, "files": {"a": {"size": 1, "sha256": "0" * 64, "more": 1}}}),
            json.dumps({**SAID, "files": {"a": {"size": 2**70, "sha256": "0" * 64}}}),
            json.dumps({**SAID, "rows": {"codes; DROP TABLE": 1}}),
            json.dumps({**SAID, "migrations": ["codes"]}),
        ]
        for text in wrong:
            with self.subTest(text=text[:80]):
                self.forge(("manifest.json", text.encode()))
                self.refused("no backup that can be read: it")

    def test_is_a_file_and_not_something_else(self):
        self.path.mkdir()
        self.refused("is no file")
        self.path.rmdir()
        os.mkfifo(self.path)  # to open it would be to wait for ever
        self.refused("is no file")
        self.path.unlink()
        for content, words in {
            b"": "it is empty",
            b"PK\3\4 and more": "it is a zip file",
            b"SQLite format 3\0 and more": "it is a database of SQLite",
            b"PGDMP and more": "it is a dump of PostgreSQL",
            b"manifest.json\0 and more": "it is an unpacked backup",
            b"Dear Anna": "it is not a gzip file",
            gzip.compress(b"Dear Anna" * 1000): "it is a gzip file, and what is in it is something else",
        }.items():
            self.path.write_bytes(content)
            self.refused(f"no backup: {words}")

    def test_that_breaks_off_or_is_altered_is_told_apart(self):
        self.write()
        whole = self.path.read_bytes()
        self.path.write_bytes(whole[: len(whole) // 2])
        self.refused("ends too early")
        self.path.write_bytes(whole[:-8] + b"\0\0\0\0" + whole[-4:])
        self.refused("do not have their checksum")
        self.path.write_bytes(whole + b"more")
        self.refused("damaged")
        self.path.write_bytes(whole + gzip.compress(b"more"))
        self.refused("something stands behind its end")

    def test_takes_plain_files_alone(self):
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE):
            for name in ("manifest.json", "media/a"):
                with self.subTest(kind=kind, name=name), tarfile.open(self.path, "w:gz") as forged:
                    said = json.dumps({**SAID, "files": {"media/a": {"size": 0, "sha256": NOTHING}}}).encode()
                    if name != "manifest.json":
                        entry = tarfile.TarInfo("manifest.json")
                        entry.size = len(said)
                        forged.addfile(entry, BytesIO(said))
                    entry = tarfile.TarInfo(name)
                    entry.type, entry.linkname = kind, "/etc/passwd"
                    forged.addfile(entry)
                self.refused("begin with a manifest|is not what was put in")

    def test_damaged_anywhere_is_refused_in_words_or_holds_the_same(self):
        self.database.write_bytes(random.Random(3).randbytes(1500))
        self.write()
        whole, same = self.path.read_bytes(), self.database.read_bytes()
        cut = [whole[:length] for length in range(0, len(whole), 7)]
        flipped = [
            whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :] for at in range(len(whole))
        ]
        unpacked = gzip.decompress(whole)  # damaged before it was packed, so that no sum of gzip's tells
        within = [
            gzip.compress(unpacked[:at] + bytes([unpacked[at] ^ 1 << at % 8]) + unpacked[at + 1 :], 1)
            for at in range(0, len(unpacked), 3)
        ]
        shortened = [gzip.compress(unpacked[:length], 1) for length in range(0, len(unpacked), 97)]
        refused = 0
        for number, damaged in enumerate([*cut, *flipped, *within, *shortened]):
            self.path.write_bytes(damaged)
            into = self.folder / str(number)
            try:
                found = archive.unpack(self.path, into)
            except BackupError:
                refused += 1
            else:
                self.assertEqual(found["database.sqlite3"].read_bytes(), same)
        self.assertGreater(refused, len(whole))
