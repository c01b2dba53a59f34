"""Calls that we make: for a customer's own request, to the number on record, by the agent who took it (P12)."""

from datetime import datetime

from sqlmodel import Session, and_, col, or_, select

from contactcenter.calls import commands, legs, lines, notice, presence, queue, service
from contactcenter.calls.models import Call, Command, Line
from contactcenter.calls.prompts import catalogue
from contactcenter.calls.rules import (
    CALL_OUT_KNOWN,
    CallState,
    CommandState,
    HangUp,
    PlayNotice,
    Verb,
    moved,
    on_arrival,
)
from contactcenter.calls.service import Answer
from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.contacts.rules import Channel, Direction, LinkedBy
from contactcenter.core.alerts import AlertKind, raise_alert
from contactcenter.core.audit import Action, record
from contactcenter.core.db import Database, new_public_id
from contactcenter.core.errors import Conflict
from contactcenter.core.telephone import CallerKind
from contactcenter.customers.rules import MatchKind
from contactcenter.recordings import service as recordings
from contactcenter.recordings.rules import NotRecorded
from contactcenter.staff.access import Member
from contactcenter.verification import call_backs, called_for
from contactcenter.verification import service as verification
from contactcenter.verification.models import CallBack, Verification


def call_back(session: Session, now: datetime, member: Member, public_id: str) -> None:
    """The member calls for this request, which is theirs from now on. A second press changes nothing.

    Raises `Conflict` while they have another call, a colleague calls, or there is no number to call.
    """
    request = call_backs.of_team(session, now, member, public_id)
    active = queue.active_call(session, member.id)
    if active is not None and _is_for(session, active, request):
        return
    if active is not None:
        raise Conflict("You have a call on the line; end it first.")
    call_backs.take(session, now, member, public_id)
    number = called_for.number_of(session, now, request.person_id)
    if number is None or number in lines.own_numbers(session):
        raise Conflict("No number of this person is on record for long enough; ask them to call us.")
    call = _new_call(session, now, member, request, _line(session, request), number)
    call_backs.tried(session, now, member, request, call.contact_id)
    verification.begin(
        session,
        now,
        contact_id=call.contact_id,
        staff_id=member.id,
        customer_id=request.customer_id,
        person_id=request.person_id,
    )
    record(session, now, member.public_id, Action.CALL_CLAIMED, call.public_id)
    commands.ask(session, now, call, Verb.CALL_OUT, member)
    queue.tell_desks(session, now, call)


def answered(session: Session, now: datetime, public_id: str, sid: str, can_record: bool) -> Answer:
    """The telephone was picked up: the notice begins, as for whoever calls us (P01)."""
    call = service.by_public_id(session, public_id)
    if not legs.known(session, now, call, sid) or call.state is CallState.ENDED:
        return Answer((HangUp(),), call.public_id)
    if call.state is not CallState.DIALLED:
        return service.where_it_stands(session, sid, can_record)
    call.state = moved(call.state, CallState.NOTICE)
    call_backs.answered(session, now, call.contact_id)
    if not can_record:
        recordings.refuse(session, now, call.contact_id, NotRecorded.NO_KEY)
        raise_alert(session, now, AlertKind.NO_MASTER_KEY, "installation")
    steps = on_arrival(service.facts_of(session, call, can_record)).steps
    for step in steps:
        if isinstance(step, PlayNotice):
            notice.begin(session, now, call.id, step)
    queue.tell_desks(session, now, call)
    return Answer(steps, call.public_id)


def over(session: Session, now: datetime, public_id: str, sid: str) -> None:
    """The carrier says that the customer's leg is over: busy, not answered, failed, or hung up."""
    call = service.by_public_id(session, public_id)
    if legs.known(session, now, call, sid):
        presence.leg_ended(session, now, sid, call)


def give_up(db: Database, now: datetime) -> int:
    """Calls that could not be placed, or of which nobody knows whether they were, end. How many it were."""
    with db.reading() as session:
        if not _lost(session, now):
            return 0
    with db.writing() as session:
        lost = _lost(session, now)
        for call, command in lost:
            command.state = CommandState.FAILED
            command.done_at = command.done_at or now
            service.end(session, now, call)
        return len(lost)


def _lost(session: Session, now: datetime) -> list[tuple[Call, Command]]:
    unheard_of = and_(Command.state == CommandState.ASKED, col(Command.asked_at) < now - CALL_OUT_KNOWN)
    found = session.exec(
        select(Call, Command)
        .join(Command, col(Command.call_id) == Call.id)
        .where(
            Call.state == CallState.DIALLED,
            Command.verb == Verb.CALL_OUT,
            col(Call.sid).startswith(legs.UNKNOWN, autoescape=True),
            or_(Command.state == CommandState.FAILED, unheard_of),
        )
    )
    return list(found)


def _is_for(session: Session, call: Call, request: CallBack) -> bool:
    made = called_for.try_of(session, call.contact_id)
    return made is not None and made.call_back_id == request.id


def _line(session: Session, request: CallBack) -> Line:
    """The line on which they called when they asked, so that they know the number; else another of the team."""
    asked_on = session.exec(
        select(Line)
        .join(Call, col(Call.line_id) == Line.id)
        .join(Verification, col(Verification.contact_id) == Call.contact_id)
        .where(Verification.id == request.verification_id, Line.team_id == request.team_id)
    ).first()
    found = asked_on or session.exec(select(Line).where(Line.team_id == request.team_id).order_by(col(Line.id))).first()
    if found is None:
        raise Conflict("Your team has no line to call from.")
    return found


def _new_call(session: Session, now: datetime, member: Member, request: CallBack, line: Line, number: str) -> Call:
    """A contact that we begin, in the member's hands, and its call. The number shows on none of them: it is data of the
    customer, and nobody has proved anything yet."""
    contact_id = contacts.start(
        session,
        now,
        channel=Channel.PHONE,
        direction=Direction.OUTBOUND,
        team_id=request.team_id,
        language=request.language,
        statement_version=catalogue().statement_version,
        came_from=number,
    )
    contact = session.get_one(Contact, contact_id)
    whose = (request.customer_id, request.person_id)
    contacts.link(session, now, contact, *whose, LinkedBy.CALL_BACK, member.public_id)
    contacts.begin_handling(session, now, contact, member.id)
    name = new_public_id()
    call = Call(
        public_id=name,
        contact_id=contact_id,
        sid=f"{legs.UNKNOWN}{name}",
        line_id=line.id,
        caller_kind=CallerKind.CALLED,
        match=MatchKind.ONE,
        state=CallState.DIALLED,
        language=request.language,
        arrived_at=now,
        claimed_by=member.id,
        claimed_at=now,
    )
    session.add(call)
    session.flush()
    return call
