from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from kb.guard import reports
from kb.guard.throttle import wait_for

LONGEST = 16 * 1024


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
