"""What ships is whole: whoever must act finds advice, and can read it."""

import re

from django.test import TestCase

from kb.codes.acting import Role
from kb.codes.models import Advice, Cause, Code, CodeClass, Provider, Registry, Subject, Wording
from tests.makers import smtp
from tests.reading_ease import flesch

PLAIN_ENOUGH = 55  # a general newspaper
FAILURES = ["transient", "permanent"]


def readable_part(html):
    """The words of a text without what nobody reads aloud: code blocks, code, addresses, stamps."""
    html = re.sub(r"<pre.*?</pre>|<code.*?</code>|<span data-kb.*?</span>", " ", html, flags=re.DOTALL)
    text = re.sub(r"<[^>]+>", " ", re.sub(r"</(p|li|h\d|td|th)>", ".\n", html))
    return re.sub(r"\S+@\S+|https?://\S+|\b\S+\.(com|org|net)\b", " ", text)


class Advising(TestCase):
    def test_answers_everyone_who_must_act_for_a_cause(self):
        missing = [
            f"{cause.slug}: {role}"
            for cause in Cause.objects.exclude(slug="success").prefetch_related("advice")
            for role in [*cause.actors, Role.STAFF, Role.SENDER, Advice.REPLY]
            if role not in {advice.role for advice in cause.advice.all()}
        ]
        self.assertEqual(missing, [])

    def test_answers_everyone_who_must_act_for_a_failure(self):
        missing = []
        for code in (
            Code.objects.filter(code_class__outcome__in=FAILURES).with_causes().prefetch_related("advice")
        ):
            causes = [link.cause for link in code.code_causes.all()]
            answered = {advice.role for advice in Advice.objects.filter(cause__in=causes)} | {
                advice.role for advice in code.advice.all()
            }
            missing += [f"{code.value}: {role}" for role in code.who_acts if role not in answered]
        self.assertEqual(missing, [])

    def test_is_plain_to_senders_and_recipients(self):
        hard = [
            f"{advice.key}: {ease:.0f}"
            for advice in Advice.objects.filter(role__in=["sender", "recipient", "reply"])
            if (ease := flesch(readable_part(advice.html))) < PLAIN_ENOUGH
        ]
        self.assertEqual(hard, [])


class Meanings(TestCase):
    def test_are_there_for_every_code_class_and_subject(self):
        for model in (Code, CodeClass, Subject):
            for name in ("meaning", "precise"):
                self.assertEqual(
                    [str(row) for row in model.objects.filter(**{name: ""})], [], f"{model.__name__} {name}"
                )

    def test_are_plain(self):
        hard = [
            f"{code.value}: {ease:.0f}"
            for code in Code.objects.all()
            if (ease := flesch(code.meaning)) < PLAIN_ENOUGH
        ]
        self.assertEqual(hard, [])

    def test_say_in_which_context_a_code_is_used(self):
        for value in ("453", "458", "459", "253"):
            self.assertRegex(Code.objects.get(registry=smtp(), value=value).other_uses, "ETRN|ATRN")

    def test_mark_what_is_only_paired(self):
        paired = Code.objects.filter(standing="pairing").order_by("value").values_list("value", flat=True)
        self.assertEqual(list(paired), ["422", "430", "524", "533"])


class Sources(TestCase):
    def test_are_named_for_every_record(self):
        for model in (Registry, CodeClass, Subject, Code, Cause, Provider, Wording, Advice):
            self.assertEqual([str(row) for row in model.objects.filter(source="")], [], model.__name__)


class Wordings(TestCase):
    def test_name_a_cause_wherever_the_words_do(self):
        without = Wording.objects.filter(cause=None).order_by("key").values_list("key", flat=True)
        self.assertEqual(len(without), 2, list(without))

    def test_stand_on_the_page_of_their_provider(self):
        for provider in Provider.objects.all():
            page = self.client.get(provider.get_absolute_url())
            for wording in provider.wordings.all():
                self.assertContains(page, f'id="wording-{wording.pk}"')
