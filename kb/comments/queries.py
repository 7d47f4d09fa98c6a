"""Questions about comments; `visible_to` alone decides who may read which."""

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q

from kb import delivery
from kb.accounts import roles


class OnOnePageQuerySet(models.QuerySet):
    def about(self, target):
        return self.filter(**self.model.place_of(target))

    def delete(self):
        """Of many at once; other such writes are of scores and addresses, which no change tells of."""
        delivery.changed("*")
        return super().delete()


class CommentQuerySet(OnOnePageQuerySet):
    def kept(self):
        return self.filter(deleted_at__isnull=True)

    def published(self):
        return self.kept().filter(state="published")

    def waiting(self):
        return self.kept().filter(state="pending")

    def spam(self):
        return self.kept().filter(state="spam")

    def reported(self):
        """Those with a report that nobody has looked at."""
        reports = self.model._meta.get_field("reports").related_model.objects
        return self.kept().filter(Exists(reports.filter(comment=OuterRef("pk"), settled_at__isnull=True)))

    def folded(self):
        """Those that readers folded away, and nobody has looked at."""
        return self.published().filter(fold="readers", by_staff=False, accepted_at__isnull=True)

    def with_figures(self):
        """Each with its votes that count: `.up`, `.down`, and `.networks` that those against it came from."""
        down = Q(votes__counted=True, votes__value=-1)
        return self.annotate(
            up=Count("votes", filter=Q(votes__counted=True, votes__value=1)),
            down=Count("votes", filter=down),
            networks=Count("votes", filter=down & Q(votes__first_of_network=True)),
        )

    def accepted(self):
        return self.published().filter(accepted_at__isnull=False)

    def of(self, user, visitor):
        """What this person said signed in, or this browser without."""
        own = Q(author=user.pk) if user.is_authenticated else Q(pk__in=())
        return self.filter(own | Q(author__isnull=True, visitor=visitor) if visitor else own)

    def visible_to(self, user, visitor=""):
        """Published ones, and one's own that wait; agents see all that was not deleted."""
        return self.filter(seen_by(user, visitor))

    def threads(self):
        return self.filter(thread__isnull=True)

    def threads_for(self, user, visitor=""):
        """Threads with something in them for this person; a first comment that is gone keeps its place above its replies."""
        replies = self.model.objects.visible_to(user, visitor).filter(thread=OuterRef("pk"))
        return self.threads().filter(seen_by(user, visitor) | Exists(replies))

    def replies_for(self, user, visitor=""):
        """Those this person may read, and the places of those that were answered and are gone."""
        answers = self.model.objects.visible_to(user, visitor).filter(parent=OuterRef("pk"))
        return self.filter(thread__isnull=False).filter(seen_by(user, visitor) | Exists(answers))

    def by_the_author_of(self, comment):
        """What the same account said, or the same browser without one."""
        if comment.author_id:
            return self.filter(author=comment.author_id)
        return self.filter(author__isnull=True, visitor=comment.visitor)

    def with_unwanted_address(self, before):
        """Those whose e-mail address was never confirmed since."""
        subscriptions = self.model._meta.get_field("subscription").related_model.objects
        confirmed = subscriptions.on().filter(comment=OuterRef("pk"))
        return self.filter(~Exists(confirmed), made_at__lt=before).exclude(email="")


class SubscriptionQuerySet(models.QuerySet):
    def on(self):
        return self.filter(confirmed_at__isnull=False, ended_at__isnull=True).exclude(comment__email="")

    def waiting(self):
        return self.filter(confirmed_at__isnull=True, ended_at__isnull=True).exclude(comment__email="")

    def told_of(self, reply):
        """Those of the comment it answers and of the one that began the thread, but not of its own author."""
        comments = self.model._meta.get_field("comment").related_model.objects
        own = comments.by_the_author_of(reply).values("pk")
        answered = comments.published().filter(pk__in=[reply.parent_id, reply.thread_id])
        return (
            self.on().filter(comment__in=answered).exclude(comment__in=own).select_related("comment__author")
        )


def seen_by(user, visitor):
    if roles.is_agent(user):
        return Q(deleted_at__isnull=True)
    shown = Q(state="published")
    if user.is_authenticated:
        shown |= Q(state="pending", author=user.pk)
    if visitor:
        shown |= Q(state="pending", author__isnull=True, visitor=visitor)
    return shown & Q(deleted_at__isnull=True)
