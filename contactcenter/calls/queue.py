"""The queue and who answers: an atomic claim, agents joining and leaving, claims that came to nothing."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, func, select

from contactcenter.calls import commands, lines
from contactcenter.calls.models import Call, Leg, Line
from contactcenter.calls.rules import CLAIM_LASTS, CallState, Ending, LegRole, Verb, moved
from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.core.audit import Action, Actor, record
from contactcenter.core.errors import Conflict, NotFound
from contactcenter.core.live import announce, contact_topic, queue_topic, staff_topic
from contactcenter.customers import service as customers
from contactcenter.customers.rules import Match
from contactcenter.staff.access import Member, as_member
from contactcenter.staff.models import Staff
from contactcenter.verification import door
from contactcenter.verification import service as verification
from contactcenter.verification.rules import Ended


@dataclass(frozen=True)
class Ringing:
    """A waiting call as the desks of its team see it. `was_with` is who left it last: it was handed on, or their line
    was lost; None for a caller who spoke to nobody yet. `since` is when the wait began."""

    call: Call
    line: Line
    match: Match
    was_with: str | None
    since: datetime


def ringing(session: Session, now: datetime, team_id: int) -> list[Ringing]:
    """The waiting calls of a team, longest in the queue first, with the candidates for each number."""
    own = lines.own_numbers(session)
    found = session.exec(
        select(Call, Line)
        .join(Line, col(Line.id) == Call.line_id)
        .where(Line.team_id == team_id, Call.state == CallState.WAITING)
        .order_by(col(Call.queued_at))
    )
    waiting = [*found]
    left = contacts.last_left(session, [call.contact_id for call, _ in waiting])
    return [
        Ringing(call, line, _match(session, now, call, own), *left.get(call.contact_id, (None, _queued(call))))
        for call, line in waiting
    ]


def position(session: Session, call: Call) -> int:
    """The caller's place in our own queue, counted from 1."""
    ahead = select(func.count()).where(
        Call.line_id == call.line_id,
        Call.state == CallState.WAITING,
        col(Call.queued_at) < _queued(call),
    )
    return session.exec(ahead).one() + 1


def claim(session: Session, now: datetime, member: Member, call: Call) -> None:
    """The first to answer gets the call; the same agent again changes nothing. Raises `Conflict` for the others."""
    if call.claimed_by == member.id and call.state in (CallState.CLAIMED, CallState.CONNECTED):
        return
    if session.get_one(Line, call.line_id).team_id != member.team_id:
        raise NotFound()
    if active_call(session, member.id) is not None:
        raise Conflict("You have a call on the line; end it first.")
    won = session.execute(
        update(Call)
        .where(col(Call.id) == call.id, col(Call.state) == CallState.WAITING)
        .values(state=CallState.CLAIMED, claimed_by=member.id, claimed_at=now)
    )
    if won.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE gives a CursorResult
        raise Conflict("A colleague was first, or the caller hung up.")
    session.refresh(call)
    contact = session.get_one(Contact, call.contact_id)
    contacts.begin_handling(session, now, contact, member.id)
    record(session, now, member.public_id, Action.CALL_CLAIMED, call.public_id)
    _recognise(session, now, member, call)
    if member.telephone:
        commands.ask(session, now, call, Verb.DIAL_AGENT, member)
    tell_desks(session, now, call)


def fetch_agent(session: Session, now: datetime, call: Call) -> None:
    """Whom we called heard the notice and waits in the conference: now the agent who called joins, by browser or
    telephone. When their leg never comes, the call rings at the team as any other."""
    assert call.claimed_by is not None
    call.claimed_at = now
    member = as_member(session.get_one(Staff, call.claimed_by), now)
    if member.telephone:
        commands.ask(session, now, call, Verb.DIAL_AGENT, member)
    tell_desks(session, now, call)


