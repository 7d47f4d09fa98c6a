"""The benches are run by hand, so that nothing else tells when one can no longer begin."""

import subprocess
import sys
from pathlib import Path
from unittest import TestCase

BENCH = Path(__file__).resolve().parent.parent / "bench"


class ABench(TestCase):
    def test_can_begin(self):
        for name in ("all", "diagnosis", "search", "two-processes", "fuzz"):
            with self.subTest(name):
                command = [sys.executable, str(BENCH / name), "--help"]
                done = subprocess.run(command, capture_output=True, text=True, timeout=60)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn("usage: ", done.stdout)
