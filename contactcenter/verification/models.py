"""Tables of verification: policies, verifications with their evidence, questions, codes and second persons; what they
led to: disclosures, what pages showed, corrections, call-backs; broken glass and marks on customers."""

from datetime import date, datetime

from sqlalchemy import Enum, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from contactcenter.core.db import EnumText, UtcDateTime, kept, new_public_id
from contactcenter.customers.rules import Kind
from contactcenter.verification.rules import (
    ApprovalReason,
    CallBackEnd,
    Ended,
    EvidenceKind,
    EvidenceOutcome,
    FlagKind,
    GlassReason,
    Level,
    PolicyState,
    Purpose,
    Way,
)

LEVEL = Enum(Level, native_enum=False, length=40)  # a type of PostgreSQL's own would need a migration per member


class Verification(SQLModel, table=True):
    """How sure we are, in one contact, for one agent, of one person of one customer. It ends with the call."""

    __tablename__ = "verification"
    __table_args__ = kept("contact")

    id: int = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True)
    contact_id: int = Field(foreign_key="contact.id", index=True)
    staff_id: int = Field(foreign_key="staff.id", index=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id")
    link_id: int = Field(foreign_key="contact_link.id")  # a pass ends with the link it was made under
    level: Level = Field(default=Level.UNKNOWN, sa_type=LEVEL)
    began_at: datetime = Field(sa_type=UtcDateTime)
    reached_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended: Ended | None = Field(default=None, sa_type=EnumText(Ended))
    follows_id: int | None = None  # the verification of a colleague, whose evidence counts too
    policy: str = Field(default="", sa_column_kwargs={"server_default": ""})  # digest of the version it began under


class PolicyVersion(SQLModel, table=True):
    """A text that says which evidence makes which level; who proposed it and who put it in force."""

    __tablename__ = "policy_version"
    __table_args__ = kept("policy")

    id: int = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True)
    text: str
    digest: str = Field(index=True)
    state: PolicyState = Field(sa_type=EnumText(PolicyState), index=True)
    proposed_by: str
    proposed_at: datetime = Field(sa_type=UtcDateTime)
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Evidence(SQLModel, table=True):
    """One fact for or against: kind, what was asked about, outcome. The typed answer is not kept."""

    __tablename__ = "evidence"
    __table_args__ = kept("contact")

    id: int = Field(default=None, primary_key=True)
    verification_id: int = Field(foreign_key="verification.id", index=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    kind: EvidenceKind = Field(sa_type=EnumText(EvidenceKind))
    fact: str
    outcome: EvidenceOutcome = Field(sa_type=EnumText(EvidenceOutcome))
    at: datetime = Field(sa_type=UtcDateTime, index=True)


class Question(SQLModel, table=True):
    """A question drawn for the agent to read out; its answer stays on the server."""

    __tablename__ = "question"
    __table_args__ = kept("contact")

    id: int = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True)
    verification_id: int = Field(foreign_key="verification.id", index=True)
    fact: str
    drawn_at: datetime = Field(sa_type=UtcDateTime)
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class OneTimeCode(SQLModel, table=True):
    """A code that was sent to, or fetched by, a person, and that they read out; only its hash is kept.

    One that the customer's application fetched belongs to no contact until it is read out in one.
    """

    __tablename__ = "one_time_code"
    __table_args__ = kept("contact")

    id: int = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True)
    kind: EvidenceKind = Field(sa_type=EnumText(EvidenceKind))
    customer_id: int = Field(foreign_key="customer.id", index=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    contact_id: int | None = Field(default=None, foreign_key="contact.id", index=True)
    code_hash: str
    made_at: datetime = Field(sa_type=UtcDateTime, index=True)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    wrong: int = 0


class Approval(SQLModel, table=True):
    """An agent asks a second person to vouch for a caller: why, who decided, and how (P05)."""

    __tablename__ = "approval"
    __table_args__ = kept("contact")

    id: int = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True)
    verification_id: int = Field(foreign_key="verification.id", index=True)
    reason: ApprovalReason = Field(sa_type=EnumText(ApprovalReason))
    words: str
    asked_at: datetime = Field(sa_type=UtcDateTime, index=True)
    decided_by: int | None = Field(default=None, foreign_key="staff.id")
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    granted: bool | None = None


