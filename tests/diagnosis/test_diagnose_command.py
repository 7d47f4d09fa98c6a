"""`manage.py diagnose`: what scripts and mail servers rely on."""

import io
import json
import tempfile
from pathlib import Path
from unittest.mock import patch

from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import TestCase

LINE = "550 5.1.1 <bob@example.com>: Recipient address rejected: User unknown in local recipient table"
SHAPE = {"id", "codes", "reply", "status", "cause", "provider", "bounce", "ms"}


class Diagnose(TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    def run_it(self, *arguments, given=b""):
        """(standard output, standard error, exit code), with these bytes on standard input."""
        out, err, code = io.StringIO(), io.StringIO(), 0
        with patch("sys.stdin", io.TextIOWrapper(io.BytesIO(given))):
            try:
                call_command("diagnose", *arguments, stdout=out, stderr=err)
            except SystemExit as end:
                code = end.code
        return out.getvalue(), err.getvalue(), code

    def test_tells_a_person_what_happened_and_what_to_do(self):
        out, err, code = self.run_it(self.file("a.txt", LINE))
        self.assertTrue(out.startswith("550 5.1.1 · No such mailbox"), out)
        for part in (
            "What happened: ",
            "Who must act: Sender",
            "What to do: ",
            "If you sent it:",
            "Sure: strong",
        ):
            self.assertIn(part, out)
        self.assertNotIn("[[", out)
        self.assertLess(max(map(len, out.splitlines())), 100)
        self.assertEqual((err, code), ("", 0))

    def test_prints_one_object_a_file(self):
        files = [self.file("first.eml", LINE), self.file("second.part.txt", "552 5.2.2 mailbox is full")]
        out, _, code = self.run_it("--json", *files)
        first, second = map(json.loads, out.splitlines())
        self.assertEqual(set(first), SHAPE)
        self.assertEqual((first["id"], second["id"], code), ("first", "second.part", 0))
        self.assertEqual(
            (first["codes"], first["reply"], first["status"]), (["5.1.1", "550"], ["550"], ["5.1.1"])
        )
        self.assertEqual((first["cause"][0], first["bounce"]), ("unknown-user", True))
        self.assertEqual(second["cause"][0], "mailbox-full")
        self.assertIsInstance(first["ms"], float)

    def test_says_that_a_text_is_no_bounce(self):
        out, _, code = self.run_it("--json", self.file("a.txt", "Dear Bob, see you at seven."))
        found = json.loads(out)
        self.assertEqual(
            (found["codes"], found["cause"], found["bounce"], found["provider"]), ([], [], False, "")
        )
        out, _, code = self.run_it(self.file("a.txt", "Dear Bob, see you at seven."))
        self.assertIn("No error of a mail server", out)
        self.assertEqual(code, 1)

    def test_reads_standard_input_where_no_file_or_a_hyphen_is_given(self):
        for arguments in ((), ("-",)):
            out, _, _ = self.run_it("--json", *arguments, given=LINE.encode())
            self.assertEqual((json.loads(out)["id"], json.loads(out)["cause"][0]), ("stdin", "unknown-user"))

    def test_takes_bytes_as_they_are(self):
        out, err, code = self.run_it(
            "--json", self.file("a.eml", b"\x80\xe9\x00 550 5.1.1 user unknown \xff")
        )
        self.assertEqual(json.loads(out)["status"], ["5.1.1"])
        self.assertEqual((err, code), ("", 0))

    def test_names_a_file_that_is_not_there_and_answers_the_others(self):
        out, err, code = self.run_it("--json", str(self.folder / "none.eml"), self.file("a.eml", LINE))
        self.assertEqual(json.loads(out)["id"], "a")
        self.assertRegex(err, r"none\.eml: No such file or directory\. It was left out\.")
        self.assertEqual(code, 1)

    def test_names_a_folder_too(self):
        _, err, code = self.run_it(str(self.folder))
        self.assertIn("Is a directory", err)
        self.assertEqual(code, 1)

    def test_reads_the_first_part_of_what_is_huge(self):
        with patch("kb.diagnosis.management.commands.diagnose.READ_AT_MOST", 1000):
            out, err, code = self.run_it("--json", self.file("a.eml", LINE + " x" * 5000))
        self.assertEqual(json.loads(out)["status"], ["5.1.1"])
        self.assertIn("only the first", err)
        self.assertEqual(code, 0)

    def test_answers_line_by_line(self):
        lines = [{"id": 7, "text": LINE}, {"id": "b", "text": "hello \ud800"}]
        given = "\n".join(map(json.dumps, lines)).encode() + b"\n\n"
        out, err, code = self.run_it("--jsonl", given=given)
        found = list(map(json.loads, out.splitlines()))
        self.assertEqual([one["id"] for one in found], [7, "b"])
        self.assertEqual([set(one) for one in found], [SHAPE, SHAPE])
        self.assertEqual((err, code), ("", 0))

    def test_streams(self):
        """The answer to a line is there before the next line is read."""
        seen = []
        out = io.StringIO()

        class Source(io.RawIOBase):
            lines = [json.dumps({"id": n, "text": LINE}).encode() + b"\n" for n in range(3)]

            def readable(self):
                return True

            def readinto(self, buffer):
                seen.append(len(out.getvalue().splitlines()))
                line = self.lines.pop(0) if self.lines else b""
                buffer[: len(line)] = line
                return len(line)

        with patch("sys.stdin", io.TextIOWrapper(io.BufferedReader(Source()))):
            call_command("diagnose", "--jsonl", stdout=out)
        self.assertEqual(seen[:3], [0, 1, 2])

    def test_names_a_line_that_is_no_object(self):
        for line in (b"nope", b'{"id": 1}', b"[1]", b"\xff", b"[" * 100_000):
            out, err, code = self.run_it(
                "--jsonl", given=line + b"\n" + json.dumps({"id": "a", "text": ""}).encode()
            )
            self.assertEqual(json.loads(out)["id"], "a")
            self.assertIn('Line 1 is no {"id", "text"} object. It was left out.', err)
            self.assertEqual(code, 1)

    def test_refuses_files_beside_lines(self):
        with self.assertRaisesMessage(CommandError, "leave the files out"):
            self.run_it("--jsonl", "a.eml")

    def test_lists_several_files_under_their_names(self):
        out, _, _ = self.run_it(self.file("a.txt", LINE), self.file("b.txt", "552 5.2.2 mailbox is full"))
        self.assertEqual([line for line in out.splitlines() if line.startswith("== ")], ["== a", "== b"])

    def test_ends_with_1_where_no_text_has_an_error(self):
        error, letter = self.file("a.txt", LINE), self.file("b.txt", "Dear Bob, see you at seven.")
        for files, expected in (([letter], 1), ([letter, error], 0), ([error], 0)):
            self.assertEqual(self.run_it(*files)[2], expected)
            self.assertEqual(self.run_it("--json", *files)[2], 0)  # which says so itself
