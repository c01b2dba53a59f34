"""What happens to a call: verbs that gather facts, let the rules decide, and write the outcome in one transaction."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam
from sqlmodel import Session, select

from contactcenter.calls import commands, legs, lines, notice, queue
from contactcenter.calls.models import Call, Line
from contactcenter.calls.prompts import catalogue
from contactcenter.calls.rules import (
    OBJECTION_KEY,
    CallState,
    Decision,
    Ending,
    Facts,
    NoticeBasis,
    PlayNotice,
    Step,
    Verb,
    ending_of,
    moved,
    on_arrival,
    on_key,
    on_keyed,
    on_notice_heard,
)
from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.contacts.rules import Channel, Direction, LinkedBy
from contactcenter.core.alerts import AlertKind, raise_alert
from contactcenter.core.audit import Action, Actor, record
from contactcenter.core.db import insert, new_public_id
from contactcenter.core.errors import NotFound
from contactcenter.core.i18n import translations
from contactcenter.core.telephone import Caller, CallerKind, read_caller
from contactcenter.customers import service as customers
from contactcenter.customers.rules import Match, MatchKind
from contactcenter.notes import service as notes
from contactcenter.recordings import refusals
from contactcenter.recordings import service as recordings
from contactcenter.recordings.rules import NotRecorded
from contactcenter.staff.models import Staff
from contactcenter.verification import service as verification

CALL_OF_SID = select(Call.id).where(Call.sid == bindparam("sid"))


@dataclass(frozen=True)
class Answer:
    """What the caller's leg does next, and the name of its conference."""

    steps: tuple[Step, ...]
    conference_name: str


def arrive(session: Session, now: datetime, *, sid: str, sent_from: str, to: str, can_record: bool) -> Answer:
    """A call comes in: a contact from its first second (P03), the number compared, the notice begun (P01).

    Raises `NotFound` when `to` is no line of ours.
    """
    if session.connection().execute(CALL_OF_SID, {"sid": sid}).first() is not None:
        return where_it_stands(session, sid, can_record)
    ours = {line.e164: line for line in lines.all_lines(session)}
    line = ours.get(to)
    if line is None:
        raise_alert(session, now, AlertKind.UNKNOWN_LINE, "line")
        raise NotFound("This number is no line of ours; add it with `contactcenter line add`.")
    caller = read_caller(sent_from)
    withheld = caller.kind is CallerKind.WITHHELD
    match = customers.match(session, now, caller.e164, withheld=withheld, own=frozenset(ours))
    contact_id = _new_contact(session, now, line, caller, match)
    call_id, public_id = _new_call(session, now, line, sid, caller, match, contact_id)
    if not can_record:
        recordings.refuse(session, now, contact_id, NotRecorded.NO_KEY)
        raise_alert(session, now, AlertKind.NO_MASTER_KEY, "installation")
    steps = on_arrival(_facts_at_first(line, can_record)).steps
    for step in steps:
        if isinstance(step, PlayNotice):
            notice.begin(session, now, call_id, step)
    return Answer(steps, public_id)


def notice_heard(session: Session, now: datetime, sid: str, attempt: int, can_record: bool) -> Answer:
    """The carrier went on after the notice: it was heard whole (P01)."""
    call = by_sid(session, sid)
    facts = facts_of(session, call, can_record)
    if facts.attempt != attempt:
        return where_it_stands(session, sid, can_record)
    return _apply(session, now, call, on_notice_heard(facts))


def key_pressed(session: Session, now: datetime, sid: str, attempt: int, key: str, can_record: bool) -> Answer:
    """A key in the notice: an objection, a language, or one that means nothing."""
    call = by_sid(session, sid)
    facts = facts_of(session, call, can_record)
    if facts.attempt != attempt and key != OBJECTION_KEY:
        return where_it_stands(session, sid, can_record)
    play = notice.played(session, call, attempt)
    if play is not None:
        play.key = key
    return _apply(session, now, call, on_key(facts, key))


def number_keyed(session: Session, now: datetime, sid: str, digits: str, can_record: bool) -> Answer:
    """The caller keyed in a relation number, or none. Whether it is anybody's changes nothing that they hear or could
    measure, not even whom they are greeted as: it is a hint for the desk and weak evidence (P05, P06).
    """
    call = by_sid(session, sid)
    if call.state is CallState.KEYING and digits:
        contacts.keep_keyed(session, now, call.contact_id, digits)
    return _apply(session, now, call, on_keyed(facts_of(session, call, can_record)))


def where_it_stands(session: Session, sid: str, can_record: bool) -> Answer:
    """The answer to a repeated request: the same document, and nothing changes."""
    call = by_sid(session, sid)
    return Answer(on_arrival(facts_of(session, call, can_record)).steps, call.public_id)


def end(session: Session, now: datetime, call: Call) -> None:
    """The call is over: missed, left in the notice, or to be wrapped up. A second end changes nothing."""
    if call.state is CallState.ENDED:
        return
    notice.close(session, now, call, NoticeBasis.HANG_UP, whole=False)
    call.state, call.ended_at = CallState.ENDED, now
    ours = call.caller_kind is CallerKind.CALLED
    call.ending = ending_of(call.queued_at, call.connected_at, ours=ours)
    contact = session.get_one(Contact, call.contact_id)
    contacts.end(session, now, contact, missed=call.connected_at is None and not ours)
    if call.ending is Ending.NOT_REACHED and call.claimed_by is not None:
        _note_not_reached(session, now, call, call.claimed_by)
    verification.end_all(session, now, call.contact_id)
    record(session, now, Actor.CARRIER, Action.CALL_ENDED, call.public_id, call.ending.value)
    queue.tell_desks(session, now, call)


