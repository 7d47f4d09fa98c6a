from django.db import models
from django.db.models import Q

from kb.codes import queries
from kb.codes.acting import HEADINGS, REPLY, Role
from kb.codes.constraints import exactly_one
from kb.codes.markers import checked, rendered
from kb.codes.models.causes import Cause
from kb.codes.models.codes import Code
from kb.codes.models.registries import CodeClass, Subject
from kb.codes.models.wordings import Wording
from kb.codes.shipped import Shipped, history, with_made

ADVICE_TARGETS = ("cause", "code", "subject", "code_class", "wording")


class Advice(Shipped):
    """What to do, for one person involved; or the reply that is ready to be sent to the customer."""

    NATURAL = (*ADVICE_TARGETS, "role")
    REPLY = REPLY
    ROLES = [*Role.choices, (REPLY, "Ready reply to the customer")]

    cause = models.ForeignKey(Cause, models.CASCADE, null=True, blank=True, related_name="advice")
    code = models.ForeignKey(Code, models.CASCADE, null=True, blank=True, related_name="advice")
    subject = models.ForeignKey(Subject, models.CASCADE, null=True, blank=True, related_name="advice")
    code_class = models.ForeignKey(
        CodeClass, models.CASCADE, null=True, blank=True, related_name="advice", verbose_name="class"
    )
    wording = models.ForeignKey(Wording, models.CASCADE, null=True, blank=True, related_name="advice")
    role = models.CharField(max_length=15, choices=ROLES)
    text = models.TextField(help_text="Markdown. A numbered list where there is an order.")
    html = models.TextField(blank=True, editable=False)
    objects = queries.AdviceQuerySet.as_manager()
    history = history(made=["html"])

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "advice"
        constraints = [
            models.CheckConstraint(
                condition=exactly_one(*ADVICE_TARGETS),
                name="advice_on_one_thing",
                violation_error_message="Choose exactly one of cause, code, subject, class and wording.",
            ),
            *(
                models.UniqueConstraint(
                    fields=[target, "role"],
                    condition=Q(**{f"{target}__isnull": False}),
                    name=f"advice_once_a_role_{target}",
                    violation_error_message="There is advice for this role already. Change that one.",
                )
                for target in ADVICE_TARGETS
            ),
            models.CheckConstraint(
                condition=Q(role__in=[*Role.values, REPLY]),
                name="advice_role_known",
                violation_error_message="Choose one of the roles offered.",
            ),
        ]

    def __str__(self):
        return f"{self.target}: {self.get_role_display()}"

    @property
    def heading(self):
        """Whom it speaks to, as pages say it."""
        return HEADINGS[self.role]

    @property
    def target(self):
        return next((getattr(self, name) for name in ADVICE_TARGETS if getattr(self, f"{name}_id")), None)

    def targets(self):
        """The pages of what it is on; that on a cause stands on the pages of its codes too."""
        if self.code:
            return self.code.page_targets
        if self.wording:
            return self.wording.targets()
        return self.cause.targets() if self.cause else super().targets()

    def clean(self):
        checked("text", self.text)

    def save(self, **options):
        self.html = rendered(self.text).html
        super().save(**with_made(options, "text", "html"))
