import subprocess
import sys
from pathlib import Path
from time import process_time
from unittest import TestCase

from hypothesis import given
from hypothesis import strategies as st

from kb.diagnosis.parse import read
from tests.diagnosis.samples import samples

ROOT = Path(__file__).resolve().parents[2]
PIECES = [
    "550 ", "550-5.1.1 ", "5.1.1", "said: ", "<a@example.com>", "@", "<<< ", "host mx [192.0.2.1]: ", "\n", "\n\n", "\r\n", "> ", "\x00",
    "From: MAILER-DAEMON\n", "Subject: failure\n", "Content-Type: multipart/report; boundary=b\n", "--b\n", "--b--\n", "Content-Type: message/delivery-status\n",
    "Final-Recipient: rfc822; a@example.com\n", "Status: 5.1.1\n", "Diagnostic-Code: smtp; ", "Received: from a by b\n", "original message:", "&lt;", "<style>",
    "\x1b$B", "=E2=80", "Content-Transfer-Encoding: base64\n", "charset=utf-7", "charset=punycode", "\ud800", "İ", "\u3042",
]  # fmt: skip


class ReadWhatServersSay(TestCase):
    def assert_read(self, sample):
        reading = read(sample.text)
        self.assertEqual(reading.reply[: len(sample.replies)], sample.replies)
        self.assertEqual(bool(reading.reply), bool(sample.replies))
        self.assertEqual(reading.status[: len(sample.statuses)], sample.statuses)
        self.assertEqual(bool(reading.status), bool(sample.statuses))
        self.assertEqual(reading.nature, sample.nature)
        if sample.recipients:
            named = [person.address for person in reading.recipients if person.address]
            self.assertEqual(named, sample.recipients)

    def assert_all_read(self, name):
        for sample in samples(name):
            for form in (sample.text, sample.text.encode().replace(b"\n", b"\r\n")):
                with self.subTest(sample=sample.name, kind=type(form).__name__):
                    self.assert_read(sample)

    def test_reads_the_reports_of_many_mail_systems(self):
        self.assert_all_read("servers")

    def test_reads_the_errors_of_programs(self):
        self.assert_all_read("programs")

    def test_reads_log_lines(self):
        self.assert_all_read("logs")

    def test_knows_what_is_no_bounce(self):
        self.assert_all_read("not-bounces")


