"""Tables of contacts of any channel."""

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint, false
from sqlmodel import Field, SQLModel

from contactcenter.contacts.rules import Channel, ContactKind, ContactState, Direction, LinkedBy, Outcome, Topic
from contactcenter.core.db import EnumText, UtcDateTime, kept, new_public_id


class Contact(SQLModel, table=True):
    """One contact moment. Words about it live in notes, behind the door; the telephony in its call."""

    __tablename__ = "contact"
    __table_args__ = kept(
        "contact",
        Index("ix_contact_state_started", "state", "started_at"),
        Index("ix_contact_topic_started", "topic", "started_at"),
        Index("ix_contact_linked_started", "linked", "started_at"),
    )

    id: int = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True)
    channel: Channel = Field(sa_type=EnumText(Channel))
    direction: Direction = Field(sa_type=EnumText(Direction))
    state: ContactState = Field(sa_type=EnumText(ContactState))
    kind: ContactKind | None = Field(default=None, sa_type=EnumText(ContactKind))
    topic: Topic | None = Field(default=None, sa_type=EnumText(Topic))  # chosen by a person, never by a machine
    team_id: int = Field(foreign_key="team.id")
    language: str = "nl"
    statement_version: str = ""
    started_at: datetime = Field(sa_type=UtcDateTime, index=True)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    follow_up_on: date | None = None
    came_from: str | None = Field(default=None, index=True)  # number or address at the other end; wrong answers count
    # Whether a link is in force: so that those without are found quickly.
    linked: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


class ContactLink(SQLModel, table=True):
    """That a contact belongs to a customer, and perhaps to a person; undone, never deleted."""

    __tablename__ = "contact_link"
    __table_args__ = kept("contact")

    id: int = Field(default=None, primary_key=True)
    contact_id: int = Field(foreign_key="contact.id", index=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id")
    how: LinkedBy = Field(sa_type=EnumText(LinkedBy))
    by: str
    at: datetime = Field(sa_type=UtcDateTime)
    undone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    undone_by: str | None = None


class ContactCandidate(SQLModel, table=True):
    """A person whose known number this contact came from: a hint whom to ask about, never a link by itself (P06)."""

    __tablename__ = "contact_candidate"
    __table_args__ = kept("contact", UniqueConstraint("contact_id", "number_id"))

    id: int = Field(default=None, primary_key=True)
    contact_id: int = Field(foreign_key="contact.id", index=True)
    person_id: int = Field(foreign_key="person.id")
    number_id: int = Field(foreign_key="known_number.id")


class KeyedNumber(SQLModel, table=True):
    """Whose relation number the caller keyed in: a hint and weak evidence, never a link by itself (P06)."""

    __tablename__ = "keyed_number"
    __table_args__ = kept("contact")

    id: int = Field(default=None, primary_key=True)
    contact_id: int = Field(foreign_key="contact.id", unique=True)
    customer_id: int = Field(foreign_key="customer.id")
    at: datetime = Field(sa_type=UtcDateTime)


class Handling(SQLModel, table=True):
    """One member of staff's part of a contact, until its wrap-up is closed."""

    __tablename__ = "handling"
    __table_args__ = kept("contact", Index("ix_handling_staff_closed", "staff_id", "closed_at"))

    id: int = Field(default=None, primary_key=True)
    contact_id: int = Field(foreign_key="contact.id", index=True)
    staff_id: int = Field(foreign_key="staff.id")
    started_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    outcome: Outcome | None = Field(default=None, sa_type=EnumText(Outcome))
