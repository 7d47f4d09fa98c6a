import os
from ipaddress import ip_network
from unittest import mock, skipUnless

from django.core.cache import cache
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import SimpleTestCase, TestCase, override_settings
from redis import ConnectionError as RedisDown

from kb.api import health

STRANGER = {"REMOTE_ADDR": "192.0.2.1"}


class Alive(SimpleTestCase):  # and so without a database
    def test_is_all_it_says(self):
        page = self.client.get("/healthz")
        self.assertEqual((page.status_code, page.content), (200, b"alive\n"))
        self.assertEqual(page["Cache-Control"], "no-store")

    def test_takes_no_posts(self):
        self.assertEqual(self.client.post("/healthz").status_code, 405)


class Ready(TestCase):
    def ask(self, status=200, **extra):
        page = self.client.get("/readyz", **extra)
        self.assertEqual(page.status_code, status, page.content)
        return page.json()

    def test_tells_the_operator_what_was_found(self):
        answer = self.ask()
        self.assertIs(answer["ready"], True)
        left_out = set() if connection.vendor == "sqlite" else {"sqlite"}
        self.assertEqual(set(answer["checks"]), set(health.CHECKS) - left_out)
        self.assertEqual(answer["checks"]["database"], {"ok": True, "engine": connection.vendor})
        self.assertGreater(answer["checks"]["disk"]["free_mb"], 0)

    def test_tells_strangers_only_what_is_well(self):
        for found in self.ask(**STRANGER)["checks"].values():
            self.assertEqual(set(found), {"ok"})

    def test_is_over_without_a_database_and_says_no_secrets(self):
        secret = OperationalError("password authentication failed for user codebook")
        with mock.patch.dict(health.CHECKS, {"database": mock.Mock(side_effect=secret)}):
            answer = self.ask(503)
        self.assertIs(answer["ready"], False)
        self.assertEqual(answer["checks"]["database"]["note"], "OperationalError came instead of an answer.")

    def test_does_not_wait_again_for_a_database_that_was_away(self):
        asked = {name: mock.Mock() for name in ("migrations", "due_work")}
        down = mock.Mock(side_effect=OperationalError)
        with mock.patch.dict(health.CHECKS, {"database": down, **asked}):
            answer = self.ask(503)
        for name, check in asked.items():
            check.assert_not_called()
            self.assertEqual(answer["checks"][name]["ok"], False)

    def test_is_over_while_tables_are_old(self):
        self.assertIs(self.ask()["checks"]["migrations"]["ok"], True)
        recorded = MigrationRecorder.Migration.objects.filter(app="articles").latest("pk")
        recorded.delete()  # as in a backup of an older Codebook, restored while this one serves
        answer = self.ask(503)
        self.assertIn("./codebook upgrade", answer["checks"]["migrations"]["note"])
        MigrationRecorder.Migration.objects.create(app="articles", name=recorded.name)
        self.assertIs(self.ask()["checks"]["migrations"]["ok"], True)

    @skipUnless(connection.vendor == "sqlite", "the database is elsewhere")
    def test_is_over_when_the_disk_is_full_or_read_only(self):
        with mock.patch("kb.api.health.shutil.disk_usage", return_value=mock.Mock(free=99 * 2**20)):
            self.assertIn("Make room", self.ask(503)["checks"]["disk"]["note"])
            with mock.patch("kb.api.health.os.statvfs", return_value=mock.Mock(f_flag=os.ST_RDONLY)):
                self.assertIn("read-only", self.ask(503)["checks"]["disk"]["note"])

    def test_goes_on_with_a_full_disk_where_the_database_is_elsewhere(self):
        checks = {name: health.CHECKS[name] for name in ("disk", "sqlite")}
        with (
            mock.patch.object(health, "CHECKS", checks),
            mock.patch.object(health, "connection", mock.Mock(vendor="postgresql")),
            mock.patch("kb.api.health.shutil.disk_usage", return_value=mock.Mock(free=99 * 2**20)),
        ):
            answer = self.ask()
            self.assertEqual(set(answer["checks"]), {"disk"})  # nobody need update what is not used
            self.assertIn("Make room", answer["checks"]["disk"]["note"])
            with mock.patch("kb.api.health.os.statvfs", return_value=mock.Mock(f_flag=os.ST_RDONLY)):
                self.assertIn("backups", self.ask()["checks"]["disk"]["note"])

    def test_goes_on_without_the_cache(self):
        for down in (RedisDown(), ConnectionRefusedError()):
            with mock.patch.object(cache, "set", side_effect=down):
                answer = self.ask()
            self.assertIs(answer["checks"]["cache"]["ok"], False)
            self.assertIn("not wrong", answer["checks"]["cache"]["note"])

    def test_counts_what_waits(self):
        from kb.jobs.models import Job

        before = self.ask()["checks"]["due_work"]["waiting"]
        Job.objects.add("relate", "999")
        self.assertEqual(self.ask()["checks"]["due_work"]["waiting"], before + 1)


class Sqlite(SimpleTestCase):
    def test_is_known_to_be_repaired_or_not(self):
        for version in ((3, 51, 3), (3, 52, 0), (3, 53, 1), (3, 50, 7), (3, 44, 6), (4, 0, 0)):
            self.assertTrue(health.has_repair(version), version)
        for version in ((3, 40, 1), (3, 51, 2), (3, 50, 6), (3, 45, 9), (3, 44, 5)):
            self.assertFalse(health.has_repair(version), version)

    def test_with_the_fault_is_a_note_and_no_end(self):
        with mock.patch("kb.api.health.sqlite3.sqlite_version_info", (3, 40, 1)):
            found = health.check_sqlite()
        self.assertFalse(found.ok or found.stops)
        self.assertIn("3.51.3", found.note)


class TheOperator(TestCase):
    def sees_metrics(self, **extra):
        return self.client.get("/metrics", **extra).status_code == 200

    def test_asks_from_this_machine(self):
        self.assertTrue(self.sees_metrics())
        self.assertTrue(self.sees_metrics(REMOTE_ADDR="::1"))
        self.assertFalse(self.sees_metrics(**STRANGER))
        self.assertFalse(self.sees_metrics(REMOTE_ADDR=""))

    def test_is_nobody_behind_a_proxy_we_do_not_know(self):
        self.assertFalse(self.sees_metrics(HTTP_X_FORWARDED_FOR="192.0.2.1"))

    def test_is_the_client_of_a_proxy_we_know(self):
        with override_settings(TRUSTED_PROXY=[ip_network("127.0.0.1")]):
            self.assertFalse(self.sees_metrics(HTTP_X_FORWARDED_FOR="192.0.2.1"))
            with override_settings(METRICS_FOR=[ip_network("192.0.2.0/24")]):
                self.assertTrue(self.sees_metrics(HTTP_X_FORWARDED_FOR="192.0.2.1"))
