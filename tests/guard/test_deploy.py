"""The files of docs/deploy and the containers' fit what `./run` starts."""

import re
from pathlib import Path
from unittest import TestCase

ROOT = Path(__file__).resolve().parents[2]
UNIT = (ROOT / "docs" / "deploy" / "codebook.service").read_text()


def number(pattern, text):
    return int(re.search(pattern, text, re.MULTILINE)[1])


class Stopping(TestCase):
    """The server itself ends the last requests within this time; who kills it sooner cuts them off."""

    own = number(r"--workers-kill-timeout (\d+)", (ROOT / "run").read_text())

    def test_is_given_the_time_it_takes_by_the_service_manager(self):
        self.assertGreaterEqual(number(r"^TimeoutStopSec=(\d+)$", UNIT), self.own + 10)

    def test_is_given_the_time_it_takes_by_containers(self):
        said = number(r"^    stop_grace_period: (\d+)s$", (ROOT / "compose.yaml").read_text())
        self.assertGreaterEqual(said, self.own + 10)


class Connections(TestCase):
    def test_do_not_use_up_the_files_that_may_be_open(self):
        taken = number(r"--backpressure (\d+)", (ROOT / "run").read_text())
        self.assertGreaterEqual(number(r"^LimitNOFILE=(\d+)$", UNIT), 4 * taken)


class Reloading(TestCase):
    def test_is_what_the_unit_does(self):
        self.assertIn("\nExecReload=/bin/kill -HUP $MAINPID\n", UNIT)
