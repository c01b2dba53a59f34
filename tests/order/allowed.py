"""What somebody at a desk may do now, read from the rows by the stories' own rules: a refusal is no success."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from contactcenter.calls.models import Call
from contactcenter.calls.rules import CallState
from contactcenter.contacts.models import Contact, Handling
from contactcenter.contacts.rules import ContactState
from contactcenter.recordings.models import Hold, Playback, Recording
from contactcenter.recordings.rules import HoldKind
from contactcenter.verification.rules import Purpose

HELD = (CallState.CLAIMED, CallState.CONNECTED)
AT_ANY_TIME = ("stop-recording", "end")  # the other buttons wait for the line
WRAP_UP = timedelta(minutes=30)
GRACE = timedelta(days=7)
LISTENERS = {  # P02, for people who are all trained and of one team
    "anna": {Purpose.REPLAY},
    "bram": {Purpose.REPLAY},
    "carla": {Purpose.TRAINING},
    "dirk": {Purpose.REPLAY, Purpose.TRAINING, Purpose.DISPUTE, Purpose.AUDIT},
    "eva": {Purpose.DISPUTE, Purpose.AUDIT, Purpose.PRIVACY_REQUEST},
}


def answer(session: Session, call: Call, staff_id: int) -> bool:
    """Whether this agent gets the call: it waits and they have no other, or it is theirs already."""
    theirs = session.exec(select(Call.id).where(Call.claimed_by == staff_id, col(Call.state).in_(HELD))).all()
    return call.id in theirs or (not theirs and call.state is CallState.WAITING)


def press(call: Call, staff_id: int, button: str) -> bool:
    """Whether this button does something for this agent."""
    early = call.state is CallState.CLAIMED and button not in AT_ANY_TIME
    return call.state in HELD and call.claimed_by == staff_id and not early


def close(session: Session, now: datetime, contact: Contact, staff_id: int) -> bool:
    """Whether this agent may wrap the contact up, or settle it: who handled it, or anybody when nobody did."""
    theirs = session.exec(
        select(Handling).where(Handling.contact_id == contact.id, Handling.staff_id == staff_id)
    ).all()
    if contact.state is ContactState.WRAP_UP and contact.ended_at is not None:
        return now - contact.ended_at <= WRAP_UP and any(one.closed_at is None for one in theirs)
    return contact.state is ContactState.MISSED or (contact.state is ContactState.OPEN and bool(theirs))


def listen(session: Session, now: datetime, contact: Contact, login: str, staff_id: int, purpose: Purpose) -> bool:
    """Whether they may hear the contact for this purpose, were it recorded or not."""
    holds = session.exec(select(Hold).where(Hold.contact_id == contact.id)).all()
    handled = select(Handling.id).where(Handling.contact_id == contact.id, Handling.staff_id == staff_id)
    standing = {hold.kind for hold in holds if hold.released_at is None}
    met = {
        Purpose.REPLAY: session.exec(handled).first() is not None,
        Purpose.DISPUTE: HoldKind.DISPUTE in standing,
        Purpose.PRIVACY_REQUEST: HoldKind.PRIVACY_REQUEST in standing,
    }
    past = any(is_past(one, holds, now) for one in audible(session, contact.id))
    return purpose in LISTENERS[login] and met.get(purpose, True) and not past


def audible(session: Session, contact_id: int) -> list[Recording]:
    """The recordings of a contact that have a key."""
    with_key = select(Recording).where(Recording.contact_id == contact_id, col(Recording.wrapped_key).is_not(None))
    return list(session.exec(with_key))


def is_past(recording: Recording, holds: Sequence[Hold], now: datetime) -> bool:
    """Whether a recording should be gone by now: past its date, no hold standing, none released within a week."""
    if recording.retain_until is None or any(hold.released_at is None for hold in holds):
        return False
    released = [hold.released_at + GRACE for hold in holds if hold.released_at is not None]
    return max([recording.retain_until, *released]) <= now


def newest_grant(session: Session, staff_id: int) -> str | None:
    """What this member of staff was last allowed to hear."""
    grants = select(Playback.public_id).where(Playback.staff_id == staff_id, col(Playback.refused).is_(None))
    return session.exec(grants.order_by(col(Playback.id).desc())).first()
