"""Writing to our support: the message first, then what may answer it, and the letter on its way in any case."""

from django.core.exceptions import ValidationError
from django.views.decorators.http import require_http_methods

from kb.diagnosis.diagnosing import diagnose
from kb.feedback.contacting import new_key, send, subject_for
from kb.feedback.forms import ContactForm
from kb.guard.origin import public_form
from kb.guard.throttle import in_words, wait_for
from kb.guard.visitor import new_visitor, remember, visitor_of
from kb.portal.answering import groups_of
from kb.portal.given import take
from kb.portal.pages import later, page
from kb.portal.suggesting import articles_for, hits_for

EMPTY = "Write what happened, paste the error message, or choose a mail."
NO_MAIL = (
    "That file is no mail as text. Choose another, or paste what stands in it; what you wrote is still here."
)


@public_form
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request):
    if request.method != "POST":
        return page(request, "portal/contact.html")
    given = take(request, text="message", file="mail_file")
    answer = sent if request.POST.get("act") == "send" else looked_at
    response = answer(request, given)
    response["Cache-Control"] = "no-store"
    return remember(visitor_of(request) or new_visitor(), response)


def looked_at(request, given):
    """The second step: what may answer it, and where to send it from."""
    if given.is_no_text or not given.text.strip():
        context = {
            "problem": NO_MAIL if given.is_no_text else EMPTY,
            "message": request.POST.get("message", ""),
        }
        return page(request, "portal/contact.html", context, status=422, indexed=False)
    diagnosis = None if wait_for(request, "ask") else diagnose(given.source)  # the way to us stays open
    read = diagnosis.reading.text if diagnosis else given.text
    first = {
        "message": request.POST.get("message", ""),
        "mail": read if given.is_file else "",
        "email": getattr(request.user, "email", ""),
        "subject": subject_for(diagnosis) if diagnosis else "",
        "key": new_key(),
    }
    return _letter_page(request, ContactForm(initial=first), given, diagnosis)


def sent(request, given):
    form = ContactForm(request.POST)
    if not form.is_valid():
        return _letter_page(request, form, given, status=422)
    if wait := wait_for(request, "contact"):
        return _letter_page(request, form, given, wait=wait, status=429)
    letter = form.letter()
    try:
        reference = send(letter, diagnose(letter.mail or letter.message), key=form.cleaned_data["key"])
    except ValidationError:  # an address that is well formed and that no mail can be sent to
        form.add_error("email", form.fields["email"].error_messages["invalid"])
        return _letter_page(request, form, given, status=422)
    context = {"reference": reference, "email": letter.email}
    return page(request, "portal/contact_sent.html", context, indexed=False)


def _letter_page(request, form, given, diagnosis=None, *, wait=0, status=200):
    """With suggestions on the way to it only; whoever has seen the answer already is not shown it again."""
    context = {"form": form, "given": given, "wait": wait and in_words(wait)}
    if diagnosis and not request.POST.get("seen"):
        context |= suggestions(given, diagnosis, request.user)
    response = page(request, "portal/contact_letter.html", context, status=status, indexed=False)
    return later(response, wait) if wait else response


def suggestions(given, diagnosis, user):
    return {
        "groups": groups_of(diagnosis, staff=False)[:1],
        "diagnosis": diagnosis,
        "articles": articles_for(diagnosis, user),
        "hits": hits_for(given, diagnosis, user),
    }
