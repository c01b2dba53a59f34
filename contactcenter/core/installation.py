"""Which installation a database is, and which ledgers it has: every copy of it says the same."""

from sqlmodel import Field, Session, SQLModel, select

from contactcenter.core.db import kept, new_public_id

ONLY = 1  # the key of the one row


class Installation(SQLModel, table=True):
    """One row, so that nothing of another installation is taken for ours, or replaced by ours."""

    __tablename__ = "installation"
    __table_args__ = kept("audit")

    id: int = Field(default=None, primary_key=True)
    name: str


class LedgerHead(SQLModel, table=True):
    """The last line of a ledger (core/ledger.py, which writes this) that the database knows of; one row a machine."""

    __tablename__ = "ledger_head"
    __table_args__ = kept("audit")

    id: int = Field(default=None, primary_key=True)
    ledger: str = Field(unique=True)
    lines: int
    hash: str


def name_of(session: Session) -> str:
    """The installation's name; it gets one when first asked. Needs a writing session."""
    found = session.exec(select(Installation)).first()
    if found is None:
        found = Installation(id=ONLY, name=new_public_id())
        session.add(found)
        session.flush()
    return found.name
