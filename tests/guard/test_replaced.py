from unittest import TestCase

from tests.test_settings import manage

REPLACE = """
import os, shutil
from django.core.signals import request_started
from django.db import connection

open(connection.settings_dict["NAME"], "x").close()
connection.ensure_connection()
request_started.send(None)
kept = connection.connection is not None
file = str(connection.settings_dict["NAME"])
shutil.copy(file, file + ".new")
os.replace(file + ".new", file)
request_started.send(None)
opened_anew = connection.connection is None
connection.ensure_connection()
os.remove(file)
request_started.send(None)
print("kept", kept, opened_anew, connection.connection is None)
"""


class AConnectionThatStaysOpen(TestCase):
    def test_is_closed_by_the_first_request_after_its_file_was_replaced_or_removed(self):
        answer = manage("shell", "--command", REPLACE)
        self.assertIn("kept True True True", answer.stdout, answer.stderr)
