"""What we ask of the carrier: the intent is committed first, then one REST call is made, then its outcome committed.

A sweep mends what was asked and never done: the process may have stopped in between.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session, col, select

from contactcenter.calls import legs
from contactcenter.calls.models import Call, Command, Leg, Line
from contactcenter.calls.rules import CALL_OUT_WITHIN, CallState, CommandState, Verb
from contactcenter.calls.speaking import Speaker
from contactcenter.carrier.port import Carrier, CarrierProblem, Trouble
from contactcenter.contacts.models import Contact
from contactcenter.core.alerts import AlertKind, raise_alert
from contactcenter.core.audit import Action, Actor, record
from contactcenter.core.clock import Clock
from contactcenter.core.db import Database
from contactcenter.core.web import Part, Site
from contactcenter.recordings import service as recordings
from contactcenter.staff.access import Member
from contactcenter.staff.models import Staff

CARRIER: Part[Carrier] = Part()
MOST_TRIES = 5
UNTOUCHED_FOR = timedelta(seconds=10)
log = structlog.get_logger()


def ask(session: Session, now: datetime, call: Call, verb: Verb, member: Member | None = None) -> Command:
    """Note the intent in the transaction of its cause; `perform` does it after the commit."""
    actor = member.public_id if member else Actor.SYSTEM
    command = Command(
        call_id=call.id, verb=verb, staff_id=member.id if member else None, state=CommandState.ASKED, asked_at=now
    )
    session.add(command)
    record(session, now, actor, Action.CALL_COMMANDED, call.public_id, verb.value)
    _mark_gap(session, now, call, verb)
    return command


def was_asked(session: Session, call: Call, verb: Verb) -> bool:
    """Whether this was asked of the carrier during this call."""
    return session.exec(select(Command.id).where(Command.call_id == call.id, Command.verb == verb)).first() is not None


def was_done(session: Session, call: Call, verb: Verb, before: datetime) -> bool:
    """Whether the carrier said before this moment that it did this, or that there was nothing to do any more."""
    done = Command.call_id == call.id, Command.verb == verb, Command.state == CommandState.DONE
    return session.exec(select(Command.id).where(*done, col(Command.done_at) < before)).first() is not None


def dialled(session: Session, call: Call) -> int | None:
    """The member of staff whose ordinary telephone was rung last for this call."""
    rung = select(Command.staff_id).where(Command.call_id == call.id, Command.verb == Verb.DIAL_AGENT)
    return session.exec(rung.order_by(col(Command.id).desc())).first()


def asked(session: Session, since: datetime | None = None) -> list[str]:
    """Public ids of commands that still wait for their REST call, oldest first."""
    waiting = select(Command.public_id).where(Command.state == CommandState.ASKED).order_by(col(Command.id))
    if since is not None:
        waiting = waiting.where(col(Command.asked_at) <= since)
    return list(session.exec(waiting))


class Commander:
    """Makes the REST calls of commands. `url` gives an address of ours as the carrier must call it."""

    def __init__(self, db: Database, carrier: Carrier, clock: Clock, url: Callable[[str], str]) -> None:
        self.db = db
        self.carrier = carrier
        self.clock = clock
        self.url = url

    def perform_all(self) -> None:
        """Do what was asked just now; called after the commit of a webhook or of a person's act."""
        with self.db.reading() as session:
            waiting = asked(session)
        for public_id in waiting:
            self.perform(public_id)

    def mend(self) -> int:
        """Sweep: do what was asked over ten seconds ago and never done. How many it were."""
        with self.db.reading() as session:
            waiting = asked(session, self.clock() - UNTOUCHED_FOR)
        for public_id in waiting:
            self.perform(public_id)
        return len(waiting)

    def perform(self, public_id: str) -> None:
        """One REST call, and its outcome. A command that is no longer waiting is left alone."""
        with self.db.writing() as session:
            command = session.exec(select(Command).where(Command.public_id == public_id)).one()
            if not _may_try(command, self.clock()):
                return
            command.tries, command.tried_at = command.tries + 1, self.clock()
            call = session.get_one(Call, command.call_id)
            number, shown = self._numbers(session, command, call)
            leg = _agent_leg(session, command) if command.verb is Verb.RELEASE_AGENT else None
        sent = self._send(command.verb, call, number, shown, leg)
        with self.db.writing() as session:
            command = session.exec(select(Command).where(Command.public_id == public_id)).one()
            call = session.get_one(Call, command.call_id)
            if isinstance(sent, str):
                legs.known(session, self.clock(), call, sent)
            self._settle(session, command, call, sent if isinstance(sent, CarrierProblem) else None)

    def _numbers(self, session: Session, command: Command, call: Call) -> tuple[str, str]:
        if command.verb is Verb.CALL_OUT:
            called = session.get_one(Contact, call.contact_id).came_from or ""
            return called, session.get_one(Line, call.line_id).e164
        staff = session.get(Staff, command.staff_id) if command.staff_id else None
        return (staff.telephone or "" if staff else ""), session.get_one(Line, call.line_id).e164

    def _send(self, verb: Verb, call: Call, number: str, shown: str, leg: str | None) -> CarrierProblem | str | None:
        """What went wrong, or the SID of the customer's leg where one was made."""
        if verb is Verb.RELEASE_AGENT and leg is None:
            return None  # gone already; without a leg it would be the caller's that ends
        if verb is Verb.END and not legs.is_known(call):
            return CarrierProblem(Trouble.LATER, "The carrier has not told us yet which call it made.")
        try:
            if verb is Verb.CALL_OUT:
                return self._call_out(call, number, shown)
            self._verb(verb, call, number, shown, leg)
        except CarrierProblem as problem:
            return problem
        return None

    def _call_out(self, call: Call, number: str, shown: str) -> str:
        answered, placed = (self.url(f"{path}?call={call.public_id}") for path in ("answered", "placed"))
        return self.carrier.call_out(number, shown, answered, placed, self.url("fallback"))

    def _verb(self, verb: Verb, call: Call, number: str, shown: str, leg: str | None) -> None:
        conference = call.conference_sid or ""
        match verb:
            case Verb.END | Verb.RELEASE_AGENT:
                self.carrier.end_call(leg or call.sid)
            case Verb.DIAL_AGENT:
                self.carrier.dial_agent(call.public_id, number, shown, self.url("status"))
            case Verb.HOLD:
                self.carrier.pause_recording(conference)
                self.carrier.hold(conference, call.sid, True, self.url("hold"))
            case Verb.UNHOLD:
                self.carrier.hold(conference, call.sid, False, self.url("hold"))
                self._capture_again(call, conference)
            case Verb.PAUSE_RECORDING:
                self.carrier.pause_recording(conference)
            case Verb.RESUME_RECORDING:
                self._capture_again(call, conference)
            case Verb.STOP_RECORDING:
                self.carrier.stop_recording(conference)

    def _capture_again(self, call: Call, conference: str) -> None:
        """Only when no reason to capture nothing stands any more: card data may still be said after a hold (P01)."""
        with self.db.reading() as session:
            still = recordings.open_gaps(session, call.contact_id)
        if not still:
            self.carrier.resume_recording(conference)

    def _settle(self, session: Session, command: Command, call: Call, problem: CarrierProblem | None) -> None:
        now = self.clock()
        if problem is None:
            command.state, command.done_at = CommandState.DONE, now
            return
        command.failure = problem.sentence
        over = call.state is CallState.ENDED
        once = command.verb is Verb.CALL_OUT  # perhaps it rings all the same: nobody is rung twice
        if problem.trouble is not Trouble.LATER or command.tries >= MOST_TRIES or over or once:
            command.state, command.done_at = CommandState.FAILED, now
            if not over:
                raise_alert(session, now, AlertKind.COMMAND_FAILED, command.public_id, command.verb.value)
        tell = log.info if over else log.warning  # nothing is wrong when the line was gone before we asked
        tell("carrier-command", verb=command.verb.value, state=command.state.value, tries=command.tries)


