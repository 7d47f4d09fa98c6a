"""From a text to an answer: which rung it stands on, what it takes for the cause, and what a person is told."""

from contextlib import contextmanager

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from kb.codes.advising import advice_for
from kb.codes.models import Advice, Cause, Provider, Wording
from kb.diagnosis.diagnosing import diagnose, diagnose_reading
from kb.diagnosis.reading import Reading, Recipient, Spoken
from tests.makers import code


def slugs(text):
    return [cause.slug for cause in diagnose(text).causes]


def best(text):
    return diagnose(text).best


def reading_of(*recipients, nature="bounce", marks=""):
    """A reading with these (address, reply code, enhanced code, words)."""
    people = tuple(
        Recipient(address, (Spoken(reply, status, words),)) for address, reply, status, words in recipients
    )
    words = "\n".join(words for *_, words in recipients)
    return Reading(words, True, nature, people, marks, words)


SEVERAL = """\
<anna@example.com>: host mx.example.com[192.0.2.25] said: 550 5.1.1
    <anna@example.com>: Recipient address rejected: User unknown in virtual
    mailbox table (in reply to RCPT TO command)

<bob@example.net>: host mx.example.net[192.0.2.31] said: 552 5.2.2 xyzzy (in
    reply to RCPT TO command)

<carl@gmail.com>: host gmail-smtp-in.l.google.com[192.0.2.9] said: 550-5.7.26
    This mail has been blocked because the sender is unauthenticated. gsmtp
"""


class SeveralRecipients(TestCase):
    """A bounce copied from a mail program, folded as Postfix folds it."""

    def test_answers_each_by_its_own_servers_words(self):
        answers = diagnose(SEVERAL).answers
        self.assertEqual(
            [(answer.recipient.address, answer.cause.slug) for answer in answers],
            [
                ("anna@example.com", "unknown-user"),
                ("bob@example.net", "mailbox-full"),
                ("carl@gmail.com", "sender-unauthenticated"),
            ],
        )

    def test_says_of_no_other_server_that_it_is_gmail(self):
        names = [answer.provider and answer.provider.slug for answer in diagnose(SEVERAL).answers]
        self.assertNotIn("gmail", names[:2])
        self.assertEqual(names[2], "gmail")

    def test_reads_the_words_behind_an_address_that_begins_a_folded_line(self):
        said = best(SEVERAL.partition("\n\n")[0]).spoken.text
        self.assertIn("Recipient address rejected: User unknown in virtual mailbox table", said)


class Ladder(TestCase):
    def test_stands_first_on_the_words_of_the_speaker(self):
        answer = best(
            "550 5.7.27 This mail has been blocked because the sender does not authenticate this mail with SPF - gsmtp"
        )
        self.assertEqual((answer.rung, answer.sure), ("provider", "strong"))
        self.assertEqual((answer.provider.slug, answer.cause.slug), ("gmail", "sender-unauthenticated"))
        self.assertEqual(answer.code.value, "5.7.27")
        self.assertIn("words that Gmail uses", answer.why)

    def test_then_on_words_that_anyone_uses(self):
        answer = best("550 5.1.1 <bob@example.com>: unknown user")
        self.assertEqual((answer.rung, answer.sure, answer.cause.slug), ("wording", "strong", "unknown-user"))

    def test_then_on_words_that_point_to_a_cause(self):
        cue = Wording.objects.create(pattern="out of cheese", cause=Cause.objects.get(slug="system-error"))
        answer = best("550 the server is out of cheese")
        self.assertEqual((answer.rung, answer.wording, answer.cause.slug), ("words", cue, "system-error"))
        self.assertIn("code 550 alone does not say so", answer.why)

    def test_then_on_the_enhanced_code(self):
        answer = best("550 5.1.1 xyzzy")
        self.assertEqual(
            (answer.rung, answer.code.value, answer.cause.slug), ("enhanced", "5.1.1", "unknown-user")
        )

    def test_then_on_the_reply_code(self):
        answer = best("552 xyzzy")
        self.assertEqual((answer.rung, answer.code.value, answer.sure), ("reply", "552", "weak"))
        self.assertEqual(answer.cause, code("552").causes.order_by("code_causes__position")[0])

    def test_takes_the_reply_code_where_the_enhanced_one_says_nothing(self):
        answer = best("552 5.0.0 xyzzy")
        self.assertEqual(
            (answer.rung, answer.code.value, answer.cause.slug), ("reply", "552", "mailbox-full")
        )

    def test_answers_a_code_on_no_list_from_its_subject_and_class(self):
        answer = best("5.7.999 xyzzy")
        self.assertEqual((answer.rung, answer.code.value, answer.sure), ("class", "5.7.999", "weak"))
        self.assertEqual(answer.code.subject.value, "X.7")
        self.assertTrue(answer.meaning)

    def test_knows_who_uses_a_code_on_no_list(self):
        answer = best("550 5.7.606 xyzzy")
        self.assertEqual(
            (answer.rung, answer.code.value, answer.cause.slug), ("enhanced", "5.7.606", "blocklist")
        )

    def test_finds_nothing_where_nothing_is(self):
        self.assertEqual(diagnose("xyzzy").answers, ())
        self.assertEqual(diagnose("").answers, ())