class TheReading(TestCase):
    def test_says_where_the_codes_stand(self):
        reading = read("host mx.example.net said: 550 5.1.1 no such user")
        self.assertEqual(
            (reading.reply, reading.status, reading.codes), (["550"], ["5.1.1"], ["5.1.1", "550"])
        )
        (recipient,) = reading.recipients
        self.assertEqual(reading.text[recipient.said[0].start : recipient.said[0].end], "550 5.1.1")

    def test_has_places_for_every_sample(self):
        for name in ("servers", "programs", "logs"):
            for sample in samples(name):
                reading = read(sample.text)
                for said in (
                    said
                    for person in reading.recipients
                    for said in person.said
                    if said.start >= 0 and said.reply
                ):
                    with self.subTest(sample=sample.name, said=said):
                        self.assertIn(said.reply, reading.text[said.start : said.end])

    def test_gives_the_words_without_repeated_codes(self):
        reading = read(
            "mx.example.net said: 550-5.1.1 The account that you tried\n    550-5.1.1 to reach is 550 5.1.1 not here (in reply to RCPT TO command)"
        )
        self.assertEqual(
            reading.recipients[0].said[0].text, "550 5.1.1 The account that you tried to reach is not here"
        )
        self.assertIn("that you tried to reach is not here", reading.words)

    def test_gives_the_words_before_a_code_in_brackets(self):
        reading = read("<a@example.com>:\nUnable to contact LDAP server. (#4.4.3)I'm not going to try again")
        self.assertEqual(reading.recipients[0].said[0].text, "Unable to contact LDAP server. (#4.4.3)")

    def test_gives_all_lines_of_an_answer_in_a_session(self):
        lines = "<<< 550-5.7.1 Mail from example.org\n<<< 550-5.7.1 is not accepted\n<<< 550 5.7.1 here\n554 5.0.0 Service unavailable"
        for text in (lines, " ".join(lines.split())):
            with self.subTest(text=text):
                said = read(f"... while talking to mx.example.net.:\n>>> DATA\n{text}").recipients[0].said[0]
                self.assertEqual(said.text, "550 5.7.1 Mail from example.org is not accepted here")

    def test_leaves_out_the_closing_line_of_the_sending_program(self):
        reading = read(
            ">>> RCPT To:<a@example.com>\n<<< 553 5.3.0 see http://list.example/?ip=192.0.2.1\n550 5.1.1 <a@example.com>... User unknown"
        )
        self.assertEqual(reading.codes, ["5.3.0", "553"])
        self.assertNotIn("User unknown", reading.words)

    def test_leaves_out_the_returned_message(self):
        for text in (
            "550 5.1.1 no such user\n\n--- Below this line is a copy of the message.\n\nReceived: from a by b\nSubject: secret 554 5.7.1",
            "550 5.1.1 no such user\n\n------ This is a copy of the message, including all the headers. ------\nReturn-path: <a@example.org>\nsecret",
            "550 5.1.1 no such user\n\nOriginal message headers:\n\nReceived: from secret (192.0.2.1) by b; 554 5.7.1",
        ):
            with self.subTest(text=text):
                reading = read(text)
                self.assertEqual(reading.codes, ["5.1.1", "550"])
                self.assertNotIn("secret", reading.words + reading.marks)

    def test_puts_the_remote_host_first_among_the_marks(self):
        reading = read(
            "<a@example.com>: host mx.gmail.example[192.0.2.1] said: 550 5.1.1 no - gsmtp (in reply to RCPT)"
        )
        self.assertEqual(reading.marks.split("\n")[0], "mx.gmail.example")

    def test_says_which_host_spoke(self):
        for text in (
            "<a@example.com>: host mx.example.net[192.0.2.1] said: 550 5.1.1 no",
            "... while talking to mx.example.net.:\n>>> DATA\n<<< 550 5.1.1 no",
            "to=<a@example.com>, relay=mx.example.net[192.0.2.1]:25, dsn=5.1.1, status=bounced (said: 550 5.1.1 no)",
            "rejected by the server for the recipient domain example.com by mx.example.net. [192.0.2.1].\nThe error was: 550 5.1.1 no",
            "Final-Recipient: rfc822; a@example.com\nStatus: 5.1.1\nRemote-MTA: dns; mx.example.net\nDiagnostic-Code: smtp; 550 no",
        ):
            with self.subTest(text=text):
                self.assertEqual(read(text).recipients[0].said[0].host, "mx.example.net")

    def test_lends_a_report_without_diagnosis_the_words_of_the_prose(self):
        reading = read(
            "a@example.com: Envelope expired\n\nReporting-MTA: dns; x\n\nFinal-Recipient: rfc822; a@example.com\nAction: failed\nStatus: 4.4.7\n"
        )
        (said,) = reading.recipients[0].said
        self.assertEqual((said.status, said.text), ("4.4.7", "Envelope expired"))

    def test_reads_a_bounce_that_somebody_passed_on_as_an_attachment(self):
        bounce = next(sample for sample in samples("servers") if sample.name == "courier").text
        mail = (
            "From: bob@example.org\nSubject: Fwd: what is this?\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=outer\n\n"
            f"--outer\nContent-Type: text/plain\n\nCan you help? My number is 0550 421.\n\n--outer\nContent-Type: message/rfc822\n\n{bounce}\n--outer--\n"
        )
        reading = read(mail)
        self.assertEqual((reading.reply, reading.status), (["550"], ["5.1.1"]))

    def test_reads_mail_whose_boundary_is_another_than_declared(self):
        mail = (
            "From: MAILER-DAEMON@example.org\nSubject: failure\nContent-Type: multipart/report; boundary=declared\n\n"
            "--real\nContent-Type: text/plain\n\nSorry.\n--real\nContent-Type: message/delivery-status\n\n"
            "Final-Recipient: rfc822; a@example.com\nAction: failed\nStatus: 5.2.2\nDiagnostic-Code: smtp; 552 full\n\n"
            "--real\nContent-Type: message/rfc822\n\nReceived: x\nSubject: 554 5.7.1\n\n--real--\n"
        )
        self.assertEqual(read(mail).codes, ["5.2.2", "552"])

    def test_reads_any_charset(self):
        words = "宛先不明"
        for charset in ("iso-2022-jp", "shift_jis", "euc-jp", "utf-8", "utf-7"):
            head = f"From: MAILER-DAEMON@example.jp\nSubject: failure\nContent-Type: text/plain; charset={charset}\n\n"
            with self.subTest(charset=charset):
                reading = read(
                    head.encode() + f"{words}\n<a@example.com>: 550 5.1.1 {words}\n".encode(charset)
                )
                self.assertEqual(reading.codes, ["5.1.1", "550"])
                self.assertIn(words, reading.text)

    def test_keeps_letters_where_a_few_bytes_are_damaged_or_cut_off(self):
        words = "宛先不明です".encode()
        for raw in (words + b" 550 5.1.1 \xff", b"550 5.1.1 " + words[:-1]):
            with self.subTest(raw=raw):
                reading = read(raw)
                self.assertEqual(reading.codes, ["5.1.1", "550"])
                self.assertIn("宛先不明で", reading.text)

    def test_reads_a_file_saved_as_utf_16(self):
        self.assertEqual(read("550 5.1.1 no such user".encode("utf-16")).codes, ["5.1.1", "550"])

    def test_names_people_without_codes_too(self):
        reading = read(
            "From: MAILER-DAEMON@example.org\nSubject: failure\n\nThe following address(es) failed:\n\n  a@example.com\n    retry timeout exceeded\n"
        )
        self.assertEqual((reading.nature, reading.codes), ("bounce", []))
        self.assertEqual(reading.recipients[0].address, "a@example.com")
        self.assertIn("retry timeout exceeded", reading.recipients[0].said[0].text)


