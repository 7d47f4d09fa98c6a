"""Questions about articles; `visible_to` alone decides who may read what."""

from django.db import models
from django.db.models import Count, Exists, Max, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Now

from kb.accounts import roles
from kb.delivery.models import ShownQuerySet

MOST_ABOUT = 200  # revisions that are looked at for a list of a few
PARENTS = "parent__parent__parent"  # as deep as topics go

AUDIENCES = {
    roles.VISITOR: ["public"],
    roles.CUSTOMER: ["public", "customers"],
    roles.AGENT: ["public", "customers", "agents"],
}


def audiences(user):
    return AUDIENCES[min(roles.role_of(user), roles.AGENT)]


class ArticleQuerySet(ShownQuerySet):
    def published(self):
        return self.with_words().filter(state="published")

    def visible_to(self, user):
        """Agents also see what is not published yet; the archive is for the admin alone."""
        if roles.is_agent(user):
            return self.exclude(state="archived")
        return self.with_words().open_to(user)

    def open_to(self, user):
        """Published for people like this one, whether there are words yet or not."""
        return self.filter(state="published", audience__in=audiences(user))

    def with_words(self):
        """Those that have something to show, whatever their state."""
        return self.filter(Exists(self.revisions().due().filter(article=OuterRef("pk"))))

    def counts_by_topic(self):
        return dict(self.order_by().values_list("topic").annotate(Count("pk")))

    def at(self, slug):
        """The one of these at this address, or at this former one; None if there is none."""
        return self.filter(slug=slug).first() or self.filter(former_slugs__slug=slug).first()

    def for_page(self):
        shown = Prefetch("revisions", self.revisions().shown(), to_attr="shown_revisions")
        return self.select_related(f"topic__{PARENTS}").prefetch_related(shown)

    def revisions(self):
        return self.model._meta.get_field("revisions").related_model.objects


