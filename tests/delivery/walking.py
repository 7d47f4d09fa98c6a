"""Every address that the product answers, taken from its URLs: a new one needs an example of each of its parts here."""

from collections.abc import Iterator

from django.core import signing
from django.urls import URLResolver, get_resolver, reverse

from kb.articles.models import Article
from kb.comments.models import Comment, Subscription
from tests.makers import make_article, make_picture

ARTICLE, CODE, COMMENT = ("mailbox-full",), ("smtp", "550"), ("comment",)
EXAMPLES = {  # the parts in their order; what a test makes first is named here and put in later
    "article": ARTICLE,
    "article_comments": ARTICLE,
    "article_history": ARTICLE,
    "article_number": ("article",),
    "article_vote": ARTICLE,
    "card": ("smtp",),
    "cause": ("mailbox-full",),
    "code_comments": CODE,
    "code_shortcut": ("550",),
    "code_vote": CODE,
    "codes_at": CODE,
    "comment": COMMENT,
    "comment_delete": COMMENT,
    "comment_edit": COMMENT,
    "comment_report": COMMENT,
    "comment_vote": COMMENT,
    "password_reset_confirm": ("MQ", "no-such-token"),
    "picture": ("picture",),
    "provider": ("gmail",),
    "registry": ("smtp",),
    "replies_confirm": ("confirm",),
    "replies_unsubscribe": ("unsubscribe",),
    "topic": ("topic",),
}
IN_ADMIN = {"app_label": "codes", "content_type_id": "1", "id": "1", "object_id": "1", "pk": 1, "revision": 1}
MORE = (
    "/codes/smtp/5.7.606/",  # no record
    "/codes/smtp/5xx/",
    "/codes/550/",
    "/search/?q=full",
    "/search/suggest/?q=full",
    "/kb/mailbox-full/comments/?part=1",
    "/kb/mailbox-full/?print=1",
    "/nothing/",
    "/admin/nothing/",
)


def addresses(comment: Comment) -> Iterator[str]:
    """One of each; the comment is somebody's own, below the article of the examples."""
    told = Subscription.objects.create(comment=comment)
    article = Article.objects.get(slug=ARTICLE[0])
    picture = make_picture()
    make_article("Illustrated", body=picture.markdown)
    made = {
        "picture": picture.name,
        "comment": comment.pk,
        "article": article.number,
        "topic": article.topic.slug,
    }
    made |= {
        act: signing.dumps(told.pk, salt=f"kb.comments.subscription.{act}")
        for act in ("confirm", "unsubscribe")
    }
    for name, parts in _named(get_resolver()):
        if name.startswith("admin:"):
            yield reverse(name, args=[IN_ADMIN[part] for part in parts])
        else:
            examples = EXAMPLES[name] if parts else ()
            yield reverse(name, args=[made.get(example, example) for example in examples])
    yield from MORE


def _named(resolver, space=""):
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from _named(one, f"{one.namespace}:" if one.namespace else space)
        elif one.name or space != "admin:":  # the admin's last pattern takes what is left
            found = one.pattern.regex
            yield f"{space}{one.name}", list(found.groupindex) or ["object_id"] * found.groups
