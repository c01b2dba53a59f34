"""Tables of words: what people wrote about a contact, what was said, and the summary of it. Read through the door."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index
from sqlmodel import Field, SQLModel

from contactcenter.core.db import EnumText, UtcDateTime, kept, new_public_id
from contactcenter.customers.rules import Kind
from contactcenter.notes.alerting import Judgement, Known, SpokenKind, Spotted
from contactcenter.notes.drafter import Origin
from contactcenter.notes.drafting import DraftLine
from contactcenter.notes.said import Segment


class SummaryState(StrEnum):
    """A draft is the machine's; a confirmed summary is a person's (P10)."""

    DRAFT = "draft"
    CONFIRMED = "confirmed"


class Note(SQLModel, table=True):
    """What an agent wrote: `question` is what the customer asked, `text` what else matters; one per writer."""

    __tablename__ = "note"
    __table_args__ = kept("contact")

    id: int = Field(default=None, primary_key=True)
    contact_id: int = Field(foreign_key="contact.id", index=True)
    staff_id: int = Field(foreign_key="staff.id")
    question: str = ""
    text: str = ""
    written_at: datetime = Field(sa_type=UtcDateTime)


class Summary(SQLModel, table=True):
    """The short summary of a contact. Draft lines, as `DraftLine.of` reads them, cite their seconds; `draft_origin` is
    what a machine was asked for them, as `Origin.of` reads it, and lives as long as they do."""

    __tablename__ = "summary"
    __table_args__ = kept("contact")

    id: int = Field(default=None, primary_key=True)
    contact_id: int = Field(foreign_key="contact.id", unique=True)
    state: SummaryState = Field(sa_type=EnumText(SummaryState))
    draft_lines: list[dict[str, Any]] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    draft_origin: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    text: str = ""
    edited: bool = False
    confirmed_by: int | None = Field(default=None, foreign_key="staff.id")
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    @property
    def lines(self) -> tuple[DraftLine, ...]:
        """The draft's lines."""
        return tuple(map(DraftLine.of, self.draft_lines or ()))

    @property
    def origin(self) -> Origin | None:
        """What a machine was asked for the draft; None where none was."""
        return Origin.of(self.draft_origin) if self.draft_origin else None

    @property
    def draft_text(self) -> str:
        """The draft as one text, a line each."""
        return "\n".join(str(line["text"]) for line in self.draft_lines or ())


class SummaryVersion(SQLModel, table=True):
    """What a confirmed summary said before somebody changed it: whose it was, and since when."""

    __tablename__ = "summary_version"
    __table_args__ = kept("contact")

    id: int = Field(default=None, primary_key=True)
    summary_id: int = Field(foreign_key="summary.id", index=True)
    text: str
    confirmed_by: int = Field(foreign_key="staff.id")
    confirmed_at: datetime = Field(sa_type=UtcDateTime)


class Transcript(SQLModel, table=True):
    """What was said, redacted before it came here: segments as `Segment.of` reads them.

    `values` are the [start, end] in seconds of what was taken out; corrections and other listenings
    only add to them, cuts leave them as they are.
    """

    __tablename__ = "transcript"
    __table_args__ = kept("recording")

    id: int = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True)
    contact_id: int = Field(foreign_key="contact.id", index=True)
    recording_sid: str = Field(unique=True)
    language: str
    engine: str
    model: str
    segments: list[dict[str, Any]] = Field(sa_type=JSON)
    roles: list[str] = Field(sa_type=JSON)
    values: list[list[float]] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    made_at: datetime = Field(sa_type=UtcDateTime)

    @property
    def said(self) -> list[Segment]:
        """The segments, in order of time."""
        return sorted(map(Segment.of, self.segments), key=lambda segment: segment.start)


class WordsCut(SQLModel, table=True):
    """When a passage was last cut out of a contact: what was written before may repeat it."""

    __tablename__ = "words_cut"
    __table_args__ = kept("contact")

    contact_id: int = Field(primary_key=True, foreign_key="contact.id")
    at: datetime = Field(sa_type=UtcDateTime)


class LineCorrection(SQLModel, table=True):
    """That a person corrected the line of a recording's transcript that begins there, and what it said before."""

    __tablename__ = "line_correction"
    __table_args__ = kept("recording")

    id: int = Field(default=None, primary_key=True)
    recording_sid: str = Field(index=True)
    channel: int
    start: float
    end: float
    before: str
    corrected_by: int = Field(foreign_key="staff.id")
    corrected_at: datetime = Field(sa_type=UtcDateTime)


class CallReading(SQLModel, table=True):
    """That a recording's words were read for alerts, in which language, whose they were being known or not; outlives
    the words (P08)."""

    __tablename__ = "call_reading"
    __table_args__ = kept("contact")

    id: int = Field(default=None, primary_key=True)
    contact_id: int = Field(foreign_key="contact.id", index=True)
    recording_sid: str = Field(unique=True)
    began_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    speakers_known: bool
    language: str | None = None
    read_at: datetime = Field(sa_type=UtcDateTime)


class SpokenAlert(SQLModel, table=True):
    """A second of a recording at which an employee may have said what they must not, and what a person found (P08).

    It holds no words of the call. Unjudged it goes with the recording; judged it loses the words about it then.
    """

    __tablename__ = "spoken_alert"
    __table_args__ = kept("contact", Index("ix_spoken_alert_judged_found", "judged_at", "found_at"))

    id: int = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True)
    contact_id: int = Field(foreign_key="contact.id", index=True)
    recording_sid: str = Field(index=True)
    kind: SpokenKind = Field(sa_type=EnumText(SpokenKind))
    about: Kind | None = Field(default=None, sa_type=EnumText(Kind))
    start: float
    found_at: datetime = Field(sa_type=UtcDateTime)
    judged_by: int | None = Field(default=None, foreign_key="staff.id")
    judged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    judgement: Judgement | None = Field(default=None, sa_type=EnumText(Judgement))
    comment: str = ""
    answered_by: int | None = Field(default=None, foreign_key="staff.id")
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answer: str = ""

    @property
    def known(self) -> Known:
        """It as the rules compare it with another reading."""
        return Known(self.id, Spotted(self.kind, self.start, self.about), judged=self.judged_at is not None)
