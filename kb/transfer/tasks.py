from datetime import timedelta

from kb.transfer import samples

DUE = [("forget_orphaned_samples", timedelta(minutes=1), samples.forget_orphaned)]
