"""Lists of articles. Which they are is found out once after a change, for all who may read the same; their words are read each time."""

from django.core.paginator import Paginator
from django.utils.functional import cached_property

from kb.articles.models import Revision
from kb.articles.queries import audiences
from kb.delivery.remembered import remembered

ARTICLES_A_PAGE = 50


def found_once(key, user, find):
    """`key` names what is found; people of one audience find the same."""
    return remembered((*key, *audiences(user)), find)


def articles_about(cause, user, most):
    """A few, which are remembered with their words."""
    return found_once(
        ("cause", cause.pk, most), user, lambda: _readable(user).about_cause(cause).as_articles(most)
    )


def articles_citing(codes, user, most):
    key = ("codes", *(code.pk for code in codes), most)
    return found_once(key, user, lambda: _readable(user).citing(*codes).as_articles(most))


def _readable(user):
    return Revision.objects.readable_by(user)


def _articles(pks, user):
    """In this order, those that this person may read."""
    found = _readable(user).filter(pk__in=pks).as_articles() if pks else []
    return sorted(found, key=lambda article: pks.index(article.shown.pk))


class ArticlePaginator(Paginator):
    """Its pages have `.articles`."""

    def __init__(self, key, user, revisions):
        super().__init__(revisions, ARTICLES_A_PAGE)
        self.key, self.user = key, user

    @cached_property
    def count(self):
        return found_once((*self.key, "count"), self.user, self.object_list.count)

    def page(self, number):
        page = super().page(number)
        pks = found_once(
            (*self.key, page.number), self.user, lambda: list(page.object_list.values_list("pk", flat=True))
        )
        page.articles = _articles(pks, self.user)
        return page
