"""Tables of reviews: which contacts are drawn, what whoever reviewed one found, and what its agent says to that."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from contactcenter.coaching.rules import SampleKind, Verdict
from contactcenter.core.db import EnumText, UtcDateTime, kept, new_public_id


class SamplingRule(SQLModel, table=True):
    """Of contacts of a kind, one in so many is reviewed (0: none); seeded from `sampling.json`, versioned."""

    __tablename__ = "sampling_rule"
    __table_args__ = kept("policy", UniqueConstraint("kind", "version"))

    id: int = Field(default=None, primary_key=True)
    kind: SampleKind = Field(sa_type=EnumText(SampleKind))
    one_in: int
    version: str
    in_force_from: datetime = Field(sa_type=UtcDateTime)


class Review(SQLModel, table=True):
    """A contact whose verification somebody looks at: why it was drawn, and once reviewed by whom and how it was."""

    __tablename__ = "review"
    __table_args__ = kept("contact")

    id: int = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True)
    contact_id: int = Field(foreign_key="contact.id", unique=True)
    why: SampleKind = Field(sa_type=EnumText(SampleKind))
    drawn_at: datetime = Field(sa_type=UtcDateTime)
    reviewed_by: int | None = Field(default=None, foreign_key="staff.id", index=True)
    reviewed_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    asked: bool | None = None
    answered: bool | None = None
    told_before: bool | None = None
    verdict: Verdict | None = Field(default=None, sa_type=EnumText(Verdict))
    comment: str = ""


class ReviewReply(SQLModel, table=True):
    """What somebody who handled the contact says to its review, once, in their own words."""

    __tablename__ = "review_reply"
    __table_args__ = kept("contact", UniqueConstraint("review_id", "staff_id"))

    id: int = Field(default=None, primary_key=True)
    review_id: int = Field(foreign_key="review.id")
    staff_id: int = Field(foreign_key="staff.id")
    words: str
    at: datetime = Field(sa_type=UtcDateTime)
