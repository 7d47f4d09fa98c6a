"""Django's PostgreSQL; while the server is away, not every question of every page waits for it anew."""

import time
from typing import Any

from django.db import OperationalError
from django.db.backends.postgresql import base

PAUSE = 2  # seconds; whoever asks first after them tries for all


class DatabaseWrapper(base.DatabaseWrapper):
    away_until = 0.0  # of the process; 0 while nothing is known to be wrong

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        if DatabaseWrapper.away_until:
            if time.monotonic() < DatabaseWrapper.away_until:
                raise OperationalError("PostgreSQL could not be reached a moment ago.")
            _pause()
        failed = self._failed()
        try:
            made = super().get_new_connection(conn_params)
        except self.Database.OperationalError:
            if self._failed() > failed:  # else all connections of the pool are only lent
                _pause()
            raise
        DatabaseWrapper.away_until = 0.0
        return made

    def _failed(self):
        """How often the pool has tried in vain to connect."""
        return self.pool.get_stats().get("connections_errors", 0) if self.pool else 0


def _pause():
    DatabaseWrapper.away_until = time.monotonic() + PAUSE
