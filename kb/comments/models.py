import json
from datetime import timedelta
from hashlib import sha256
from unicodedata import normalize

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from kb import delivery
from kb.accounts import roles
from kb.articles.models import Article
from kb.codes.constraints import exactly_one
from kb.codes.models import Code
from kb.codes.shipped import with_made
from kb.comments import queries
from kb.comments.names import says_staff
from kb.comments.rendering import html_of
from kb.delivery.models import Shown
from kb.text.plain import fold_spaces

TARGETS = ("article", "code")
LONGEST_TEXT = 5000
LONGEST_NAME = 60
MAY_CHANGE = timedelta(minutes=15)  # one's own comment
FOLDED_AT = -5  # a comment with this score or less is folded away, if it is disliked in so many networks
FEWEST_NETWORKS = 5


def _sum(what):
    return sha256(json.dumps(what).encode()).hexdigest()


class OnOnePage(Shown):
    """What stands below an article or a code, and never below both."""

    article = models.ForeignKey(
        Article, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    code = models.ForeignKey(Code, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)

    class Meta:
        abstract = True

    @property
    def target(self):
        return self.article or self.code

    def targets(self):
        return self.target.page_targets

    @staticmethod
    def place_of(target):
        return {"article" if isinstance(target, Article) else "code": target}


class Comment(OnOnePage):
    """What one person said below a page; the first of a thread has neither parent nor thread."""

    class State(models.TextChoices):
        PENDING = "pending", "Waits for approval"
        PUBLISHED = "published", "Published"
        SPAM = "spam", "Spam"

    class Fold(models.TextChoices):
        NOT = "", "Not folded"
        BY_READERS = "readers", "Folded by readers"
        LEFT = "left", "Left folded by our staff"
        SHOWN = "shown", "Shown again by our staff"

    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="answers")
    thread = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="replies", db_index=False
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    by_staff = models.BooleanField(
        default=False, help_text="Whether its author was one of us when it was said."
    )
    name = models.CharField(max_length=LONGEST_NAME)
    email = models.EmailField(
        "e-mail", blank=True, help_text="Never shown; only to tell its author of replies."
    )
    text = models.TextField(max_length=LONGEST_TEXT)
    html = models.TextField(blank=True, editable=False)
    visitor = models.CharField(max_length=32, editable=False)
    state = models.CharField(max_length=9, choices=State, default=State.PENDING)
    key = models.CharField(max_length=64, editable=False)
    # The text alone as a sum: the same words elsewhere.
    words = models.CharField(max_length=64, editable=False)
    score = models.IntegerField(default=0, editable=False)
    fold = models.CharField(max_length=7, choices=Fold, blank=True, default=Fold.NOT, editable=False)
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    edited_at = models.DateTimeField(null=True, blank=True, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    accepted_at = models.DateTimeField("accepted as a workaround", null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    objects = queries.CommentQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [
            *(
                models.Index(
                    fields=[target, "thread", "id", "state", "deleted_at"], name=f"comment_on_{target}"
                )
                for target in TARGETS
            ),
            models.Index(fields=["thread", "id", "state", "deleted_at"], name="comment_in_thread"),
            models.Index(fields=["state", "-id"], name="comment_by_state"),
            models.Index(fields=["fold"], condition=Q(fold="readers"), name="comment_folded"),
            models.Index(fields=["visitor"], name="comment_by_visitor"),
            models.Index(fields=["words"], name="comment_by_words"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=exactly_one(*TARGETS),
                name="comment_on_one_page",
                violation_error_message="A comment is on exactly one of article and code.",
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True, thread__isnull=True)
                | Q(parent__isnull=False, thread__isnull=False) & ~Q(parent=F("id")) & ~Q(thread=F("id")),
                name="comment_reply_has_a_thread",
                violation_error_message="A reply has the comment it answers and the thread it stands in; a first comment has neither.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "published", "spam"]),
                name="comment_state_known",
                violation_error_message="Choose one of the states offered.",
            ),
            models.CheckConstraint(
                condition=Q(fold__in=["", "readers", "left", "shown"]),
                name="comment_fold_known",
                violation_error_message="A comment is folded, or not, in one of the ways there are.",
            ),
            models.CheckConstraint(
                condition=~Q(text="") & ~Q(name="") | Q(deleted_at__isnull=False),
                name="comment_says_something",
                violation_error_message="A comment needs a name and a text.",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(state="published", deleted_at__isnull=True),
                name="comment_accepted_is_shown",
                violation_error_message="Only a comment that readers see can be accepted as a workaround.",
            ),
            models.UniqueConstraint(
                fields=["key"],
                condition=Q(deleted_at__isnull=True),
                name="comment_once",
                violation_error_message="You have said exactly this here already.",
            ),
        ]

    def __str__(self):
        return f"{self.name or 'Somebody'} on {self.target}"

    def get_absolute_url(self):
        return reverse("comment", args=[self.pk])

    @property
    def mark(self):
        """What our staff rely on when they decide about it: its state and its words."""
        moments = [moment.timestamp() if moment else 0 for moment in (self.accepted_at, self.edited_at)]
        return f"{self.state}.{moments[0]}.{moments[1]}"

    def made(self):
        """With what follows from its words: the HTML, and the key that the table has once."""
        words = fold_spaces(normalize("NFC", self.text))
        author = self.author_id or self.name.lower()
        place = [self.article_id, self.code_id, self.parent_id]
        self.html, self.words, self.key = html_of(self.text), _sum(words), _sum([*place, author, words])
        return self

    def save(self, **options):
        self.made()
        super().save(**with_made(options, "text", "html", "words", "key"))

    @property
    def anchor(self):
        return f"c-{self.pk}"

    def targets(self):
        """What waits, and what was taken for spam, staff alone sees; a deleted one may leave its place to replies."""
        targets = super().targets()
        return (
            targets if self.state == self.State.PUBLISHED else [delivery.for_staff(name) for name in targets]
        )

    def delete(self, *arguments, **options):
        """With its replies, which readers may see where it waits itself."""
        with transaction.atomic():
            delivery.changed(*super().targets())
            return super().delete(*arguments, **options)

    @property
    def is_shown(self):
        """Whether everybody who may read the page may read it."""
        return self.state == self.State.PUBLISHED and self.deleted_at is None

    @property
    def is_folded(self):
        """What our staff said or accepted never is."""
        if self.state == self.State.SPAM:
            return True
        is_disliked = self.fold in {self.Fold.BY_READERS, self.Fold.LEFT}
        return is_disliked and not self.by_staff and self.accepted_at is None

    def is_seen_by(self, user, visitor):
        """As `visible_to` says of many."""
        if self.deleted_at or self.is_shown:
            return self.is_shown
        return roles.is_agent(user) or (self.state == "pending" and self.is_of(user, visitor))

    @property
    def signs_as_staff(self):
        """Names such as this one are refused now, and some were given before."""
        return not self.by_staff and says_staff(self.name)

    def is_of(self, user, visitor):
        """Whether this person, or this browser, said it."""
        if self.author_id:
            return user.is_authenticated and self.author_id == user.pk
        return bool(visitor) and self.visitor == visitor

    def may_change(self, user, visitor):
        """Its author may for a while, unless it was taken for spam."""
        fresh = timezone.now() - self.made_at < MAY_CHANGE
        return fresh and self.deleted_at is None and self.state != "spam" and self.is_of(user, visitor)


class CommentVote(models.Model):
    """Whether one browser found a comment helpful (+1) or not (-1), or took that back (0); the comment keeps the sum."""

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="votes")
    visitor = models.CharField(max_length=32)
    value = models.SmallIntegerField()
    network = models.CharField(max_length=16, blank=True, editable=False)  # a sum, forgotten after a day
    counted = models.BooleanField(default=True, editable=False)
    first_of_network = models.BooleanField(default=False, editable=False)
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["comment", "visitor"],
                name="comment_vote_once",
                violation_error_message="This visitor has voted on this comment already. Change that vote.",
            ),
            models.CheckConstraint(
                condition=Q(value__in=[1, 0, -1]),
                name="comment_vote_up_down_or_none",
                violation_error_message="A vote is for a comment, against it, or taken back.",
            ),
            models.CheckConstraint(
                condition=~Q(visitor=""),
                name="comment_vote_has_a_visitor",
                violation_error_message="A vote needs the browser that sent it, so that it counts once.",
            ),
        ]

    def __str__(self):
        return f"{self.value:+d} on {self.comment_id}"


