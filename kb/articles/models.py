import re

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import cached_property

from kb.articles import queries
from kb.articles.body import checked, rendered
from kb.codes.models import Code
from kb.codes.shipped import Shipped, history, slug_is_formed, with_made
from kb.delivery.addresses import address
from kb.delivery.models import Shown
from kb.text.globs import made_of
from kb.text.markdown import headings
from kb.text.pictures import FOLDER, markdown
from kb.text.plain import reading_minutes

DEEPEST_TOPIC = 4
ARTICLES = "articles"  # every page that lists articles


class Topic(Shipped):
    """A node of the tree that articles stand in."""

    NATURAL = ("slug",)

    slug = models.SlugField("address name", unique=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    name = models.CharField(max_length=80)
    summary = models.CharField(max_length=200, blank=True, help_text="One line under its name.")
    position = models.PositiveSmallIntegerField(default=0)
    history = history()

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(parent=F("id")),
                name="topic_not_in_itself",
                violation_error_message="A topic cannot stand in itself.",
            ),
            slug_is_formed("topic"),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return address("topic", self.slug)

    def clean(self):
        above, place = [], self.parent
        while place and len(above) < DEEPEST_TOPIC:
            above.append(place)
            place = place.parent
        if self in above:
            raise ValidationError({"parent": "This topic stands above that one, so it cannot stand in it."})
        if len(above) + 1 + self.levels_below() > DEEPEST_TOPIC:
            raise ValidationError(
                {
                    "parent": f"Topics can be at most {DEEPEST_TOPIC} levels deep, those below this one included."
                }
            )

    def with_those_below(self):
        """Its own number and those of all topics under it."""
        pks = level = [self.pk]
        while level and len(pks) < 1000:
            level = list(Topic.objects.filter(parent__in=level).values_list("pk", flat=True))
            pks = [*pks, *level]
        return pks

    def levels_below(self):
        levels, topics = 0, [self.pk]
        while levels < DEEPEST_TOPIC and (
            topics := list(Topic.objects.filter(parent__in=topics).values_list("pk", flat=True))
        ):
            levels += 1
        return levels


class Tag(models.Model):
    """A word that groups articles across topics."""

    slug = models.SlugField("address name", unique=True)
    name = models.CharField(max_length=50, unique=True)

    class Meta:
        ordering = ["name"]
        constraints = [slug_is_formed("tag")]

    def __str__(self):
        return self.name


