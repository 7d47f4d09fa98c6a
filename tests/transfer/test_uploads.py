"""A backup takes along what people uploaded, wherever it is kept, and puts it back wherever it is to be kept."""

from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import SimpleTestCase, override_settings

from kb.delivery.media import MediaAway
from kb.transfer import uploads
from kb.transfer.archive import BackupError
from kb.transfer.backup import backup, restore
from tests.delivery.s3_server import OnS3
from tests.makers import OwnMedia
from tests.transfer.test_backup import OnDisk

FILES = {"pictures/a.png": b"a picture", "pictures/deep/b.png": b"another", "c.png": b"at the top"}
ON_DISK = {"BACKEND": "kb.delivery.media.Disk"}


def put(files=FILES):
    for name, content in files.items():
        default_storage.save(name, ContentFile(content))


def there():
    found = {}
    for name in uploads._names(""):
        with default_storage.open(name) as file:
            found[name] = file.read()
    return found


class ABackupFromABucket(OnS3, OnDisk):
    def on_disk(self):
        return override_settings(STORAGES={**settings.STORAGES, "default": ON_DISK})

    def test_restores_into_a_folder_and_from_there_into_a_bucket(self):
        put()
        self.assertEqual(backup(self.file).uploads, 3)
        self.live_in(self.place / "elsewhere")
        with self.on_disk():
            self.restore()
            self.assertEqual(there(), FILES)
            self.assertEqual(Path(settings.MEDIA_ROOT, "c.png").read_bytes(), b"at the top")
            self.backup()
        self.s3.empty()
        self.live_in(self.place / "third")
        self.restore()
        self.assertEqual(there(), FILES)
        self.assertFalse(Path(settings.MEDIA_ROOT).exists())

    def test_is_not_made_while_the_bucket_is_away_and_none_is_restored(self):
        put()
        self.backup()
        self.query("UPDATE auth_group SET name = 'Someone' WHERE name = 'Customers'")
        other = self.place / "other.tar.gz"
        with self.s3.away():
            with self.assertRaisesRegex(BackupError, "uploaded cannot be read"):
                backup(other)
            self.assertFalse(other.exists())
            default_storage.away_until = 0
            with self.assertRaisesRegex(BackupError, "The database is as it was"):
                restore(self.file, force=True)
            self.assertIn("Someone", self.names())


class Uploads(OwnMedia, SimpleTestCase):
    def test_that_are_being_written_are_left_out(self):
        put()
        Path(settings.MEDIA_ROOT, "pictures", ".a.png.1234").write_bytes(b"half")
        self.assertEqual(there(), FILES)

    def test_are_none_where_nothing_was_uploaded(self):
        with override_settings(MEDIA_ROOT=Path(settings.MEDIA_ROOT) / "not yet"):
            self.assertEqual(uploads.gathered(Path("/nowhere")), {})
            default_storage.check()

    def test_cannot_be_kept_in_a_folder_that_is_not_there(self):
        with override_settings(MEDIA_ROOT="/proc/nothing/media"), self.assertRaises(MediaAway):
            default_storage.check()
