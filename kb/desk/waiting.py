"""What waits for somebody, for the first page of the desk."""

from dataclasses import dataclass

from django.urls import reverse

from kb.accounts import roles
from kb.comments.models import Comment
from kb.jobs.models import MOST_ATTEMPTS, Job, Mail


@dataclass(frozen=True)
class Waiting:
    label: str
    count: int
    address: str
    hint: str


def waiting_for(user):
    """Those that this person can do something about; what waits for nobody is told too, as nought."""
    yield from _for_agents()
    if roles.is_admin(user):
        yield from _for_admins()


def _for_agents():
    comments = reverse("desk_comments")
    pending, reported = Comment.objects.waiting(), Comment.objects.reported()
    yield Waiting("Comments to approve", pending.count(), comments, "Only their authors see them until then.")
    yield Waiting(
        "Reported comments",
        reported.count(),
        f"{comments}?show=reported",
        "Readers asked us to look at them.",
    )
    yield Waiting(
        "Folded comments",
        Comment.objects.folded().count(),
        f"{comments}?show=folded",
        "Readers did not find them helpful, so they stand closed.",
    )


def _for_admins():
    mails, jobs = reverse("admin:jobs_mail_changelist"), reverse("admin:jobs_job_changelist")
    given_up = Job.objects.open().filter(attempts__gte=MOST_ATTEMPTS)
    yield Waiting("Mails not sent", Mail.objects.not_sent().count(), mails, "Refused, given up, or unclear.")
    yield Waiting(
        "Work given up",
        given_up.count(),
        f"{jobs}?state=given-up",
        "It failed ten times; try it again there.",
    )