class Article(Shipped):
    """What has no versions: its address, its place and its state. The words stand in its revisions."""

    NATURAL = ("slug",)

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"
        ARCHIVED = "archived", "Archived"

    class Audience(models.TextChoices):
        PUBLIC = "public", "Everyone"
        CUSTOMERS = "customers", "Signed-in customers"
        AGENTS = "agents", "Our staff"

    slug = models.SlugField(
        "address name", max_length=100, unique=True, help_text="Old addresses lead to the new one for ever."
    )
    topic = models.ForeignKey(Topic, models.PROTECT, related_name="articles", verbose_name="main topic")
    also_in = models.ManyToManyField(Topic, blank=True, related_name="more_articles", verbose_name="also in")
    tags = models.ManyToManyField(Tag, blank=True, related_name="articles")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who keeps it right.",
    )
    audience = models.CharField(max_length=9, choices=Audience, default=Audience.PUBLIC)
    state = models.CharField(max_length=9, choices=State, default=State.DRAFT)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    next_review = models.DateField(null=True, blank=True)
    related = models.ManyToManyField(
        "self", through="Related", symmetrical=False, blank=True, related_name="+"
    )
    objects = queries.ArticleQuerySet.as_manager()
    history = history()

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["-reviewed_on", "id"], name="article_reviewed_last")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(slug__in=["topics", "feed"]) & ~made_of("slug", "0-9"),
                name="article_slug_is_free",
                violation_error_message="“topics”, “feed” and bare numbers are other addresses. Choose another address name.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "published", "archived"])
                & Q(audience__in=["public", "customers", "agents"]),
                name="article_state_and_audience_known",
                violation_error_message="Choose one of the states and audiences offered.",
            ),
            slug_is_formed("article"),
        ]

    def __str__(self):
        return self.text.title if self.text else self.slug

    def get_absolute_url(self):
        return address("article", self.slug)

    def targets(self):
        """Its page, every list of articles, the pages of the codes it cites and of the articles that lead to it."""
        cited = Code.objects.filter(
            pk__in=Revision.codes.through.objects.filter(revision__article=self).values("code")
        )
        links = Related.objects.filter(other=self).values_list("article", flat=True)
        return [
            ARTICLES,
            *self.page_targets,
            *(target for code in cited.select_related("registry") for target in code.page_targets),
            *(f"article:{number}" for number in links),
        ]

    @property
    def page_targets(self):
        return [f"article:{self.pk}"]

    @property
    def number(self):
        """Its short permanent address is /a/<number>/."""
        return self.pk

    @cached_property
    def shown(self):
        """The revision that readers see, or None."""
        if hasattr(self, "shown_revisions"):
            return next(iter(self.shown_revisions), None)
        return self.revisions.shown().first()

    @cached_property
    def newest(self):
        """The last words saved, approved or not."""
        return next(iter(self.revisions.all()[:1]), None)

    def forget_words(self):
        """Words were added or approved: what was kept of them is asked for again."""
        for name in ("shown_revisions", "shown", "newest"):
            vars(self).pop(name, None)
        getattr(self, "_prefetched_objects_cache", {}).pop("revisions", None)

    @property
    def text(self):
        """What there is to read: the shown revision, or, for those who see drafts, the newest."""
        return self.shown or self.newest

    @property
    def is_shown(self):
        """Whether those it is for may read it."""
        return self.state == self.State.PUBLISHED and self.shown is not None

    @property
    def is_public(self):
        return self.is_shown and self.audience == self.Audience.PUBLIC

    def save(self, **options):
        before = (
            Article.objects.filter(pk=self.pk).values_list("slug", flat=True).first() if self.pk else None
        )
        super().save(**options)
        if self.state == self.State.PUBLISHED:  # a draft takes nobody's address away
            FormerSlug.objects.filter(slug=self.slug).delete()
        if before and before != self.slug:
            FormerSlug.objects.get_or_create(slug=before, defaults={"article": self})


class FormerSlug(models.Model):
    """An address an article once had; it leads to the article for ever, unless another one takes it."""

    slug = models.SlugField(max_length=100, unique=True)
    article = models.ForeignKey(Article, models.CASCADE, related_name="former_slugs")

    def __str__(self):
        return self.slug


class Picture(models.Model):
    """A picture that articles may show. What is in it never changes: its name is made from that."""

    name = models.CharField(max_length=40, unique=True, editable=False)
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    bytes = models.PositiveIntegerField(editable=False)
    given_name = models.CharField("file", max_length=100, editable=False)
    alt = models.CharField(
        "what it shows",
        max_length=200,
        help_text="For people who cannot see it; each article may say it in its own words.",
    )
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    added_at = models.DateTimeField(default=timezone.now, editable=False)
    objects = queries.PictureQuerySet.as_manager()

    CONTENT_TYPES = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(alt=""),
                name="picture_says_what_it_shows",
                violation_error_message="Say what the picture shows.",
            ),
        ]

    def __str__(self):
        return self.alt

    def get_absolute_url(self):
        return f"{FOLDER}{self.name}"

    def clean(self):
        self.alt = self.alt_of(self.alt)

    @staticmethod
    def file_of(name):
        """Where its file lies in the storage."""
        return f"pictures/{name}"

    @property
    def file_name(self):
        return self.file_of(self.name)

    @staticmethod
    def alt_of(words):
        """In one line, and without the signs that would end it in Markdown."""
        return " ".join(re.sub(r"[][|\\\x00]", " ", words).split())[:200] or "Picture"

    @property
    def content_type(self):
        return self.CONTENT_TYPES[self.name.rpartition(".")[2]]

    @property
    def markdown(self):
        return markdown(self.alt, self.name)