class Recipients(TestCase):
    def test_get_an_answer_each(self):
        diagnosis = diagnose_reading(
            reading_of(
                ("ann@example.com", "552", "5.2.2", "552 5.2.2 mailbox is full"),
                ("bob@example.com", "550", "5.1.1", "550 5.1.1 unknown user"),
            )
        )
        told = [(answer.recipient.address, answer.cause.slug) for answer in diagnosis.answers]
        self.assertEqual(told, [("ann@example.com", "mailbox-full"), ("bob@example.com", "unknown-user")])
        self.assertEqual([cause.slug for cause in diagnosis.causes][:2], ["mailbox-full", "unknown-user"])

    def test_never_take_the_words_said_of_another(self):
        diagnosis = diagnose_reading(
            reading_of(
                ("ann@example.com", "550", "5.1.1", "550 5.1.1 unknown user"),
                ("bob@example.com", "554", "5.7.1", "554 5.7.1 relay access denied"),
            )
        )
        self.assertEqual(
            [answer.cause.slug for answer in diagnosis.answers], ["unknown-user", "relay-denied"]
        )

    def test_are_answered_from_the_whole_report_where_their_own_line_says_nothing(self):
        said = Recipient("bob@example.com", (Spoken("", "5.0.0", "5.0.0"),))
        reading = Reading("", True, "bounce", (said,), "", "Unknown user: bob@example.com")
        answer = diagnose_reading(reading).best
        self.assertEqual((answer.cause.slug, answer.spoken.status), ("unknown-user", "5.0.0"))

    def test_are_told_of_a_bounce_without_code_and_known_words(self):
        answer = diagnose_reading(Reading("xyzzy", True, "bounce", (), "", "xyzzy")).best
        self.assertEqual((answer.rung, answer.cause, answer.code), ("nothing", None, None))

    def test_of_what_is_no_bounce_are_told_nothing(self):
        for nature in ("auto-reply", "abuse-report"):
            reading = reading_of(("bob@example.com", "550", "5.1.1", "unknown user"), nature=nature)
            self.assertEqual(diagnose_reading(reading).answers, ())


