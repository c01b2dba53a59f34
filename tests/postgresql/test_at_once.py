"""What several processes do at the same moment: the inbox takes an event once, a call has one agent, one state."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import pytest
from sqlmodel import col, func, select

from contactcenter.calls import queue
from contactcenter.calls.models import Call, Leg
from contactcenter.calls.rules import CallState, Ending
from contactcenter.contacts.models import Contact, Handling
from contactcenter.core import inbox
from contactcenter.core.audit import Action, AuditEntry
from contactcenter.core.db import Database
from contactcenter.core.errors import Conflict
from contactcenter.staff import service as staff
from contactcenter.staff.access import Member, as_member
from contactcenter.staff.models import Staff
from contactcenter.staff.rules import Role
from tests.calls.carrier_stand_in import Carrier, carrier, new_sid

NOON = datetime(2026, 11, 2, 11, tzinfo=UTC)
Done = TypeVar("Done")


def at_once(*acts: Callable[[], Done]) -> list[Done | Exception]:
    """Do all of it at the same moment, each in a thread of its own; what came of each."""
    outcomes: list[Done | Exception] = [AssertionError("never ended")] * len(acts)
    start = threading.Barrier(len(acts))

    def do(number: int) -> None:
        start.wait(10)
        try:
            outcomes[number] = acts[number]()
        except Exception as error:  # noqa: BLE001  # whatever it is, the story looks at it
            outcomes[number] = error

    threads = [threading.Thread(target=do, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return outcomes


@pytest.fixture
def twilio(tmp_path: Path, url: str) -> Iterator[Carrier]:
    """The product on PostgreSQL, with Anna and Bram at their desks."""
    with carrier(tmp_path, database_url=url) as opened:
        with opened.parts.db.writing() as session:
            for login in ("anna", "bram"):
                staff.add(session, NOON, login=login, name=login, role=Role.AGENT, password="a-long-password")
        yield opened


def member(twilio: Carrier, login: str) -> Member:
    with twilio.parts.db.reading() as session:
        return as_member(session.exec(select(Staff).where(Staff.login == login)).one(), NOON)


def ringing(twilio: Carrier) -> Call:
    """Joris rings and has heard the notice."""
    twilio.sid = new_sid("CA")
    twilio.post("/twilio/voice")
    twilio.post("/twilio/heard?attempt=1")
    return call_of(twilio)


def call_of(twilio: Carrier) -> Call:
    with twilio.parts.db.reading() as session:
        return session.exec(select(Call).where(Call.sid == twilio.sid)).one()


def claims(twilio: Carrier, who: Member, call: Call) -> Callable[[], None]:
    """That person presses the key."""

    def press() -> None:
        with twilio.parts.db.writing() as session:
            queue.claim(session, NOON, who, session.get_one(Call, call.id))

    return press


def acts(twilio: Carrier, action: Action) -> int:
    """How often the audit trail tells of it."""
    with twilio.parts.db.reading() as session:
        return session.exec(select(func.count()).where(col(AuditEntry.action) == action)).one()


def test_an_event_that_many_processes_see_at_once_is_taken_once(db: Database) -> None:
    def accept() -> list[bool]:
        taken = []
        for number in range(20):
            with db.writing() as session:
                taken.append(inbox.accept(session, NOON, f"CA1:status:{number}", "status", "CA1"))
        return taken

    outcomes = at_once(*[accept] * 12)
    assert [sum(outcome[number] for outcome in outcomes if isinstance(outcome, list)) for number in range(20)] == [
        1
    ] * 20


def test_of_two_agents_at_once_one_gets_the_call(twilio: Carrier) -> None:
    anna, bram = member(twilio, "anna"), member(twilio, "bram")
    for _ in range(8):
        call = ringing(twilio)
        outcomes = at_once(claims(twilio, anna, call), claims(twilio, bram, call))
        assert [type(outcome) for outcome in outcomes if outcome] == [Conflict]
        winner = (anna, bram)[outcomes.index(None)]
        assert (call_of(twilio).state, call_of(twilio).claimed_by) == (CallState.CLAIMED, winner.id)
        with twilio.parts.db.reading() as session:
            handling = session.exec(select(Handling).where(Handling.contact_id == call.contact_id)).one()
        assert handling.staff_id == winner.id
        twilio.post("/twilio/status", CallStatus="completed", SequenceNumber="9")


def test_an_agent_who_presses_twice_at_once_answers_once(twilio: Carrier) -> None:
    anna = member(twilio, "anna")
    call = ringing(twilio)
    assert at_once(*[claims(twilio, anna, call)] * 4) == [None] * 4
    assert acts(twilio, Action.CALL_CLAIMED) == 1


def test_an_agent_at_two_calls_at_once_gets_one(twilio: Carrier) -> None:
    anna = member(twilio, "anna")
    calls = [ringing(twilio) for _ in range(4)]
    outcomes = at_once(*(claims(twilio, anna, call) for call in calls))
    assert outcomes.count(None) == 1, outcomes
    assert all(isinstance(outcome, Conflict) for outcome in outcomes if outcome)


def test_a_webhook_that_comes_to_several_processes_at_once_is_answered_alike(twilio: Carrier) -> None:
    for _ in range(3):
        twilio.sid = new_sid("CA")
        arrived = at_once(*[lambda: twilio.post("/twilio/voice").text] * 6)
        assert len(set(arrived)) == 1, arrived
        heard = at_once(*[lambda: twilio.post("/twilio/heard?attempt=1").text] * 6)
        assert len(set(heard)) == 1, heard
    assert (twilio.rows(Call), twilio.rows(Contact)) == (3, 3)
    assert acts(twilio, Action.CALL_QUEUED) == 3


def test_all_callbacks_of_a_call_at_once_end_it_once(twilio: Carrier) -> None:
    anna = member(twilio, "anna")
    for number in range(1, 5):
        call, leg = ringing(twilio), new_sid("CA")
        claims(twilio, anna, call)()
        room = {"ConferenceSid": new_sid("CF"), "FriendlyName": call.public_id}
        told = [
            room | {"StatusCallbackEvent": f"participant-{what}", "CallSid": sid, "SequenceNumber": str(count)}
            for count, (what, sid) in enumerate(
                [("join", twilio.sid), ("join", leg), ("leave", leg), ("leave", twilio.sid)], 1
            )
        ]
        told.append(room | {"StatusCallbackEvent": "conference-end", "SequenceNumber": "5"})
        sends = [lambda event=event: twilio.post("/twilio/conference", **event).status_code for event in told]
        for sid in (twilio.sid, leg):
            sends.append(lambda sid=sid: twilio.post("/twilio/status", CallSid=sid, CallStatus="completed").status_code)
        assert at_once(*sends) == [204] * len(sends)
        ended = call_of(twilio)
        assert (ended.state, ended.ending) == (CallState.ENDED, Ending.ANSWERED)
        assert acts(twilio, Action.CALL_ENDED) == number
        with twilio.parts.db.reading() as session:
            legs = session.exec(select(Leg.sid).where(Leg.call_id == call.id)).all()
        assert sorted(legs) == sorted([twilio.sid, leg])
