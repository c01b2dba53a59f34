"""Sweeps that mend calls: claims that came to nothing, commands never sent, ends that we never heard of."""

from datetime import datetime, timedelta

import structlog
from sqlmodel import Session, col, select

from contactcenter.calls import queue, service
from contactcenter.calls.commands import Commander
from contactcenter.calls.models import Call
from contactcenter.calls.rules import CallState
from contactcenter.carrier.port import Carrier, CarrierProblem
from contactcenter.core.db import Database

LOOK_BACK = timedelta(hours=48)
END_PATIENCE = timedelta(minutes=2)  # that long the callback of an end may take before it counts as lost
OVER = {"completed", "busy", "no-answer", "canceled", "failed"}
log = structlog.get_logger()


def mend(db: Database, commander: Commander, now: datetime) -> None:
    """Every few seconds: give back what an agent claimed and never joined; send what was asked and never sent."""
    with db.writing() as session:
        queue.release_expired(session, now)
    commander.mend()


def end_lost(db: Database, carrier: Carrier, now: datetime) -> int:
    """Every minute: end the calls that the carrier says are over, or doesn't know any more. How many it were."""
    with db.reading() as session:
        if not _long_live(session, now):
            return 0
    try:
        states = {call.sid: call.status for call in carrier.calls_since(now - LOOK_BACK)}
    except CarrierProblem as problem:
        log.warning("calls-not-compared", trouble=problem.trouble.value)
        return 0
    with db.writing() as session:
        lost = [call for call in _long_live(session, now) if states.get(call.sid, "completed") in OVER]
        for call in lost:
            service.end(session, now, call)
        return len(lost)


def _long_live(session: Session, now: datetime) -> list[Call]:
    still = (Call.state != CallState.ENDED, col(Call.arrived_at) < now - END_PATIENCE)
    return list(session.exec(select(Call).where(*still)))
