from django.views.decorators.http import require_safe

from kb.articles.models import Revision
from kb.codes.models import Registry
from kb.portal.pages import page
from kb.portal.topics import topic_tree

TRY = ("550 5.1.1", "421", "mailbox full")
SAMPLE = (
    "<anna@example.com>: host mx.example.com[192.0.2.25] said: 550 5.1.1 <anna@example.com>: "
    "Recipient address rejected: User unknown in virtual mailbox table (in reply to RCPT TO command)"
)


@require_safe
def home(request):
    readable = Revision.objects.readable_by(request.user)
    registry = Registry.objects.default()
    return page(
        request,
        "portal/home.html",
        {
            "registry": registry,
            "classes": registry.classes.with_counts() if registry else [],
            "enhanced_count": registry.codes.enhanced().count() if registry else 0,
            "topics": topic_tree(readable),
            "reviewed": readable.recently_reviewed().as_articles(5),
            "tries": TRY,
            "sample": SAMPLE,
        },
    )
