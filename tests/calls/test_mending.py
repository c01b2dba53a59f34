"""Calls whose end we never heard of are ended when the carrier says so, and never because it says nothing; those that
we never heard of at all are named."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from contactcenter.calls import commands, mending
from contactcenter.calls.models import Call, Leg
from contactcenter.calls.rules import CallState, CommandState, Ending, LegRole, Verb
from contactcenter.carrier.absent import AbsentCarrier
from contactcenter.carrier.port import CarrierCall, CarrierProblem, Trouble
from contactcenter.core.alerts import Alert
from tests.calls.carrier_stand_in import Carrier, carrier

NOON = datetime(2026, 11, 2, 11, tzinfo=UTC)


@dataclass
class Listing(AbsentCarrier):
    """A carrier that lists these calls; None: it doesn't answer."""

    states: dict[str, str] | None = field(default_factory=dict)

    def calls_since(self, since: datetime) -> Iterator[CarrierCall]:
        if self.states is None:
            raise CarrierProblem(Trouble.LATER, "The carrier did not answer.")
        return iter([CarrierCall(sid, "inbound", state, NOON) for sid, state in self.states.items()])


@pytest.fixture
def twilio(tmp_path: Path) -> Iterator[Carrier]:
    """Joris waits in the queue since noon."""
    with carrier(tmp_path, clock=lambda: NOON) as opened:
        opened.post("/twilio/voice")
        opened.post("/twilio/heard?attempt=1")
        yield opened


def call_of(twilio: Carrier) -> Call:
    with twilio.parts.db.reading() as session:
        return session.exec(select(Call).where(Call.sid == twilio.sid)).one()


def swept(twilio: Carrier, states: dict[str, str] | None, **later: float) -> int:
    return mending.end_lost(twilio.parts.db, Listing(states), NOON + timedelta(**later))


@pytest.mark.parametrize("state", ["completed", "busy", "no-answer", "canceled", "failed"])
def test_a_call_that_the_carrier_calls_over_ends(twilio: Carrier, state: str) -> None:
    assert swept(twilio, {twilio.sid: state}, minutes=3) == 1
    assert call_of(twilio).state is CallState.ENDED
    assert call_of(twilio).ending is Ending.MISSED


def test_a_call_that_goes_on_is_left_alone_however_long_it_lasts(twilio: Carrier) -> None:
    assert swept(twilio, {twilio.sid: "in-progress"}, hours=6) == 0
    assert call_of(twilio).state is CallState.WAITING


def test_the_callback_of_an_end_gets_two_minutes(twilio: Carrier) -> None:
    assert swept(twilio, {twilio.sid: "completed"}, minutes=1) == 0


@pytest.mark.parametrize("hours", [0.1, 3.9, 5.0])
def test_a_call_that_the_list_does_not_name_goes_on(twilio: Carrier, hours: float) -> None:
    assert swept(twilio, {}, hours=hours) == 0
    assert call_of(twilio).state is CallState.WAITING


def test_a_call_that_the_list_does_not_name_ends_once_it_can_not_last_any_more(twilio: Carrier) -> None:
    assert swept(twilio, {}, hours=5, seconds=1) == 1
    assert call_of(twilio).state is CallState.ENDED


def test_a_call_that_the_carrier_agreed_to_end_is_over_though_no_callback_came(twilio: Carrier) -> None:
    with twilio.parts.db.writing() as session:
        call = session.exec(select(Call).where(Call.sid == twilio.sid)).one()
        asked = commands.ask(session, NOON, call, Verb.END)
        asked.state, asked.done_at = CommandState.DONE, NOON + timedelta(minutes=10)
    assert swept(twilio, {}, minutes=12) == 0
    assert swept(twilio, {twilio.sid: "in-progress"}, minutes=13) == 0
    assert swept(twilio, {}, minutes=13) == 1
    assert call_of(twilio).state is CallState.ENDED


def test_a_carrier_that_does_not_answer_ends_nothing(twilio: Carrier) -> None:
    assert swept(twilio, None, hours=6) == 0


def named(twilio: Carrier, states: dict[str, str] | None, **later: float) -> int:
    return mending.name_unknown(twilio.parts.db, Listing(states), NOON + timedelta(**later))


def test_a_call_that_the_carrier_has_and_we_have_not_is_named_once(twilio: Carrier) -> None:
    agents = "CA" + "a" * 32
    with twilio.parts.db.writing() as session:
        call = session.exec(select(Call).where(Call.sid == twilio.sid)).one()
        session.add(Leg(call_id=call.id, sid=agents, role=LegRole.AGENT))
    states = dict.fromkeys([twilio.sid, agents, "CA" + "d" * 32], "completed")
    assert named(twilio, states, minutes=10) == 0
    assert named(twilio, states, minutes=11) == 1
    named(twilio, states, minutes=12)
    with twilio.parts.db.reading() as session:
        assert session.exec(select(Alert.kind)).all() == ["call-without-contact"]


def test_a_carrier_that_does_not_answer_names_nothing(twilio: Carrier) -> None:
    assert named(twilio, None, minutes=11) == 0