class Revision(Shown):
    """One saved state of everything readers read. Its words never change; a correction is a new revision."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="revisions")
    title = models.CharField(max_length=120)
    summary = models.TextField(
        max_length=300, blank=True, help_text="Two or three plain sentences: the answer in short."
    )
    applies_to = models.CharField(max_length=120, blank=True, help_text="Such as: all mail plans.")
    keywords = models.CharField(
        max_length=200,
        blank=True,
        help_text="Words customers search for that the text lacks, commas between. Never shown.",
    )
    body = models.TextField(help_text="Markdown. Headings begin at ##.")
    html = models.TextField(blank=True, editable=False)
    plain = models.TextField(blank=True, editable=False)
    codes = models.ManyToManyField(Code, blank=True, related_name="+", editable=False)
    pictures = models.ManyToManyField(
        Picture, through="PictureUse", blank=True, related_name="revisions", editable=False
    )
    note = models.CharField("what changed", max_length=200, blank=True, help_text="One line for the history.")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True, editable=False)
    publish_at = models.DateTimeField(null=True, blank=True)
    base = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+", editable=False)
    # A draft in whose place newer words were saved, or that was discarded.
    replaced = models.BooleanField(default=False, editable=False)
    # What these words change of the article itself once they go live, see placement.py. Null: nothing, or applied.
    placement = models.JSONField(null=True, blank=True, editable=False)
    objects = queries.RevisionQuerySet.as_manager()

    WORDS = ("title", "summary", "applies_to", "keywords", "body")

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["article", "-id"], name="revision_newest_first"),
            # Whether words are shown is asked of every article; it is answered without reading the words.
            models.Index(
                fields=["article", "publish_at"],
                name="revision_due",
                condition=Q(approved_at__isnull=False, placement__isnull=True),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True, publish_at__isnull=True)
                | Q(approved_at__isnull=False, publish_at__isnull=False),
                name="approved_revision_has_a_moment",
                violation_error_message="An approved revision needs the moment from which readers see it, and no other may have one.",
            ),
            models.CheckConstraint(
                condition=~Q(title=""),
                name="revision_has_a_title",
                violation_error_message="Write a title.",
            ),
        ]

    def __str__(self):
        return self.title

    def targets(self):
        """A draft is on no page."""
        return self.article.targets() if self.approved_at else []

    def clean(self):
        checked("body", self.body)

    def save(self, **options):
        text = rendered(self.body)
        self.html, self.plain = text.html, text.plain
        super().save(**with_made(options, "body", "html", "plain"))
        self.codes.set(Code.objects.named(text.codes))
        self.pictures.set(Picture.objects.filter(name__in=text.pictures))

    @property
    def minutes(self):
        return reading_minutes(self.plain)

    @property
    def toc(self):
        return [heading for heading in headings(self.html) if heading.level == 2]

    @property
    def is_draft(self):
        return self.approved_at is None and not self.replaced

    @property
    def is_waiting(self):
        """Approved and not shown yet."""
        return self.approved_at is not None and (
            self.placement is not None or self.publish_at > timezone.now()
        )

    @property
    def words(self):
        return {name: getattr(self, name) for name in self.WORDS}


class PictureUse(models.Model):
    """A revision shows a picture: as long as it is there, so is the picture."""

    revision = models.ForeignKey(Revision, models.CASCADE, related_name="+")
    picture = models.ForeignKey(Picture, models.PROTECT, related_name="uses")

    class Meta:
        verbose_name = "words of an article"
        verbose_name_plural = "words of articles"
        constraints = [models.UniqueConstraint(fields=["revision", "picture"], name="picture_use_once")]

    def __str__(self):
        return f"“{self.revision}” shows “{self.picture}”"


class Related(Shown):
    """An article worth reading next. Those chosen by hand come first, also before the same one computed."""

    MERGED = {"by_hand": True}  # what shipped content is compared with and may write

    article = models.ForeignKey(Article, models.CASCADE, related_name="related_links")
    other = models.ForeignKey(Article, models.CASCADE, related_name="+")
    by_hand = models.BooleanField(default=True, editable=False)
    position = models.PositiveSmallIntegerField(default=0)
    why = models.CharField(max_length=80, blank=True, help_text="One line that says why.")

    class Meta:
        ordering = ["-by_hand", "position", "pk"]
        verbose_name = "related article"
        constraints = [
            models.UniqueConstraint(
                fields=["article", "other", "by_hand"],
                name="related_once",
                violation_error_message="This article is in the list already.",
            ),
            models.CheckConstraint(
                condition=~Q(article=F("other")),
                name="related_to_another",
                violation_error_message="An article cannot be related to itself.",
            ),
        ]

    def __str__(self):
        return str(self.other)

    def targets(self):
        return self.article.page_targets
