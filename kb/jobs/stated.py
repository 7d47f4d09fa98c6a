"""What work there is: each room states its own in `tasks.py`, as plain lists and without importing this room."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import autodiscover_modules


@dataclass(frozen=True)
class Work:
    periods: dict[str, timedelta] = field(default_factory=dict)
    functions: dict[str, Callable] = field(default_factory=dict)
    own: list[Callable[[], object]] = field(default_factory=list)

    def state(self, name, function, every=None):
        if name in self.functions:
            raise ImproperlyConfigured(f"Two rooms state work named “{name}”. Give one of them another name.")
        self.functions[name] = function
        if every:
            self.periods[name] = every

    def do(self, name, key):
        if name not in self.functions:
            raise LookupError(f"No room states work named “{name}”.")
        return self.functions[name]() if name in self.periods else self.functions[name](key)


@cache
def stated() -> Work:
    """`DUE` lists (name, how often, function) of what comes again; `JOBS` has the functions of queued keys by name;
    `OWN` lists what every process does for itself, such as writing down what it has counted."""
    autodiscover_modules("tasks")
    work = Work()
    for room in apps.get_app_configs():
        tasks = sys.modules.get(f"{room.name}.tasks")
        for name, every, function in getattr(tasks, "DUE", []):
            work.state(name, function, every)
        for name, function in getattr(tasks, "JOBS", {}).items():
            work.state(name, function)
        work.own.extend(getattr(tasks, "OWN", []))
    return work
