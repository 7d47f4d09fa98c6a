"""A form sent twice is saved once, and answered twice alike."""

import json
from collections.abc import Callable
from hashlib import sha256
from secrets import token_urlsafe

from django.contrib.messages import add_message, get_messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.template.response import SimpleTemplateResponse, TemplateResponse
from django.utils.safestring import SafeString

from kb.edits.models import Answer

KEY = "_edit_key"  # the hidden field that tells one opened form from another
POPUP = "admin/popup_response.html"


def new_key() -> str:
    return token_urlsafe(12)


def once(request: HttpRequest, save: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """What `save` answers, in one transaction; what it answered the first time if exactly this was saved already.

    The row is written before the form is saved. So of two requests that arrive together the second waits
    until the first has committed, on PostgreSQL at the unique constraint, on SQLite at BEGIN IMMEDIATE.
    """
    with transaction.atomic():
        digest = _digest(request)
        if not digest:
            return save()
        try:
            with transaction.atomic():
                row = Answer.objects.create(user=request.user, digest=digest)
        except IntegrityError:
            return _again(request, Answer.objects.get(user=request.user, digest=digest))
        shown_before = len(_messages(request))
        response = save()
        answer = _kept(response)
        if answer is None:  # refused, or shown again: nothing was saved
            row.delete()
        else:
            answer["messages"] = _messages(request)[shown_before:]
            # Whoever deletes their own account takes the row along.
            Answer.objects.filter(pk=row.pk).update(answer=answer)
        return response


def _digest(request):
    """Of all that was sent: whoever goes back and writes on sends the same key with other words."""
    key = request.POST.get(KEY, "")
    if not key:
        return ""
    fields = sorted((name, values) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken")
    return sha256(json.dumps([request.path, fields]).encode()).hexdigest()


def _kept(response):
    if isinstance(response, HttpResponseRedirect):
        return {"location": response["Location"]}
    if isinstance(response, SimpleTemplateResponse) and POPUP in str(response.template_name):
        return {"popup": response.context_data["popup_response_data"]}
    return None


def _again(request, row):
    for level, text, tags, *is_html in row.answer.get("messages", ()):
        add_message(request, level, SafeString(text) if any(is_html) else text, extra_tags=tags)
    if "popup" in row.answer:
        return TemplateResponse(request, POPUP, {"popup_response_data": row.answer["popup"]})
    return HttpResponseRedirect(row.answer["location"])


def _messages(request):
    """Those waiting to be shown, without taking them for shown, each with whether it is HTML."""
    storage = get_messages(request)
    found = [
        [
            message.level,
            str(message.message),
            message.extra_tags or "",
            isinstance(message.message, SafeString),
        ]
        for message in storage
    ]
    storage.used = False
    return found
