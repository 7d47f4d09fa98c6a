from django.db import models, transaction
from django.db.models import Q

from kb.articles.models import Article
from kb.codes.constraints import exactly_one
from kb.codes.models import Code
from kb.feedback import queries
from kb.feedback.clusters import LONGEST_CLUSTER
from kb.guard.voter import Voter

TARGETS = ("article", "code")
LONGEST_TEXT = 1000
LONGEST_SKELETON = 300


class Vote(models.Model):
    """One browser's answer to “Did you find this useful?”, about the words it stood under."""

    class Reason(models.TextChoices):
        WRONG = "wrong", "Something in it is wrong"
        CONFUSING = "confusing", "It is hard to understand"
        MISSING = "missing", "A step is missing"
        OUTDATED = "outdated", "It is out of date"
        UNSOLVED = "unsolved", "It did not solve my problem"
        OTHER = "other", "Something else"

    article = models.ForeignKey(Article, models.CASCADE, null=True, blank=True, related_name="+")
    code = models.ForeignKey(Code, models.CASCADE, null=True, blank=True, related_name="+")
    version = models.PositiveBigIntegerField(
        help_text="The number of an article’s revision, or the version of a code’s words."
    )
    useful = models.BooleanField()
    reason = models.CharField(max_length=10, choices=Reason, blank=True)
    text = models.CharField(max_length=LONGEST_TEXT, blank=True)
    visitor = models.CharField(max_length=32)
    network = models.CharField(max_length=16, blank=True, editable=False)  # a sum, forgotten after a day
    counted = models.BooleanField(default=True, editable=False)
    made_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    objects = queries.VoteQuerySet.as_manager()

    class Meta:
        ordering = ["-changed_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=exactly_one(*TARGETS),
                name="vote_on_one_thing",
                violation_error_message="A vote is on exactly one of article and code.",
            ),
            models.CheckConstraint(
                condition=Q(useful=False) | Q(reason="", text=""),
                name="vote_reason_with_no_only",
                violation_error_message="Only a No has a reason or a text.",
            ),
            models.CheckConstraint(
                condition=Q(
                    reason__in=["", "wrong", "confusing", "missing", "outdated", "unsolved", "other"]
                ),
                name="vote_reason_known",
                violation_error_message="Choose one of the reasons offered.",
            ),
            models.CheckConstraint(
                condition=~Q(visitor=""),
                name="vote_has_a_visitor",
                violation_error_message="A vote needs the browser that sent it, so that it counts once.",
            ),
            *(
                models.UniqueConstraint(
                    fields=[target, "version", "visitor"],
                    condition=Q(**{f"{target}__isnull": False}),
                    name=f"vote_once_a_visitor_{target}",
                    violation_error_message="This visitor has voted on these words already. Change that vote.",
                )
                for target in TARGETS
            ),
        ]

    def __str__(self):
        return f"{'Yes' if self.useful else 'No'}: {self.target}"

    @property
    def target(self):
        return self.article or self.code

    @staticmethod
    def place_of(target):
        """What a vote is bound to: the revision that readers see, or the version of a code's words."""
        if isinstance(target, Article):
            return {"article": target, "version": target.shown.pk}
        return {"code": target, "version": target.version}

    @classmethod
    @transaction.atomic
    def cast(cls, target, *, useful, visitor="", by=None, reason="", text=""):
        """Sent twice it counts once; sent again with something else it is changed. `by` says more of the visitor."""
        by = by or Voter(visitor)
        type(target)._base_manager.select_for_update().get(
            pk=target.pk
        )  # two votes at once each see the other
        said = {"useful": useful, "reason": "" if useful else reason, "text": "" if useful else text}
        place = cls.place_of(target)
        others = cls.objects.filter(**place).exclude(visitor=by.visitor)
        first = {**said, "network": by.network, "counted": by.counts(others)}
        return cls.objects.update_or_create(
            **place, visitor=by.visitor, defaults=said, create_defaults=first
        )[0]


class Ask(models.Model):
    """What was asked how often and how well it was answered: a skeleton, never the words of anybody."""

    class Kind(models.TextChoices):
        SEARCH = "search", "Search"
        ERROR = "error", "Pasted error"

    class Outcome(models.TextChoices):
        WELL = "well", "Answered"
        WEAK = "weak", "Answered in part"
        NOTHING = "nothing", "Nothing found"

    kind = models.CharField(max_length=6, choices=Kind)
    skeleton = models.CharField("what was asked", max_length=LONGEST_SKELETON)
    cluster = models.CharField(max_length=LONGEST_CLUSTER, db_index=True)
    outcome = models.CharField("last answer", max_length=7, choices=Outcome)
    times = models.PositiveIntegerField(default=0)
    first_day = models.DateField()
    last_day = models.DateField(db_index=True)
    objects = queries.AskQuerySet.as_manager()

    class Meta:
        ordering = ["-times", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "skeleton"],
                name="ask_once",
                violation_error_message="This is counted already.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["search", "error"]),
                name="ask_kind_known",
                violation_error_message="Choose one of the kinds there are.",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["well", "weak", "nothing"]),
                name="ask_outcome_known",
                violation_error_message="Choose one of the outcomes there are.",
            ),
        ]

    def __str__(self):
        return self.skeleton
