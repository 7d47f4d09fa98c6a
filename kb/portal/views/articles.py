from itertools import zip_longest

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_safe

from kb.accounts import roles
from kb.articles.differences import NAMES as PARTS
from kb.articles.models import ARTICLES, Article, Revision, Topic
from kb.articles.queries import PARENTS
from kb.portal.by_role import by_role
from kb.portal.listing import ArticlePaginator
from kb.portal.pages import ask_about, comments_below, moved, page
from kb.portal.topics import path_to, topic_tree

SEEN = ("title", "summary", "applies_to", "body")  # of a revision's words; keywords are never shown
ORDERS = {
    "useful": ("Most useful", "article"),
    "newest": ("Newest", "-publish_at"),
    "title": ("A to Z", "title"),
}


@require_safe
@by_role
def index(request):
    readable = Revision.objects.readable_by(request.user)
    listed = _one_page(request, ["index"], readable.order_by("title", "article"))
    context = {
        "topics": topic_tree(request.user),
        "articles": listed.articles,
        "pages": listed,
        "count": listed.paginator.count,
    }
    return page(request, "portal/kb.html", context, targets=[ARTICLES])


def _one_page(request, key, revisions):
    return ArticlePaginator(key, request.user, revisions).get_page(request.GET.get("page"))


@require_safe
@by_role
def topic(request, slug):
    found = get_open_topic(request, slug)
    readable = Revision.objects.readable_by(request.user)
    tree = {below.pk: below for top in topic_tree(request.user) for below in _with_all_below(top)}
    sort = request.GET.get("sort") if request.GET.get("sort") in ORDERS else "useful"
    within = readable.in_topic(found).order_by(ORDERS[sort][1], "article")
    listed = _one_page(request, ["topic", found.pk, sort], within)
    below = tree[found.pk].below if found.pk in tree else []
    context = {
        "topic": found,
        "path": path_to(found),
        "topics": below,
        "articles": listed.articles,
        "pages": listed,
        "sort": sort,
        "orders": {name: label for name, (label, _) in ORDERS.items()},
    }
    return page(request, "portal/topic.html", context, targets=[ARTICLES])


def _with_all_below(topic):
    return [topic, *(found for below in topic.below for found in _with_all_below(below))]


@require_safe
@by_role
def article(request, slug):
    found = get_readable_article(request, slug)
    if found.slug != slug:
        return moved(request, found, targets=found.page_targets)
    return article_page(request, found)


def article_page(request, found, *, form=None):
    """`form` is an answer to “Did you find this useful?” that could not be taken."""
    related = Revision.objects.readable_by(request.user).shown_beside(found)
    context = {
        "article": found,
        "revision": found.text,
        "path": path_to(found.topic),
        "related": related,
        "question": found.shown and ask_about(request, found, found.get_absolute_url(), form),
        "discussion": found.shown and comments_below(request, found, found.get_absolute_url()),
    }
    if form or not found.is_shown:
        return page(request, "portal/article.html", context, status=422 if form else 200, indexed=False)
    [target] = found.page_targets
    counted = target if found.is_public else ""
    return page(
        request, "portal/article.html", context, indexed=found.is_public, targets=[target], counted=counted
    )


@require_safe
def article_number(request, number):
    found = get_object_or_404(Article.objects.visible_to(request.user), pk=number)
    return moved(request, found, targets=found.page_targets)


@require_safe
def article_history(request, slug):
    found = get_readable_article(request, slug)
    if found.slug != slug:
        return redirect("article_history", found.slug, permanent=True)
    context = {
        "article": found,
        "revision": found.text,
        "path": path_to(found.topic),
        "steps": history_of(found, tells_all=roles.is_agent(request.user)),
    }
    return page(request, "portal/history.html", context, indexed=False)


def history_of(article, *, tells_all):
    """What became of each due revision, the latest first.

    Old titles, notes and names are for those who may read everything: an article may have been internal before.
    """
    revisions = list(article.revisions.due().in_order().defer("html", "plain").select_related("made_by"))
    return [
        {
            "day": newer.publish_at,
            "is_shown": newer == article.shown,
            "is_first": older is None,
            "changed": [
                PARTS[name] for name in SEEN if older and getattr(older, name) != getattr(newer, name)
            ],
            "revision": newer if tells_all else None,
        }
        for newer, older in zip_longest(revisions, revisions[1:])
    ]


def get_open_topic(request, slug):
    """The topic, if this person may read something in or below it; one of hidden articles only is like missing."""
    topics = Revision.objects.topics_open_to(request.user, Topic.objects.filter(slug=slug))
    return get_object_or_404(topics.select_related(PARENTS), slug=slug)


def get_readable_article(request, slug):
    """The article at this or at a former address, if this person may read it; hidden is like missing."""
    found = Article.objects.visible_to(request.user).for_page().at(slug)
    if found is None or found.text is None:
        raise Http404("There is no article at this address.")
    return found
