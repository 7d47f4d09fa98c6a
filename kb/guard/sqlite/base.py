"""Django's SQLite; only `upgrade` and `restore` make a database file, and a wrong DATA_DIR is an error, not an empty copy."""

from pathlib import Path
from typing import Any

from django.db.backends.sqlite3 import base


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        if conn_params.pop("must_exist", False) and not self.is_in_memory_db():
            conn_params["database"] = f"{Path(conn_params['database']).absolute().as_uri()}?mode=rw"
        return super().get_new_connection(conn_params)
