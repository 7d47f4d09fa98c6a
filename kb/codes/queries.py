"""Questions about codes, with names a person would say."""

from django.db import models
from django.db.models import Count, Prefetch, Q

from kb.codes.acting import STAFF_ROLES
from kb.codes.values import general
from kb.delivery.models import ShownQuerySet


class RegistryQuerySet(ShownQuerySet):
    def default(self):
        """The one whose codes are meant where no registry is named, or None."""
        return self.filter(is_default=True).first()

    def with_counts(self):
        return self.annotate(
            reply_count=Count("codes", filter=Q(codes__kind="reply")),
            enhanced_count=Count("codes", filter=Q(codes__kind="enhanced")),
        )


class DivisionQuerySet(ShownQuerySet):
    """Classes and subjects: what divides a registry."""

    def with_counts(self):
        return self.annotate(count=Count("codes", filter=Q(codes__kind="reply")))

    def with_codes(self):
        """Each with `.code_list`, its codes in the order of their numbers."""
        codes = self.model._meta.get_field("codes").related_model.objects
        kind = {"CodeClass": "reply", "Subject": "enhanced"}[self.model.__name__]
        listed = codes.filter(kind=kind).order_by("number", "value").for_table()
        return self.prefetch_related(Prefetch("codes", listed, to_attr="code_list"))


class CodeQuerySet(ShownQuerySet):
    def replies(self):
        return self.filter(kind="reply").order_by("value")

    def enhanced(self):
        return self.filter(kind="enhanced").order_by("subject__value", "number", "value")

    def spoken_as(self, value):
        """The records that answer for a value: its own row first, then the row of X.s.d."""
        return self.filter(value__in={value, general(value)}).order_by("value")

    def named(self, names):
        """The records behind (registry, value) pairs as texts name them; an empty registry means the default one."""
        asked = models.Q(pk__in=())
        for registry, value in names:
            place = models.Q(registry__slug=registry) if registry else models.Q(registry__is_default=True)
            asked |= place & models.Q(value__in={value, general(value)})
        return self.filter(asked)

    def with_causes(self):
        links = self.model._meta.get_field("code_causes").related_model.objects.select_related("cause")
        return self.prefetch_related(Prefetch("code_causes", links))

    def for_table(self):
        return self.select_related("registry", "code_class", "subject").with_causes()

    def caused_by(self, cause):
        return self.filter(causes=cause).order_by("kind", "value").select_related("registry", "code_class")


class WordingQuerySet(ShownQuerySet):
    def for_code(self, value):
        return self.filter(codes__value=value).by_provider()

    def by_provider(self):
        return self.select_related("provider", "cause").order_by(
            models.F("provider__name").asc(nulls_last=True), "pk"
        )

    def for_page(self):
        """Each with `.advice_list`: what it adds for readers to the advice of its cause."""
        advice = self.model._meta.get_field("advice").related_model.objects.for_readers()
        return self.by_provider().prefetch_related(Prefetch("advice", advice, to_attr="advice_list"))


class AdviceQuerySet(ShownQuerySet):
    def for_readers(self):
        """Without the ready reply and the steps for our support, which are for staff."""
        return self.exclude(role__in=STAFF_ROLES)
