"""The pages that the links in our mails about replies lead to.

A GET shows a button and changes nothing: programs that look through mail follow every link. The POST of the mailbox
provider's own unsubscribe button (RFC 8058) comes from nobody's browser, which `public_form` lets in.
"""

from django.views.decorators.http import require_http_methods

from kb.comments import notifying
from kb.guard.origin import public_form
from kb.portal.pages import page


@public_form
@require_http_methods(["GET", "HEAD", "POST"])
def replies_confirm(request, token):
    return _answer(request, token, "confirm", notifying.confirm)


@public_form
@require_http_methods(["GET", "HEAD", "POST"])
def replies_unsubscribe(request, token):
    return _answer(request, token, "unsubscribe", notifying.unsubscribe)


def _answer(request, token, act, do):
    subscription = notifying.named_by(token, act)
    if subscription and request.method == "POST":
        do(subscription)
        subscription = notifying.named_by(token, act)
    context = {"subscription": subscription, "act": act}
    response = page(
        request, "portal/replies.html", context, status=200 if subscription else 404, indexed=False
    )
    response["Cache-Control"] = "private, no-store"
    return response
