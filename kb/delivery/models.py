"""The change log, and what a model inherits whose records are shown on public pages."""

from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connections, models, transaction
from django.utils import timezone

from kb.delivery.remembered import ask_again

EVERYTHING = "*"
_told_together: ContextVar[list | None] = ContextVar("told_together", default=None)


class ChangeQuerySet(models.QuerySet):
    def write(self, targets, at=None):
        """A row a target; one row where everything changed."""
        names = {EVERYTHING} if EVERYTHING in targets else set(targets)
        together = _told_together.get()
        if together is None:
            self.bulk_create(self.model(target=name, at=at) for name in sorted(names))
        else:
            together.extend(names)
        ask_again()

    def marks(self, n):
        """Number and moment of the row of this number and of the next, as they stand: a restored log gives numbers anew.

        Asked before most pages, so in SQL of our own.
        """
        with connections[self.db].cursor() as cursor:
            cursor.execute("SELECT n, made_at FROM delivery_change WHERE n >= %s ORDER BY n LIMIT 2", [n])
            return cursor.fetchall()

    def after(self, n):
        return self.filter(n__gt=n).order_by("n")

    def to_come(self, now):
        return self.filter(at__gt=now)


class ViewsQuerySet(models.QuerySet):
    @transaction.atomic
    def add(self, day, counts):
        """{target: how often it was read}, on top of what others have counted."""
        for target, count in sorted(counts.items()):
            row, _ = self.get_or_create(day=day, target=target)
            self.filter(pk=row.pk).update(count=models.F("count") + count)

    def most_read(self, kind, since, most):
        """The targets of this kind, the most read since that day first."""
        found = self.filter(day__gte=since, target__startswith=f"{kind}:").order_by()
        total = found.values("target").annotate(total=models.Sum("count"))
        return [row["target"] for row in total.order_by("-total", "target")[:most]]


class Change(models.Model):
    """Something on public pages is another from now on, or from `at` on. The numbers follow the order of commits."""

    n = models.BigAutoField(primary_key=True)
    target = models.CharField(max_length=120)
    at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    objects = ChangeQuerySet.as_manager()

    class Meta:
        ordering = ["n"]
        indexes = [models.Index(fields=["at"], condition=models.Q(at__isnull=False), name="change_at")]

    def __str__(self):
        return f"{self.n} {self.target}"


class Views(models.Model):
    """How often a page was read on one day: the total that all processes have added to."""

    day = models.DateField()
    target = models.CharField(max_length=120)
    count = models.PositiveIntegerField(default=0)
    objects = ViewsQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "views"
        constraints = [models.UniqueConstraint(fields=["day", "target"], name="views_once_a_day")]

    def __str__(self):
        return f"{self.day} {self.target}: {self.count}"


@contextmanager
def told_together(*targets):
    """Many writes told as one: if anything in it changed, these targets did (everything if none is named)."""
    told: list[str] = []
    with transaction.atomic():
        before = _told_together.set(told)
        try:
            yield
        finally:
            _told_together.reset(before)
        if told and not transaction.get_rollback():
            Change.objects.write(targets or [EVERYTHING])


def is_told_together():
    return _told_together.get() is not None


class ShownQuerySet(models.QuerySet):
    """What is written past `save` and `delete` tells that everything changed."""

    def update(self, **values):
        return self._telling(super().update, **values)

    def delete(self):
        return self._telling(super().delete)

    def bulk_create(self, *rows, **options):
        return self._telling(super().bulk_create, *rows, **options)

    def bulk_update(self, *rows, **options):
        return self._telling(super().bulk_update, *rows, **options)

    delete.alters_data = delete.queryset_only = update.alters_data = True  # type: ignore[attr-defined]

    def _telling(self, write, *arguments, **options):
        with transaction.atomic(savepoint=False):
            Change.objects.write([EVERYTHING])
            return write(*arguments, **options)


class Shown(models.Model):
    """A record that public pages are made of: saving or deleting it tells which."""

    objects = ShownQuerySet.as_manager()

    class Meta:
        abstract = True

    def targets(self):
        """Names of the pages, or kinds of pages, that this record is part of."""
        return [EVERYTHING]

    def save(self, *arguments, **options):
        with transaction.atomic():
            before = self._stored_targets()
            super().save(*arguments, **options)
            Change.objects.write({*before, *self._own_targets()})

    def delete(self, *arguments, **options):
        with transaction.atomic():
            before = self._stored_targets()
            deleted = super().delete(*arguments, **options)
            Change.objects.write(before)
            return deleted

    delete.alters_data = True  # type: ignore[attr-defined]

    def _own_targets(self):
        """Where many writes are told as one, which pages this one is on need not be asked."""
        return [EVERYTHING] if is_told_together() else self.targets()

    def _stored_targets(self):
        """Of the record as it stands in the table: a page that it leaves is another page too."""
        if is_told_together():
            return [EVERYTHING]
        stored = type(self)._base_manager.filter(pk=self.pk).first() if self.pk else None
        return stored.targets() if stored else []
