from django.test import SimpleTestCase, TestCase

from kb.codes.models import Code
from kb.codes.spoken import speak, surroundings
from kb.codes.values import sort_key
from tests.makers import smtp


class Values(SimpleTestCase):
    def test_stand_in_order_whatever_they_hold(self):
        self.assertEqual(sorted(["5.1.10", "5.1.2", "5.1.²"], key=sort_key), ["5.1.²", "5.1.2", "5.1.10"])
        self.assertEqual(sort_key("٥.²"), [-1, -1])


class SpokenCodes(TestCase):
    def test_are_read_with_their_class(self):
        for value, verdict in (
            ("5.1.1", "Will not work as sent"),
            ("4.1.1", "Try again later, the server will retry"),
        ):
            spoken = speak(smtp(), value)
            self.assertEqual(spoken.label, "Bad destination mailbox address")
            self.assertEqual(spoken.code_class.verdict, verdict)
            self.assertEqual(spoken.record.value, "X.1.1")

    def test_take_a_row_of_one_class_before_the_general_one_field_by_field(self):
        general = speak(smtp(), "5.7.26").record
        Code.objects.create(
            registry=smtp(), value="5.7.26", kind="enhanced", label="Ours",
            subject=general.subject, code_class=smtp().classes.get(slug="5xx"),
        )  # fmt: skip
        spoken = speak(smtp(), "5.7.26")
        self.assertEqual((spoken.label, spoken.meaning), ("Ours", general.meaning))
        self.assertEqual(speak(smtp(), "4.7.26").label, general.label)

    def test_are_answered_from_subject_and_class_without_a_record(self):
        spoken = speak(smtp(), "5.7.606")
        self.assertFalse(spoken.is_registered)
        self.assertEqual(spoken.label, "Security or Policy Status")
        self.assertIn(spoken.subject.meaning, spoken.meaning)
        self.assertEqual(spoken.code_class.slug, "5xx")

    def test_are_answered_from_the_digits_without_a_record(self):
        spoken = speak(smtp(), "557")
        self.assertEqual(spoken.label, "Permanent failure")
        self.assertIn("state of the receiving mail system", spoken.precise)

    def test_are_none_for_what_is_no_code(self):
        for value in ("999", "5.1", "6.1.1", "abc", "5.1.1.1", "", "٥٥٠", "55٠", "5.٧.1", "X.٧.1"):
            with self.subTest(value=value):
                self.assertIsNone(speak(smtp(), value))

    def test_know_their_neighbours(self):
        around = surroundings(speak(smtp(), "550"))
        self.assertEqual((around.before.value, around.after.value), ("538", "551"))
        self.assertIsNone(surroundings(speak(smtp(), "211")).before)
        self.assertIsNone(surroundings(speak(smtp(), "5.1.10")).after)

    def test_know_the_codes_they_come_with(self):
        def come_with(value):
            return [code.value for code in surroundings(speak(smtp(), value)).paired]

        self.assertIn("X.1.1", come_with("550"))
        self.assertEqual(come_with("5.1.1"), ["550"])
        self.assertEqual(come_with("4.1.1"), ["451"])
        self.assertEqual(come_with("5.7.606"), [])
