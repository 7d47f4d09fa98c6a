"""What comments stand below: an article, or a code as it was asked for."""

from dataclasses import dataclass

from django.db import Error
from django.http import Http404
from django.shortcuts import get_object_or_404

from kb.articles.models import Article
from kb.codes.models import Code, Registry
from kb.portal.views.codes import get_spoken


@dataclass(frozen=True)
class Place:
    target: Article | Code
    address: str
    noun: str
    code: str = ""  # as it was asked for, with its label

    @property
    def title(self):
        """Where the database cannot say it, the address does: what somebody typed is shown again all the same."""
        try:
            return self.code or self.target.shown.title
        except Error:
            return self.target.slug.replace("-", " ").capitalize()

    @property
    def comments_address(self):
        return f"{self.address}comments/"


def of_article(request, slug):
    """A post needs little of it, so its words are not read before they are shown."""
    article = _commented(request).at(slug)
    if article is None:
        raise Http404("There is no article at this address that can be commented on.")
    return Place(article, article.get_absolute_url(), "article")


def of_code(slug, value):
    """Comments on 4.1.1 belong to the record X.1.1, but their page is that of 4.1.1."""
    spoken = get_spoken(get_object_or_404(Registry, slug=slug), value)
    if not spoken.is_registered:
        raise Http404(f"“{value}” has no record to comment on.")
    address = (
        spoken.record.get_absolute_url() if spoken.value == spoken.record.value else spoken.get_absolute_url()
    )
    return Place(spoken.record, address, "code", f"{spoken.value} {spoken.label}")


def of_comment(request, comment):
    """The page the comment stands below, if this person may read that."""
    if comment.code_id:
        code = comment.code
        return Place(code, code.get_absolute_url(), "code", f"{code.usual_value} {code.label}")
    article = get_object_or_404(_commented(request), pk=comment.article_id)
    return Place(article, article.get_absolute_url(), "article")


def _commented(request):
    return Article.objects.visible_to(request.user).with_words()
