"""The files of docs/deploy and the containers' fit what `./run` starts."""

import re
import subprocess
import tempfile
from pathlib import Path
from unittest import TestCase

ROOT = Path(__file__).resolve().parents[2]
GUIDES = [ROOT / "docs" / "deploy" / f"{name}.md" for name in ("one-machine", "several-machines")]
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


class TheFileOfSettings(TestCase):
    def test_is_read_by_a_shell_as_by_the_service_manager(self):
        """Which takes quotes away, and needs none; a shell takes the second word for a command."""
        for guide in GUIDES:
            shown = dict(re.findall(r"^ +([A-Z_]+)=(.+)$", guide.read_text(), re.MULTILINE))
            with tempfile.NamedTemporaryFile("w") as file:
                file.writelines(f"{name}={value}\n" for name, value in shown.items())
                file.flush()
                read = subprocess.run(
                    ["sh", "-ec", 'set -a; . "$0"; env', file.name], capture_output=True, text=True
                )
            self.assertEqual(read.stderr, "")
            for name, value in shown.items():
                bare = value.strip('"')
                self.assertIn(f"{name}={bare}\n", read.stdout)


class TheGuides(TestCase):
    def test_call_no_program_that_a_fresh_debian_lacks(self):
        for guide in GUIDES:
            self.assertNotRegex(guide.read_text(), r"\bsudo\b")
