"""The database: two kinds of session, `reading` and `writing`; nobody commits inside.

SQLite and PostgreSQL run the same code. On SQLite a writing session begins IMMEDIATE: a deferred one that
reads first and writes later fails "database is locked" at once, in spite of the busy timeout. On PostgreSQL it takes
a lock of ours, for the same promise: what a writing session reads stays so until it commits. Two callbacks of one
call at once would both act on the same state otherwise, and live events would be committed out of order.
"""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, DateTime, Dialect, Engine, ExceptionContext, MetaData, String, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as WaitedTooLong
from sqlalchemy.types import TypeDecorator
from sqlmodel import Session, SQLModel

from contactcenter.core import sqlite
from contactcenter.core.durable import SharedFlush
from contactcenter.core.ledger import SUFFIX, Ledger
from contactcenter.core.turns import Turns

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
metadata: MetaData = SQLModel.metadata

DATABASE_AWAY = (OperationalError, WaitedTooLong)  # locked, full, not to be opened, its server gone
TAKE_TURN = "SELECT set_config('lock_timeout', '15s', true), pg_advisory_xact_lock(7230115)"  # until it ends

LEDGER = "ledger-file"  # in a writing session's info: where it writes down what it destroys
TOLD = "told"  # in a session's info: it has live events, so who watches is woken when they are committed


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, stored in UTC. A naive one is refused: nobody could say later what it meant."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database: aware in, UTC out."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A moment without a time zone can't be stored; give an aware one.")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database: always aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class EnumText(TypeDecorator[StrEnum]):
    """A StrEnum stored as its text: readable in the database, and a new member needs no migration."""

    impl = String
    cache_ok = True

    def __init__(self, of: type[StrEnum]) -> None:
        super().__init__(40)
        self.of = of

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:
        """To the database: the member's text."""
        return None if value is None else self.of(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        """From the database: the member."""
        return None if value is None else self.of(value)


def kept(retention: str, *constraints: Any) -> Any:
    """`__table_args__` of a table that says under which retention rule its rows fall (P16, P17)."""
    return (*constraints, {"info": {"retention": retention}})


def insert(session: Session, table: type[SQLModel], **values: object) -> int:
    """Add a row without making an object of it, at a fifth of the cost; its id.

    Columns that may be NULL can be left out; defaults of the model are not filled in.
    """
    done = session.connection().execute(metadata.tables[str(table.__tablename__)].insert(), values)
    key = done.inserted_primary_key
    assert key is not None
    return int(key[0])


def new_public_id() -> str:
    """A random 128-bit name for what appears in URLs; integer keys never leave the database."""
    return secrets.token_urlsafe(16)


def write_down(session: Session) -> None:
    """Write what this transaction noted for the ledger, durably: now, and at its end whatever it notes after this.

    Raises `LedgerUnavailable`; nothing is noted any more then, so what was noted must not be committed either.
    """
    ledger: Ledger | None = session.info[LEDGER]
    if ledger is not None:
        ledger.keep(session)


class Database:
    """One engine and its two kinds of session. `url` is an SQLAlchemy URL (sqlite:///..., postgresql+psycopg://...).

    `ledger` is the file that says what was destroyed; without it that is beside an SQLite database, else nowhere.
    """

    def __init__(self, url: str, ledger: Path | None = None) -> None:
        self.url = _with_driver(url)
        self.engine = _engine(self.url)
        file = sqlite.file_of(self.url)
        beside = Path(f"{file}{SUFFIX}") if file and ledger is None else ledger
        self.ledger = Ledger(beside) if beside else None
        self._immediate = self.engine.execution_options(begin="IMMEDIATE")
        self._turns = Turns()
        self._flush = SharedFlush(Path(f"{file}-wal")) if file else None
        self._after_write: list[Callable[[], None]] = []

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded default."""
        return self.engine.dialect.name == "sqlite"

    def after_write(self, wake: Callable[[], None]) -> None:
        """Call `wake` after each committed writing session that marked itself as `TOLD` (live events)."""
        self._after_write.append(wake)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for looking; whatever it changed is thrown away. Rows that were read stay readable after it."""
        with Session(self.engine) as session:
            yield session
            session.expunge_all()
            session.rollback()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction: committed when the block ends well, rolled back when it raises."""
        with self._turns, Session(self._immediate, expire_on_commit=False) as session:
            session.info[LEDGER] = self.ledger
            yield session
            write_down(session)
            session.commit()
        self._make_durable()
        if session.info.get(TOLD):
            for wake in self._after_write:
                wake()

    def _make_durable(self) -> None:
        """What is acknowledged to a carrier must survive a power cut."""
        if self._flush is not None:
            try:
                self._flush.wait()
            except OSError as error:
                raise OperationalError("flush", {}, error, hide_parameters=True) from None

    def give_way(self) -> None:
        """Between two of many transactions: let a writer of another process come in, who asks every 2 ms."""
        time.sleep(2 * sqlite.ASK_AGAIN_SECONDS)

    def clear_log(self) -> bool:
        """Write SQLite's log into the database and empty it, so that nothing destroyed lingers there.

        False while a reader is in the way; try again later. PostgreSQL has no such file of ours to clear.
        """
        return not self.is_sqlite or sqlite.clear_log(self.engine)

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def _with_driver(url: str) -> str:
    parsed = make_url(url)
    if parsed.drivername in ("postgres", "postgresql"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    return parsed.render_as_string(hide_password=False)


def _engine(url: str) -> Engine:
    if url.startswith("sqlite"):
        return sqlite.engine_of(url)
    engine = create_engine(url, pool_pre_ping=True, pool_size=20, hide_parameters=True)
    event.listen(engine, "begin", _begin_postgresql)
    event.listen(engine, "handle_error", _repeat_nothing)
    return engine


def _repeat_nothing(problem: ExceptionContext) -> None:
    """PostgreSQL repeats the row or the value that it refuses, and what an error says gets into logs and job tables."""
    original, ours = problem.original_exception, problem.sqlalchemy_exception
    if isinstance(ours, DataError | IntegrityError):
        diagnosis = getattr(original, "diag", None)
        where = getattr(diagnosis, "constraint_name", None) or getattr(diagnosis, "column_name", None) or "a value"
        original.args = ours.args = (f"({type(original).__name__}) {where} was refused",)


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get("begin") == "IMMEDIATE":
        connection.exec_driver_sql(TAKE_TURN)
