from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import TestCase

from kb.codes import values
from kb.codes.models import Advice, Cause, Code, CodeClass, Registry, Wording
from tests.makers import code, smtp


class Records(TestCase):
    def assertDatabaseRefuses(self, make):
        with self.assertRaises(IntegrityError), transaction.atomic():
            make()

    def assertPersonReads(self, sentence, record):
        with self.assertRaises(ValidationError) as caught:
            record.full_clean()
        self.assertIn(sentence, " ".join(caught.exception.messages))

    def test_refuse_a_code_twice_in_a_registry(self):
        again = Code(registry=smtp(), value="550", label="Again", code_class=smtp().classes.get(slug="5xx"))
        self.assertPersonReads("This code is already in this registry.", again)
        self.assertDatabaseRefuses(again.save)

    def test_refuse_a_code_in_another_class(self):
        wrong = Code(registry=smtp(), value="557", label="Wrong", code_class=smtp().classes.get(slug="4xx"))
        self.assertPersonReads("557 cannot sit in class 4xx", wrong)
        self.assertDatabaseRefuses(wrong.save)

    def test_refuse_a_reply_code_without_a_class(self):
        self.assertDatabaseRefuses(Code(registry=smtp(), value="557", label="Wrong").save)

    def test_refuse_an_enhanced_code_without_a_subject(self):
        self.assertDatabaseRefuses(Code(registry=smtp(), value="X.7.99", kind="enhanced", label="Wrong").save)

    def test_refuse_a_subject_that_the_value_denies(self):
        wrong = Code(
            registry=smtp(),
            value="X.7.99",
            kind="enhanced",
            label="Wrong",
            subject=smtp().subjects.get(value="X.1"),
        )
        self.assertPersonReads("X.7.99 belongs to the subject X.7.", wrong)

    def test_refuse_addresses_that_mean_something_else(self):
        self.assertDatabaseRefuses(Registry(slug="feed", name="Feed").save)
        self.assertDatabaseRefuses(Registry(slug="550", name="Like a code").save)
        self.assertDatabaseRefuses(
            CodeClass(registry=smtp(), slug="card", name="X", outcome="success", verdict="X").save
        )
        self.assertDatabaseRefuses(
            Code(registry=smtp(), value="comments", label="X", code_class=make_class_without_digit()).save
        )

    def test_allow_one_default_registry_only(self):
        self.assertPersonReads(
            "Another registry is the default already", Registry(slug="http", name="HTTP", is_default=True)
        )
        self.assertDatabaseRefuses(Registry(slug="http", name="HTTP", is_default=True).save)

    def test_put_advice_on_exactly_one_thing(self):
        self.assertDatabaseRefuses(Advice(role="sender", text="Words.").save)
        both = Advice(cause=Cause.objects.first(), code=code("550"), role="sender", text="Words.")
        self.assertPersonReads("Choose exactly one", both)
        self.assertDatabaseRefuses(both.save)

    def test_give_each_role_one_advice(self):
        cause = Cause.objects.create(slug="test", name="Test")
        Advice.objects.create(cause=cause, role="sender", text="Words.")
        self.assertDatabaseRefuses(Advice(cause=cause, role="sender", text="Others.").save)
        Advice.objects.create(cause=cause, role="recipient", text="Others.")

    def test_refuse_anyones_wording_twice(self):
        Wording.objects.create(pattern="quite new words", reply_codes="550")
        self.assertDatabaseRefuses(Wording(pattern="quite new words", reply_codes="550").save)

    def test_take_codes_of_another_kind_of_registry(self):
        """A product's own codes need no digits."""
        letters = make_class_without_digit()
        made = Code(registry=letters.registry, value="E1001", label="Disk full", code_class=letters)
        made.full_clean()
        made.save()
        self.assertEqual(made.get_absolute_url(), "/codes/product/E1001/")


def make_class_without_digit():
    registry = Registry.objects.create(slug="product", name="Product")
    return registry.classes.create(slug="errors", name="Errors", outcome="permanent", verdict="Failed")


class Versions(TestCase):
    def test_rise_when_the_words_change(self):
        record = code("550")
        record.meaning = "Other words."
        record.save()
        self.assertEqual(code("550").version, 2)

    def test_stay_when_something_else_changes(self):
        record = code("550")
        record.source = "Elsewhere"
        record.save()
        self.assertEqual(code("550").version, 1)


class Wordings(TestCase):
    def problems(self, **fields):
        with self.assertRaises(ValidationError) as caught:
            Wording(**{"pattern": "no such user", **fields}).full_clean()
        return caught.exception.message_dict

    def test_refuse_a_pattern_that_does_not_compile(self):
        self.assertIn("cannot be read", self.problems(pattern="no (such user")["pattern"][0])

    def test_refuse_a_sample_that_the_pattern_misses(self):
        self.assertIn("does not match", self.problems(samples="550 mailbox full")["samples"][0])

    def test_refuse_codes_in_the_wrong_field(self):
        self.assertIn("its own field", self.problems(reply_codes="5.1.1")["reply_codes"][0])
        self.assertIn("is no code", self.problems(enhanced_codes="5.1.x")["enhanced_codes"][0])

    def test_are_found_by_every_code_of_a_range(self):
        wording = Wording.objects.create(pattern="x", enhanced_codes="5.9.7-5.9.9|5.9.20")
        self.assertIn(wording, Wording.objects.for_code("5.9.8"))
        self.assertNotIn(wording, Wording.objects.for_code("5.9.10"))

    def test_each_have_a_sample_that_their_own_pattern_matches(self):
        for wording in Wording.objects.all():
            with self.subTest(wording=wording.key):
                self.assertTrue(wording.sample_list)
                wording.clean()


class Values(TestCase):
    def test_spell_out_lists_and_ranges(self):
        self.assertEqual(values.expand("550|554"), ["550", "554"])
        self.assertEqual(values.expand("5.7.606-5.7.608"), ["5.7.606", "5.7.607", "5.7.608"])
        self.assertEqual(values.expand(""), [])

    def test_refuse_ranges_that_are_none(self):
        for wrong in ("5.7.9-5.7.3", "5.6.1-5.7.3", "5.1.1-550", "4.0.0-4.0.9999", "x", "999"):
            with self.subTest(wrong=wrong), self.assertRaises(ValueError):
                values.expand(wrong)


class History(TestCase):
    def test_tells_what_changed(self):
        record = code("550")
        record.meaning = "Other words."
        record.save()
        newest, oldest = record.history.all()[:2]
        self.assertEqual(newest.diff_against(oldest).changed_fields, ["meaning"])
