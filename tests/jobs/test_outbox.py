from datetime import timedelta
from io import StringIO
from unittest import mock

from django.core import mail as django_mail
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import TestCase, override_settings
from django.urls import reverse
from django.utils import timezone

from kb.jobs import smtp, tasks
from kb.jobs.models import LONGEST_SENDING, MOST_ATTEMPTS, Job, Mail
from kb.jobs.outbox import send_later
from kb.jobs.sending import OutOfReach, send_due
from tests.jobs.mail_server import DIE, HANG, MailServer
from tests.makers import make_user

NOW = timezone.now() + timedelta(hours=1)  # when all that a test asks for is due, however slow the machine
MINUTE = timedelta(minutes=1)
State = Mail.State


def ask(key="reply:1:2", **words):
    return send_later(
        key, **{"to": "anna@example.org", "subject": "A reply", "text": "Ben answered you.", **words}
    )


class Asking(TestCase):
    def test_makes_one_mail_of_a_key(self):
        self.assertEqual(ask().pk, ask(text="Said otherwise.").pk)
        self.assertEqual(Mail.objects.get().text, "Ben answered you.")

    def test_is_undone_with_its_transaction(self):
        with transaction.atomic():
            ask()
            transaction.set_rollback(True)
        self.assertEqual(Mail.objects.count(), 0)

    def test_refuses_in_words_what_is_no_address(self):
        for address in (
            "anna",
            "anna@example.org, ben@example.org",
            "anna@example.org\r\nBcc: ben@example.org",
            "anna@example.org\n",
            '"a b"@example.org',
            "Anna <anna@example.org>",
            f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.org",
            "",
        ):
            with self.subTest(address=address), self.assertRaises(ValidationError) as refused:
                ask(to=address)
            self.assertRegex(str(refused.exception.messages), "Write one address|at most 254")
        with self.assertRaises(ValidationError):
            ask(reply_to="ben@example.org\r\nX: y")
        self.assertEqual(Mail.objects.count(), 0)

    def test_lets_nobody_write_headers(self):
        ask(subject="Re: 550\r\nBcc: ben@example.org\x00 \ud800", text="One\x00\nBcc: two\ud800")
        send_due()
        [sent] = django_mail.outbox
        self.assertEqual(sent.subject, "Re: 550 Bcc: ben@example.org")
        self.assertEqual(sent.recipients(), ["anna@example.org"])
        self.assertEqual(sent.body, "One\nBcc: two")
        for headers in ({"Bcc": "ben@example.org"}, {"List-Unsubscribe": "<x>\r\nBcc: y"}, {"X-A:": "b"}):
            with self.subTest(headers=headers), self.assertRaises(ValueError):
                ask("other", headers=headers)

    def test_cuts_a_long_subject_between_words(self):
        ask(subject="word " * 100)
        self.assertLessEqual(len(Mail.objects.get().subject), 200)


