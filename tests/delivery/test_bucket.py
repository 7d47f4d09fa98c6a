"""Pictures in a bucket, against a real server over HTTP."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from unittest import mock

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import SimpleTestCase, TestCase

from kb.api import health
from kb.articles import picturing
from kb.articles.models import Picture
from kb.delivery import bucket
from kb.delivery.media import MediaAway
from tests.delivery.s3_server import BUCKET, KEYS, S3, OnS3, in_bucket
from tests.delivery.served import ROOT, ServedTestCase, free_port
from tests.delivery.strangers import Stranger
from tests.makers import make_article, make_picture, make_user, picture_file


class PicturesInABucket(OnS3, TestCase):
    def setUp(self):
        super().setUp()
        self.picture = make_picture()
        self.path = self.picture.get_absolute_url()
        self.article = make_article(body=self.picture.markdown)

    def test_are_kept_there_and_sent_by_this_site(self):
        self.assertEqual(self.s3.names(), [self.picture.file_name])
        page = Stranger().get(self.article.get_absolute_url())
        self.assertIn(f'src="{self.path}"', page.text)
        self.assertNotIn(str(self.s3.port), page.text)
        answer = Stranger().get(self.path)
        self.assertEqual((answer.status, answer["content-type"]), (200, "image/png"))
        held = self.s3.client.get_object(Bucket=BUCKET, Key=self.picture.file_name)
        self.assertEqual(answer.body, held["Body"].read())
        self.assertEqual(held["ContentType"], "image/png")

    def test_are_not_open_to_others(self):
        told = []
        with mock.patch(
            "botocore.client.BaseClient._make_api_call", lambda client, act, how: told.append((act, how))
        ):
            default_storage.save("pictures/a.png", ContentFile(b"a"))
        [(act, how)] = told
        self.assertEqual(act, "PutObject")
        self.assertFalse({name for name in how if "ACL" in name or "Grant" in name}, how)

    def test_are_looked_after_by_one_client(self):
        default_storage.check()
        with mock.patch.object(bucket.Bucket, "_create_session", side_effect=AssertionError("Another one.")):
            default_storage.check()

    def test_are_asked_for_once_each_time(self):
        asked = []
        call = bucket.S3Storage.connection.fget(default_storage._wrapped).meta.client._make_api_call
        with mock.patch(
            "botocore.client.BaseClient._make_api_call",
            lambda client, act, how: asked.append(act) or call(act, how),
        ):
            picturing.read(self.picture)
        self.assertEqual(asked, ["GetObject"])

    def test_uploaded_twice_are_one(self):
        file = picture_file()
        first = picturing.add(file)
        file.seek(0)
        self.assertEqual(picturing.add(file), first)
        self.assertEqual(len(self.s3.names()), 2)

    def test_are_deleted_there(self):
        self.article.delete()
        with self.captureOnCommitCallbacks(execute=True):
            self.assertTrue(picturing.remove(self.picture))
        self.assertEqual(self.s3.names(), [])

    def test_that_are_lost_there_are_said_to_be_away(self):
        self.s3.empty()
        self.assertFalse(default_storage.exists(self.picture.file_name))
        with self.assertLogs("kb.portal", "ERROR"):
            self.assertEqual(Stranger().get(self.path).status, 503)

    def test_are_away_with_the_server_while_articles_are_read(self):
        self.client.force_login(make_user("Editors"))
        one = Stranger()
        with self.s3.away():
            began = time.monotonic()
            with self.assertLogs("kb.portal", "ERROR"):
                answer = one.get(self.path)
            self.assertEqual(answer.status, 503)
            self.assertIn("Try again in a minute", answer.text)
            self.assertLess(time.monotonic() - began, 10)
            began = time.monotonic()
            with self.assertLogs("kb.portal", "ERROR") as logged:
                self.assertEqual(one.get(self.path).status, 503)
            self.assertIn("did not answer a moment ago", logged.output[0])
            self.assertLess(time.monotonic() - began, 1)
            self.assertEqual(one.get(self.article.get_absolute_url()).status, 200)
            with self.assertLogs("kb.portal", "ERROR"):
                page = self.client.post("/admin/articles/picture/add/", {"files": [picture_file()]})
            self.assertContains(page, "Nothing was stored", status_code=503)
            self.assertEqual(Picture.objects.count(), 1)
            answer = self.client.get("/readyz").json()
            self.assertIs(answer["ready"], True)
            self.assertIn("articles go on without", answer["checks"]["media"]["note"])
        default_storage.away_until = 0
        make_picture()
        self.assertIs(self.client.get("/readyz").json()["checks"]["media"]["ok"], True)

    def test_in_a_bucket_that_is_not_there_say_so(self):
        with in_bucket(self.s3.address, bucket="another-one"):
            with self.assertRaisesRegex(MediaAway, "NoSuchBucket"):
                make_picture()
            with self.assertRaises(MediaAway):
                default_storage.check()
            self.assertIs(health.check_media().ok, False)

    def test_lie_where_the_settings_say_and_nowhere_on_this_disk(self):
        self.assertFalse((settings.MEDIA_ROOT / self.picture.file_name).exists())


class ASilentServer(SimpleTestCase):
    """It takes connections and says nothing."""

    def setUp(self):
        self.silent = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(self.silent.close)
        self.enterContext(mock.patch.multiple(bucket, READ=0.3, CONNECT=0.3))
        self.enterContext(in_bucket(f"http://127.0.0.1:{self.silent.getsockname()[1]}"))

    def test_is_not_waited_for_long(self):
        began = time.monotonic()
        for ask in (lambda: default_storage.open("pictures/a.png"), lambda: default_storage.exists("a")):
            with self.assertRaises(MediaAway):
                ask()
        with self.assertRaises(MediaAway):
            default_storage.check()
        self.assertLess(time.monotonic() - began, 8)

    def test_is_not_given_up_because_a_probe_has_little_patience(self):
        with self.assertRaisesRegex(MediaAway, "Timeout"):
            default_storage.check()
        with self.assertRaisesRegex(MediaAway, "Timeout"):
            default_storage.open("pictures/a.png")

    def test_is_asked_again_after_a_while(self):
        with self.assertRaisesRegex(MediaAway, "Timeout"):
            default_storage.open("pictures/a.png")
        with self.assertRaisesRegex(MediaAway, "a moment ago"):
            default_storage.open("pictures/a.png")
        default_storage.away_until = time.monotonic() - 1
        with self.assertRaisesRegex(MediaAway, "Timeout"):
            default_storage.open("pictures/a.png")


class AServerThatBreaksOff(SimpleTestCase):
    """It announces a hundred bytes, sends eleven, and ends or goes quiet."""

    def setUp(self):
        self.server = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(self.server.close)
        self.enterContext(mock.patch.multiple(bucket, READ=0.3, TRIES=1))
        self.enterContext(in_bucket(f"http://127.0.0.1:{self.server.getsockname()[1]}"))

    def answer_once(self, stays):
        line, _ = self.server.accept()
        line.recv(65536)
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<html>hello")
        stays.wait(5)
        line.close()

    def test_gives_no_half_of_a_file_and_no_error_of_ours(self):
        for waits in (False, True):
            stays = threading.Event()
            if not waits:
                stays.set()
            answering = threading.Thread(target=self.answer_once, args=[stays])
            answering.start()
            with self.subTest(waits=waits), self.assertRaises(MediaAway):
                default_storage.open("pictures/a.png")
            stays.set()
            answering.join()
            default_storage.away_until = 0


class NoServer(SimpleTestCase):
    def test_is_no_more_than_a_note_to_who_asks_whether_we_are_ready(self):
        with in_bucket(f"http://127.0.0.1:{free_port()}"):
            found = health.check_media()
        self.assertFalse(found.ok or found.stops)

    def test_sends_slowly_for_ever_to_nobody(self):
        body = mock.Mock()
        body.read.return_value = b"a"
        with (
            in_bucket("http://127.0.0.1:1"),
            mock.patch.object(bucket, "LONGEST", 0),
            self.assertRaisesRegex(MediaAway, "too slow"),
        ):
            list(default_storage._pieces("a", body))


ILLUSTRATE = """
import json
from tests.makers import make_article, make_picture
pictures = [make_picture(size=(50, 50 + number)) for number in range(2)]
made = [make_article(body=picture.markdown) for picture in pictures]
print(json.dumps([[picture.get_absolute_url() for picture in pictures], [one.get_absolute_url() for one in made]]))
"""


class AServerAsItRuns(ServedTestCase):
    servers = 0

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.s3 = S3()
        cls.addClassCleanup(cls.s3.stop)
        told = {
            "MEDIA_BUCKET": BUCKET,
            "MEDIA_ENDPOINT": cls.s3.address,
            "MEDIA_ACCESS_KEY": KEYS["access_key"],
            "MEDIA_SECRET_KEY": KEYS["secret_key"],
        }
        environment = {**os.environ, "DATA_DIR": cls.folder, "DATABASE_URL": cls.database, **told}
        done = subprocess.run(
            [sys.executable, "manage.py", "shell", "-v0", "--command", ILLUSTRATE],
            cwd=ROOT,
            env={**environment, "DJANGO_SETTINGS_MODULE": "tests.delivery.serving_settings"},
            capture_output=True,
            text=True,
            check=True,
        )
        cls.pictures, cls.articles = json.loads(done.stdout.splitlines()[-1])
        cls.server = cls.start(cls.folder, **told)

    def test_sends_pictures_from_the_bucket_and_articles_while_that_is_away(self):
        first, second = self.pictures
        answer = self.server.get(first)
        self.assertEqual((answer.status, answer.getheader("Content-Type")), (200, "image/png"))
        tag = answer.getheader("ETag")
        with self.s3.away():
            self.assertEqual(self.server.get(first, If_None_Match=tag).status, 304)
            began = time.monotonic()
            answer = self.server.get(second)
            self.assertEqual(answer.status, 503)
            self.assertIn("Try again in a minute", answer.text)
            self.assertLess(time.monotonic() - began, 10)
            for article in self.articles:
                self.assertEqual(self.server.get(article).status, 200)
            self.assertEqual(self.server.get("/readyz").status, 200)


class AServerWithoutABucket(SimpleTestCase):
    def test_loads_nothing_that_only_uploads_need(self):
        look = "import sys, kb.wsgi, kb.urls; print([name for name in ('PIL', 'boto3', 'storages') if name in sys.modules])"
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "kb.settings"}
        done = subprocess.run(
            [sys.executable, "-c", look], cwd=ROOT, env=environment, capture_output=True, text=True
        )
        self.assertEqual(done.stdout, "[]\n", done.stderr)
