"""What SQLite needs to be told: how connections are set up, how transactions begin, how its log is emptied.

The same promises hold on PostgreSQL without any of this (core/db.py).
"""

import sqlite3
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

BUSY_SECONDS, ASK_AGAIN_SECONDS = 15.0, 0.002
BUSY = "busy_timeout=15000"
UNFINISHED = ".restoring"  # a file beside the database, until it is restored
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=NORMAL",  # with a flush of our own after each commit (core/durable.py): as safe as FULL
    "foreign_keys=ON",
    "secure_delete=ON",  # destroyed words must not linger in free pages
    "temp_store=MEMORY",
    BUSY,
    "wal_autocheckpoint=4000",  # pages: four times fewer copies into the database, which a writer waits for
)


def file_of(url: str) -> Path | None:
    """The file of an SQLite database; None for another one, or one in memory. Opening it makes the file."""
    parsed = make_url(url)
    in_file = parsed.drivername.startswith("sqlite") and parsed.database not in (None, "", ":memory:")
    return Path(str(parsed.database)) if in_file else None


def discard(file: Path) -> None:
    """Delete a database with its log."""
    for one in (file, Path(f"{file}-wal"), Path(f"{file}-shm")):
        one.unlink(missing_ok=True)


def engine_of(url: str) -> Engine:
    """An engine whose sessions begin DEFERRED, or IMMEDIATE with the execution option `begin`."""
    if file := file_of(url):
        with suppress(OSError):  # it is there, or can't be made: SQLite says better what is wrong
            file.touch(mode=0o600, exist_ok=False)  # for its owner only; SQLite gives its log the same rights
    engine = create_engine(
        url, pool_size=20, max_overflow=20, connect_args={"check_same_thread": False}, hide_parameters=True
    )  # values are numbers, names, words said: none in an error's text
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    return engine


def clear_log(engine: Engine) -> bool:
    """Write the log into the database and empty it; False while a reader is in the way.

    It gives way to writers at once: waiting here would hold the write lock meanwhile.
    """
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout=100")
        busy: int = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        cursor.execute(f"PRAGMA {BUSY}")
        return busy == 0
    finally:
        connection.close()


def _set_up(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # BEGIN is ours, see _begin
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get("begin") == "IMMEDIATE":
        _begin_to_write(connection.connection.driver_connection)
    else:
        connection.exec_driver_sql("BEGIN DEFERRED")


def _begin_to_write(driver: Any) -> None:
    """Take the file's write lock, asking every 2 ms.

    SQLite's own waiting asks ever more rarely, and would never find the moment between two transactions of a busy
    worker.
    """
    driver.execute("PRAGMA busy_timeout=0")
    try:
        deadline = time.monotonic() + BUSY_SECONDS
        while not _has_begun(driver, last=time.monotonic() > deadline):
            time.sleep(ASK_AGAIN_SECONDS)
    finally:
        driver.execute(f"PRAGMA {BUSY}")


def _has_begun(driver: Any, *, last: bool) -> bool:
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if last or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise OperationalError("BEGIN IMMEDIATE", {}, error, hide_parameters=True) from None
        return False
    return True
