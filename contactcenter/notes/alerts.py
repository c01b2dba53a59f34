"""Alerts on what an employee said: raised when a transcript is attached or changed, never decided by machine (P08).

Read again, what was judged stays judged, what is still there keeps its name and date, and what is no longer there goes.
"""

import math
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, and_, col, or_, select

from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.contacts.rules import Direction
from contactcenter.core.audit import Action, Actor, record
from contactcenter.core.live import OPERATIONS, announce
from contactcenter.customers.rules import Kind
from contactcenter.notes.alerting import Heard, changes, spotted
from contactcenter.notes.models import CallReading, SpokenAlert, Transcript
from contactcenter.notes.passages import Passage
from contactcenter.notes.turns import agent_channels
from contactcenter.verification.fields import FIELDS
from contactcenter.verification.models import Disclosure, Verification

ROUNDED = timedelta(seconds=1)  # the carrier says when a recording began in whole ones


def read(
    session: Session,
    now: datetime,
    recording_sid: str,
    began: datetime | None,
    changed: Sequence[Passage] = (Passage(0.0, math.inf),),
) -> None:
    """Read the redacted words of a recording that began then; None where the carrier told no moment. What was raised
    goes only where its words are no longer there and something `changed`."""
    transcript = session.exec(select(Transcript).where(Transcript.recording_sid == recording_sid)).one()
    reading = session.exec(select(CallReading).where(CallReading.recording_sid == recording_sid)).first()
    reading = reading or CallReading(
        contact_id=transcript.contact_id, recording_sid=recording_sid, speakers_known=False, read_at=now
    )
    reading.began_at, reading.read_at, reading.language = began, now, transcript.language
    reading.speakers_known = bool(agent_channels(transcript.roles))
    session.add(reading)
    _compare(session, now, transcript, began, changed)


def read_again(session: Session, now: datetime, recording_sid: str, changed: Sequence[Passage]) -> None:
    """Read words that were changed; nothing for those that were never read, or are gone. `changed` are the passages in
    which who changed them may undo what was raised: whom an alert is about does so nowhere, and nobody elsewhere."""
    reading = session.exec(select(CallReading).where(CallReading.recording_sid == recording_sid)).first()
    written = session.exec(select(Transcript.id).where(Transcript.recording_sid == recording_sid)).first()
    if reading is not None and written is not None:
        read(session, now, recording_sid, reading.began_at, changed)


def began_at(session: Session, recording_sid: str) -> datetime | None:
    """When a recording that was read began; None where nobody knows."""
    return session.exec(select(CallReading.began_at).where(CallReading.recording_sid == recording_sid)).first()


def without_words(session: Session, recording_sid: str) -> None:
    """The recording goes, and with it what nobody judged, and all words about the rest (P17)."""
    for alert in session.exec(select(SpokenAlert).where(SpokenAlert.recording_sid == recording_sid)).all():
        if alert.judged_at is None:
            session.delete(alert)
        else:
            alert.comment, alert.answer = "", ""


def without_passages(session: Session, now: datetime, recording_sid: str, passages: Sequence[Passage]) -> None:
    """Passages are cut out of the recording: what was found there goes, and what was written about it (P17)."""
    for alert in session.exec(select(SpokenAlert).where(SpokenAlert.recording_sid == recording_sid)):
        if any(passage.touches(alert.start, alert.start) for passage in passages):
            alert.comment, alert.answer = "", ""
    read_again(session, now, recording_sid, passages)


def _compare(
    session: Session, now: datetime, transcript: Transcript, began: datetime | None, changed: Sequence[Passage]
) -> None:
    contact = session.get_one(Contact, transcript.contact_id)
    heard = Heard(
        segments=transcript.said,
        roles=transcript.roles,
        language=transcript.language,
        outbound=contact.direction is Direction.OUTBOUND,
        is_open=_openings(session, contact, began),
    )
    rows = session.exec(select(SpokenAlert).where(SpokenAlert.recording_sid == transcript.recording_sid)).all()
    found = changes([row.known for row in rows], spotted(heard))
    moved = dict(found.moved)
    for row in rows:
        if row.id in found.gone:
            if any(passage.touches(row.start, row.start) for passage in changed):
                session.delete(row)
        else:
            row.start = moved.get(row.id, row.start)
    for one in found.new:
        raised = SpokenAlert(
            contact_id=contact.id,
            recording_sid=transcript.recording_sid,
            kind=one.kind,
            about=one.about,
            start=one.start,
            found_at=now,
        )
        session.add(raised)
        record(session, now, Actor.WORKER, Action.SPOKEN_ALERT_RAISED, raised.public_id, one.kind.value)
        announce(session, now, OPERATIONS, raised.public_id)
    session.flush()


def _openings(session: Session, contact: Contact, began: datetime | None) -> Callable[[Kind, float], bool]:
    """Whether a kind might be told at a second: its level was reached by then, or the kind itself was opened.

    Where nobody knows when the recording began, nothing can be said against telling.
    """
    if began is None:
        return lambda _kind, _second: True
    link = contacts.active_link(session, contact.id)
    by_glass = and_(
        col(Disclosure.break_glass_id).is_not(None), Disclosure.customer_id == (link.customer_id if link else None)
    )
    shown = session.exec(select(Disclosure).where(or_(Disclosure.contact_id == contact.id, by_glass))).all()
    begun = session.exec(select(Verification).where(Verification.contact_id == contact.id)).all()
    levels = [(one.level, one.at) for one in shown] + [(one.level, one.reached_at) for one in begun]
    opened = [(one.what, one.at) for one in shown]

    def is_open(kind: Kind, second: float) -> bool:
        at = began + timedelta(seconds=second) + ROUNDED
        reached = any(level >= FIELDS[kind].needs and since <= at for level, since in levels)
        return reached or any(what == kind.value and since <= at for what, since in opened)

    return is_open