def commander_of(site: Site) -> Commander:
    """What makes the REST calls of this installation."""
    return Commander(site.db, CARRIER.of(site), site.clock, Speaker(site.settings.public_url).url)


def _agent_leg(session: Session, command: Command) -> str | None:
    """The CallSid of the asking member's own leg, while it is there."""
    query = select(Leg.sid).where(
        Leg.call_id == command.call_id, Leg.staff_id == command.staff_id, col(Leg.left_at).is_(None)
    )
    return session.exec(query.order_by(col(Leg.id).desc())).first() if command.staff_id else None


def _may_try(command: Command, now: datetime) -> bool:
    """One at a time: a try that began just now may still be under way in another thread or process."""
    if command.verb is Verb.CALL_OUT and (command.tries or now - command.asked_at > CALL_OUT_WITHIN):
        return False
    resting = command.tried_at is None or now - command.tried_at >= UNTOUCHED_FOR
    return command.state is CommandState.ASKED and resting


def _mark_gap(session: Session, now: datetime, call: Call, verb: Verb) -> None:
    """Nothing is captured on hold or while paused; the interval is kept with the recording (P01)."""
    if verb in (Verb.HOLD, Verb.PAUSE_RECORDING):
        recordings.paused(session, now, call.contact_id, verb.value)
    if verb is Verb.UNHOLD:
        recordings.resumed(session, now, call.contact_id, Verb.HOLD.value)
    if verb is Verb.RESUME_RECORDING:
        recordings.resumed(session, now, call.contact_id, Verb.PAUSE_RECORDING.value)
