from functools import reduce
from operator import or_

from django.db.models import Q


def exactly_one(*names):
    """True in the database where one of these foreign keys is set and the others are not."""
    return reduce(or_, (Q(**{f"{other}__isnull": other != name for other in names}) for name in names))
