import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from unittest import mock

from django.test import SimpleTestCase

from kb.jobs import thread
from kb.jobs.sending import OutOfReach
from kb.jobs.stated import Work

ROOT = Path(__file__).resolve().parents[2]
WORKER = """
import multiprocessing, threading
import django; django.setup()
from kb.jobs import thread
begun = threading.Event()

def finish(go_on):
    begun.set()
    while go_on():
        pass
    print("finished", flush=True)

def serve():
    thread.run_due, thread.send_due, thread.do_own = finish, lambda go_on: None, lambda: None
    thread.start()
    begun.wait()

multiprocessing.get_context("fork").Process(target=serve).start()
"""


class TheThreads(SimpleTestCase):
    """What they run is another test's matter; here, that they go on and that they end."""

    def setUp(self):
        self.stop, self.looks = threading.Event(), []
        patches = [
            mock.patch.object(thread, "connections"),
            mock.patch.multiple(thread, PAUSE=0, LONG_PAUSE=0),
        ]
        for patch in patches:
            patch.start()
            self.addCleanup(patch.stop)

    def look(self, go_on):
        self.looks.append(go_on())
        if len(self.looks) == 3:
            self.stop.set()
        if len(self.looks) == 1:
            raise OSError("the disk is full")

    def test_lives_through_an_exception_and_closes_its_connections(self):
        with self.assertLogs("kb.jobs", "ERROR") as logged:
            thread.work(self.stop, self.look)
        self.assertEqual(len(self.looks), 3)
        self.assertNotIn("disk", logged.output[0])
        self.assertEqual(thread.connections.close_all.call_count, 3)

    def test_writes_down_what_its_process_counted_now_and_then_and_at_the_end(self):
        counted = []

        def fail():
            raise OSError("the disk is full")

        def tally():
            counted.append(self.stop.is_set())
            if len(counted) == 2:
                self.stop.set()

        with (
            mock.patch.object(thread, "OWN_PAUSE", 0),
            mock.patch.object(thread, "stated", lambda: Work(own=[fail, tally])),
            self.assertLogs("kb.jobs", "ERROR") as logged,
        ):
            thread.count(self.stop)
        self.assertEqual(counted, [False, False, True])
        self.assertNotIn("disk", "".join(logged.output))

    def test_ends_at_once_when_told(self):
        with mock.patch.object(thread, "PAUSE", 60):
            worker = threading.Thread(target=thread.work, args=[self.stop, mock.Mock()])
            worker.start()
            thread.end([worker], self.stop)
        self.assertFalse(worker.is_alive())

    def test_says_that_mails_wait_where_the_mail_server_is_out_of_reach(self):
        def send(go_on):
            self.stop.set()
            raise OutOfReach("The mail server cannot be reached (TimeoutError).")

        with self.assertLogs("kb.jobs", "ERROR") as logged:
            thread.work(self.stop, send)
        self.assertIn("Mails have to wait: The mail server cannot be reached", logged.output[0])

    def test_keep_due_work_going_while_the_mail_server_hangs(self):
        worked, hanging = threading.Event(), threading.Event()
        with (
            mock.patch.object(thread, "send_due", lambda go_on: hanging.wait(10)),
            mock.patch.object(thread, "run_due", lambda go_on: worked.set()),
            mock.patch.object(thread, "do_own"),
            mock.patch.object(thread, "Finalize") as at_the_end,
        ):
            threads = thread.start()
            self.assertTrue(worked.wait(5))
            self.assertTrue(threads[1].is_alive())
            hanging.set()
            thread.end(*at_the_end.call_args.args[2])
        self.assertFalse(any(worker.is_alive() for worker in threads))

    def test_finish_what_is_at_hand_where_a_worker_of_the_server_ends(self):
        with tempfile.TemporaryDirectory() as folder:
            ended = subprocess.run(
                [sys.executable, "-c", WORKER],
                cwd=ROOT,
                env={**os.environ, "DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "kb.settings"},
                capture_output=True,
                text=True,
            )
        self.assertEqual(ended.stdout, "finished\n", ended.stderr)

    def test_do_not_run_in_tests(self):
        names = {worker.name for worker in threading.enumerate()}
        self.assertFalse(names & {"due work", "mails", "counts"})
