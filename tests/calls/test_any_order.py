"""Callbacks late, doubled and lost: nothing reopens. Every order of them: tests/order."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from contactcenter.calls import queue
from contactcenter.calls.models import Call
from contactcenter.calls.rules import CLAIM_LASTS, CallState, Ending
from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.contacts.rules import ContactState
from contactcenter.staff import service as staff
from contactcenter.staff.access import as_member
from contactcenter.staff.models import Staff
from contactcenter.staff.rules import Role
from tests.calls.carrier_stand_in import Carrier, carrier, new_sid, verbs

NOON = datetime(2026, 11, 2, 11, tzinfo=UTC)


class Moving:
    """A clock that goes on by a second at each look."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


@pytest.fixture
def twilio(tmp_path: Path) -> Iterator[Carrier]:
    with carrier(tmp_path, clock=Moving()) as opened:
        with opened.parts.db.writing() as session:
            staff.add(session, NOON, login="anna", name="Anna", role=Role.AGENT, password="a-long-password")
        yield opened


def call_of(twilio: Carrier) -> Call:
    with twilio.parts.db.reading() as session:
        found = session.exec(select(Call).where(Call.sid == twilio.sid)).one()
        session.expunge(found)
        return found


def contact_of(twilio: Carrier) -> Contact:
    with twilio.parts.db.reading() as session:
        found = session.exec(select(Contact).where(Contact.id == call_of(twilio).contact_id)).one()
        session.expunge(found)
        return found


def queued(twilio: Carrier) -> None:
    twilio.sid = new_sid("CA")
    twilio.post("/twilio/voice")
    twilio.post("/twilio/heard?attempt=1")


def answered(twilio: Carrier) -> str:
    """Anna answers; the CallSid of her leg."""
    queued(twilio)
    with twilio.parts.db.writing() as session:
        anna = as_member(session.exec(select(Staff).where(Staff.login == "anna")).one(), twilio.parts.clock())
        call = session.exec(select(Call).where(Call.sid == twilio.sid)).one()
        queue.claim(session, twilio.parts.clock(), anna, call)
    leg = new_sid("CA")
    answer = twilio.post(
        "/twilio/agent", CallSid=leg, From=f"client:{anna.softphone_identity}", To="", call=call_of(twilio).public_id
    )
    assert verbs(answer) == ["Dial"]
    return leg


def events(twilio: Carrier, leg: str) -> list[dict[str, str]]:
    room = {"ConferenceSid": new_sid("CF"), "FriendlyName": call_of(twilio).public_id}
    conference = [
        {"StatusCallbackEvent": "participant-join", "CallSid": twilio.sid},
        {"StatusCallbackEvent": "participant-join", "CallSid": leg},
        {"StatusCallbackEvent": "participant-leave", "CallSid": leg},
        {"StatusCallbackEvent": "participant-leave", "CallSid": twilio.sid},
    ]
    sent = [room | event | {"SequenceNumber": str(number)} for number, event in enumerate(conference)]
    return [*sent, {"CallStatus": "completed", "CallSid": twilio.sid, "SequenceNumber": "9"}]


def wrap_ups_of_anna(twilio: Carrier) -> list[str]:
    with twilio.parts.db.reading() as session:
        anna = session.exec(select(Staff).where(Staff.login == "anna")).one()
        return [one.public_id for one in contacts.in_hand(session, twilio.parts.clock(), anna.id)]


def send(twilio: Carrier, event: dict[str, str]) -> None:
    path = "/twilio/conference" if "ConferenceSid" in event else "/twilio/status"
    assert twilio.post(path, **event).status_code == 204


def test_callbacks_that_come_twice_and_a_day_late_reopen_nothing(twilio: Carrier) -> None:
    leg = answered(twilio)
    told = events(twilio, leg)
    for event in told:
        send(twilio, event)
    before = call_of(twilio).model_dump()
    for event in told:
        send(twilio, event)
    twilio.post("/twilio/status", CallStatus="ringing", SequenceNumber="0")
    twilio.post("/twilio/status", CallStatus="in-progress", SequenceNumber="1")
    assert verbs(twilio.post("/twilio/heard?attempt=1")) == ["Hangup"]
    assert call_of(twilio).model_dump() == before


def test_a_call_that_nobody_answers_is_missed(twilio: Carrier) -> None:
    queued(twilio)
    twilio.post("/twilio/status", CallStatus="completed", SequenceNumber="2")
    assert call_of(twilio).ending is Ending.MISSED
    assert contact_of(twilio).state is ContactState.MISSED


def test_an_agent_whose_leg_is_lost_gives_the_caller_back_to_the_queue(twilio: Carrier) -> None:
    leg = answered(twilio)
    caller_in, agent_in, agent_out, *_ = events(twilio, leg)
    for event in (caller_in, agent_in, agent_out):
        send(twilio, event)
    assert call_of(twilio).state is CallState.WAITING
    assert not anna_is_busy(twilio)


def test_an_agent_who_answers_and_never_comes_on_the_line_handled_nothing(twilio: Carrier) -> None:
    answered(twilio)
    with twilio.parts.db.writing() as session:
        assert queue.release_expired(session, twilio.parts.clock() + CLAIM_LASTS) == 1
        anna = session.exec(select(Staff).where(Staff.login == "anna")).one()
        assert not contacts.handled_by(session, call_of(twilio).contact_id, anna.id)
    assert call_of(twilio).state is CallState.WAITING
    assert wrap_ups_of_anna(twilio) == []
    twilio.post("/twilio/status", CallStatus="completed", SequenceNumber="2")
    assert contact_of(twilio).state is ContactState.MISSED


def test_a_softphone_joins_only_the_call_that_its_agent_holds(twilio: Carrier) -> None:
    answered(twilio)
    stranger = {"CallSid": new_sid("CA"), "From": "client:agent_99", "To": "", "call": call_of(twilio).public_id}
    assert verbs(twilio.post("/twilio/agent", **stranger)) == ["Hangup"]


def test_events_of_unknown_calls_create_nothing(twilio: Carrier) -> None:
    room = {"ConferenceSid": new_sid("CF"), "FriendlyName": "A" * 22, "StatusCallbackEvent": "participant-join"}
    assert twilio.post("/twilio/conference", CallSid=new_sid("CA"), SequenceNumber="1", **room).status_code == 204
    assert twilio.post("/twilio/status", CallStatus="completed").status_code == 204
    assert twilio.rows(Call) == twilio.rows(Contact) == 0


def anna_is_busy(twilio: Carrier) -> bool:
    """Whether a call is on her line."""
    with twilio.parts.db.reading() as session:
        anna = session.exec(select(Staff).where(Staff.login == "anna")).one()
        return queue.active_call(session, anna.id) is not None
