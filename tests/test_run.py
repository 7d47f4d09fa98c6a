"""What `./run` does with the environment that it serves from, without installing anything."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from unittest import TestCase, skipUnless

ROOT = Path(__file__).resolve().parent.parent


class TheEnvironment(TestCase):
    def setUp(self):
        made = tempfile.TemporaryDirectory()
        self.addCleanup(made.cleanup)
        self.folder = Path(made.name) / "first name"
        shutil.copytree(ROOT / "scripts", self.folder / "scripts")
        shutil.copy(ROOT / "requirements.txt", self.folder)
        self.installed = self.folder / ".venv"
        (self.installed / "bin").mkdir(parents=True)
        python = self.installed / "bin" / "python"
        python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        python.chmod(0o755)
        self.mark(self.shell("cat requirements.txt | sha256sum").stdout)

    def mark(self, text):
        (self.installed / "made-from").write_text(text)

    def shell(self, script, **environment):
        """A Python that cannot be called, so that nothing is installed: whoever tries fails."""
        return subprocess.run(
            ["bash", "-euc", f". scripts/environment; {script}"],
            cwd=self.folder,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", **environment},
            capture_output=True,
            text=True,
        )

    def make(self, before=":", **environment):
        return self.shell(
            f"{before}; PYTHON=/nowhere/python3; make_venv .venv requirements.txt", **environment
        )

    def assertKept(self, ended):
        self.assertEqual((ended.returncode, ended.stdout, ended.stderr), (0, "", ""))

    def test_is_kept_whatever_python3_comes_first(self):
        self.assertKept(self.make())

    def test_is_kept_in_a_folder_that_was_moved(self):
        self.folder = self.folder.rename(self.folder.with_name("second"))
        self.assertKept(self.make())

    def test_is_kept_with_the_mark_of_an_older_version(self):
        self.mark(f"Python 3.9.0 {(self.installed / 'made-from').read_text()}")
        self.assertKept(self.make())

    def test_is_made_anew_where_a_lock_or_the_named_python_is_another_or_its_own_is_gone(self):
        self.assertRegex(
            self.make("echo >> requirements.txt").stderr,
            "“/nowhere/python3” is not that, or cannot be run by [a-z]+",
        )
        self.mark(self.shell("cat requirements.txt | sha256sum").stdout)
        self.assertIn("is not that", self.make(PYTHON="/nowhere/python3").stderr)
        (self.installed / "bin" / "python").unlink()
        self.assertIn("is not that", self.make().stderr)

    def test_stays_where_making_another_fails(self):
        self.make("echo >> requirements.txt")
        self.assertTrue((self.installed / "bin" / "python").exists())

    @skipUnless(shutil.which("flock"), "flock is missing")
    def test_is_never_made_anew_under_a_running_server(self):
        held = "hold_venv .venv"
        self.assertKept(self.make(held))
        refused = self.make(f"{held}; echo >> requirements.txt")
        self.assertEqual(refused.returncode, 1)
        self.assertRegex(
            refused.stderr, r"\AA Codebook runs from [^\n]*\.venv, [^\n]*Stop it first[^\n]*\n\Z"
        )

    def test_is_used_without_the_scripts_in_it(self):
        """Each names the folder that it was installed in."""
        for name in ("run", "check", "codebook"):
            self.assertNotRegex((ROOT / name).read_text(), r"(?:\.venv|\$venv\")/bin/(?!python)", name)
