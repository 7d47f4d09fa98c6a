"""The comments of one page as one person reads them; what cannot be read leaves the rest of the page whole."""

import logging
from contextlib import nullcontext
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db import Error, connections, transaction
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from kb.comments.forms import CommentForm
from kb.comments.models import Closed, Comment
from kb.comments.places import REPLIES_A_PAGE, REPLIES_SHOWN, THREADS_A_PAGE, Reader, page_of_thread
from kb.comments.planting import plant
from kb.comments.voting import votes_of

THREADS_ON_PAPER = 100
ORDERS = {
    "oldest": ("Oldest", ["pk"]),
    "newest": ("Newest", ["-pk"]),
    "helpful": ("Most helpful", ["-score", "pk"]),
}
TRIES = 3  # that fail before one is told to write to us

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Wish:
    """What of the comments is asked for; all of it may be nonsense that somebody typed into an address."""

    page: str = ""
    sort: str = "oldest"
    thread: str = ""
    reply_to: str = ""
    tries: int = 1
    on_paper: bool = False

    @property
    def a_page(self):
        return THREADS_ON_PAPER if self.on_paper else THREADS_A_PAGE


@dataclass
class Discussion:
    target: object
    address: str  # of the page the comments stand below
    reader: Reader
    wish: Wish
    form: object = None
    count: int = 0
    is_closed: bool = False
    failed: bool = False
    pages: Page | None = None
    threads: list = field(default_factory=list)
    thread: Comment | None = None  # the one that is read alone
    replying_to: Comment | None = None
    sent: Comment | None = None  # what was posted just now
    workarounds: list = field(default_factory=list)  # what our staff accepted, shown with the page's own text

    orders = {name: label for name, (label, _) in ORDERS.items()}

    @property
    def comments_address(self):
        return f"{self.address}comments/"

    @property
    def noun(self):
        return "article" if "article" in Comment.place_of(self.target) else "page"

    @property
    def reply_address(self):
        """To answer a comment and come back to this list; the number of the comment follows it."""
        return self._address(page=self.pages.number if self.pages else 1, reply_to="")

    @property
    def previous_address(self):
        return self._address(page=self.pages.previous_page_number())

    @property
    def next_address(self):
        return self._address(page=self.pages.next_page_number())

    def _address(self, *, page, **more):
        thread = {"thread": self.thread.pk} if self.thread else {}
        sort = {"sort": self.wish.sort} if self.wish.sort != "oldest" else {}
        query = urlencode({**thread, **sort, **({"page": page} if page > 1 else {}), **more})
        return f"{self.comments_address}?{query}" if query else self.comments_address

    @property
    def gives_up(self):
        return self.wish.tries >= TRIES

    @property
    def next_try(self):
        return self.wish.tries + 1

    @property
    def form_stands_below(self):
        """Whether the comment that is answered is in the list, so that the form can stand below it."""
        return self.replying_to is not None and any(
            comment.pk == self.replying_to.pk for comment in self.listed()
        )

    def listed(self):
        for thread in self.threads:
            yield thread
            for branch in thread.below:
                yield branch
                yield from branch.below


def read(target, *, address, reader, wish=None, form=None, sent=None):
    """Everything the page shows is asked here, so that a failure of the database is caught here too."""
    form = form or CommentForm(target=target, user=reader.user)
    found = Discussion(target, address, reader, wish or Wish(), form, sent=sent)
    try:
        with apart(Comment.objects.db):
            _load(found)
    except Error:
        log.exception("The comments of %s could not be read", address)
        return Discussion(target, address, reader, found.wish, form, failed=True)
    return found


def apart(using):
    """Within a transaction a savepoint, so that PostgreSQL goes on after an error; reading alone needs neither."""
    connection = connections[using]
    return transaction.atomic(using=using) if connection.in_atomic_block else nullcontext()


def _load(found):
    everything = Comment.objects.about(found.target)
    found.count, threads, found.is_closed, has_workarounds = _facts(found)
    if has_workarounds:
        found.workarounds = list(everything.accepted().order_by("accepted_at"))
    found.replying_to = _answered(everything, found)
    if found.sent:
        _load_sent(found, everything)
    elif threads and not _load_thread(found, everything):
        _load_list(found, everything, threads)
    _tell(found)