class Meant(TestCase):
    """Which of several wordings in one text."""

    def test_the_narrower_by_its_samples(self):
        line = "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org"
        self.assertEqual(slugs(line)[0], "blocklist")
        self.assertEqual(
            slugs(f"{line}; Error: open resolver; https://check.spamhaus.org/")[0], "blocklist-misconfigured"
        )

    def test_that_of_the_speaker_over_what_the_code_is_registered_for(self):
        self.assertEqual(
            slugs("550 5.4.1 Recipient address rejected: Access denied. [AB1.prod.protection.outlook.com]")[
                0
            ],
            "unknown-user",
        )

    def test_that_which_comes_with_the_code_spoken(self):
        for digit, words in (("4.7.26", "SPF or DKIM"), ("4.7.30", "authenticate with DKIM")):
            answer = best(f"421 {digit} Gmail requires all senders to {words} - gsmtp")
            self.assertIn(digit, answer.wording.enhanced_codes)

    def test_that_of_another_provider_only_if_nothing_else_fits(self):
        other = Provider.objects.create(slug="quince", name="Quince", kind="mailbox", marks="quince.example")
        cause = Cause.objects.get(slug="virus")
        Wording.objects.create(provider=other, pattern="unknown user", cause=cause, enhanced_codes="5.1.1")
        self.assertEqual(best("550 5.1.1 unknown user").cause.slug, "unknown-user")
        self.assertEqual(best("550 5.1.1 mx.quince.example: unknown user").cause.slug, "virus")


class Edits(TestCase):
    def test_are_seen_by_the_next_diagnosis(self):
        line = "550 the frobnicator is on fire"
        self.assertEqual(best(line).rung, "reply")
        wording = Wording.objects.create(pattern="frobnicator", cause=Cause.objects.get(slug="virus"))
        self.assertEqual(best(line).cause.slug, "virus")
        wording.pattern = "frobnicatrix"
        wording.save()
        self.assertEqual(best(line).rung, "reply")
        wording.pattern = "frobnicator"
        wording.save()
        wording.delete()
        self.assertEqual(best(line).rung, "reply")

    def test_cost_one_query_when_there_were_none(self):
        diagnose("550 5.1.1 unknown user")
        with self.assertNumQueries(1):
            self.assertTrue(best("550 5.7.26 sender is unauthenticated - gsmtp").causes)

    def test_past_the_forms_spoil_nothing(self):
        cause = Cause.objects.get(slug="virus")
        Wording.objects.create(pattern="frobnicator(", cause=cause)
        Wording.objects.bulk_create([Wording(pattern="frobnicator", cause=cause, reply_codes="many")])
        Wording.objects.create(pattern="frobnicate", cause=cause)
        self.assertEqual(best("550 frobnicate frobnicator").cause, cause)


class Advising(TestCase):
    @contextmanager
    def few_queries(self):
        """Whether anything changed since it was remembered, and the advice of all."""
        with CaptureQueriesContext(connection) as queries:
            yield
        self.assertLessEqual(len(queries), 2)

    def test_takes_for_each_role_the_first_there_is(self):
        diagnosis = diagnose("550 5.1.1 <bob@example.com>: unknown user")
        with self.few_queries():
            [given] = advice_for([answer.grounds for answer in diagnosis.answers], staff=True)
        by_role = {advice.role: advice for advice in given}
        self.assertEqual(by_role["sender"].cause.slug, "unknown-user")
        wording = diagnosis.best.wording
        own = Advice.objects.create(wording=wording, role="sender", text="Smile.")
        [given] = advice_for([diagnosis.best.grounds])
        self.assertIn(own, given)
        self.assertEqual(
            [advice.role for advice in given if advice != own],
            [role for role in by_role if role not in {"sender", "staff", "reply"}],
        )

    def test_falls_to_codes_subject_and_class(self):
        answer = best("5.7.999 xyzzy")
        [given] = advice_for([answer.grounds], staff=True)
        self.assertTrue(given)
        self.assertLessEqual(
            {(advice.subject_id, advice.code_class_id) for advice in given},
            {(answer.code.subject.pk, None), (None, answer.code.code_class.pk)},
        )

    def test_asks_once_for_many(self):
        answers = [best("550 5.1.1 unknown user"), best("552 xyzzy"), best("5.7.999 xyzzy")]
        with self.few_queries():
            given = advice_for([answer.grounds for answer in answers])
        self.assertEqual([bool(each) for each in given], [True, True, True])
