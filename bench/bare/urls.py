"""An article with what is related and what was said, in three queries and one template. Nothing is kept."""

from django.shortcuts import render
from django.urls import path

from kb.articles.models import Related, Revision
from kb.comments.models import Comment


def article(request, slug):
    revision = Revision.objects.filter(article__slug=slug).select_related("article__topic")[0]
    others = Related.objects.filter(article=revision.article_id).values("other")
    related = Revision.objects.filter(article__in=others).select_related("article").without_text()
    comments = Comment.objects.filter(article=revision.article_id, state="published").order_by("pk")
    return render(
        request,
        "article.html",
        {"revision": revision, "related": related[:5], "comments": comments[:20]},
    )


urlpatterns = [path("kb/<slug:slug>/", article, name="article")]
