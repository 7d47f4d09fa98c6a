"""`[[code 550]]` and its kin: checked when text is saved, filled from the records when a page is put together."""

from functools import lru_cache

from django.apps import apps
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.html import escape, format_html

from kb.codes import values
from kb.delivery.addresses import code_address
from kb.delivery.remembered import remembered
from kb.text.markdown import TextError, fill, render
from kb.text.markers import MARKER

NO_PICTURES = "Pictures stand in articles only. Take “/pictures/{}” out, and put it into an article that this text leads to."

rendered = lru_cache(maxsize=8)(render)  # checking and saving ask for the same text one after the other


def checked(field, source, *, with_pictures=False):
    """The text rendered, if it can be and all its markers name records; else a ValidationError on that field.

    Pictures are seen by those who may read an article that shows them, so no other text may.
    """
    try:
        text = rendered(source)
    except TextError as problem:
        raise ValidationError({field: str(problem)}) from None
    if text.pictures and not with_pictures:
        raise ValidationError({field: NO_PICTURES.format(text.pictures[0])})
    found = Found()
    unknown = [marker for marker in text.markers if not found.knows(marker)]
    if unknown:
        names = ", ".join(f"[[{marker}]]" for marker in unknown)
        raise ValidationError(
            {field: f"There is no record for {names}. Check the spelling, or add the record first."}
        )
    return text


def fill_page(html):
    """A whole page with every marker in it replaced by what the records say now."""
    return fill(html, Found().show) if MARKER in html else html


def all_classes():
    """Of all registries: they are few, and pages name them."""
    classes = apps.get_model("codes", "CodeClass").objects.select_related("registry")
    return remembered(("classes",), lambda: list(classes))


class Found:
    """The records that markers name, all remembered."""

    def __init__(self):
        self.classes = all_classes()
        self.registries = {code_class.registry.slug: code_class.registry for code_class in self.classes}
        self.default = next((registry for registry in self.registries.values() if registry.is_default), None)
        self.by_value = remembered(("codes",), self._all_codes)
        self.subjects = remembered(("subjects",), self._all_subjects)

    @staticmethod
    def _all_codes():
        codes = apps.get_model("codes", "Code").objects.select_related("registry", "code_class")
        return {(code.registry_id, code.value): code for code in codes.order_by("value")}

    @staticmethod
    def _all_subjects():
        return list(apps.get_model("codes", "Subject").objects.select_related("registry"))

    def registry(self, marker):
        return self.registries.get(marker.registry) if marker.registry else self.default

    def record(self, registry, value):
        """Its own row, else that of X.s.d."""
        return self.by_value.get((registry.pk, value)) or self.by_value.get(
            (registry.pk, values.general(value))
        )

    def table(self, registry, slug):
        return [
            code
            for code in self.by_value.values()
            if code.registry_id == registry.pk and code.kind == "reply" and code.code_class.slug == slug
        ]

    def subjects_of(self, registry):
        return [subject for subject in self.subjects if subject.registry_id == registry.pk]

    def knows(self, marker):
        registry = self.registry(marker)
        if registry is None:
            return False
        if marker.kind == "code":
            return self.record(registry, marker.value) is not None or values.is_enhanced(marker.value)
        return bool(
            self.table(registry, marker.value) if marker.kind == "codes" else self.subjects_of(registry)
        )

    def show(self, marker):
        registry = self.registry(marker)
        if registry is None:
            return escape(marker.value)
        if marker.kind == "code":
            return self._stamp(registry, marker.value)
        if marker.kind == "codes":
            code_class = next(
                (found for found in self.classes if (found.registry, found.slug) == (registry, marker.value)),
                None,
            )
            context = {"codes": self.table(registry, marker.value), "code_class": code_class}
            return render_to_string("codes/_short_table.html", context)
        context = {"subjects": self.subjects_of(registry), "registry": registry}
        return render_to_string("codes/_subject_table.html", context)

    def _stamp(self, registry, value):
        record = self.record(registry, value)
        if record is None and not values.is_enhanced(value):
            return escape(value)  # a number in prose that is no code of ours
        tone = next(
            (found.tone for found in self.classes if found.registry == registry and found.digit == value[0]),
            "any",
        )
        return stamp(value, tone, code_address(registry.slug, value), record.label if record else "")


@lru_cache(maxsize=1000, typed=True)  # what is escaped already is told from what is not
def stamp(value, tone, url, label=""):
    """The one loud element of every page: the code in its box, linked; its class told by shape and colour."""
    return format_html(
        '<a class="code {}" href="{}"{}><bdi dir="ltr">{}</bdi></a>',
        tone,
        url,
        format_html(' title="{}"', label) if label else "",
        value,
    )
