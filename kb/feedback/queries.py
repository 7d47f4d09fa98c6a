"""Questions about votes and asks, with names a person would say."""

from datetime import timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, F, OuterRef, Q, Subquery, Sum, Window
from django.utils import timezone

from kb.feedback.clusters import cluster_of

MOST_ASKS = 20_000  # different ones kept; beyond that the rarest and oldest go
YES = Count("pk", filter=Q(useful=True, counted=True))
ALL = Count("pk", filter=Q(counted=True))


class VoteQuerySet(models.QuerySet):
    def of(self, target):
        """Those on what the article or code says now; an improved text starts afresh."""
        return self.filter(**self.model.place_of(target))

    def by(self, visitor):
        """What this browser said, or None."""
        return self.filter(visitor=visitor).first() if visitor else None

    def tally(self):
        """(how many found it useful, how many said anything)"""
        found = self.aggregate(yes=YES, all=ALL)
        return found["yes"], found["all"]

    def with_figures(self):
        """Each with the figures of the text it is about, old texts too: `.yes` of `.all`."""
        about = Q(article=OuterRef("article")) | Q(code=OuterRef("code"))
        same = self.model.objects.filter(about, version=OuterRef("version")).order_by().values("version")
        return self.annotate(
            yes=Subquery(same.annotate(found=YES).values("found")),
            all=Subquery(same.annotate(found=ALL).values("found")),
        )

    def forget_networks(self):
        """By which votes without a cookie are told apart for a day."""
        old = self.filter(made_at__lt=timezone.now() - timedelta(days=1)).exclude(network="")
        old.update(network="")


class AskQuerySet(models.QuerySet):
    def gaps(self):
        """Work for staff: what was last answered with nothing, or with nothing good."""
        return self.exclude(outcome=self.model.Outcome.WELL)

    def with_alike(self):
        """Each with how often anything like it was asked, among these: `.alike`."""
        return self.annotate(alike=Window(Sum("times"), partition_by="cluster"))

    def add(self, counted, day):
        """`counted`: {(kind, skeleton): (times, outcome)}. In one order everywhere, so that no two writers wait for
        each other."""
        keys = sorted(counted)
        with transaction.atomic():
            self.bulk_create([self._new(*key, counted[key], day) for key in keys], ignore_conflicts=True)
            for kind, skeleton in keys:
                times, outcome = counted[kind, skeleton]
                same = self.filter(kind=kind, skeleton=skeleton)
                same.update(times=F("times") + times, outcome=outcome, last_day=day)

    def _new(self, kind, skeleton, said, day):
        """With no times yet: they are added once it is there, by whomever it was made."""
        return self.model(
            kind=kind,
            skeleton=skeleton,
            cluster=cluster_of(skeleton),
            outcome=said[1],
            first_day=day,
            last_day=day,
        )

    def trim(self):
        """Forget what nobody asked for so many days, and what is beyond the limit."""
        self.filter(last_day__lt=timezone.localdate() - timedelta(days=settings.ASKS_KEPT_DAYS)).delete()
        kept = self.order_by("-times", "-last_day", "pk")
        beyond = list(kept.values_list("pk", flat=True)[MOST_ASKS:])
        for start in range(0, len(beyond), 500):
            self.filter(pk__in=beyond[start : start + 500]).delete()
