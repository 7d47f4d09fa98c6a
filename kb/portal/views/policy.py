from datetime import timedelta

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from kb.guard import reports
from kb.guard.throttle import wait_for

LONGEST = 16 * 1024
BELIEVED = timedelta(days=180)  # the norm asks for less than a year


@csrf_exempt
@require_POST
def csp(request):
    """Browsers report breaches of the policy here; they want no answer, and get the same one for all they send."""
    if length_of(request) <= LONGEST and not wait_for(request, "csp"):
        reports.take(request.body)
    return HttpResponse(status=204)


def length_of(request):
    """As announced; a body of unknown length is taken to be too long."""
    given = request.META.get("CONTENT_LENGTH") or ""
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else LONGEST + 1


@require_safe
def security_txt(request):
    """Whom to tell of a weakness, in the form of RFC 9116."""
    expires = (timezone.now() + BELIEVED).strftime("%Y-%m-%dT00:00:00Z")
    lines = [
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {expires}",
        f"Preferred-Languages: {settings.LANGUAGE_CODE.partition('-')[0]}",
        f"Canonical: {settings.SITE_URL}{reverse('security_txt')}",
    ]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")