def by_sid(session: Session, sid: str) -> Call:
    """The call of a caller's CallSid. Raises `NotFound`."""
    call = session.exec(select(Call).where(Call.sid == sid)).first()
    if call is None:
        raise NotFound()
    return call


def by_public_id(session: Session, public_id: str) -> Call:
    """The call of a public id, which is also its conference's name. Raises `NotFound`."""
    call = session.exec(select(Call).where(Call.public_id == public_id)).first()
    if call is None:
        raise NotFound()
    return call


def _note_not_reached(session: Session, now: datetime, call: Call, staff_id: int) -> None:
    """What there is to say of a call that reached nobody is written for whoever closes it (P14)."""
    say = translations(session.get_one(Staff, staff_id).language).gettext
    question, text = say("Asked to be called back"), say("They could not be reached.")
    notes.write_note(session, now, call.contact_id, staff_id, question, text)


def _new_call(
    session: Session, now: datetime, line: Line, sid: str, caller: Caller, match: Match, contact_id: int
) -> tuple[int, str]:
    """The rows of a call that begins: id and public id."""
    public_id = new_public_id()
    call_id = insert(
        session,
        Call,
        public_id=public_id,
        contact_id=contact_id,
        sid=sid,
        line_id=line.id,
        caller_kind=caller.kind,
        caller=caller.e164,
        match=match.kind,
        state=CallState.NOTICE,
        language=line.language,
        arrived_at=now,
    )
    legs.begin(session, now, call_id=call_id, contact_id=contact_id, sid=sid, language=line.language)
    return call_id, public_id


def _new_contact(session: Session, now: datetime, line: Line, caller: Caller, match: Match) -> int:
    """The contact of a call that begins, linked when its number is one person's; its id."""
    contact_id = contacts.start(
        session,
        now,
        channel=Channel.PHONE,
        direction=Direction.INBOUND,
        team_id=line.team_id,
        language=line.language,
        statement_version=catalogue().statement_version,
        came_from=caller.e164,
    )
    contacts.offer(session, contact_id, match.candidates)
    if match.kind is MatchKind.ONE:
        contact, only = session.get_one(Contact, contact_id), match.candidates[0]
        contacts.link(session, now, contact, only.customer_id, only.person_id, LinkedBy.NUMBER, Actor.CARRIER)
    return contact_id


def facts_of(session: Session, call: Call, can_record: bool) -> Facts:
    """What the rules need to know of this call now."""
    line = session.get_one(Line, call.line_id)
    return Facts(
        state=call.state,
        language=call.language,
        offer=_other_language(line, call.language),
        attempt=notice.attempts(session, call) or 1,
        can_record=can_record,
        may_record=recordings.is_allowed(session, call.contact_id),
        asks=line.asks_relation_number,
        held=call.claimed_by is not None,
    )


def _facts_at_first(line: Line, can_record: bool) -> Facts:
    """The facts of a call that comes in this moment: there is nothing to look up."""
    return Facts(
        state=CallState.NOTICE,
        language=line.language,
        offer=_other_language(line, line.language),
        attempt=1,
        can_record=can_record,
        may_record=False,
        asks=line.asks_relation_number,
    )


def _other_language(line: Line, spoken: str) -> str | None:
    offered = [language for language in (line.language, line.second_language) if language]
    return next((language for language in offered if language != spoken), None)


def _apply(session: Session, now: datetime, call: Call, decision: Decision) -> Answer:
    before = call.state
    call.state = moved(call.state, decision.state)
    if decision.language != call.language:
        _choose_language(session, now, call, decision.language)
    if decision.objected:
        _object(session, now, call, before)
    if before is CallState.NOTICE:
        _note_notice(session, now, call, whole=decision.notice_whole)
    for step in decision.steps:
        if isinstance(step, PlayNotice) and notice.played(session, call, step.attempt) is None:
            notice.begin(session, now, call.id, step)
    if before is not call.state:
        _wait(session, now, call)
    return Answer(decision.steps, call.public_id)


def _note_notice(session: Session, now: datetime, call: Call, *, whole: bool) -> None:
    """What was heard of the notice; whoever is through with it has a place in the queue, also while keying in."""
    notice.close(session, now, call, NoticeBasis.NEXT_REQUEST, whole=whole)
    if whole:
        recordings.allow(session, now, call.sid)
    if call.state is not CallState.NOTICE:
        call.queued_at = now


def _choose_language(session: Session, now: datetime, call: Call, language: str) -> None:
    call.language = language
    session.get_one(Contact, call.contact_id).language = language
    record(session, now, Actor.CARRIER, Action.CALL_LANGUAGE_CHOSEN, call.public_id, language)


def _object(session: Session, now: datetime, call: Call, before: CallState) -> None:
    call.objected_at = now
    refusals.objected(session, now, call.contact_id, NotRecorded.OBJECTED)
    record(session, now, Actor.CARRIER, Action.CALL_OBJECTED, call.public_id)
    if before not in (CallState.NOTICE, CallState.KEYING, CallState.ENDED):  # capture may be under way
        commands.ask(session, now, call, Verb.STOP_RECORDING)


def _wait(session: Session, now: datetime, call: Call) -> None:
    """Into the queue; whom we called waits for who called."""
    if call.state is CallState.CLAIMED:
        queue.fetch_agent(session, now, call)
    elif call.state is CallState.WAITING:
        record(session, now, Actor.CARRIER, Action.CALL_QUEUED, call.public_id)
        queue.tell_desks(session, now, call)
