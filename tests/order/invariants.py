"""What must hold after every step, whatever came in which order; and what must have become of each call in the end."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from contactcenter.calls.models import Call, Leg
from contactcenter.calls.rules import CallState, Ending
from contactcenter.contacts.models import Contact, Handling
from contactcenter.contacts.rules import ContactState
from contactcenter.core.audit import Action, AuditEntry
from contactcenter.core.db import metadata
from contactcenter.core.inbox import InboxEvent
from contactcenter.notes.models import Summary, Transcript
from contactcenter.recordings.models import Certificate, Expected, Hold, Recording
from contactcenter.recordings.rules import GONE, GRACE_AFTER_HOLD, RecordingState
from contactcenter.verification.models import Disclosure
from tests.order.switchboard import OnTheLine, Switchboard

FORWARD = [ContactState.LIVE, ContactState.MISSED, ContactState.WRAP_UP, ContactState.OPEN, ContactState.CLOSED]
HELD_BY_SOMEBODY = (CallState.CLAIMED, CallState.CONNECTED)
KEPT = (RecordingState.STORED, RecordingState.TRANSCRIBED, RecordingState.ATTACHED)


@dataclass
class Seen:
    """What was there at the last look, to which nothing may go back."""

    calls: dict[str, CallState] = field(default_factory=dict)
    contacts: dict[int, ContactState] = field(default_factory=dict)
    recordings: dict[str, RecordingState] = field(default_factory=dict)
    timers: dict[str, datetime] = field(default_factory=dict)
    audit: list[str] = field(default_factory=list)
    certificates: int = 0


def all_of(session: Session, table: type[Any]) -> list[Any]:
    """Every row of a table."""
    return list(session.exec(select(table)))


def hold(switchboard: Switchboard, seen: Seen) -> None:
    """Raise AssertionError when something does not hold; else remember what is there now."""
    with switchboard.place.db.reading() as session:
        one_contact_and_one_call(session, switchboard.calls)
        states_go_forward(session, seen)
        one_answers(session)
        only_what_is_allowed_is_kept(session)
        one_timer(session, seen)
        destroyed_in_time(session, seen)
        nothing_disclosed_after_the_end(session)
        audit_only_grows(session, seen)


def one_contact_and_one_call(session: Session, rung: list[OnTheLine]) -> None:
    """Each CallSid made one call, and each call has a contact of its own; nothing else made any."""
    calls: list[Call] = all_of(session, Call)
    assert sorted(call.sid for call in calls) == sorted(one.sid for one in rung)
    contacts = {contact.id for contact in all_of(session, Contact)}
    assert contacts == {call.contact_id for call in calls}
    assert len(contacts) == len(calls) == len(all_of(session, Expected))


def states_go_forward(session: Session, seen: Seen) -> None:
    """A late event reopens nothing: an ended call stays ended, a notice is over once, a contact goes one way."""
    for call in all_of(session, Call):
        before = seen.calls.get(call.sid, call.state)
        assert before is not CallState.ENDED or call.state is CallState.ENDED, "an ended call was reopened"
        assert before is CallState.NOTICE or call.state is not CallState.NOTICE, "the notice began again"
        assert (call.state is CallState.ENDED) == (call.ended_at is not None) == (call.ending is not None)
        seen.calls[call.sid] = call.state
    for contact in all_of(session, Contact):
        before_ = seen.contacts.get(contact.id, contact.state)
        assert FORWARD.index(contact.state) >= FORWARD.index(before_), f"{before_} became {contact.state}"
        seen.contacts[contact.id] = contact.state
    for recording in all_of(session, Recording):
        was = seen.recordings.get(recording.sid)
        assert was not in GONE or recording.state is was, f"{was} became {recording.state}"
        seen.recordings[recording.sid] = recording.state


def one_answers(session: Session) -> None:
    """A live call has at most one member of staff at work in it, who is the one that holds it."""
    for call in all_of(session, Call):
        handlings = session.exec(select(Handling).where(Handling.contact_id == call.contact_id)).all()
        open_ones = [(one.staff_id, one.contact_id) for one in handlings if one.closed_at is None]
        assert len(open_ones) == len(set(open_ones)), "somebody handles a contact twice at the same time"
        at_work = [one.staff_id for one in handlings if one.ended_at is None]
        if call.state in HELD_BY_SOMEBODY:
            assert at_work == [call.claimed_by], f"{call.state}: at work {at_work}, claimed by {call.claimed_by}"
        else:
            assert at_work == [], f"{call.state}: still at work {at_work}"


def only_what_is_allowed_is_kept(session: Session) -> None:
    """What was not allowed, or was objected to, has no key and no words: it can't be played or read."""
    allowed = {one.contact_id for one in all_of(session, Expected) if one.allowed}
    for recording in all_of(session, Recording):
        if recording.contact_id in allowed and recording.state not in GONE:
            continue
        assert recording.wrapped_key is None and recording.peaks is None, "it can still be played"
        said = select(Transcript.id).where(Transcript.recording_sid == recording.sid)
        assert session.exec(said).first() is None, "its words can still be read"
    for summary in session.exec(select(Summary).where(col(Summary.draft_lines).is_not(None))):
        assert summary.contact_id in allowed, "a draft of what should not have been recorded"


