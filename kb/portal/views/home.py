from datetime import timedelta

from django.utils import timezone
from django.views.decorators.http import require_safe

from kb.articles.models import ARTICLES, Revision
from kb.codes.models import CODES, Registry
from kb.delivery.models import Views
from kb.portal.by_role import by_role
from kb.portal.pages import page
from kb.portal.topics import topic_tree

LISTED = 5
TRY = ("550 5.1.1", "421", "mailbox full")
SAMPLE = (
    "<anna@example.com>: host mx.example.com[192.0.2.25] said: 550 5.1.1 <anna@example.com>: "
    "Recipient address rejected: User unknown in virtual mailbox table (in reply to RCPT TO command)"
)


@require_safe
@by_role
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
            "topics": topic_tree(request.user),
            "most_read": most_read(readable),
            "reviewed": readable.recently_reviewed(request.user, LISTED).as_articles(),
            "tries": TRY,
            "sample": SAMPLE,
        },
        targets=[ARTICLES, CODES],
    )


def most_read(readable):
    """The articles of this week that this person may read, the most read first."""
    since = timezone.localdate() - timedelta(days=6)
    numbers = [
        int(target.partition(":")[2]) for target in Views.objects.most_read("article", since, 10 * LISTED)
    ]
    articles = {article.pk: article for article in readable.filter(article__in=numbers).as_articles()}
    return [articles[number] for number in numbers if number in articles][:LISTED]