def agent_connects(session: Session, identity: str, call: Call, leg_sid: str) -> bool:
    """A softphone asks to join: only that of the agent who holds the call. True when it may."""
    staff = session.get(Staff, call.claimed_by) if call.claimed_by else None
    if staff is None or staff.softphone_identity != identity:
        return False
    if call.state not in (CallState.CLAIMED, CallState.CONNECTED):
        return False
    if session.exec(select(Leg.id).where(Leg.sid == leg_sid)).first() is None:
        session.add(Leg(call_id=call.id, sid=leg_sid, role=LegRole.AGENT, staff_id=staff.id))
    return True


def agent_joined(session: Session, now: datetime, call: Call, leg: Leg) -> None:
    """The agent is there: connected. A caller who waited on hold since the last agent left comes off it."""
    again = call.connected_at is not None
    call.connected_at = call.connected_at or now
    if call.state is CallState.ENDED:  # heard of late: the call was answered all the same
        call.ending = Ending.ANSWERED
        _was_there(session, now, call, leg)
        contacts.end(session, now, session.get_one(Contact, call.contact_id), missed=False)
        return
    if not _is_holder(session, call, leg):
        _was_there(session, now, call, leg)
        return
    if call.state is CallState.WAITING:
        _take_back(session, now, call, leg)
    before, call.state = call.state, moved(call.state, CallState.CONNECTED)
    if before is not call.state:
        record(session, now, Actor.CARRIER, Action.CALL_CONNECTED, call.public_id)
        if again:
            commands.ask(session, now, call, Verb.UNHOLD)
        if commands.was_asked(session, call, Verb.STOP_RECORDING):  # said before anybody joined: capture began just now
            commands.ask(session, now, call, Verb.STOP_RECORDING)
    if leg.left_at is not None:  # told the other way round: there, and gone again
        agent_left(session, now, call)
    tell_desks(session, now, call)


def _is_holder(session: Session, call: Call, leg: Leg) -> bool:
    """Whether who joined holds the call, or may again: their claim was given back before we heard that they joined."""
    if leg.staff_id is None:
        return False
    if call.state is not CallState.WAITING:
        return leg.staff_id == call.claimed_by
    return leg.left_at is None and active_call(session, leg.staff_id) is None


def _take_back(session: Session, now: datetime, call: Call, leg: Leg) -> None:
    """The call was given back, and is now that of who joined it all the same."""
    assert leg.staff_id is not None
    call.claimed_by, call.claimed_at = leg.staff_id, now
    contacts.begin_handling(session, now, session.get_one(Contact, call.contact_id), leg.staff_id)
    _recognise(session, now, as_member(session.get_one(Staff, leg.staff_id), now), call)


def _was_there(session: Session, now: datetime, call: Call, leg: Leg) -> None:
    """Who talked stays on record, though the call is over or a colleague's by now."""
    if leg.staff_id is not None and not contacts.handled_by(session, call.contact_id, leg.staff_id):
        contacts.begin_handling(session, now, session.get_one(Contact, call.contact_id), leg.staff_id)
        contacts.leave_handling(session, now, call.contact_id, leg.staff_id)


def agent_left(session: Session, now: datetime, call: Call) -> None:
    """Without an agent the caller goes back into the queue, on hold and not recorded meanwhile (P01)."""
    present = session.exec(
        select(Leg.id).where(
            Leg.call_id == call.id,
            Leg.role == LegRole.AGENT,
            col(Leg.joined_at).is_not(None),
            col(Leg.left_at).is_(None),
        )
    ).first()
    if present is not None or call.state is not CallState.CONNECTED:
        return
    if commands.was_asked(session, call, Verb.END):
        return
    assert call.claimed_by is not None
    contacts.leave_handling(session, now, call.contact_id, call.claimed_by)
    _requeue(session, now, call)  # who talked stays on record: the caller may be hanging up at this very moment
    commands.ask(session, now, call, Verb.HOLD)


