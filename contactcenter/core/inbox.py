"""Everything a carrier tells us is stored once, before it is acted on: what was seen is never acted on twice."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Index, delete, literal_column, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, SQLModel, col

from contactcenter.core.db import UtcDateTime, kept

KEPT_FOR = timedelta(days=30)
FIRST_OF_A_CALL = "type = 'voice'"  # the event by which a call comes in: those alone have an index of their own


class InboxEvent(SQLModel, table=True):
    """One event: key, type, SIDs and time. No numbers, no digits, no words."""

    __tablename__ = "inbox_event"
    __table_args__ = kept(
        "inbox",
        Index(
            "ix_inbox_event_call", "sids", sqlite_where=text(FIRST_OF_A_CALL), postgresql_where=text(FIRST_OF_A_CALL)
        ),
    )

    key: str = Field(primary_key=True)
    type: str
    sids: str
    at: datetime = Field(sa_type=UtcDateTime, index=True)


OF_A_CALL: ColumnElement[bool] = col(InboxEvent.type) == literal_column("'voice'")  # no parameter: SQLite must see it

# PostgreSQL's driver counts no rows of such an INSERT; what it returns tells on both.
INSERT = {
    dialect.dialect.name: dialect.insert(InboxEvent).on_conflict_do_nothing().returning(col(InboxEvent.key))
    for dialect in (sqlite, postgresql)
}


def accept(session: Session, now: datetime, key: str, type: str, sids: str) -> bool:
    """Store the event unless it is known; True when it is new. `key` is (SID, event, sequence number) in one text."""
    connection = session.connection()
    values = {"key": key, "type": type, "sids": sids, "at": now}
    return connection.execute(INSERT[connection.dialect.name], values).first() is not None


def purge(session: Session, now: datetime) -> None:
    """Forget events older than a month: a replay that old is refused by the state of the call itself."""
    session.execute(delete(InboxEvent).where(col(InboxEvent.at) < now - KEPT_FOR))