@override_settings(
    EMAIL_BACKEND="kb.jobs.smtp.EmailBackend", EMAIL_HOST="127.0.0.1", EMAIL_TIMEOUT=0.3, EMAIL_PORT=0
)
class Sending(TestCase):
    """To a real server on this machine."""

    def setUp(self):
        self.server = MailServer()
        self.addCleanup(self.server.end)
        override = override_settings(EMAIL_PORT=self.server.port)
        override.enable()
        self.addCleanup(override.disable)
        patience = mock.patch.object(smtp, "PATIENCE", 0.3)
        patience.start()
        self.addCleanup(patience.stop)

    def mail(self):
        return Mail.objects.get()

    def fail(self, step, answer, now=NOW):
        """One look at the outbox, with a server that answers so at this step."""
        self.server.script = {step: answer}
        with self.assertLogs("kb.jobs", "ERROR") as logged:
            self.assertEqual(send_due(now), 0)
        self.assertNotIn("anna", str(logged.output))
        return self.mail()

    def test_sends_it_once_and_says_who_we_are(self):
        ask(headers={"List-Unsubscribe": "<http://127.0.0.1/u/>"}, reply_to="desk@example.org")
        self.assertEqual((send_due(), send_due()), (1, 0))
        [(address, message)] = self.server.mails
        self.assertEqual((address, message["To"]), ("anna@example.org", "anna@example.org"))
        self.assertEqual(message["From"], "Codebook <support@example.com>")
        self.assertEqual(message["Reply-To"], "desk@example.org")
        self.assertEqual(message["List-Unsubscribe"], "<http://127.0.0.1/u/>")
        self.assertEqual(message["Auto-Submitted"], "auto-generated")
        self.assertEqual(message["Message-ID"], self.mail().message_id)
        self.assertEqual(message.get_content().strip(), "Ben answered you.")
        self.assertEqual((self.mail().state, self.mail().last_error), (State.SENT, ""))

    def test_tries_a_passing_refusal_again_with_growing_waits(self):
        first_id = ask().message_id
        now, waits = NOW, []
        for step in ("mail", "rcpt", "data", "body"):
            mail = self.fail(step, "451 4.7.1 anna@example.org, come back later", now)
            self.assertEqual((mail.state, mail.last_error), (State.WAITING, "The mail server said 451 4.7.1"))
            waits.append((mail.due - now) / MINUTE)
            now = mail.due
        self.assertEqual(waits, [1, 2, 4, 8])
        self.server.script = {}
        self.assertEqual(send_due(now), 1)
        self.assertEqual(self.server.mails[0][1]["Message-ID"], first_id)

    def test_gives_up_in_the_end_and_keeps_it_in_sight(self):
        ask()
        for day in range(MOST_ATTEMPTS):
            mail = self.fail("rcpt", "450 later", NOW + timedelta(days=day))
        self.assertEqual(mail.state, State.GIVEN_UP)
        self.assertEqual(send_due(NOW + timedelta(days=99)), 0)

    def test_takes_no_for_no(self):
        for number, step in enumerate(("mail", "rcpt", "data", "body")):
            Mail.objects.all().delete()
            ask(f"no:{number}")
            mail = self.fail(step, "550 5.1.1 <anna@example.org> unknown")
            self.assertEqual((mail.state, mail.last_error), (State.REFUSED, "The mail server said 550 5.1.1"))
            self.assertEqual(send_due(NOW + timedelta(days=1)), 0)

    def test_tries_again_where_the_server_fell_silent_before_it_had_the_mail(self):
        for number, (step, answer) in enumerate((s, a) for s in ("mail", "rcpt") for a in (HANG, DIE)):
            Mail.objects.all().delete()
            ask(f"silent:{number}")
            with self.subTest(step=step, answer=answer):
                self.assertEqual(self.fail(step, answer).state, State.WAITING)

    def test_does_not_try_again_by_itself_where_the_server_may_have_the_mail(self):
        for answer in (HANG, DIE, "299 what", "x" * 10_000):
            Mail.objects.all().delete()
            ask()
            with self.subTest(answer=answer[:5]):
                self.assertEqual(self.fail("body", answer).state, State.UNCLEAR)
                self.server.script = {}
                self.assertEqual(send_due(NOW + timedelta(days=1)), 0)

    def test_is_sent_whatever_the_server_thinks_of_our_goodbye(self):
        ask()
        self.server.script = {"quit": DIE}
        self.assertEqual(send_due(), 1)
        self.assertEqual(self.mail().state, State.SENT)

    def test_lets_a_refused_mail_hold_up_no_other(self):
        for number in range(3):
            ask(f"many:{number}", to=f"person{number}@example.org")
        self.server.script["rcpt"] = lambda address: "550 no" if "person0" in address else "250 fine"
        with self.assertLogs("kb.jobs", "ERROR"):
            self.assertEqual(send_due(), 2)

    def test_waits_whole_where_the_server_is_out_of_reach(self):
        for number in range(3):
            ask(f"many:{number}")
        for script in ({"greeting": HANG}, {"greeting": DIE}, {"greeting": "554 no"}, {"ehlo": HANG}):
            self.server.script, self.server.steps = script, []
            with self.subTest(script=script), self.assertRaises(OutOfReach) as trouble:
                send_due()
            self.assertEqual(self.server.steps.count("greeting"), 1)  # no other mail tries the same
        waiting = Mail.objects.filter(state=State.WAITING, attempts=0, last_error=str(trouble.exception))
        self.assertEqual(waiting.count(), 3)
        self.server.script = {}
        self.assertEqual(send_due(), 3)

    def test_tells_a_timer_that_the_mails_wait(self):
        Job.objects.all().delete()
        ask()
        with override_settings(EMAIL_PORT=1), self.assertRaisesMessage(CommandError, "The mails wait."):
            call_command("work", "--once", stdout=StringIO())
        out = StringIO()
        call_command("work", "--once", stdout=out)
        self.assertIn("Mails: 1 sent.", out.getvalue())

    def test_shows_what_a_crash_left_behind_and_does_not_send_it_again(self):
        mail = ask()
        self.server.script["body"] = mock.Mock(return_value="250 fine")
        with mock.patch.object(Mail, "become", side_effect=SystemExit), self.assertRaises(SystemExit):
            send_due(NOW)  # the process ends between the server's yes and our note of it
        for later, state in ((MINUTE, State.SENDING), (LONGEST_SENDING + MINUTE, State.UNCLEAR)):
            self.assertEqual(send_due(NOW + later), 0)
            self.assertEqual(self.mail().state, state)
        self.assertIn("nobody knows", self.mail().last_error)
        self.assertEqual(len(self.server.mails), 1)
        self.assertEqual(mail.pk, self.mail().pk)

    def test_gives_each_to_one_worker(self):
        mail = ask()
        same = Mail.objects.get()
        self.assertTrue(mail.claim(NOW))
        self.assertFalse(same.claim(NOW))
        self.assertEqual(send_due(), 0)

    def test_writes_nothing_while_nothing_waits(self):
        with self.assertNumQueries(2):
            send_due()


