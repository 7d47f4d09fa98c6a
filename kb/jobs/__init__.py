"""Work that is done later, by whoever holds the lease: the background thread of a web process, or `manage.py work`."""


def add(name, key="", due=None):
    """Have this done once it is due (now if no moment is given), in the transaction of the caller: no commit, no work.

    Work that waits already is not doubled; it only comes forward if this is earlier.
    """
    from kb.jobs.models import Job  # not before the models are there

    Job.objects.add(name, str(key), due)
