"""Questions about votes, with names a person would say."""

from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery

YES = Count("pk", filter=Q(useful=True))


class VoteQuerySet(models.QuerySet):
    def of(self, target):
        """Those on what the article or code says now; an improved text starts afresh."""
        return self.filter(**self.model.place_of(target))

    def by(self, visitor):
        """What this browser said, or None."""
        return self.filter(visitor=visitor).first() if visitor else None

    def tally(self):
        """(how many found it useful, how many said anything)"""
        found = self.aggregate(yes=YES, all=Count("pk"))
        return found["yes"], found["all"]

    def with_figures(self):
        """Each with the figures of the text it is about, old texts too: `.yes` of `.all`."""
        about = Q(article=OuterRef("article")) | Q(code=OuterRef("code"))
        same = self.model.objects.filter(about, version=OuterRef("version")).order_by().values("version")
        return self.annotate(
            yes=Subquery(same.annotate(found=YES).values("found")),
            all=Subquery(same.annotate(found=Count("pk")).values("found")),
        )
