import threading
from unittest import mock

from django.test import SimpleTestCase

from kb.jobs import thread
from kb.jobs.stated import Work


class TheThread(SimpleTestCase):
    """What it runs is another test's matter; here, that it goes on and that it ends."""

    def setUp(self):
        self.stop, self.looks, self.counted = threading.Event(), [], []
        patches = [
            mock.patch.object(thread, "run_due", self.look),
            mock.patch.object(thread, "connections"),
            mock.patch.object(thread, "stated", lambda: Work(own=[self.fail_to_count, self.count])),
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

    def count(self):
        self.counted.append(len(self.looks))

    def fail_to_count(self):
        raise OSError("the disk is full")

    def test_lives_through_an_exception_and_closes_its_connections(self):
        with self.assertLogs("kb.jobs", "ERROR") as logged:
            thread.work(self.stop)
        self.assertEqual(len(self.looks), 3)
        self.assertNotIn("disk", "".join(logged.output))
        self.assertEqual(thread.connections.close_all.call_count, 4)

    def test_writes_down_what_its_process_counted_now_and_then_and_at_the_end(self):
        for pause, counted in ((60, [3]), (0, [2, 3, 3])):
            with self.subTest(pause=pause), mock.patch.object(thread, "OWN_PAUSE", pause):
                self.stop.clear()
                self.looks.clear()
                self.counted.clear()
                with self.assertLogs("kb.jobs", "ERROR"):
                    thread.work(self.stop)
                self.assertEqual(self.counted, counted)

    def test_ends_at_once_when_told(self):
        with mock.patch.multiple(thread, PAUSE=60, run_due=mock.DEFAULT, do_own=mock.DEFAULT):
            worker = threading.Thread(target=thread.work, args=[self.stop])
            worker.start()
            thread.end(worker, self.stop)
        self.assertFalse(worker.is_alive())

    def test_does_not_run_in_tests(self):
        self.assertNotIn("due work", [worker.name for worker in threading.enumerate()])
