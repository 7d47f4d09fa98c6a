"""Programs that the server talks to, each the test's own: on loopback, started, taken away and brought back."""

import subprocess
import time
from contextlib import contextmanager

from tests.delivery.served import free_port


def until(found, seconds=20):
    """What was found at last; what came instead when the time is over."""
    end = time.monotonic() + seconds
    while not (answer := found()) and time.monotonic() < end:
        time.sleep(0.05)
    return answer


class Companion:
    name = ""
    patience = 20  # seconds for a start

    def __init__(self):
        self.port = free_port()
        self.start()

    def command(self):
        raise NotImplementedError

    def answers(self):
        raise NotImplementedError

    def start(self):
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(self.command(), **quiet)
        if not until(self.answers, self.patience):
            self.stop()
            raise AssertionError(f"{self.name} did not start.")

    def stop(self):
        self.process.terminate()
        self.process.wait(20)

    @contextmanager
    def away(self):
        self.stop()
        try:
            yield
        finally:
            self.start()
