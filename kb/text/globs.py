"""The lookup `glob` for rules that tables keep: `*` stands for anything, `[a-z]` for one of these signs, `[^a-z]` for another.

Django's `regex` calls back into Python on SQLite, so that no other program could check or write such a table.
"""

import re

from django.db.models import CharField, Lookup, Q

PARTS = re.compile(r"(\*)|(\[\^?[^]]+\])|(.)", re.DOTALL)


class Glob(Lookup):
    lookup_name = "glob"

    def as_sql(self, compiler, connection):
        return self._sql(compiler, connection, "GLOB")

    def as_postgresql(self, compiler, connection):
        return Glob(self.lhs, as_regex(self.rhs))._sql(compiler, connection, "~")

    def _sql(self, compiler, connection, operator):
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        return f"{left} {operator} {right}", (*left_params, *right_params)


def as_regex(glob: str) -> str:
    """The same rule for PostgreSQL."""
    parts = PARTS.findall(glob)
    return f"^{''.join('.*' if star else signs or re.escape(sign) for star, signs, sign in parts)}$"


def made_of(field: str, signs: str) -> Q:
    """At least one sign, and no others than these, written as in a bracket."""
    return ~Q(**{field: ""}) & ~Q(**{f"{field}__glob": f"*[^{signs}]*"})


def like_any(field: str, globs: list[str]) -> Q:
    """One of these forms."""
    return Q(*((f"{field}__glob", glob) for glob in globs), _connector=Q.OR)


CharField.register_lookup(Glob)
