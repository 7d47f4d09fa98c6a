import json
import tarfile
import tempfile
from io import BytesIO
from pathlib import Path
from unittest import TestCase, mock

from kb.transfer import archive
from kb.transfer.archive import BackupError


class ABackupFile(TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.path = self.folder / "kept.tar.gz"
        self.database = self.folder / "database.sqlite3"
        self.database.write_bytes(bytes(range(256)) * 400)

    def write(self, **more):
        return archive.write(self.path, {"database.sqlite3": self.database, **more}, {"version": "1"})

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
        self.assertEqual(manifest["version"], "1")
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
        said = {"format": 1, "files": {"database.sqlite3": {"size": 3, "sha256": "0"}}}
        self.forge(("manifest.json", json.dumps(said).encode()), ("database.sqlite3", b"abc"))
        self.refused("is not what was put in")
        self.forge(("manifest.json", json.dumps(said).encode()))
        self.refused("is missing in it")
        self.forge(("manifest.json", json.dumps({**said, "files": {}}).encode()), ("more", b"abc"))
        self.refused("is not what was put in")

    def test_that_is_none_is_told_so(self):
        self.forge(("photo.jpg", b"abc"))
        self.refused("does not begin with a manifest")
        self.forge(("manifest.json", b"{"))
        self.refused("cannot be read as a backup")
        self.forge(("manifest.json", json.dumps({"format": 2, "files": {}}).encode()))
        self.refused("newer Codebook")
        self.path.unlink()
        self.refused("There is no file")

    def test_puts_nothing_outside_its_folder(self):
        for name in ("../evil", "/etc/evil", "media/../../evil"):
            files = {name: archive._described(self.database)}
            self.forge(
                ("manifest.json", json.dumps({"format": 1, "files": files}).encode()),
                (name, self.database.read_bytes()),
            )
            into = self.folder / "out"
            with self.assertRaisesRegex(BackupError, "no backup of ours"):
                archive.unpack(self.path, into)
            self.assertFalse((self.folder / "evil").exists())
