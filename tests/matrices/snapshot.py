"""A database as it was at one moment, to come back to: each request, or each case, meets the same company."""

import sqlite3
from contextlib import closing

from sqlalchemy.engine import make_url

from contactcenter.core.db import Database


class Snapshot:
    """Kept in memory; SQLite's own backup brings it back, whoever has the file open."""

    def __init__(self, db: Database) -> None:
        self._path = make_url(db.url).database or ""
        self._kept = sqlite3.connect(":memory:", check_same_thread=False)
        with closing(sqlite3.connect(self._path)) as found:
            found.backup(self._kept)
        self._watch = sqlite3.connect(self._path, check_same_thread=False)
        self._seen = 0
        self.changed()

    def changed(self) -> bool:
        """Whether anything was committed since this was asked last."""
        before = self._seen
        (self._seen,) = self._watch.execute("PRAGMA data_version").fetchone()
        return before != self._seen

    def restore(self) -> None:
        """As it was."""
        with closing(sqlite3.connect(self._path)) as present:
            self._kept.backup(present)
        self.changed()

    def close(self) -> None:
        """Forget it."""
        self._watch.close()
        self._kept.close()