def one_timer(session: Session, seen: Seen) -> None:
    """Whatever may lie somewhere has a moment at which it ends, and that moment never moves."""
    sids = [one.sid for one in all_of(session, Recording)]
    assert len(sids) == len(set(sids))
    for recording in all_of(session, Recording):
        if recording.state in (*KEPT, RecordingState.ARRIVED):
            assert recording.retain_until is not None, "no timer"
        if recording.stored_at is not None and recording.retain_until is not None:
            assert seen.timers.setdefault(recording.sid, recording.retain_until) == recording.retain_until


def destroyed_in_time(session: Session, seen: Seen) -> None:
    """Nothing is destroyed before its time or under a hold, nothing twice, and each with one certificate."""
    destroyed = [one for one in all_of(session, Recording) if one.state is RecordingState.DESTROYED]
    certificates: list[Certificate] = all_of(session, Certificate)
    assert sorted(one.recording for one in certificates) == sorted(one.public_id for one in destroyed)
    for recording in destroyed:
        at = recording.destroyed_at
        assert at is not None and recording.retain_until is not None and recording.retain_until <= at
        for one in session.exec(select(Hold).where(Hold.contact_id == recording.contact_id, Hold.placed_at < at)):
            assert one.released_at is not None and one.released_at + GRACE_AFTER_HOLD <= at, "destroyed under a hold"
    seen.certificates = len(certificates)


def nothing_disclosed_after_the_end(session: Session) -> None:
    """A pass opens nothing once the conversation is over."""
    late = (
        select(func.count())
        .select_from(Disclosure)
        .join(Contact, col(Contact.id) == Disclosure.contact_id)
        .where(col(Contact.ended_at) < Disclosure.at)
    )
    assert session.exec(late).one() == 0


def audit_only_grows(session: Session, seen: Seen) -> None:
    """What stands on record stays as it was written."""
    now = [one.model_dump_json() for one in session.exec(select(AuditEntry).order_by(col(AuditEntry.id)))]
    assert now[: len(seen.audit)] == seen.audit
    seen.audit = now


def everything(session: Session) -> dict[str, int]:
    """How many rows every table has: a repeated event adds none."""
    counted = {table.name: select(func.count()).select_from(table) for table in metadata.sorted_tables}
    return {name: session.execute(count).scalar_one() for name, count in counted.items()}


def final_state(switchboard: Switchboard, call: OnTheLine) -> dict[str, object]:
    """All that a call came to, without moments and names: the same for every order of the same events."""
    with switchboard.place.db.reading() as session:
        row = session.exec(select(Call).where(Call.sid == call.sid)).one()
        contact = session.get_one(Contact, row.contact_id)
        legs = session.exec(select(Leg).where(Leg.call_id == row.id)).all()
        handlings = session.exec(select(Handling).where(Handling.contact_id == contact.id)).all()
        recordings = session.exec(select(Recording).where(Recording.contact_id == contact.id)).all()
        expected = session.exec(select(Expected).where(Expected.contact_id == contact.id)).one()
        ended = session.exec(
            select(func.count()).where(AuditEntry.action == Action.CALL_ENDED, AuditEntry.subject == row.public_id)
        ).one()
        events = session.exec(select(func.count()).where(col(InboxEvent.sids).contains(call.sid))).one()
        return {
            "call": (row.state, row.ending, row.conference_sid == call.room, row.objected_at is not None),
            "contact": contact.state,
            "legs": sorted((leg.role.value, leg.staff_id or 0, leg.left_at is not None) for leg in legs),
            "handlings": sorted((one.staff_id, one.ended_at is not None, one.closed_at is None) for one in handlings),
            "expected": (expected.allowed, expected.reason),
            "recordings": [(one.state, one.carrier_copy, bool(one.wrapped_key)) for one in recordings],
            "on record": (ended, events),
        }


def became(switchboard: Switchboard, call: OnTheLine) -> None:
    """Once everything was delivered and swept: what we hold is what happened on the line."""
    with switchboard.place.db.reading() as session:
        row = session.exec(select(Call).where(Call.sid == call.sid)).one()
        contact = session.get_one(Contact, row.contact_id)
        handled = {one.staff_id for one in session.exec(select(Handling).where(Handling.contact_id == contact.id))}
        recordings = session.exec(select(Recording).where(Recording.contact_id == contact.id)).all()
    assert row.state is CallState.ENDED and contact.state is not ContactState.LIVE
    assert (row.ending is Ending.ANSWERED) == bool(call.joined), f"{row.ending}, and {call.joined} were on the line"
    assert {switchboard.staff(login).id for login in call.joined} <= handled, "who talked is not on record"
    assert (row.objected_at is not None) == call.objected
    assert len(recordings) == (0 if call.recording is None else 1)
    for recording in recordings:
        wanted = {RecordingState.UNWANTED if call.objected else RecordingState.ATTACHED, RecordingState.DESTROYED}
        assert recording.state in wanted, f"the recording is {recording.state}, objected: {call.objected}"
        at_carrier = switchboard.place.simulator.recordings[recording.sid]
        assert at_carrier.deleted, "the carrier still has its copy"
        in_vault = [one.key for one in switchboard.place.vault.list()]
        assert (recording.object_key in in_vault) == (recording.state is RecordingState.ATTACHED)
