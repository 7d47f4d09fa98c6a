import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import TestCase

BENCH = Path(__file__).resolve().parents[2] / "bench" / "diagnosis"
LABELS = """id,expected_reply,expected_status,expected_reason,naive_ok
right,550,5.1.1,userunknown,yes
either,551|552,5.2.2,mailboxfull,no
wrong,421,4.7.0,blocked,yes
silent,,,vacation,yes
"""
MAILS = {
    "right": "550 5.1.1 no such user",
    "either": "mailbox is full: 552 5.2.2 sorry",
    "wrong": "550 5.7.1 blocked",
    "silent": "From: a@example.com\nSubject: out of office\n\nBack on 5.5.2030",
}


class TheBench(TestCase):
    def test_scores_a_folder_of_labelled_mails(self):
        with TemporaryDirectory() as folder:
            (Path(folder) / "eml").mkdir()
            (Path(folder) / "labels.csv").write_text(LABELS)
            for name, text in MAILS.items():
                (Path(folder) / "eml" / f"{name}.eml").write_text(text)
            done = subprocess.run(
                [sys.executable, BENCH, folder, "--misses", "--size", "2000"],
                capture_output=True,
                text=True,
                check=True,
            )
        for line in ("reply @1", "joint @1"):
            self.assertRegex(done.stdout, rf"{line} +66\.7 % \(2/3\)")
        self.assertRegex(done.stdout, r"hard joint @1 +100\.0 % \(1/1\)")
        self.assertRegex(done.stdout, r"silent +100\.0 % \(1/1\)")
        self.assertIn("missed wrong: wanted 421 4.7.0, read ['550'] ['5.7.1']", done.stdout)