class RevisionQuerySet(ShownQuerySet):
    """What people read. Lists of articles are lists of shown revisions: one query for place and words."""

    def approved(self):
        return self.filter(approved_at__isnull=False)

    def due(self):
        """Approved, and its moment has come; decided when read, so that no schedule waits for a worker.

        One that brings a placement along is due when that was applied: words and audience change in one transaction.
        """
        return self.approved().filter(publish_at__lte=Now(), placement__isnull=True)

    def shown(self):
        """What readers see: of each article the due revision with the latest moment, of those the newest."""
        later = Q(publish_at__gt=OuterRef("publish_at")) | Q(
            publish_at=OuterRef("publish_at"), pk__gt=OuterRef("pk")
        )
        return self.due().filter(~Exists(self.model.objects.due().filter(later, article=OuterRef("article"))))

    def in_order(self):
        """As readers saw or will see them, the last first."""
        return self.order_by("-publish_at", "-pk")

    def awaited(self):
        """Approved, and its moment is still to come."""
        return self.approved().filter(publish_at__gt=Now()).order_by("publish_at", "pk")

    def overdue(self):
        """Approved, and its moment has come, but the placement that it brings along is not applied yet."""
        overdue = self.approved().filter(publish_at__lte=Now(), placement__isnull=False)
        return overdue.order_by("publish_at", "pk")

    def waiting(self):
        """Approved and not shown yet: those to come and those overdue."""
        waiting = self.approved().filter(Q(publish_at__gt=Now()) | Q(placement__isnull=False))
        return waiting.order_by("publish_at", "pk")

    def drafts(self):
        """Not approved, and no newer words were saved in their place."""
        return self.filter(approved_at__isnull=True, replaced=False)

    def pending(self):
        """What readers may see one day: drafts and what waits."""
        return self.drafts() | self.waiting().order_by("-pk")

    def published(self):
        """The shown words of all articles that anybody outside the admin may read."""
        return self.shown().filter(article__state="published")

    def readable_by(self, user):
        """The shown words of all articles that this person may read."""
        articles = self.model._meta.get_field("article").related_model.objects
        # One revision can be asked about without a list of all articles.
        return self.shown().filter(Exists(articles.open_to(user).filter(pk=OuterRef("article"))))

    def topics_open_to(self, user, topics):
        """Of these topics, those in or below which this person may read something; agents see the empty ones too."""
        if roles.is_agent(user):
            return topics
        return topics.filter(pk__in=[topic.pk for topic in topics if self._is_open(topic, user)])

    def _is_open(self, topic, user):
        """Asked of one topic, so that a few of them do not need a look at every article."""
        return self.readable_by(user).in_topics(topic.with_those_below()).exists()

    def citing(self, *codes):
        """Those that name one of these codes; none if none is given, as for a code without a record."""
        citing = self.model.codes.through.objects.filter(code__in=codes)
        return self.filter(pk__in=citing.values("revision")).order_by("article")

    def showing(self, picture):
        return self.filter(pictures=picture).order_by("article")

    def last_showing(self, picture):
        """Of each article the newest words that show it, whoever may read them."""
        showing = self.model.objects.filter(pictures=picture).order_by()
        return self.filter(pk__in=showing.values("article").annotate(last=Max("pk")).values("last"))

    def about_cause(self, cause):
        """Those that name codes of this cause, the most such codes first; of very many, those that name the most of them."""
        links = self.model.codes.through.objects.filter(code__causes=cause).order_by()
        counted = links.values("revision").annotate(count=Count("code"))
        most = counted.order_by("-count", "revision").values_list("revision", flat=True)[:MOST_ABOUT]
        named = counted.filter(revision=OuterRef("pk")).values("count")
        return self.filter(pk__in=list(most)).annotate(named=Subquery(named)).order_by("-named", "article")

    def in_topic(self, topic):
        return self.in_topics([topic.pk])

    def in_topics(self, pks):
        """From the topics to their articles: these are few, and all articles are many."""
        article = self.model._meta.get_field("article").related_model
        also_in = article.also_in.through.objects.filter(topic__in=pks).values("article")
        return self.filter(
            Q(article__in=article.objects.filter(topic__in=pks).values("pk")) | Q(article__in=also_in)
        )

    def related_to(self, article):
        """Those chosen by hand first, each with the line that says why: the editor’s own, or what was computed."""
        own = article.related_links.model.objects.filter(article=article)
        links = own.filter(other=OuterRef("article"))
        return (
            self.filter(article__in=own.values("other"))
            .annotate(why=Subquery(links.exclude(why="").values("why")[:1]))
            .annotate(by_hand=Subquery(links.values("by_hand")[:1]))
            .annotate(place=Subquery(links.values("position")[:1]))
            .order_by("-by_hand", "place", "article")
        )

    def shown_beside(self, article, most=5):
        """The related articles for its page: all chosen by hand, and the closest computed ones up to so many in all."""
        related = self.related_to(article).as_articles()
        for other in related:
            other.why = other.why or "Chosen by our editors"
        return [other for place, other in enumerate(related) if place < most or other.shown.by_hand]

    def leading_to(self, article):
        """Those whose text links to it, also at a former address, and those that name it as related by hand."""
        links = article.related_links.model.objects.filter(other=article, by_hand=True)
        leads = Q(article__in=links.values("article"))
        for slug in [article.slug, *article.former_slugs.values_list("slug", flat=True)]:
            leads |= Q(html__contains=f"/kb/{slug}/")
        return self.filter(leads).exclude(article=article).order_by("title", "article")

    def recently_reviewed(self, user, most):
        """Chosen among the articles, whose index knows the order; then their words are read."""
        articles = self.model._meta.get_field("article").related_model.objects.with_words().open_to(user)
        latest = articles.filter(reviewed_on__isnull=False).order_by("-reviewed_on", "pk")[:most]
        found = self.filter(article__in=list(latest.values_list("pk", flat=True)))
        return found.order_by("-article__reviewed_on", "article")

    def without_text(self):
        return self.defer("body", "html", "plain")

    def as_articles(self, most=None):
        """The articles of these revisions in their order, each with its shown words at hand."""
        revisions = self.without_text().select_related("article__topic")[:most]
        for revision in revisions:
            revision.article.shown_revisions = [revision]
            revision.article.why = getattr(revision, "why", "") or ""
        return [revision.article for revision in revisions]


class PictureQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Staff see all; others what the words show that they may read."""
        if roles.is_agent(user):
            return self.all()
        shown = self._revisions().readable_by(user).filter(pictures=OuterRef("pk"))
        return self.filter(Exists(shown))

    def with_counts(self):
        """How many articles have words that show each, old ones too."""
        return self.annotate(articles=Count("uses__revision__article", distinct=True))

    def _revisions(self):
        return self.model._meta.get_field("revisions").related_model.objects
