"""Threads as they stand on a page: replies in two levels, deeper ones in the second."""

GONE = "a comment that is gone"


def plant(threads, replies):
    """Replies below what they answer: two levels, and what is deeper stands in the second and says whom it answers."""
    placed = {}
    for thread in threads:
        thread.below, thread.answered_name, thread.level = [], "", 0
        placed[thread.pk] = thread
    for reply in replies:
        parent = placed.get(reply.parent_id) or placed[reply.thread_id]
        above = parent if parent.level < 2 else parent.above
        reply.below, reply.above, reply.level = [], above, above.level + 1
        reply.answered_name = "" if above.pk == reply.parent_id else reply.parent_name or GONE
        above.below.append(reply)
        placed[reply.pk] = reply
    for thread in threads:
        shown = len(thread.below) + sum(len(branch.below) for branch in thread.below)
        thread.left_out = max(0, thread.replies_in_all - shown)