class CallBack(SQLModel, table=True):
    """A customer's own request to be called back: in which verification it was made, and what it needs (P12).

    Of its code word a keyed hash is kept; the word itself was said once.
    """

    __tablename__ = "call_back"
    __table_args__ = kept("contact", Index("ix_call_back_team_ended", "team_id", "ended_at"))

    id: int = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True)
    verification_id: int = Field(foreign_key="verification.id")
    customer_id: int = Field(foreign_key="customer.id")
    person_id: int = Field(foreign_key="person.id", index=True)
    team_id: int = Field(foreign_key="team.id")
    kind: Kind = Field(sa_type=EnumText(Kind))
    language: str
    word: str
    wrong: int = 0
    made_at: datetime = Field(sa_type=UtcDateTime)
    taken_by: int | None = Field(default=None, foreign_key="staff.id")
    taken_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended: CallBackEnd | None = Field(default=None, sa_type=EnumText(CallBackEnd))
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class CallBackTry(SQLModel, table=True):
    """One call that we made for a request: in which contact, by whom, and when its telephone was answered."""

    __tablename__ = "call_back_try"
    __table_args__ = kept("contact")

    id: int = Field(default=None, primary_key=True)
    call_back_id: int = Field(foreign_key="call_back.id", index=True)
    contact_id: int = Field(foreign_key="contact.id", unique=True)
    staff_id: int = Field(foreign_key="staff.id")
    at: datetime = Field(sa_type=UtcDateTime)
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class BreakGlass(SQLModel, table=True):
    """Somebody opened a customer without a verified caller: why, and what whoever reviewed it found (P05)."""

    __tablename__ = "break_glass"
    __table_args__ = kept("audit")

    id: int = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    staff_id: int = Field(foreign_key="staff.id", index=True)
    reason: GlassReason = Field(sa_type=EnumText(GlassReason))
    words: str
    at: datetime = Field(sa_type=UtcDateTime, index=True)
    reviewed_by: int | None = Field(default=None, foreign_key="staff.id")
    reviewed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    justified: bool | None = None
    comment: str = ""


class Flag(SQLModel, table=True):
    """A mark on a customer that shuts data or asks for more proof, until it expires or is lifted; no accusation."""

    __tablename__ = "flag"
    __table_args__ = kept("customer")

    id: int = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    contact_id: int | None = Field(default=None, foreign_key="contact.id")
    kind: FlagKind = Field(sa_type=EnumText(FlagKind))
    words: str
    by: int = Field(foreign_key="staff.id")
    at: datetime = Field(sa_type=UtcDateTime)
    review_on: date
    expires_on: date
    lifted_by: int | None = Field(default=None, foreign_key="staff.id")
    lifted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Correction(SQLModel, table=True):
    """That an agent corrected one kind of a customer's data on a caller's wish; `told_at` is when all that tells of it
    was sent, or given up.

    No value is kept. `turn` counts the corrections of a contact, so that a form that is sent twice counts once;
    `before_id` is the row of the telephone number or e-mail address that ended, if any.
    """

    __tablename__ = "correction"
    __table_args__ = kept("audit", UniqueConstraint("contact_id", "turn"))

    id: int = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True)
    contact_id: int = Field(foreign_key="contact.id")
    turn: int
    customer_id: int = Field(foreign_key="customer.id", index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id")
    staff_id: int = Field(foreign_key="staff.id")
    verification_id: int = Field(foreign_key="verification.id")
    kind: Kind = Field(sa_type=EnumText(Kind))
    before_id: int | None = None
    at: datetime = Field(sa_type=UtcDateTime)
    told_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)


class CorrectionNotice(SQLModel, table=True):
    """One way in which the old address was told of a correction, or a letter that a person writes.

    `known_id` is the row of the e-mail address or telephone number, by `way`; `sent` is False for what was given up,
    and for a letter until somebody wrote it.
    """

    __tablename__ = "correction_notice"
    __table_args__ = kept("audit", UniqueConstraint("correction_id", "way", "known_id"))

    id: int = Field(default=None, primary_key=True)
    correction_id: int = Field(foreign_key="correction.id")
    way: Way = Field(sa_type=EnumText(Way))
    known_id: int | None = None
    sent: bool
    at: datetime = Field(sa_type=UtcDateTime)


class Served(SQLModel, table=True):
    """That a page showed one kind of a customer's data to somebody: written by what renders, not by what opens."""

    __tablename__ = "served"
    __table_args__ = kept("audit", Index("ix_served_staff_customer", "staff_id", "customer_id", "at"))

    id: int = Field(default=None, primary_key=True)
    staff_id: int = Field(foreign_key="staff.id")
    customer_id: int = Field(foreign_key="customer.id")
    what: str
    since: datetime = Field(sa_type=UtcDateTime)  # an opening before this explains it no more
    at: datetime = Field(sa_type=UtcDateTime, index=True)


class Disclosure(SQLModel, table=True):
    """One class or kind of data shown to staff in a contact, with the level it rested on (P05)."""

    __tablename__ = "disclosure"
    __table_args__ = kept(
        "audit",
        Index("ix_disclosure_staff_at", "staff_id", "at"),
        Index("ix_disclosure_what_purpose", "what", "purpose"),
    )

    id: int = Field(default=None, primary_key=True)
    contact_id: int | None = Field(default=None, foreign_key="contact.id", index=True)
    about_contact_id: int | None = Field(default=None, foreign_key="contact.id", index=True)
    customer_id: int | None = Field(default=None, foreign_key="customer.id", index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id")
    staff_id: int | None = Field(default=None, foreign_key="staff.id")
    what: str
    purpose: Purpose = Field(sa_type=EnumText(Purpose))
    level: Level = Field(sa_type=LEVEL)
    verification_id: int | None = Field(default=None, foreign_key="verification.id")
    break_glass_id: int | None = Field(default=None, index=True)
    at: datetime = Field(sa_type=UtcDateTime, index=True)
