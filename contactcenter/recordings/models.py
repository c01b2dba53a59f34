"""Tables of recordings: what is expected, what arrived, who listened, what holds it, what is left of it."""

from datetime import date, datetime

from sqlalchemy import JSON, Index
from sqlmodel import Field, SQLModel

from contactcenter.core.db import EnumText, UtcDateTime, kept, new_public_id
from contactcenter.recordings.rules import (
    CarrierCopy,
    CutReason,
    Failure,
    HoldKind,
    HoldStep,
    NotRecorded,
    RecordingState,
)
from contactcenter.staff.rules import Role
from contactcenter.verification.rules import Purpose


class RetentionRule(SQLModel, table=True):
    """How long a class of data is kept, and by what source; seeded from `retention.json`, versioned (P16, P17)."""

    __tablename__ = "retention_rule"
    __table_args__ = kept("policy")

    id: int = Field(default=None, primary_key=True)
    data_class: str = Field(index=True)
    days: int
    source: str
    version: str
    in_force_from: datetime = Field(sa_type=UtcDateTime)


class Expected(SQLModel, table=True):
    """What was decided about recording when the call began; checked again when a recording arrives (P01)."""

    __tablename__ = "recording_expected"
    __table_args__ = kept("contact")

    id: int = Field(default=None, primary_key=True)
    contact_id: int = Field(foreign_key="contact.id", unique=True)
    call_sid: str = Field(unique=True)
    conference_sid: str | None = Field(default=None, index=True)
    allowed: bool
    reason: NotRecorded | None = Field(default=None, sa_type=EnumText(NotRecorded))
    transcription_named: bool
    language: str = "nl"
    decided_at: datetime = Field(sa_type=UtcDateTime)
    refused_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Pause(SQLModel, table=True):
    """An interval in which nothing was captured, and why it began."""

    __tablename__ = "recording_pause"
    __table_args__ = kept("recording")

    id: int = Field(default=None, primary_key=True)
    contact_id: int = Field(foreign_key="contact.id", index=True)
    why: str
    began_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Recording(SQLModel, table=True):
    """One recording. `wrapped_key` opens the vault's object; without it the ciphertext is noise.

    `tries` counts the failed tries of the present step; `failure` names the last one, or why it is a dead letter.
    """

    __tablename__ = "recording"
    __table_args__ = kept(
        "recording",
        Index("ix_recording_state_until", "state", "retain_until"),  # what is due
        Index("ix_recording_state_object", "state", "object_key"),  # what of the destroyed still lies in the vault
    )

    id: int = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True)
    sid: str = Field(unique=True)
    contact_id: int | None = Field(default=None, foreign_key="contact.id", index=True)
    state: RecordingState = Field(sa_type=EnumText(RecordingState))
    carrier_copy: CarrierCopy = Field(sa_type=EnumText(CarrierCopy), index=True)
    carrier_seconds: float | None = None
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    arrived_at: datetime = Field(sa_type=UtcDateTime)
    channels: int | None = None
    seconds: float | None = None
    roles: list[str] = Field(default_factory=list, sa_type=JSON)
    peaks: list[list[int]] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    object_key: str | None = None
    wrapped_key: bytes | None = None
    size: int | None = None
    sha256: str | None = None
    stored_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    retain_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    failure: Failure | None = Field(default=None, sa_type=EnumText(Failure))
    tries: int = 0
    next_try_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    destroyed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Transcription(SQLModel, table=True):
    """A recording that is being written down, or rests half written: how far, and by which try.

    It goes when the words are attached. `claim` names the newest try: an older one that finds another's there ends.
    The rest binds what is finished to its sound and engine; `windows` is 0 while the engine has not begun.
    `wished` is the language that somebody chose for this call.
    """

    __tablename__ = "transcription"
    __table_args__ = kept("recording")

    id: int = Field(default=None, primary_key=True)
    recording_id: int = Field(foreign_key="recording.id", unique=True)
    claim: str = ""
    stopped_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    moved_at: datetime = Field(sa_type=UtcDateTime)
    wished: str | None = None
    object_key: str = ""
    engine: str = ""
    model: str = ""
    language: str = ""
    windows: int = 0
    finished: int = 0


class TranscriptionPart(SQLModel, table=True):
    """What was said in some windows, sealed under the recording's own key: whole calls are redacted, not parts."""

    __tablename__ = "transcription_part"
    __table_args__ = kept("recording")

    id: int = Field(default=None, primary_key=True)
    transcription_id: int = Field(foreign_key="transcription.id", index=True)
    sealed: bytes


class Hold(SQLModel, table=True):
    """What stops a recording's timer: a kind, the id of its reason, an owner, a review date (P17).

    It stops it from the start, and is relied on for listening once a second person confirmed it.
    """

    __tablename__ = "hold"
    __table_args__ = kept("contact")

    id: int = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True)
    contact_id: int = Field(foreign_key="contact.id", index=True)
    kind: HoldKind = Field(sa_type=EnumText(HoldKind))
    reference: str
    owner_id: int = Field(foreign_key="staff.id")
    review_on: date
    placed_at: datetime = Field(sa_type=UtcDateTime)
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    released_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class HoldProposal(SQLModel, table=True):
    """What one person proposed about a hold, and what another decided."""

    __tablename__ = "hold_proposal"
    __table_args__ = kept("contact")

    id: int = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True)
    hold_id: int = Field(foreign_key="hold.id", index=True)
    step: HoldStep = Field(sa_type=EnumText(HoldStep))
    review_on: date | None = None
    proposed_by: int = Field(foreign_key="staff.id")
    proposed_at: datetime = Field(sa_type=UtcDateTime)
    decided_by: int | None = Field(default=None, foreign_key="staff.id")
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    accepted: bool | None = None


class Cut(SQLModel, table=True):
    """A passage that is cut out of a recording, in seconds from its start: unheard and unread from `asked_at` on, its
    sound destroyed at `cut_at`.

    By the carrier's name of the recording: a restored database may know of a cut before it has the recording again.
    `role` asked for it; who that was says the audit trail. `remnant` is the object that still lies in the vault,
    without its key.
    """

    __tablename__ = "recording_cut"
    __table_args__ = kept("recording")

    id: int = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True)
    recording_sid: str = Field(index=True)
    start: float
    end: float
    reason: CutReason = Field(sa_type=EnumText(CutReason))
    role: Role = Field(sa_type=EnumText(Role))
    asked_at: datetime = Field(sa_type=UtcDateTime)
    cut_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    remnant: str | None = None


class Certificate(SQLModel, table=True):
    """Proof that something was destroyed: what kind, when, by which rule. No personal data, no contact."""

    __tablename__ = "certificate"
    __table_args__ = kept("audit")

    id: int = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True)
    recording: str
    parts: list[str] = Field(sa_type=JSON)
    rule: str
    due_at: datetime = Field(sa_type=UtcDateTime)
    destroyed_at: datetime = Field(sa_type=UtcDateTime)
    cleared_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    carrier_keeps_metadata_until: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Playback(SQLModel, table=True):
    """One opening of the player, with its purpose; refusals too (P02)."""

    __tablename__ = "playback"
    __table_args__ = kept("audit")

    id: int = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True)
    recording_id: int = Field(foreign_key="recording.id", index=True)
    staff_id: int = Field(foreign_key="staff.id", index=True)
    role: str
    purpose: Purpose = Field(sa_type=EnumText(Purpose))
    at: datetime = Field(sa_type=UtcDateTime)
    refused: str | None = None
    first_streamed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
