"""Whatever one request does, others live."""

import threading
import time

from tests.delivery.served import ServedTestCase

PAGE = "/kb/mailbox-full/"
SECONDS = 4  # that a view holds its thread
SOON = 2  # seconds; on an idle machine it is a hundredth


class WhileViewsAreBusy(ServedTestCase):
    @classmethod
    def start(cls, folder, **settings):
        return super().start(folder, DJANGO_SETTINGS_MODULE="tests.delivery.busy_settings", **settings)

    def setUp(self):
        self.server = self.running[0]
        self.server.get(PAGE)  # from now on it is stored

    def slowest(self, *busy):
        """Of those who ask while these are at work, in seconds."""
        done = []
        at_work = [
            threading.Thread(target=lambda path=path: done.append(self.server.get(path))) for path in busy
        ]
        for thread in at_work:
            thread.start()
        time.sleep(0.5)
        taken = []
        end = time.monotonic() + SECONDS - 2
        while time.monotonic() < end:
            for path in ("/healthz", PAGE):
                began = time.monotonic()
                self.assertEqual(self.server.get(path).status, 200)
                taken.append(time.monotonic() - began)
        self.assertEqual(done, [], "They were to be at work all the while.")
        for thread in at_work:
            thread.join()
        self.assertEqual([answer.status for answer in done], [200] * len(busy))
        return max(taken)

    def test_one_that_waits_and_one_that_burns_hold_up_nobody(self):
        for below in ("kb", "desk"):  # threads that make pages for all, and for one person
            with self.subTest(below):
                busy = f"/{below}/busy/wait/{SECONDS}/", f"/{below}/busy/burn/{SECONDS}/"
                self.assertLess(self.slowest(*busy), SOON)

    def test_many_that_wait_hold_up_nobody(self):
        self.assertLess(self.slowest(*[f"/desk/busy/wait/{SECONDS}/"] * 2), SOON)
