"""How many calls could be checked for what an employee says, and why the others could not (P08)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement
from sqlmodel import Session, case, col, func, literal, select

from contactcenter.calls.models import Call
from contactcenter.calls.rules import Verb
from contactcenter.contacts.models import Contact
from contactcenter.contacts.rules import Direction
from contactcenter.notes.asking_forms import FORMS
from contactcenter.notes.models import CallReading
from contactcenter.recordings.models import Pause, Recording

CHECKED_OVER = timedelta(days=30)


class Unchecked(StrEnum):
    """Why all of a call could not be checked, the first reason first."""

    NOT_RECORDED = "not-recorded"
    NOT_WRITTEN_DOWN = "not-written-down"
    SPEAKERS_UNKNOWN = "speakers-unknown"
    OTHER_LANGUAGE = "other-language"
    PAUSED = "paused"


@dataclass(frozen=True)
class Coverage:
    """Calls in which we spoke with somebody: how many could be checked whole, and of the others how many why not."""

    checked: int
    unchecked: dict[Unchecked, int]

    @property
    def share(self) -> tuple[int, int]:
        """(checked, all)."""
        return self.checked, self.checked + sum(self.unchecked.values())


def coverage(session: Session, now: datetime, direction: Direction | None = None) -> Coverage:
    """Of the calls that were connected in the last thirty days and are over; all, or those of one direction."""
    why = case(*((holds, literal(one.value)) for one, holds in _reasons().items()), else_=literal("")).label("reason")
    rows = (
        select(why, func.count())
        .where(col(Call.connected_at).is_not(None), col(Call.ended_at).between(now - CHECKED_OVER, now))
        .group_by("reason")  # by its name: PostgreSQL takes each parameter for another expression
    )
    if direction is not None:
        rows = rows.where(col(Call.contact_id).in_(select(Contact.id).where(Contact.direction == direction)))
    counts: dict[str, int] = dict(session.exec(rows).all())
    return Coverage(counts.get("", 0), {one: counts[one] for one in Unchecked if counts.get(one)})


def _reasons() -> dict[Unchecked, ColumnElement[bool]]:
    stored = select(Recording.id).where(Recording.contact_id == Call.contact_id, col(Recording.stored_at).is_not(None))
    readings = select(CallReading.id).where(CallReading.contact_id == Call.contact_id)
    unread = stored.where(
        ~select(CallReading.id).where(CallReading.recording_sid == Recording.sid).correlate(Recording).exists()
    )
    paused = select(Pause.id).where(Pause.contact_id == Call.contact_id, Pause.why != Verb.HOLD)
    return {
        Unchecked.NOT_RECORDED: ~stored.exists(),
        Unchecked.NOT_WRITTEN_DOWN: unread.exists(),
        Unchecked.SPEAKERS_UNKNOWN: readings.where(col(CallReading.speakers_known).is_(False)).exists(),
        Unchecked.OTHER_LANGUAGE: readings.where(col(CallReading.language).not_in(FORMS)).exists(),
        Unchecked.PAUSED: paused.exists(),
    }