class Keeping(TestCase):
    def test_forgets_what_was_said_but_not_that_it_was_asked_for(self):
        old = ask("old", headers={"List-Unsubscribe": "<x>"}, reply_to="desk@example.org")
        new = ask("new")
        Mail.objects.filter(pk=old.pk).update(made_at=NOW - timedelta(days=15))
        tasks.trim_mails()
        old.refresh_from_db()
        new.refresh_from_db()
        words = (old.recipient, old.reply_to, old.subject, old.text, old.headers)
        self.assertEqual(words, ("", "", "", "", {}))
        self.assertEqual((old.state, new.state), (State.GIVEN_UP, State.WAITING))
        self.assertEqual(ask("old").pk, old.pk)
        self.assertEqual(send_due(), 1)

    def test_ends_after_a_year(self):
        Mail.objects.filter(pk=ask().pk).update(made_at=NOW - timedelta(days=366))
        tasks.trim_mails()
        self.assertEqual(Mail.objects.count(), 0)


class TheAdmin(TestCase):
    def setUp(self):
        self.mail = ask(text="secret link")
        self.list = reverse("admin:jobs_mail_changelist")

    def become(self, state):
        Mail.objects.update(state=state, attempts=MOST_ATTEMPTS, claimed_at=NOW, due=NOW + timedelta(days=1))

    def test_shows_what_is_unclear_and_sends_it_again_when_told(self):
        self.client.force_login(make_user("Admins"))
        for state in (State.UNCLEAR, State.REFUSED, State.GIVEN_UP):
            self.become(state)
            self.assertContains(self.client.get(f"{self.list}?state={state}"), "anna@example.org")
            self.client.post(
                self.list, {"action": "send_again", "_selected_action": [self.mail.pk], "post": "yes"}
            )
            self.assertEqual(send_due(), 1)

    def test_sends_nothing_again_that_was_sent_or_forgotten(self):
        self.client.force_login(make_user("Admins"))
        for state in (State.SENT, State.SENDING, State.WAITING):
            self.become(state)
            self.client.post(
                self.list, {"action": "send_again", "_selected_action": [self.mail.pk], "post": "yes"}
            )
            self.assertEqual(send_due(), 0)
        self.become(State.UNCLEAR)
        Mail.objects.all().forget()
        self.client.post(
            self.list, {"action": "send_again", "_selected_action": [self.mail.pk], "post": "yes"}
        )
        self.assertEqual(send_due(), 0)

    def test_keeps_what_mails_say_to_whom_they_are_for(self):
        self.client.force_login(make_user("Admins"))
        page = self.client.get(reverse("admin:jobs_mail_change", args=[self.mail.pk]))
        self.assertContains(page, "A reply")
        self.assertNotContains(page, "secret link")
        self.assertNotContains(page, 'name="_save"')

    def test_is_closed_to_editors(self):
        self.client.force_login(make_user("Editors"))
        self.assertEqual(self.client.get(self.list).status_code, 403)
