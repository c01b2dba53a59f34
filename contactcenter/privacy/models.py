"""Table of the promises: what was found when they were counted last."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from contactcenter.core.db import UtcDateTime, kept


class PromiseCount(SQLModel, table=True):
    """The finding of one promise, without what broke it; where it has a share, its part and its whole."""

    __tablename__ = "promise_count"
    __table_args__ = kept("live")

    promise: str = Field(primary_key=True)
    count: int
    checked: int
    share_part: int | None = None
    share_whole: int | None = None
    counted_at: datetime = Field(sa_type=UtcDateTime)