class NumbersThatAreNoCodes(TestCase):
    def test_are_passed_over(self):
        for text in (
            "connect to mx.example.com[192.0.2.250]:25: Connection refused",
            "smtp.rb:550:in `start' the mail was rejected",
            "mail rejected: size=552960 relay=mx[192.0.2.1]:25",
            "mail rejected by version 2.5.1.1",
            "rejected at 12:34:554",
            "250 KB of 500 MB used, mail rejected",
            "mail rejected, try again in 300 seconds",
            "mail rejected: 1550 recipients, 5501 mails",
            "mail rejected: 55٠ and ٥٥٠ and 5.٧.1",
            "mail rejected, see line 550 and port 554",
            "PHPMailer 5.2.9: mail rejected",
        ):
            with self.subTest(text=text):
                self.assertEqual(read(text).codes, [])


class TheHeart(TestCase):
    def test_is_plain_python(self):
        code = "import sys, kb.diagnosis.parse, kb.diagnosis.masking; sys.exit('django' in sys.modules)"
        done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
        self.assertEqual(done.returncode, 0)


class AnyText(TestCase):
    @given(st.one_of(st.text(), st.binary()))
    def test_never_raises(self, source):
        read(source)

    @given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=20)), max_size=40).map("".join))
    def test_never_raises_for_what_looks_like_mail(self, source):
        read(source)
        read(source.encode("utf-8", "surrogatepass"))

    def test_may_name_a_report_that_has_no_fields(self):
        for text in ("x Reporting-MTA:/", "x reporting-mta:\u202e"):
            self.assertEqual(list(read(text).codes), [])

    def test_is_read_in_time_that_grows_with_its_length(self):
        for piece in (
            *PIECES,
            "a",
            "-",
            "a.",
            "5" * 9,
            "to=<a@example.com>, dsn=5.1.1, status=bounced (x said: 550 a)\n",
        ):
            for head in ("", "From: MAILER-DAEMON\nSubject: failure\n\n"):
                text = head + piece * (60_000 // len(piece))
                start = process_time()
                read(text)
                # Seconds; quadratic work would take minutes.
                self.assertLess(process_time() - start, 5, piece)