def _facts(found):
    """(comments all see, threads for this reader, whether closed, whether one is a workaround) in one question."""
    user, visitor = found.reader.user, found.reader.visitor
    about = Comment.objects.about(found.target)
    [kind] = Comment.place_of(found.target)
    row = type(found.target).objects.filter(pk=found.target.pk)
    return row.values_list(
        _number_of(about.published(), kind),
        _number_of(about.threads_for(user, visitor), kind),
        Exists(Closed.objects.about(found.target)),
        Exists(about.accepted()),
    ).get()


def _number_of(comments, by):
    """As part of another question: how many there are of each article, code or thread."""
    counted = comments.order_by().values(by).annotate(number=Count("pk"))
    return Coalesce(Subquery(counted.values("number")), 0)


def _answered(everything, found):
    """The comment a reply is being written to, if it can be answered."""
    if found.form.is_bound:
        return found.form.answers
    number = _number(found.wish.reply_to)
    return everything.published().filter(pk=number).first() if number else None


def _number(typed):
    """That of a comment, as it stands in an address; 0 for nonsense."""
    return int(typed) if typed.isdecimal() and len(typed) < 19 else 0


def _load_list(found, everything, number_of_threads):
    threads = everything.threads_for(found.reader.user, found.reader.visitor)
    ordered = _with_cut(threads, found.reader).order_by(*ORDERS[found.wish.sort][1])
    pages = Paginator(ordered, found.wish.a_page)
    pages.count = number_of_threads
    found.pages = pages.get_page(found.wish.page or _page_of_answered(found))
    found.threads = list(found.pages.object_list)
    plant(found.threads, _first_replies(found))


def _page_of_answered(found):
    """Without a page in the address, the one where the answered comment stands, so that the form can stand there."""
    if found.replying_to is None or found.wish.sort != "oldest":
        return 1
    return page_of_thread(found.replying_to, found.reader)


def _with_cut(threads, reader):
    """Each thread with the number of its replies and of the first that is not shown: however long, it costs no more."""
    replies = Comment.objects.filter(thread=OuterRef("pk")).replies_for(reader.user, reader.visitor)
    first_left_out = replies.order_by("pk").values("pk")[REPLIES_SHOWN : REPLIES_SHOWN + 1]
    return threads.annotate(cut=Subquery(first_left_out), replies_in_all=_number_of(replies, "thread"))


def _first_replies(found):
    wanted = Q(pk__in=[found.sent.pk] if found.sent else [])
    wanted |= Q(
        thread__in=[thread.pk for thread in found.threads if thread.replies_in_all and not thread.cut]
    )
    for thread in found.threads:
        if thread.cut:
            wanted |= Q(thread=thread.pk, pk__lt=thread.cut)
    if not any(thread.replies_in_all for thread in found.threads):
        return []
    return _with_names(Comment.objects.filter(wanted), found.reader)


def _with_names(replies, reader):
    """Each with the name of whom it answers."""
    return (
        replies.replies_for(reader.user, reader.visitor)
        .order_by("pk")
        .annotate(parent_name=F("parent__name"))
    )


def _load_sent(found, everything):
    """The thread of what was sent just now as it stands in the list, and what was sent in any case."""
    threads = everything.filter(pk=found.sent.thread_id or found.sent.pk)
    found.threads = list(
        _with_cut(threads.threads_for(found.reader.user, found.reader.visitor), found.reader)
    )
    plant(found.threads, _first_replies(found))


def _load_thread(found, everything):
    """The asked thread alone, with a page of its replies; False if there is none."""
    number = _number(found.wish.thread)
    threads = everything.filter(pk=number).threads_for(found.reader.user, found.reader.visitor)
    found.thread = _with_cut(threads, found.reader).first() if number else None
    if found.thread is None:
        return False
    replies = _with_names(Comment.objects.filter(thread=found.thread), found.reader)
    pages = Paginator(replies, REPLIES_A_PAGE)
    pages.count = found.thread.replies_in_all
    found.pages, found.threads = pages.get_page(found.wish.page), [found.thread]
    plant(found.threads, found.pages.object_list)
    found.thread.left_out = 0
    return True


def _tell(found):
    """What of each comment depends on who reads."""
    listed = list(found.listed())
    user, visitor = found.reader.user, found.reader.visitor
    mine = votes_of(visitor, listed) if listed else {}
    for comment in listed:
        comment.mine = mine.get(comment.pk, 0)
        comment.is_own = comment.is_of(user, visitor)
        comment.is_open = comment.may_change(user, visitor)
        comment.is_gone = not (comment.is_shown or comment.is_seen_by(user, visitor))
        comment.was_sent = found.sent is not None and comment.pk == found.sent.pk
