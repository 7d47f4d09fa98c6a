"""Gives a copy what the benches ask for: people who are signed in, comments, and an article for the bare view.

Run with the settings of that copy. Prints the addresses of the articles, each person's cookie, and the commonest words.
"""

import json
import sys
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
django.setup()

from django.conf import settings
from django.contrib.auth.models import Group
from django.test import Client

from kb.accounts.models import User
from kb.articles.models import Article, Related, Revision
from kb.codes.markers import fill_page
from kb.search.models import Word
from tests.comments.test_reading import fill

SEED, PLAIN, FILLED = "email-error-messages-explained", "made-up-7", "email-error-messages-filled"
PEOPLE = {"customer": "Customers", "agent": "Agents"}
THREADS, REPLIES, RELATED, WORDS = 6, 4, 5, 300


def cookie_of(role):
    person, _ = User.objects.get_or_create(username=f"bench-{role}")
    person.groups.set([Group.objects.get(name=PEOPLE[role])])
    browser = Client()
    browser.force_login(person)
    return f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"


def furnish(article):
    """Talked about, and with others to read next."""
    fill(article, THREADS, REPLIES)
    others = Article.objects.exclude(pk=article.pk)[:RELATED]
    Related.objects.bulk_create(
        (Related(article=article, other=other, why="Made up") for other in others), ignore_conflicts=True
    )


def as_filled(seed):
    """The seed article once more, with its tables as text: what a view that fills no markers would have to show."""
    shown, hidden = seed.shown, {"topic": seed.topic, "state": Article.State.ARCHIVED}
    article, _ = Article.objects.get_or_create(slug=FILLED, defaults=hidden)
    words = {"title": shown.title, "summary": shown.summary, "publish_at": shown.publish_at}
    Revision.objects.bulk_create(
        [Revision(article=article, html=fill_page(shown.html), approved_at=shown.approved_at, **words)]
    )
    return article


def main():
    seed, plain = (Article.objects.get(slug=slug) for slug in (SEED, PLAIN))
    articles = {"seed": seed, "plain": plain, "filled": as_filled(seed)}
    for article in articles.values():
        furnish(article)
    addresses = {name: article.get_absolute_url() for name, article in articles.items()}
    words = Word.objects.order_by("-rows", "text").values_list("text", flat=True)[:WORDS]
    cookies = {role: cookie_of(role) for role in PEOPLE}
    print(json.dumps({**addresses, **cookies, "words": list(words)}))


if __name__ == "__main__":
    main()
