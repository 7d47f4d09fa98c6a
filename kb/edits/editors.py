"""Who changed a record, and when: by its history and by the admin's own log."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models


@dataclass(frozen=True)
class Edit:
    """`by` is None where no person did it, but a command."""

    by: Any
    at: datetime


def last_edit(records: Iterable[models.Model], since: datetime | None = None) -> Edit | None:
    """The newest edit of any of these, if one is known from `since` on."""
    found = [edit for record in records for edit in _edits(record, since)]
    return max(found, key=lambda edit: edit.at, default=None)


def last_deletion(model: type[models.Model], pk: str) -> Edit | None:
    """Who deleted the record that had this number."""
    kind = ContentType.objects.get_for_model(model)
    entries = LogEntry.objects.filter(content_type=kind, object_id=pk, action_flag=DELETION)
    entry = entries.select_related("user").order_by("-action_time").first()
    return entry and Edit(entry.user, entry.action_time)


def _edits(record, since):
    kind = ContentType.objects.get_for_model(record)
    entries = LogEntry.objects.filter(content_type=kind, object_id=str(record.pk))
    if since:
        entries = entries.filter(action_time__gte=since)
    if entry := entries.select_related("user").order_by("-action_time").first():
        yield Edit(entry.user, entry.action_time)
    if history := getattr(record, "history", None):
        rows = history.filter(history_date__gte=since) if since else history.all()
        if row := rows.select_related("history_user").order_by("-history_date", "-history_id").first():
            yield Edit(row.history_user, row.history_date)
