"""On which page of which list a comment stands."""

from dataclasses import dataclass

from kb.comments.models import Comment

THREADS_A_PAGE = 20
REPLIES_SHOWN = 5  # below each thread of a list; the others have a page
REPLIES_A_PAGE = 50


@dataclass(frozen=True)
class Reader:
    user: object
    visitor: str


def address_within(address, comment, reader):
    """Where the comment is read, below the page at this address."""
    return f"{_list_of(address, comment, reader)}#{comment.anchor}"


def _list_of(address, comment, reader):
    if comment.thread_id and (page := page_of_reply(comment, reader)):
        return f"{address}comments/?thread={comment.thread_id}&page={page}"
    page = page_of_thread(comment, reader)
    return f"{address}comments/?page={page}" if page > 1 else address


def page_of_thread(comment, reader):
    """The page, oldest first, that shows the comment's thread."""
    threads = Comment.objects.about(comment.target).threads_for(reader.user, reader.visitor)
    before = threads.filter(pk__lt=comment.thread_id or comment.pk).count()
    return before // THREADS_A_PAGE + 1


def page_of_reply(comment, reader):
    """The page of its thread that shows the reply; 0 where the list shows it anyway."""
    replies = Comment.objects.filter(thread=comment.thread_id).replies_for(reader.user, reader.visitor)
    before = replies.filter(pk__lt=comment.pk).count()
    return 0 if before < REPLIES_SHOWN else before // REPLIES_A_PAGE + 1
