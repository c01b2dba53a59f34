"""Who is on the line: what the carrier says of a call's conference and of its legs, and what follows for the call."""

from datetime import datetime

from sqlmodel import Session, col, select

from contactcenter.calls import commands, queue, service
from contactcenter.calls.models import Call, Leg
from contactcenter.calls.rules import LegRole
from contactcenter.recordings import service as recordings


def joined(session: Session, now: datetime, name: str, conference: str, leg_sid: str) -> None:
    """A leg joined the conference of a call; with an agent's leg the call is connected and capture begins."""
    call = service.by_public_id(session, name)
    _know(session, call, conference)
    leg = _leg(session, call, leg_sid)
    if leg.joined_at is None:
        leg.joined_at = now
    if leg.role is LegRole.AGENT:
        queue.agent_joined(session, now, call, leg)


def left(session: Session, now: datetime, name: str, conference: str, leg_sid: str) -> None:
    """A leg left: the caller's ends the call; the last agent's puts the caller back in the queue."""
    call = service.by_public_id(session, name)
    _know(session, call, conference)
    leg_ended(session, now, leg_sid, call)


def conference_ended(session: Session, now: datetime, name: str, conference: str) -> None:
    """The conference is over, and the call with it."""
    call = service.by_public_id(session, name)
    _know(session, call, conference)
    service.end(session, now, call)


def leg_ended(session: Session, now: datetime, leg_sid: str, known: Call | None = None) -> None:
    """A leg is over, however we heard of it. Of a leg that we don't know nothing happens."""
    call = known or _call_of_leg(session, leg_sid)
    if call is None:
        return
    leg = _leg(session, call, leg_sid)
    if leg.left_at is None:
        leg.left_at = now
    if leg.role is LegRole.CALLER:
        service.end(session, now, call)
    else:
        queue.agent_left(session, now, call)


def _know(session: Session, call: Call, conference: str) -> None:
    if call.conference_sid is None:
        call.conference_sid = conference
        recordings.conference_known(session, call.sid, conference)


def _leg(session: Session, call: Call, sid: str) -> Leg:
    leg = session.exec(select(Leg).where(Leg.sid == sid)).first()
    if leg is None:  # an agent's ordinary telephone, whose CallSid the carrier tells us here first
        rung = call.claimed_by or commands.dialled(session, call)
        leg = Leg(call_id=call.id, sid=sid, role=LegRole.AGENT, staff_id=rung)
        session.add(leg)
        session.flush()
    return leg


def _call_of_leg(session: Session, leg_sid: str) -> Call | None:
    return session.exec(select(Call).join(Leg, col(Leg.call_id) == Call.id).where(Leg.sid == leg_sid)).first()
