from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_safe

from kb.articles.models import Article, FormerSlug, Revision, Topic
from kb.articles.queries import PARENTS
from kb.portal.pages import ask_about, page
from kb.portal.topics import path_to, topic_tree

ARTICLES_A_PAGE = 50
ORDERS = {
    "useful": ("Most useful", "article"),
    "newest": ("Newest", "-publish_at"),
    "title": ("A to Z", "title"),
}


@require_safe
def index(request):
    readable = Revision.objects.readable_by(request.user)
    listed = Paginator(readable.order_by("title", "article"), ARTICLES_A_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "topics": topic_tree(readable),
        "articles": listed.object_list.as_articles(),
        "pages": listed,
        "count": listed.paginator.count,
    }
    return page(request, "portal/kb.html", context)


@require_safe
def topic(request, slug):
    found = get_object_or_404(Topic.objects.select_related(PARENTS), slug=slug)
    readable = Revision.objects.readable_by(request.user)
    tree = {below.pk: below for top in topic_tree(readable) for below in _with_all_below(top)}
    sort = request.GET.get("sort") if request.GET.get("sort") in ORDERS else "useful"
    articles = readable.in_topic(found).order_by(ORDERS[sort][1], "article").as_articles()
    below = tree[found.pk].below if found.pk in tree else []
    context = {
        "topic": found,
        "path": path_to(found),
        "topics": below,
        "articles": articles,
        "sort": sort,
        "orders": {name: label for name, (label, _) in ORDERS.items()},
    }
    return page(request, "portal/topic.html", context)


def _with_all_below(topic):
    return [topic, *(found for below in topic.below for found in _with_all_below(below))]


@require_safe
def article(request, slug):
    found = get_readable_article(request, slug)
    if found.slug != slug:
        return redirect(found, permanent=True)
    return article_page(request, found)


def article_page(request, found, *, form=None):
    """`form` is an answer to “Did you find this useful?” that could not be taken."""
    related = Revision.objects.readable_by(request.user).related_to(found).as_articles()
    context = {
        "article": found,
        "revision": found.text,
        "path": path_to(found.topic),
        "related": related,
        "question": found.shown and ask_about(request, found, found.get_absolute_url(), form),
    }
    status = 422 if form else 200
    return page(request, "portal/article.html", context, status=status, indexed=found.is_public and not form)


@require_safe
def article_number(request, number):
    return redirect(get_object_or_404(Article.objects.visible_to(request.user), pk=number), permanent=True)


@require_safe
def article_history(request, slug):
    found = get_readable_article(request, slug)
    if found.slug != slug:
        return redirect("article_history", found.slug, permanent=True)
    revisions = found.revisions.due().without_text().select_related("made_by")
    context = {"article": found, "revision": found.text, "path": path_to(found.topic), "revisions": revisions}
    return page(request, "portal/history.html", context, indexed=False)


def get_readable_article(request, slug):
    """The article at this or at a former address, if this person may read it; hidden is like missing."""
    visible = Article.objects.visible_to(request.user).for_page()
    found = visible.filter(slug=slug).first()
    if found is None:
        former = FormerSlug.objects.filter(slug=slug).first()
        found = visible.filter(pk=former.article_id).first() if former else None
    if found is None or found.text is None:
        raise Http404("There is no article at this address.")
    return found