def hand_on(session: Session, now: datetime, member: Member, call: Call) -> None:
    """The holder gives the call to whoever answers next: it waits on hold, in front, and no pass goes along (P05).

    Raises `Conflict` before it is connected.
    """
    if call.state is not CallState.CONNECTED:
        raise Conflict("The call is not connected yet.")
    contacts.leave_handling(session, now, call.contact_id, member.id)
    record(session, now, member.public_id, Action.CALL_HANDED_ON, call.public_id)
    verification.end_all(session, now, call.contact_id, Ended.HANDED_ON)
    _requeue(session, now, call)
    commands.ask(session, now, call, Verb.HOLD)
    commands.ask(session, now, call, Verb.RELEASE_AGENT, member)


def release(session: Session, now: datetime, call: Call) -> None:
    """Give back a call that was claimed and never joined, as if it had not been claimed; its place is kept."""
    if call.claimed_by is not None:
        contacts.forget_handling(session, call.contact_id, call.claimed_by)
    _requeue(session, now, call)
    call.claimed_by = call.claimed_at = None


def _queued(call: Call) -> datetime:
    return call.queued_at or call.arrived_at


def _requeue(session: Session, now: datetime, call: Call) -> None:
    call.state = moved(call.state, CallState.WAITING)
    verification.end_all(session, now, call.contact_id)
    record(session, now, Actor.SYSTEM, Action.CALL_RELEASED, call.public_id)
    tell_desks(session, now, call)


def release_expired(session: Session, now: datetime) -> int:
    """Sweep: an agent who answered but whose leg never came gives the call back. How many it were."""
    expired = session.exec(
        select(Call).where(Call.state == CallState.CLAIMED, col(Call.claimed_at) < now - CLAIM_LASTS)
    ).all()
    for call in expired:
        release(session, now, call)
    return len(expired)


def active_call(session: Session, staff_id: int) -> Call | None:
    """The call that this member of staff holds now, also one that they make and nobody answered yet."""
    held = [CallState.DIALLED, CallState.NOTICE, CallState.CLAIMED, CallState.CONNECTED]
    return session.exec(select(Call).where(Call.claimed_by == staff_id, col(Call.state).in_(held))).first()


def held_by(session: Session, member: Member, public_id: str) -> Call:
    """The live call of this id, if this member holds it; `NotFound` otherwise."""
    call = active_call(session, member.id)
    if call is None or call.public_id != public_id:
        raise NotFound()
    return call


def tell_desks(session: Session, now: datetime, call: Call) -> None:
    """Tell the desks of the team, the desk of the holder, and whoever reads the contact."""
    contact = session.get_one(Contact, call.contact_id)
    announce(session, now, queue_topic(contact.team_id), call.public_id)
    announce(session, now, contact_topic(contact.public_id), contact.public_id)
    holder = session.get(Staff, call.claimed_by) if call.claimed_by else None
    if holder is not None:
        announce(session, now, staff_topic(holder.public_id), call.public_id)


def match_of_call(session: Session, now: datetime, call: Call) -> Match:
    """The candidates for a call's number as they are known now."""
    return _match(session, now, call, lines.own_numbers(session))


def _match(session: Session, now: datetime, call: Call, own: frozenset[str]) -> Match:
    return customers.match(session, now, call.caller, withheld=call.caller is None, own=own)


def _recognise(session: Session, now: datetime, member: Member, call: Call) -> None:
    """Begin the verification of the one whom the number names, if it names one; the rest opens with evidence."""
    link = contacts.active_link(session, call.contact_id)
    if link is None:
        return
    begun = verification.begin(
        session,
        now,
        contact_id=call.contact_id,
        staff_id=member.id,
        customer_id=link.customer_id,
        person_id=link.person_id,
    )
    for candidate in match_of_call(session, now, call).candidates:
        if candidate.person_id == link.person_id:
            verification.give_known_number(session, now, begun, candidate.number_id)
    door.disclose(session, now, member, contact_id=call.contact_id)
