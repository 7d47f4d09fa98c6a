"""Wordings' patterns run on RE2: linear time, whatever an editor writes and whatever a stranger pastes."""

from functools import lru_cache

import re2

OPTIONS = re2.Options()
OPTIONS.case_sensitive = False
OPTIONS.log_errors = False


class PatternError(ValueError):
    """The pattern does not compile; the message says where."""


@lru_cache(maxsize=2048)
def compiled(pattern):
    """The pattern without case, to be searched anywhere in text. Raises PatternError."""
    try:
        return re2.compile(pattern, OPTIONS)
    except re2.error as problem:
        reason = problem.args[0].decode() if isinstance(problem.args[0], bytes) else problem.args[0]
        raise PatternError(f"This pattern cannot be read: {reason}.") from None
