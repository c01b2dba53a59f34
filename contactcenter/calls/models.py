"""Tables of calls: our lines, the call, its legs, how its notice went, and what we asked the carrier to do."""

from datetime import datetime

from sqlalchemy import UniqueConstraint, false
from sqlmodel import Field, SQLModel

from contactcenter.calls.rules import CallState, CommandState, Ending, LegRole, NoticeBasis, Verb
from contactcenter.core.db import EnumText, UtcDateTime, kept, new_public_id
from contactcenter.core.telephone import CallerKind
from contactcenter.customers.rules import MatchKind


class Line(SQLModel, table=True):
    """A number of ours that people call, its team, and the languages of its prompts."""

    __tablename__ = "line"
    __table_args__ = kept("policy")

    id: int = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True)
    e164: str = Field(unique=True)
    name: str
    team_id: int = Field(foreign_key="team.id")
    language: str = "nl"
    second_language: str | None = None
    asks_relation_number: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


class Call(SQLModel, table=True):
    """The telephony of a contact, by the caller's CallSid."""

    __tablename__ = "call"
    __table_args__ = kept("contact")

    id: int = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True)
    contact_id: int = Field(foreign_key="contact.id", unique=True)
    sid: str = Field(unique=True)
    line_id: int = Field(foreign_key="line.id")
    caller_kind: CallerKind = Field(sa_type=EnumText(CallerKind))
    caller: str | None = Field(default=None, index=True)
    match: MatchKind = Field(sa_type=EnumText(MatchKind))
    state: CallState = Field(sa_type=EnumText(CallState), index=True)
    ending: Ending | None = Field(default=None, sa_type=EnumText(Ending))
    language: str
    conference_sid: str | None = Field(default=None, index=True)
    arrived_at: datetime = Field(sa_type=UtcDateTime)
    queued_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    claimed_by: int | None = Field(default=None, foreign_key="staff.id", index=True)
    claimed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    connected_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    objected_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Leg(SQLModel, table=True):
    """One party of a call, by its own CallSid."""

    __tablename__ = "leg"
    __table_args__ = kept("contact")

    id: int = Field(default=None, primary_key=True)
    call_id: int = Field(foreign_key="call.id", index=True)
    sid: str = Field(unique=True)
    role: LegRole = Field(sa_type=EnumText(LegRole))
    staff_id: int | None = Field(default=None, foreign_key="staff.id")
    joined_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    left_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class NoticePlay(SQLModel, table=True):
    """One playing of the notice: what version, in what language, whole or not, for how long and how we know (P01)."""

    __tablename__ = "notice_play"
    __table_args__ = kept("contact", UniqueConstraint("call_id", "attempt"))

    id: int = Field(default=None, primary_key=True)
    call_id: int = Field(foreign_key="call.id", index=True)
    attempt: int
    notice: str
    version: str
    statement_version: str
    language: str
    began_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    whole: bool = False
    milliseconds: int | None = None
    basis: NoticeBasis | None = Field(default=None, sa_type=EnumText(NoticeBasis))
    key: str | None = None


class Command(SQLModel, table=True):
    """What a person asked of the carrier: the intent first, then one REST call, then its outcome."""

    __tablename__ = "command"
    __table_args__ = kept("contact")

    id: int = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True)
    call_id: int = Field(foreign_key="call.id", index=True)
    verb: Verb = Field(sa_type=EnumText(Verb))
    staff_id: int | None = Field(default=None, foreign_key="staff.id")
    state: CommandState = Field(sa_type=EnumText(CommandState), index=True)
    asked_at: datetime = Field(sa_type=UtcDateTime)
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    tries: int = 0
    tried_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    failure: str | None = None
