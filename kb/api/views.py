from ipaddress import ip_address

from django.conf import settings
from django.http import Http404, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from kb.api import health
from kb.api.metrics import TYPE, told
from kb.guard.client import address_of


@require_safe
def healthz(request):
    """The process lives; it asks nothing else, so that nothing else can spoil the answer."""
    return _fresh(HttpResponse("alive\n", content_type="text/plain; charset=utf-8"))


@require_safe
def readyz(request):
    """Whether this copy can serve; what exactly was found is for the operator."""
    found = health.look()
    ready, fully = health.is_ready(found), is_operator(request)
    answer = {"ready": ready, "checks": {name: one.told(fully=fully) for name, one in found.items()}}
    return _fresh(JsonResponse(answer, status=200 if ready else 503))


@require_safe
def metrics(request):
    if not is_operator(request):
        raise Http404("Metrics are for the operator.")
    return _fresh(HttpResponse(told(), content_type=TYPE))


def is_operator(request):
    """Who asks from METRICS_FOR, and not through a proxy we do not know: its readers would all seem to be here."""
    if request.META.get("kb.unknown_proxy"):
        return False
    try:
        address = ip_address(address_of(request))
    except ValueError:
        return False
    return any(address in network for network in settings.METRICS_FOR)


def _fresh(response):
    response["Cache-Control"] = "no-store"
    return response
