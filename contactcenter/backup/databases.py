"""Copies of the database: SQLite's online backup, or PostgreSQL's own programs.

A copy is consistent while everything runs, and the recordings that are listed with it are those of the same moment.
"""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import make_url
from sqlmodel import Session

from contactcenter.backup.manifest import BackupProblem
from contactcenter.core.db import Database
from contactcenter.core.disk import flush
from contactcenter.core.ledger import Known, known_to
from contactcenter.recordings.verifying import Kept, kept_in

PASSED_ON = ("PATH", "HOME", "LANG", "PGPASSFILE", "PGSSLROOTCERT")


@dataclass(frozen=True)
class Copied:
    """What a copy of the database says: which recordings it can open, which ledgers it knows."""

    kept: list[Kept]
    ledgers: Known


def copy(db: Database, to: Path) -> Copied:
    """Copy the database into a new file, durably."""
    try:
        to.unlink(missing_ok=True)
        to.touch(mode=0o600)
        copied = _copy_sqlite(db, to) if db.is_sqlite else _dump(db, to)
        flush(to)
    except (OSError, sqlite3.Error) as error:
        kind = type(error).__name__
        raise BackupProblem(f"The database can't be copied ({kind}); see that the backup's disk has room.") from None
    return copied


def is_empty(db: Database) -> bool:
    """Whether nobody's data is there, so that a restore loses nothing."""
    if db.is_sqlite:
        return file_of(db).stat().st_size == 0  # opening it made it
    with db.engine.connect() as connection:
        return "alembic_version" not in inspect(connection).get_table_names()


def file_of(db: Database) -> Path:
    """The file of an SQLite database."""
    database = make_url(db.url).database
    assert database is not None
    return Path(database)


def load_dump(db: Database, dump: Path) -> None:
    """Fill an empty PostgreSQL database, in one transaction."""
    _run(db, "pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", str(dump))


def _copy_sqlite(db: Database, to: Path) -> Copied:
    with closing(db.engine.raw_connection()) as source, closing(sqlite3.connect(to)) as target:
        driver = source.driver_connection
        assert driver is not None
        driver.backup(target)  # in one go: writers go on meanwhile, and none makes it begin anew
        target.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
        if target.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            raise BackupProblem("The database is damaged, so no backup was made; restore an older one.")
    engine = create_engine(f"sqlite:///{to}", hide_parameters=True)
    with Session(engine) as session:
        copied = _said_by(session)
    engine.dispose()
    return copied


def _dump(db: Database, to: Path) -> Copied:
    """pg_dump sees the very snapshot in which the recordings are read."""
    with db.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        with Session(bind=connection) as session:
            copied = _said_by(session)
        _run(db, "pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={to}")
    return copied


def _said_by(session: Session) -> Copied:
    return Copied(kept_in(session), known_to(session))


def _run(db: Database, program: str, *options: str) -> None:
    """Run one of PostgreSQL's programs on our database; the password goes by the environment, never by `ps`."""
    found = shutil.which(program)
    if found is None:
        raise BackupProblem(
            f"PostgreSQL's program {program} is missing; install the server's own version of it (Debian, Ubuntu: apt "
            "install postgresql-client), or back the database up by your own means."
        )
    url = make_url(db.url)
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    if url.password:
        environment["PGPASSWORD"] = str(url.password)
    plain = url.set(drivername="postgresql", password=None).render_as_string()
    command = [found, f"--dbname={plain}", *options]
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)  # noqa: S603  # a fixed program
    if done.returncode:  # what it says may quote rows
        raise BackupProblem(f"{program} failed (status {done.returncode}); its version must be the server's or newer.")
