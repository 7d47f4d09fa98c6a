from functools import cache

from django.core.paginator import Paginator
from django.http import JsonResponse
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from kb.articles.models import Revision, Topic
from kb.codes.models import Registry
from kb.feedback.remembering import remember_search
from kb.guard.throttle import limited
from kb.portal.pages import page
from kb.search.find import KINDS, find
from kb.search.suggest import suggest as suggested

LONGEST_QUERY = 200
MOST_SHOWN = 80  # letters of what was asked
HITS_A_PAGE = 10
MOST_TOPICS = 6
FRESH = 60  # seconds for which a stranger's suggestions may be kept


@require_safe
@limited("search", ("GET", "HEAD"))
def search(request):
    query, kind, topic = _asked(request)
    found = find(query, user=request.user, topic=topic)
    if kind and found.is_full:  # what is of the kind may stand behind the last that was counted
        hits = find(query, user=request.user, kind=kind, topic=topic).hits
    else:
        hits = found.of_kind(kind)
    pages = Paginator(hits, HITS_A_PAGE).get_page(request.GET.get("page"))
    if query and set(request.GET) == {"q"}:  # another page or a filter is no new question
        remember_search(query, _outcome(found))
    address = _address(found.query)
    nothing = not found.codes and not pages.object_list
    registry = Registry.objects.default() if nothing else None
    context = {
        "query": found.query,
        "in_short": _beginning(found.query),
        "found": found,
        "hits": pages.object_list,
        "total": pages.paginator.count,
        "kinds": _kind_links(found, address, kind, topic),
        "topics": _topic_links(found, address, kind, topic),
        "topic": topic,
        "exactly": _address(f'"{found.query}"'),
        "read_as": found.read_as and _link(found.read_as),
        "meant": found.meant and _link(found.meant),
        "pages": pages,
        "registry": registry,
        "classes": registry.classes.all() if registry else [],
    }
    return page(request, "portal/search.html", context, indexed=False)


@require_safe
@limited("suggest", ("GET", "HEAD"))
def suggest(request):
    """In groups, each row with its address; the same for all strangers, so it may be kept for a moment."""
    rows = suggested(request.GET.get("q", "")[:LONGEST_QUERY], user=request.user)
    groups = [
        {"name": KINDS[kind].label, "rows": [_row(row) for row in rows if row.kind == kind]}
        for kind in dict.fromkeys(row.kind for row in rows)
    ]
    response = JsonResponse({"groups": groups})
    response["Cache-Control"] = f"{'private' if request.user.is_authenticated else 'public'}, max-age={FRESH}"
    response["X-Robots-Tag"] = "noindex"
    patch_vary_headers(response, ["Cookie"])
    return response


def _beginning(query):
    return query if len(query) <= MOST_SHOWN else f"{query[: MOST_SHOWN - 1]}…"


def _outcome(found):
    """How well it was answered, for the log of asks."""
    if not found.codes and not found.hits:
        return "nothing"
    return "weak" if found.read_as and not found.codes else "well"


def _row(row):
    return {"title": row.title, "url": row.url, "note": row.note}


def _asked(request):
    """The words, the kind and the topic; a filter that names nothing is none."""
    query = request.GET.get("q", "")[:LONGEST_QUERY]
    kind = request.GET.get("type", "")
    slug = request.GET.get("topic", "").replace("\x00", "")
    open_topics = (
        Revision.objects.topics_open_to(request.user, Topic.objects.filter(slug=slug)) if slug else ()
    )
    return query, kind if kind in KINDS else "", next(iter(open_topics), None)


def _address(query):
    return f"{_search_page()}?{urlencode({'q': query})}"


def _narrowed(address, kind, topic=""):
    """The names of kinds and topics stand in an address as they are."""
    return f"{address}{kind and f'&type={kind}'}{topic and f'&topic={topic}'}"


@cache
def _search_page():
    return reverse("search")


def _link(query):
    return {"text": query, "url": _address(query)}


def _kind_links(found, address, kind, topic):
    """The filter: everything, then each kind that has hits."""
    counts = {"": len(found.hits), **{name: found.counts[name] for name in KINDS if found.counts[name]}}
    slug = topic.slug if topic else ""
    # A number would be formatted for the language, which takes longer than the link.
    return [
        {
            "label": KINDS[name].label if name else "All",
            "count": str(count),
            "url": _narrowed(address, name, slug),
            "current": name == kind,
        }
        for name, count in counts.items()
    ]


def _topic_links(found, address, kind, topic):
    """The topics of the articles found; within a topic, the way out of it."""
    if topic:
        return [{"label": topic.name, "url": _narrowed(address, kind), "current": True}]
    if len(found.topics) < 2:
        return []
    return [
        {
            "label": of.name,
            "count": str(of.many),
            "url": _narrowed(address, kind, of.slug),
            "current": False,
        }
        for of in found.topics[:MOST_TOPICS]
    ]
