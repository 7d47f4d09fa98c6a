from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.views.decorators.http import require_safe

from kb.articles import picturing
from kb.articles.models import Picture, Revision
from kb.delivery.sharing import is_known, share

MOST_STORED = 512 * 1024  # bytes; a larger one is read anew for each who has not kept it


@require_safe
def picture(request, name):
    """Its name is made from what is in it, so who has it already needs nothing of it read."""
    found = get_object_or_404(Picture.objects.visible_to(request.user), name=name)
    tag = f'"{found.name}"'
    response = get_conditional_response(request, etag=tag) or HttpResponse(
        picturing.read(found), content_type=found.content_type
    )
    response["ETag"] = tag
    if is_known(request):  # kept by this browser alone, and asked for again each time
        response["Cache-Control"] = "private, no-cache"
        patch_vary_headers(response, ["Cookie"])
        return response
    return share(request, response, _targets(found) if found.bytes <= MOST_STORED else ())


def _targets(picture):
    """The pages of all articles that show it to everybody: when one of them is hidden, it is asked anew whether another does."""
    shown = Revision.objects.readable_by(AnonymousUser()).showing(picture)
    return [f"article:{number}" for number in shown.values_list("article", flat=True)]
