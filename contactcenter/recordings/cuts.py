"""Passages that are cut out of recordings: who may ask for it, and what the database does about it (P17).

From the moment somebody asks, nobody hears the passage and its words are gone: all that is one transaction, with its
line in the ledger, so that no restore brings it back. The sound itself goes soon after, see `cutting.py`.
"""

from datetime import datetime

from sqlmodel import Session, col, select

from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.core import ledger
from contactcenter.core.audit import Action, record
from contactcenter.core.errors import Conflict, Invalid, NotFound
from contactcenter.core.jobs import REMOVALS, Jobs
from contactcenter.notes import cuts as words
from contactcenter.notes.passages import Passage
from contactcenter.recordings import service, timers, underway
from contactcenter.recordings.models import Cut, Recording
from contactcenter.recordings.rules import CutReason, cut_refusal
from contactcenter.staff.access import Member
from contactcenter.staff.rules import Right, Role

CUT = "cut"  # what the ledger calls it
CUT_OUT = "cut-out-of-recording"  # the workflow


def to_cut(session: Session, now: datetime, viewer: Member, public_id: str) -> Recording:
    """A recording out of which this member may cut. Raises `NotFound`, also for what can't be heard any more."""
    recording = service.by_public_id(session, public_id)
    contact = session.get(Contact, recording.contact_id) if recording.contact_id else None
    gone = recording.wrapped_key is None or timers.due(session, recording, now)
    if gone or contact is None or not may_ask(session, viewer, contact):
        raise NotFound()
    return recording


def ask(
    session: Session,
    now: datetime,
    jobs: Jobs,
    viewer: Member,
    recording: Recording,
    passage: Passage,
    reason: CutReason,
) -> None:
    """Cut a passage out of a recording (one of `to_cut`), for good; the caller has checked that the viewer hears it.

    Raises `Invalid` for the times, `Conflict` while a hold stands: that takes two people to release. What was cut
    already changes nothing.
    """
    refusal = cut_refusal(recording.seconds or 0.0, passage.start, passage.end)
    if refusal is not None:
        raise Invalid(refusal)
    if any(hold.released_at is None for hold in timers.holds_of(session, recording.contact_id)):
        raise Conflict("A hold stands on this contact, so nothing of it is destroyed. Two people release it first.")
    passage = Passage(passage.start, min(passage.end, recording.seconds or 0.0))
    if any(one.start <= passage.start and passage.end <= one.end for one in of_recording(session, recording.sid)):
        return
    made = Cut(
        recording_sid=recording.sid, start=passage.start, end=passage.end, reason=reason, role=viewer.role, asked_at=now
    )
    assert recording.contact_id is not None
    begin(session, made, recording.contact_id)
    on_ledger(session, made)
    record(session, now, viewer.public_id, Action.RECORDING_CUT_ASKED, recording.public_id, reason.value)
    jobs.enqueue(session, REMOVALS, CUT_OUT, f"{CUT_OUT}:{made.public_id}", recording.public_id)
    service.tell(session, now, recording)


def may_ask(session: Session, viewer: Member, contact: Contact) -> bool:
    """Whether this member may cut passages out of this contact's recordings: a supervisor within the own team, a
    privacy officer anywhere. Nobody does out of a call of their own, of which they might have to answer for it."""
    of_team = viewer.role is Role.PRIVACY or viewer.team_id == contact.team_id
    may = viewer.trained and viewer.may(Right.CUT) and of_team
    return may and not contacts.handled_by(session, contact.id, viewer.id)


def of_recording(session: Session, sid: str) -> list[Cut]:
    """What was cut out of a recording, or is about to be, in order of time."""
    found = select(Cut).where(Cut.recording_sid == sid).order_by(col(Cut.start), col(Cut.id))
    return list(session.exec(found))


def passages_of(session: Session, sid: str) -> list[Passage]:
    """The same as passages: nothing of them is heard, whether their sound is gone or not."""
    return [Passage(one.start, one.end) for one in of_recording(session, sid)]


def waiting(session: Session, sid: str) -> list[Cut]:
    """What of a recording is still to be cut out of its sound."""
    return [one for one in of_recording(session, sid) if one.cut_at is None]


def on_ledger(session: Session, cut: Cut) -> None:
    """Write a cut into the ledger: a restored recording is cut again before anybody hears it."""
    recording = service.recording_by_sid(session, cut.recording_sid)
    contact = session.get(Contact, recording.contact_id) if recording and recording.contact_id else None
    if recording is None or contact is None:
        return
    ids = {"recording": recording.public_id, "sid": recording.sid, "contact": contact.public_id}
    passage = {"object": recording.object_key, "start": repr(cut.start), "end": repr(cut.end)}
    why = {"reason": cut.reason.value, "role": cut.role.value}
    ledger.note(session, cut.asked_at, CUT, cut=cut.public_id, **ids, **passage, **why)


def begin(session: Session, cut: Cut, contact_id: int) -> None:
    """Keep a cut, and destroy the words of its passage."""
    session.add(cut)
    session.flush()
    recording = service.recording_by_sid(session, cut.recording_sid)
    if recording is not None:
        underway.cut(session, recording)
    words.take_out(session, cut.asked_at, contact_id, cut.recording_sid, passages_of(session, cut.recording_sid))
