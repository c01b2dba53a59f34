"""Sweeps that mend calls: claims that came to nothing, commands never sent, ends and calls that we never heard of."""

from datetime import datetime, timedelta

import structlog
from sqlmodel import Session, col, select

from contactcenter.calls import commands, outbound, queue, service
from contactcenter.calls.commands import Commander
from contactcenter.calls.models import Call, Leg
from contactcenter.calls.rules import CallState, Verb
from contactcenter.carrier.port import OVER, Carrier, CarrierCall, CarrierProblem
from contactcenter.core.alerts import AlertKind, raise_alert
from contactcenter.core.db import Database

LOOK_BACK = timedelta(hours=48)
END_PATIENCE = timedelta(minutes=2)  # that long the callback of an end may take before it counts as lost
START_PATIENCE = timedelta(minutes=10)  # that long a call may be the carrier's only, before it counts as lost
LONGEST_CALL = timedelta(hours=5)  # the carrier ends a call after four hours: an older one that it doesn't name is over
log = structlog.get_logger()


def mend(db: Database, commander: Commander, now: datetime) -> None:
    """Every few seconds: give back what an agent claimed and never joined; send what was asked and never sent; end
    calls of ours that were never placed."""
    with db.writing() as session:
        queue.release_expired(session, now)
    commander.mend()
    outbound.give_up(db, now)


def end_lost(db: Database, carrier: Carrier, now: datetime) -> int:
    """Every minute: end the calls that the carrier says are over, or can't have any more. How many it were."""
    with db.reading() as session:
        if not _long_live(session, now):
            return 0
    listed = _listed(carrier, now)
    if listed is None:
        return 0
    states = {call.sid: call.status for call in listed}
    with db.writing() as session:
        lost = [call for call in _long_live(session, now) if _is_over(session, call, states.get(call.sid), now)]
        for call in lost:
            service.end(session, now, call)
        return len(lost)


def end_all(db: Database, now: datetime) -> None:
    """End every call: the carrier that had them is gone, and what it knew with it (a simulated one)."""
    with db.writing() as session:
        for call in session.exec(select(Call).where(Call.state != CallState.ENDED)).all():
            service.end(session, now, call)


def name_unknown(db: Database, carrier: Carrier, now: datetime) -> int:
    """Every five minutes: raise an alert for each call that came in at the carrier and never here. How many it were."""
    settled = {
        call.sid
        for call in _listed(carrier, now) or []
        if call.direction == "inbound" and call.started_at and now - call.started_at > START_PATIENCE
    }
    with db.writing() as session:
        unknown = settled - _known(session, settled)
        for sid in sorted(unknown):
            raise_alert(session, now, AlertKind.CALL_WITHOUT_CONTACT, sid)
    return len(unknown)


def _listed(carrier: Carrier, now: datetime) -> list[CarrierCall] | None:
    """The carrier's calls of the last 48 hours; None when it doesn't answer."""
    try:
        return list(carrier.calls_since(now - LOOK_BACK))
    except CarrierProblem as problem:
        log.warning("calls-not-compared", trouble=problem.trouble.value)
        return None


def _known(session: Session, sids: set[str]) -> set[str]:
    """Which of these calls are ours: callers' and agents' legs."""
    callers = session.exec(select(Call.sid).where(col(Call.sid).in_(sids)))
    legs = session.exec(select(Leg.sid).where(col(Leg.sid).in_(sids)))
    return {*callers, *legs}


def _is_over(session: Session, call: Call, state: str | None, now: datetime) -> bool:
    """A list without the call says nothing yet: it may be late, cut short, or another region's. Unless the carrier
    took our word that it ends, or said that it has no such call."""
    if state is not None:
        return state in OVER
    return now - call.arrived_at > LONGEST_CALL or commands.was_done(session, call, Verb.END, now - END_PATIENCE)


def _long_live(session: Session, now: datetime) -> list[Call]:
    still = (Call.state != CallState.ENDED, col(Call.arrived_at) < now - END_PATIENCE)
    return list(session.exec(select(Call).where(*still)))
