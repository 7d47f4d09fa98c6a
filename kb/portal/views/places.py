"""What comments stand below: an article, or a code as it was asked for."""

from dataclasses import dataclass

from django.http import Http404
from django.shortcuts import get_object_or_404

from kb.articles.models import Article
from kb.codes.models import Code, Registry
from kb.portal.views.articles import get_readable_article
from kb.portal.views.codes import code_address, get_spoken


@dataclass(frozen=True)
class Place:
    target: Article | Code
    address: str
    title: str
    noun: str

    @property
    def comments_address(self):
        return f"{self.address}comments/"


def of_article(request, slug):
    return _article(get_readable_article(request, slug))


def of_code(slug, value):
    """Comments on 4.1.1 belong to the record X.1.1, but their page is that of 4.1.1."""
    spoken = get_spoken(get_object_or_404(Registry, slug=slug), value)
    if not spoken.is_registered:
        raise Http404(f"“{value}” has no record to comment on.")
    address = (
        spoken.record.get_absolute_url() if spoken.value == spoken.record.value else code_address(spoken)
    )
    return Place(spoken.record, address, f"{spoken.value} {spoken.label}", "code")


def of_comment(request, comment):
    """The page the comment stands below, if this person may read that."""
    if comment.code_id:
        code = comment.code
        return Place(code, code.get_absolute_url(), f"{code.usual_value} {code.label}", "code")
    readable = Article.objects.visible_to(request.user).for_page()
    return _article(get_object_or_404(readable, pk=comment.article_id))


def _article(article):
    if article.shown is None:
        raise Http404("This article is not published, so there is nothing to comment on yet.")
    return Place(article, article.get_absolute_url(), article.shown.title, "article")
