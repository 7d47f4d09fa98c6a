"""What forms refuse with a sentence, and the tables refuse whoever writes."""

from unittest.mock import patch

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import TestCase

from kb.articles.models import Tag
from kb.codes import values
from kb.codes.models import Advice, Cause, Code, CodeClass, Provider, Registry, Subject, Wording
from tests.makers import code, smtp


class Promises(TestCase):
    def assertPersonReads(self, sentence, record):
        with self.assertRaises(ValidationError) as caught:
            record.full_clean()
        self.assertIn(sentence, " ".join(caught.exception.messages))

    def assertDatabaseRefuses(self, rows, **fields):
        with self.assertRaises(IntegrityError), transaction.atomic():
            rows.update(**fields)

    def reply(self, value):
        return Code(registry=smtp(), value=value, label="New", code_class=smtp().classes.get(slug="5xx"))

    def enhanced(self, value):
        subject = smtp().subjects.get(value="X.7")
        return Code(registry=smtp(), kind="enhanced", value=value, label="New", subject=subject)

    def test_keep_out_codes_that_break_addresses(self):
        for value in ("5/0", "5 0", "é", ".5", "5²"):
            with self.subTest(value=value):
                self.assertPersonReads("A code is made of", self.reply(value))
                self.assertDatabaseRefuses(Code.objects.filter(value="550"), value=value)

    def test_derive_no_number_from_what_only_looks_like_one(self):
        odd = self.reply("5²")
        odd.derive()
        self.assertEqual(odd.number, 0)

    def test_give_enhanced_codes_their_form(self):
        for value in ("X.7", "557", "x.7.99", "9.7.1"):
            with self.subTest(value=value):
                self.assertPersonReads("is no enhanced code", self.enhanced(value))
                self.assertDatabaseRefuses(Code.objects.filter(value="X.7.1"), value=value)

    def test_tell_a_small_x_from_a_large_one(self):
        registry = Registry.objects.create(slug="product", name="Product")
        letters = registry.classes.create(slug="errors", name="E", outcome="permanent", verdict="Failed")
        Code.objects.create(registry=registry, value="x.1", label="Small", code_class=letters)
        self.assertDatabaseRefuses(Code.objects.filter(value="X.7.1"), value="x.7.1")

    def test_keep_codes_and_classes_at_different_addresses(self):
        self.assertPersonReads("5xx is the address of a class", self.reply("5xx"))
        self.assertPersonReads(
            "E9 is a code of this registry", self.class_named("E9", registry=self.registry_with("E9"))
        )

    def registry_with(self, value):
        registry = Registry.objects.create(slug="product", name="Product")
        letters = self.class_named("errors", registry)
        letters.save()
        Code.objects.create(registry=registry, value=value, label="Full", code_class=letters)
        return registry

    def class_named(self, slug, registry):
        return CodeClass(registry=registry, slug=slug, name="E", outcome="permanent", verdict="Failed")

    def test_hold_a_class_and_a_subject_with_codes_in_place(self):
        five, seven = smtp().classes.get(slug="5xx"), smtp().subjects.get(value="X.7")
        five.full_clean()
        seven.full_clean()
        other = Registry.objects.create(slug="product", name="Product")
        for row, name, value in (
            (five, "digit", "6"),
            (five, "registry", other),
            (seven, "value", "X.8"),
            (seven, "registry", other),
        ):
            moved = type(row).objects.get(pk=row.pk)
            setattr(moved, name, value)
            with self.subTest(row=row, name=name):
                self.assertPersonReads("Move or delete them first", moved)

    def test_know_the_choices_and_forms(self):
        self.assertDatabaseRefuses(Code.objects.filter(value="550"), standing="odd")
        self.assertDatabaseRefuses(Advice.objects.filter(role="sender"), role="odd")
        self.assertDatabaseRefuses(Provider.objects.all(), kind="odd")
        self.assertDatabaseRefuses(Subject.objects.filter(value="X.7"), value="x.7")
        for rows in (Registry.objects.all(), CodeClass.objects.all(), Cause.objects.all()):
            self.assertDatabaseRefuses(rows.filter(pk=rows[0].pk), slug="")
        with self.assertRaises(IntegrityError), transaction.atomic():
            Tag.objects.create(slug="", name="Nothing")


class Saving(TestCase):
    def test_keeps_a_wording_whole_when_its_codes_cannot_be_read(self):
        wording = Wording.objects.create(pattern="quite new words", reply_codes="550")
        wording.reply_codes = "55"
        with self.assertRaises(ValueError):
            wording.save()
        wording.reply_codes = "554"
        with (
            patch("kb.codes.models.wordings.WordingCode.objects.bulk_create", side_effect=OSError),
            self.assertRaises(OSError),
        ):
            wording.save()
        wording.refresh_from_db()
        self.assertEqual(wording.reply_codes, "550")
        self.assertEqual([str(row) for row in wording.codes.all()], values.expand("550"))

    def test_keeps_what_is_rendered_in_step_with_its_source(self):
        advice, provider = code("550").advice.first() or Advice.objects.first(), Provider.objects.first()
        advice.text = provider.notes = "**Quite new**"
        advice.save(update_fields=["text"])
        provider.save(update_fields=["notes"])
        self.assertIn("<strong>Quite new", Advice.objects.get(pk=advice.pk).html)
        self.assertIn("<strong>Quite new", Provider.objects.get(pk=provider.pk).notes_html)
