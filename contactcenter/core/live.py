"""Live events: rows written in the transaction of their cause, pushed to browsers as server-sent events.

A row says only topic and public id; the browser then asks for the panel it shows. Between processes SQLite is
polled by `PRAGMA data_version` every 100 ms and PostgreSQL notifies; within one process the writer wakes us.
"""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Field, Session, SQLModel, col, select

from contactcenter.core.db import TOLD, Database, UtcDateTime, insert, kept

CHANNEL = "contactcenter_live"
POLL_SECONDS = 0.1
AGAIN_SECONDS = 0.5  # between two tries to reach a database that went away
KEPT_FOR = timedelta(hours=1)
MOST_STREAMS = 20  # of one owner
ENDED = "ended"  # the topic of a stream's last word, when it has one
MOST_MISSED = 500  # of what a stream missed; a page looks at all its panels again when it is back
CONTACT, STAFF, QUEUE = "contact", "staff", "queue"  # the kinds of topics that are about one of many
OPERATIONS = "operations"  # the topic of who operates the installation
log = structlog.get_logger()


class LiveEvent(SQLModel, table=True):
    """One event: its id is the stream's event id, so that a reconnect resumes."""

    __tablename__ = "live_event"
    __table_args__ = kept("live")

    id: int = Field(default=None, primary_key=True)
    topic: str = Field(index=True)
    subject: str
    at: datetime = Field(sa_type=UtcDateTime, index=True)


@dataclass(frozen=True)
class Event:
    """An event on its way to a browser."""

    id: int
    topic: str
    subject: str


def contact_topic(public_id: str) -> str:
    """The topic of who reads this contact."""
    return f"{CONTACT}:{public_id}"


def staff_topic(public_id: str) -> str:
    """The topic of this member's own desk."""
    return f"{STAFF}:{public_id}"


def queue_topic(team_id: int) -> str:
    """The topic of the desks at which this team's calls ring."""
    return f"{QUEUE}:{team_id}"


def kind_of(topic: str) -> str:
    """`contact`, `staff`, `queue` or `operations`: what a browser listens to."""
    return topic.partition(":")[0]


TOO_MANY = Event(0, ENDED, "too-many-windows")


def announce(session: Session, now: datetime, topic: str, subject: str) -> None:
    """Tell whoever watches `topic` that `subject` changed, once this transaction is committed."""
    insert(session, LiveEvent, topic=topic, subject=subject, at=now)
    session.info[TOLD] = True
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"NOTIFY {CHANNEL}"))


def purge(session: Session, now: datetime) -> None:
    """Forget events older than an hour."""
    session.execute(delete(LiveEvent).where(col(LiveEvent.at) < now - KEPT_FOR))


class LiveHub:
    """Reads new rows once per process and hands them to every stream that asked for their topic."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._streams: dict[asyncio.Queue[Event | None], str] = {}  # and whose each is, the oldest first
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._last = 0
        self._thread: threading.Thread | None = None
        db.after_write(self._wake.set)

    def start(self) -> None:
        """Begin watching; call it inside the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._last = self._newest()
        self._thread = threading.Thread(target=self._watch, name="live", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End all streams and the watching thread."""
        self.end()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=2)

    def end(self) -> None:
        """End all streams for good, in the running event loop; browsers come back to whoever serves next."""
        self._stop.set()
        self.end_streams()

    def end_streams(self) -> None:
        """End every stream of this moment once it has told what came before, in the running event loop."""
        for stream in self._streams:
            stream.put_nowait(None)

    @property
    def watching(self) -> int:
        """How many streams there are."""
        return len(self._streams)

    async def stream(self, topics: set[str], after: int | None, owner: str = "") -> AsyncIterator[Event]:
        """Events of these topics, as they come; the newest of those missed since `after` first.

        An `owner` of too many streams loses the oldest: its last event is of the topic `ENDED`, with the reason.
        """
        queue: asyncio.Queue[Event | None] = asyncio.Queue()
        self._end_oldest(owner)
        self._streams[queue] = owner
        try:
            seen = after or 0
            if after is not None:
                for event in await asyncio.to_thread(self._missed, after):
                    seen = event.id
                    if event.topic in topics:
                        yield event
            while not self._stop.is_set() and (event_or_end := await queue.get()) is not None:
                if event_or_end is TOO_MANY or (event_or_end.id > seen and event_or_end.topic in topics):
                    yield event_or_end
        finally:
            self._streams.pop(queue, None)

    def _end_oldest(self, owner: str) -> None:
        """One person's windows must not take the connections that callers need."""
        theirs = [queue for queue, whose in self._streams.items() if owner and whose == owner]
        if len(theirs) >= MOST_STREAMS:
            del self._streams[theirs[0]]
            theirs[0].put_nowait(TOO_MANY)
            theirs[0].put_nowait(None)

    def _newest(self) -> int:
        with self._db.reading() as session:
            return session.exec(select(LiveEvent.id).order_by(col(LiveEvent.id).desc()).limit(1)).first() or 0

    def _since(self, after: int) -> list[Event]:
        with self._db.reading() as session:
            rows = session.exec(select(LiveEvent).where(col(LiveEvent.id) > after).order_by(col(LiveEvent.id)))
            return [Event(row.id, row.topic, row.subject) for row in rows]

    def _missed(self, after: int) -> list[Event]:
        """What came since `after`, which anybody may name: at most the newest few hundred are read."""
        with self._db.reading() as session:
            newest = select(LiveEvent).where(col(LiveEvent.id) > after).order_by(col(LiveEvent.id).desc())
            rows = session.exec(newest.limit(MOST_MISSED)).all()
            return [Event(row.id, row.topic, row.subject) for row in reversed(rows)]

    def _publish(self) -> None:
        for event in self._since(self._last):
            self._last = event.id
            if self._loop is not None and not self._stop.is_set():
                with contextlib.suppress(RuntimeError):  # the loop closed under us: nobody listens any more
                    self._loop.call_soon_threadsafe(self._hand_out, event)

    def _hand_out(self, event: Event) -> None:
        for stream in self._streams:
            stream.put_nowait(event)

    def _watch(self) -> None:
        """Watch until the end; a database that goes away (it restarts, say) is asked again until it is back."""
        follow = self._follow_sqlite if self._db.is_sqlite else self._follow_postgresql
        problems: tuple[type[Exception], ...] = (SQLAlchemyError, self._db.engine.dialect.loaded_dbapi.Error)
        while not self._stop.is_set():
            try:
                follow()
            except problems as problem:
                log.warning("live-events-interrupted", error=type(problem).__name__)
                self._stop.wait(AGAIN_SECONDS)

    def _follow_sqlite(self) -> None:
        connection = self._db.engine.raw_connection()
        try:
            version = None
            while not self._stop.is_set():
                woken = self._wake.wait(POLL_SECONDS)
                self._wake.clear()
                current = connection.cursor().execute("PRAGMA data_version").fetchone()
                if woken or current != version:
                    version = current
                    self._publish()
        finally:
            connection.close()

    def _follow_postgresql(self) -> None:
        connection = self._db.engine.raw_connection()
        try:
            driver = connection.driver_connection
            assert driver is not None
            driver.set_autocommit(True)
            driver.execute(f"LISTEN {CHANNEL}")
            self._publish()  # what was announced while nobody listened
            while not self._stop.is_set():
                for _ in driver.notifies(timeout=1.0, stop_after=1):
                    pass
                self._publish()
        finally:
            connection.invalidate()
            connection.close()
