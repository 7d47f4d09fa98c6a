"""A database whose table of comments is damaged, while all others answer."""

from contextlib import contextmanager
from unittest import mock

from django.db import connection, transaction


def rename(before, after):
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {before} RENAME TO {after}")


@contextmanager
def comments_unreadable():
    """The errors are those of the database itself; they go to the log, which is kept quiet and told of."""
    with mock.patch("kb.comments.reading.log.exception") as logged:
        rename("comments_comment", "comments_lost")
        # Within a test's transaction PostgreSQL does nothing more after an error.
        before = transaction.savepoint()
        try:
            yield logged
        finally:
            transaction.savepoint_rollback(before)
            rename("comments_lost", "comments_comment")
