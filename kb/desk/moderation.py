"""What our staff do to comments. All of it can be undone for a minute; what cannot be undone is done only then."""

from collections.abc import Collection, Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from kb import jobs
from kb.comments import editing, notifying
from kb.comments.models import Comment, Report
from kb.desk.models import UNDO, Action

What, State = Action.What, Comment.State
STATES = {What.PUBLISH: State.PUBLISHED, What.SPAM: State.SPAM, What.DELETE: State.SPAM}
FOLDS = {What.UNFOLD: Comment.Fold.SHOWN, What.FOLD: Comment.Fold.LEFT}
LEAVE_REPORTS = {What.ACCEPT, What.TAKE_BACK, *FOLDS}
FIELDS = ["state", "accepted_at", "accepted_by", "fold"]
MOST_ACTIONS = 500  # that are looked through for who decided about a comment


@transaction.atomic
def moderate(what: str, comments, *, by) -> Action | None:
    """Do it to those of these that it changes; None if it changes none."""
    now = timezone.now()
    chosen = [comment for comment in comments.kept().select_for_update() if _changes(what, comment)]
    if not chosen:
        return None
    before = [_do(what, comment, by, now) for comment in chosen]
    action = Action.objects.create(what=what, before=before, made_by=by, made_at=now)
    if what in {What.PUBLISH, What.DELETE}:
        jobs.add("moderated", action.pk, due=now + UNDO)
    return action


def split_by_seen(comments, seen: Mapping[int, str]) -> tuple[list[int], list[int]]:
    """Numbers of those that are as the page of the button showed them, and of those that are not, which stay as they are.

    Call it in the transaction that moderates: the comments are locked. `seen` is what `seen_as` gave for each.
    """
    as_seen, changed = [], []
    for comment in comments.select_for_update().order_by("pk"):
        mark, _, report = seen.get(comment.pk, "").partition(":")
        reports = comment.reports.filter(settled_at=None, pk__gt=int(report)) if report.isdecimal() else ()
        is_same = comment.deleted_at is None and mark == comment.mark and not reports
        (as_seen if is_same else changed).append(comment.pk)
    return as_seen, changed


def seen_as(comment, reports) -> str:
    """How a list shows it: a report that comes later was not looked at."""
    return f"{comment.mark}:{max((report.pk for report in reports), default=0)}"


def last_action(number: int) -> Action | None:
    """What was done to this comment last, and not undone."""
    recent = Action.objects.filter(undone_at=None).select_related("made_by")[:MOST_ACTIONS]
    return next((one for one in recent if any(row["comment"] == number for row in one.before)), None)


def done_already(what: str, numbers: Collection[int], *, by) -> Action | None:
    """Their own action of just now, if the same form was sent twice."""
    actions = Action.objects.filter(what=what, made_by=by, undone_at=None, made_at__gt=timezone.now() - UNDO)
    for action in actions:
        if set(numbers) <= {row["comment"] for row in action.before}:
            return action
    return None


def _changes(what, comment):
    if what == What.ACCEPT:
        return comment.is_shown and comment.accepted_at is None
    if what == What.TAKE_BACK:
        return comment.accepted_at is not None
    if what in FOLDS:
        return comment.is_folded and comment.fold not in {"", FOLDS[what]}
    is_reported = comment.reports.filter(settled_at=None).exists()
    return is_reported or what == What.DELETE or (what in STATES and comment.state != STATES[what])


def _do(what, comment, by, now):
    """Returns how it was before."""
    before = {
        "comment": comment.pk,
        "state": comment.state,
        "accepted_at": comment.accepted_at and comment.accepted_at.isoformat(),
        "accepted_by": comment.accepted_by_id,
        "fold": comment.fold,
        "reports": [],
    }
    comment.state = STATES.get(what, comment.state)
    comment.fold = FOLDS.get(what, comment.fold)
    if what == What.ACCEPT:
        comment.accepted_at, comment.accepted_by = now, by
    elif what == What.TAKE_BACK or comment.state != State.PUBLISHED:
        comment.accepted_at = comment.accepted_by = None
    comment.save(update_fields=FIELDS)
    if what not in LEAVE_REPORTS:
        before["reports"] = _settle(comment, by, now)
    return before


def _settle(comment, by, now):
    """Somebody has looked at what readers reported."""
    reports = Report.objects.filter(comment=comment, settled_at=None)
    numbers = list(reports.values_list("pk", flat=True))
    Report.objects.filter(pk__in=numbers).update(settled_at=now, settled_by=by)
    return numbers


@transaction.atomic
def undo(action: Action) -> int:
    """As it was before, where nothing else was done since; returns how many came back."""
    if not Action.objects.filter(pk=action.pk, undone_at=None).update(undone_at=timezone.now()):
        return 0
    return sum(_put_back(action, before) for before in action.before)


def _put_back(action, before):
    comment = _unchanged_since(action, before["comment"])
    if comment is None:
        return False
    comment.state = before["state"]
    comment.accepted_at = before["accepted_at"] and parse_datetime(before["accepted_at"])
    comment.accepted_by_id = before["accepted_by"]
    comment.fold = before.get("fold", comment.fold)
    comment.save(update_fields=FIELDS)
    Report.objects.filter(pk__in=before["reports"]).update(settled_at=None, settled_by=None)
    return True


def _unchanged_since(action, number):
    comment = Comment.objects.kept().filter(pk=number).first()
    later = Action.objects.filter(pk__gt=action.pk, undone_at=None, made_at__gte=action.made_at)
    if any(before["comment"] == number for other in later for before in other.before):
        return None
    expected = STATES.get(action.what)
    return comment if comment and expected in {None, comment.state} else None


def finish(number: str) -> None:
    """What had to wait until nobody could undo it."""
    action = Action.objects.filter(pk=number, undone_at=None).first()
    for before in action.before if action else ():
        comment = _unchanged_since(action, before["comment"])
        if comment and action.what == What.DELETE:
            editing.delete(comment)
        elif comment:
            notifying.published(comment)
