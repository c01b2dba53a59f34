"""Who restores a database has it alone: starts go through this gate together, but not while it is closed."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from sqlalchemy import text

from contactcenter.core.db import Database
from contactcenter.core.slot import LOCK_SPACE
from contactcenter.core.sqlite import file_of

NUMBER = 0  # in the space of locks where workers have theirs from 1 on


@contextmanager
def gate(db: Database, *, alone: bool = False) -> Iterator[bool]:
    """Whether one may go on, together with others or `alone`; it stays so while the block lasts."""
    file = file_of(db.url)
    if not db.is_sqlite:
        with _on_server(db, alone) as free:
            yield free
    elif file is None:
        yield True  # in memory: nobody else can have it
    else:
        with _beside(file, alone) as free:
            yield free


@contextmanager
def _beside(file: Path, alone: bool) -> Iterator[bool]:
    with Path(f"{file}.lock").open("w") as opened:
        yield _locked(opened, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)


def _locked(opened: IO[str], lock: int) -> bool:
    try:
        fcntl.flock(opened, lock | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _on_server(db: Database, alone: bool) -> Iterator[bool]:
    connection = db.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    shared = "" if alone else "_shared"
    ask = text(f"SELECT pg_try_advisory_lock{shared}(:space, :number)")
    try:
        yield bool(connection.execute(ask, {"space": LOCK_SPACE, "number": NUMBER}).scalar())
    finally:
        connection.invalidate()  # its locks end with it
        connection.close()