class Report(models.Model):
    """A reader's word that a comment should be looked at; open until one of us has."""

    class Reason(models.TextChoices):
        SPAM = "spam", "It is advertising"
        RUDE = "rude", "It is rude"
        PRIVATE = "private", "It shows personal details"
        WRONG = "wrong", "Its advice does harm"
        OTHER = "other", "Something else"

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="reports")
    visitor = models.CharField(max_length=32, editable=False)
    reason = models.CharField(max_length=7, choices=Reason, blank=True)
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["comment", "visitor"],
                name="comment_reported_once",
                violation_error_message="This visitor has reported this comment already.",
            ),
            models.CheckConstraint(
                condition=Q(reason__in=["", "spam", "rude", "private", "wrong", "other"]),
                name="report_reason_known",
                violation_error_message="Choose one of the reasons offered.",
            ),
            models.CheckConstraint(
                condition=~Q(visitor=""),
                name="report_has_a_visitor",
                violation_error_message="A report needs the browser that sent it, so that it counts once.",
            ),
        ]

    def __str__(self):
        return self.get_reason_display() or "Reported"


class Closed(OnOnePage):
    """A page below which nothing more can be said; what was said stays."""

    made_at = models.DateTimeField(default=timezone.now, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    objects = queries.OnOnePageQuerySet.as_manager()

    class Meta:
        verbose_name = "page closed to comments"
        verbose_name_plural = "pages closed to comments"
        constraints = [
            models.CheckConstraint(
                condition=exactly_one(*TARGETS),
                name="closed_is_one_page",
                violation_error_message="Choose exactly one of article and code.",
            ),
            *(
                models.UniqueConstraint(
                    fields=[target],
                    name=f"closed_once_{target}",
                    violation_error_message="The comments of this page are closed already.",
                )
                for target in TARGETS
            ),
        ]

    def __str__(self):
        return str(self.target)


class Subscription(models.Model):
    """Whether the author of a comment wants to be told of replies; the address itself stands on the comment alone."""

    comment = models.OneToOneField(Comment, models.CASCADE, related_name="subscription")
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    objects = queries.SubscriptionQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"Replies to {self.comment}"

    @property
    def is_on(self):
        return bool(self.confirmed_at and not self.ended_at and self.comment.email)

    @property
    def waits(self):
        """For the word of whoever reads mail at that address."""
        return bool(not self.confirmed_at and not self.ended_at and self.comment.email)
