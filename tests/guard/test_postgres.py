"""A PostgreSQL that is away: one waits for it, the others are told at once."""

import logging
import time
from unittest import mock

from django.db import OperationalError
from django.db.utils import ConnectionHandler
from django.test import SimpleTestCase

from kb.environment import postgres
from kb.guard.postgres.base import DatabaseWrapper
from tests.delivery.served import free_port


class AServerThatIsAway(SimpleTestCase):
    def setUp(self):
        self.enterContext(mock.patch.object(logging.getLogger("psycopg.pool"), "disabled", True))
        url = f"postgres://kb@127.0.0.1:{free_port()}/kb"
        settings = postgres("DATABASE_URL", url)
        settings["OPTIONS"]["pool"]["timeout"] = 0.3
        self.connection = ConnectionHandler({"default": {}, "away": settings}).create_connection("away")
        self.addCleanup(self.connection.close_pool)
        self.addCleanup(setattr, DatabaseWrapper, "away_until", 0.0)

    def seconds_to_fail(self):
        began = time.monotonic()
        with self.assertRaises(OperationalError):
            self.connection.ensure_connection()
        return time.monotonic() - began

    def test_is_waited_for_once(self):
        self.assertGreaterEqual(self.seconds_to_fail(), 0.3)
        self.assertLess(max(self.seconds_to_fail() for _ in range(5)), 0.25)

    def test_is_tried_again_after_a_pause_by_one_for_all(self):
        with mock.patch("kb.guard.postgres.base.PAUSE", 0):
            self.seconds_to_fail()
        with mock.patch.object(self.connection.pool, "getconn", side_effect=self.others_ask) as tried:
            self.seconds_to_fail()
        self.assertEqual(tried.call_count, 1)

    def others_ask(self):
        """While one tries."""
        self.assertLess(self.seconds_to_fail(), 0.25)
        raise self.connection.Database.OperationalError

    def test_is_not_taken_to_be_away_where_every_connection_is_lent(self):
        lent = self.connection.Database.OperationalError("couldn't get a connection after 0.30 sec")
        with mock.patch.object(self.connection.pool, "getconn", side_effect=lent) as tried:
            for _ in range(2):
                self.seconds_to_fail()
        self.assertEqual(tried.call_count, 2)
        self.assertEqual(DatabaseWrapper.away_until, 0.0)
