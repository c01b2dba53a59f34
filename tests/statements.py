"""What a database is asked: for stories of how much a page takes."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from contactcenter.core.db import Database


@contextmanager
def statements(db: Database) -> Iterator[list[str]]:
    """Every statement that is executed meanwhile."""
    executed: list[str] = []

    def heard(*of: object) -> None:
        executed.append(str(of[2]))

    event.listen(db.engine, "before_cursor_execute", heard)
    yield executed
    event.remove(db.engine, "before_cursor_execute", heard)
