"""Who left an address is told of replies: asked first whether they want that, and asked for nothing to end it."""

import re
from contextlib import suppress
from hashlib import sha256

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from kb.articles.models import Article, Revision
from kb.comments.models import Comment, Subscription
from kb.jobs.outbox import send_later
from kb.text.plain import excerpt, fold_spaces

SALT = "kb.comments.subscription"
QUOTES = re.compile('["“”„‟«»″＂]')
SCHEME = re.compile(
    r"\b[a-z][a-z0-9+.-]{1,15}:(?://|\\\\)\S*|\b(?:mailto|tel|sms|data|javascript):\S*", re.IGNORECASE
)
HOST_DOT = re.compile(r"(?<=\w)[.。．｡](?=[^\W\d_])")  # not that of 5.1.1 or at the end of a sentence
LEFT_OUT = "[link: see the page]"
LONGEST_QUOTE = 500

ASK = """You left this address with your comment on “{title}”:
{comment}

Do you want a mail when somebody answers you? Then say so here:
{page}

If you do not, or if that was not you, do nothing: you get no mails about replies, and we delete the address within a month.
"""
# The first line is always ours: nothing that a reader wrote stands before it, and all of it is quoted.
BY_STAFF = """Our staff answered you on “{title}”. It is signed “{name}”:
"""
BY_READER = """A reader who signs as “{name}” answered you on “{title}”:
"""
TELL = """{who}
{quote}

Read it whole, and answer:
{comment}

To get no more of these mails:
{page}
"""


def published(comment: Comment) -> None:
    """To be called whenever readers begin to see a comment, however often: nobody is told twice."""
    if comment.email:
        _subscribe(comment)
    if comment.parent_id:
        _tell_of(comment)


def _subscribe(comment):
    """Who has confirmed this address before, with this account or browser, is not asked again."""
    theirs = Comment.objects.by_the_author_of(comment).filter(email__iexact=comment.email)
    known = Subscription.objects.on().filter(comment__in=theirs).exists()
    confirmed_at = timezone.now() if known else None
    subscription, _ = Subscription.objects.get_or_create(
        comment=comment, defaults={"confirmed_at": confirmed_at}
    )
    title = _title_for(comment.author, comment)
    if subscription.waits and title:
        _ask(subscription, title)


def _ask(subscription, title):
    """One mail a day and mailbox, whoever writes its address into our forms."""
    comment = subscription.comment
    with suppress(ValidationError):  # no mailbox has such an address, whatever a form thinks of it
        send_later(
            f"confirm:{_mailbox(comment.email)}:{timezone.now():%Y-%m-%d}",
            to=comment.email,
            subject=f"Be told of replies on “{title}”?",
            text=ASK.format(title=title, comment=_address(comment), page=_page("confirm", subscription)),
        )


def _tell_of(reply):
    for subscription in Subscription.objects.told_of(reply):
        comment = subscription.comment
        title = _title_for(comment.author, comment)
        if title and comment.email.lower() != reply.email.lower():
            _tell(subscription, reply, title)


def _tell(subscription, reply, title):
    page = _page("unsubscribe", subscription)
    who = "Our staff" if reply.by_staff else "A reader"
    first = BY_STAFF if reply.by_staff else BY_READER
    name, text = _in_quotes(reply.name), _beginning(reply.text)
    if not reply.by_staff:
        name, text = without_links(name), without_links(text)
    send_later(
        f"reply:{reply.pk}:{_mailbox(subscription.comment.email)}",
        to=subscription.comment.email,
        subject=f"{who} answered on “{title}”",
        text=TELL.format(
            who=first.format(name=name, title=title), quote=_quoted(text), comment=_address(reply), page=page
        ),
        headers={"List-Unsubscribe": f"<{page}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
    )


def _title_for(user, comment):
    """Of the page it stands below; nothing where this person may not read that page (any more)."""
    if not isinstance(comment.target, Article):
        return str(comment.target)
    readable = Revision.objects.readable_by(user or AnonymousUser()).filter(article=comment.target)
    return readable.values_list("title", flat=True).first()


def _quoted(text):
    return "\n".join(f"> {line}" for line in text.splitlines())


def _in_quotes(name):
    """In one line, and without quotes of its own that could end ours."""
    return QUOTES.sub("'", fold_spaces(name))


def without_links(text: str) -> str:
    """A reader's words so that no mail program makes a link of them: addresses of pages are left out, hosts written apart."""
    return HOST_DOT.sub("[.]", SCHEME.sub(LEFT_OUT, text))


def _beginning(text):
    return text if len(text) <= LONGEST_QUOTE else excerpt(text, LONGEST_QUOTE)


def _mailbox(address):
    """A sum of it, that tells nobody the address; anna+shop@ is the mailbox of anna@."""
    name, _, host = address.lower().rpartition("@")
    return sha256(f"{name.partition('+')[0]}@{host}".encode()).hexdigest()[:32]


def _address(comment):
    return f"{settings.SITE_URL}{comment.get_absolute_url()}"


def _page(act, subscription):
    token = signing.dumps(subscription.pk, salt=f"{SALT}.{act}")
    return f"{settings.SITE_URL}{reverse(f'replies_{act}', args=[token])}"


def named_by(token: str, act: str) -> Subscription | None:
    """The one that a link of ours is about."""
    try:
        number = signing.loads(token, salt=f"{SALT}.{act}")
    except signing.BadSignature:
        return None
    return Subscription.objects.select_related("comment").filter(pk=number).first()


@transaction.atomic
def confirm(subscription: Subscription) -> None:
    """Of all that this author left the address with, for one mail asked for them all."""
    comment = subscription.comment
    if comment.email:
        theirs = Comment.objects.by_the_author_of(comment).filter(email__iexact=comment.email)
        waiting = Subscription.objects.waiting().filter(comment__in=theirs)
        waiting.update(confirmed_at=timezone.now())


@transaction.atomic
def unsubscribe(subscription: Subscription) -> None:
    """Whoever reads mail at the address ends it for the address, which is forgotten everywhere."""
    address = subscription.comment.email
    if address:
        same = Comment.objects.filter(email__iexact=address)
        Subscription.objects.filter(comment__in=same, ended_at=None).update(ended_at=timezone.now())
        same.update(email="")
