"""Orders that once went wrong, by name: what is told late or the other way round becomes what it was on the line."""

from collections.abc import Iterator

import pytest
from sqlmodel import col, select

from contactcenter.calls.rules import CLAIM_LASTS, CallState, Ending
from contactcenter.contacts.models import Handling
from contactcenter.contacts.rules import ContactState
from contactcenter.recordings.models import Recording
from contactcenter.recordings.rules import RecordingState
from tests.order.invariants import Seen, became, hold
from tests.order.switchboard import Event, OnTheLine, Switchboard


@pytest.fixture
def call(switchboard: Switchboard) -> OnTheLine:
    """Joris rings, Anna answers, and the carrier has told nothing of it yet."""
    ringing = switchboard.ring()
    switchboard.hear_out(ringing)
    assert switchboard.on_call("anna", ringing, "answer") == 204
    assert switchboard.softphone(ringing, "anna")
    return ringing


@pytest.fixture(autouse=True)
def in_the_end(switchboard: Switchboard) -> Iterator[None]:
    """Whatever a story did: everything is told in the end, and everything holds."""
    yield
    for call in switchboard.calls:
        if call.place != "over":
            switchboard.hang_up(call)
        for event in told(call):
            switchboard.deliver(event)
        switchboard.work()
        became(switchboard, call)
    hold(switchboard, Seen())


def told(call: OnTheLine, name: str = "", leg: str = "") -> list[Event]:
    """What the carrier still has to tell, of this name and about this leg."""
    waiting = [event for event in call.outbox if not event.delivered]
    return [event for event in waiting if name in event.name and leg in event.fields.get("CallSid", "")]


def hear_of(switchboard: Switchboard, call: OnTheLine, name: str, leg: str = "") -> None:
    """The carrier tells of one event."""
    switchboard.deliver(told(call, name, leg)[0])


def handlers(switchboard: Switchboard, call: OnTheLine) -> list[tuple[int, bool]]:
    """Who handled the call, and whether they still do."""
    contact_id = switchboard.row(call).contact_id
    with switchboard.place.db.reading() as session:
        found = session.exec(select(Handling).where(Handling.contact_id == contact_id).order_by(col(Handling.id)))
        return [(one.staff_id, one.ended_at is None) for one in found]


def recordings(switchboard: Switchboard) -> list[Recording]:
    """All recordings as the database has them now."""
    with switchboard.place.db.reading() as session:
        return list(session.exec(select(Recording)))


def test_a_recording_that_is_heard_of_before_its_conference_is_kept(switchboard: Switchboard, call: OnTheLine) -> None:
    switchboard.hang_up(call)
    hear_of(switchboard, call, "recording-completed")
    switchboard.work()
    assert switchboard.place.simulator.recordings[call.recording or ""].deleted
    assert [one.state for one in recordings(switchboard)] == [RecordingState.ATTACHED]


def test_who_is_told_to_have_joined_after_the_claim_was_given_back_is_the_one_who_answered(
    switchboard: Switchboard, call: OnTheLine
) -> None:
    leg = next(iter(call.agents))
    switchboard.travel(seconds=CLAIM_LASTS.total_seconds() + 1)
    switchboard.sweep("calls")
    assert switchboard.row(call).state is CallState.WAITING
    hear_of(switchboard, call, "participant-join", leg)
    anna = switchboard.staff("anna")
    assert (switchboard.row(call).state, switchboard.row(call).claimed_by) == (CallState.CONNECTED, anna.id)
    assert handlers(switchboard, call) == [(anna.id, True)]
    switchboard.agent_leaves(call, leg)
    hear_of(switchboard, call, "participant-leave", leg)
    assert switchboard.row(call).state is CallState.WAITING


def test_who_is_told_to_have_left_before_she_is_told_to_have_joined_stays_on_record(
    switchboard: Switchboard, call: OnTheLine
) -> None:
    leg = next(iter(call.agents))
    switchboard.agent_leaves(call, leg)
    hear_of(switchboard, call, "participant-leave", leg)
    hear_of(switchboard, call, "participant-join", leg)
    assert switchboard.row(call).state is CallState.WAITING  # and not hers for half a minute more
    switchboard.travel(seconds=CLAIM_LASTS.total_seconds() + 1)
    switchboard.sweep("calls")
    assert handlers(switchboard, call) == [(switchboard.staff("anna").id, False)]
    switchboard.hang_up(call)
    for event in told(call):
        switchboard.deliver(event)
    assert switchboard.row(call).ending is Ending.ANSWERED
    with switchboard.place.db.reading() as session:
        assert switchboard.contact(session, call).state is ContactState.WRAP_UP


def test_a_colleague_who_took_the_call_over_keeps_it_when_the_first_one_is_told_of_late(
    switchboard: Switchboard, call: OnTheLine
) -> None:
    first = next(iter(call.agents))
    switchboard.travel(seconds=CLAIM_LASTS.total_seconds() + 1)
    switchboard.sweep("calls")
    switchboard.agent_leaves(call, first)
    assert switchboard.on_call("bram", call, "answer") == 204
    assert switchboard.softphone(call, "bram")
    for event in told(call, "participant-leave", first) + told(call, "participant-join", first):
        switchboard.deliver(event)
    anna, bram = switchboard.staff("anna").id, switchboard.staff("bram").id
    assert switchboard.row(call).claimed_by == bram
    assert sorted(handlers(switchboard, call)) == [(anna, False), (bram, True)]


def test_an_objection_by_key_counts_when_the_notice_was_said_to_be_heard_first(switchboard: Switchboard) -> None:
    call = switchboard.ring()
    switchboard.hear_out(call)
    switchboard.press_late(call)
    assert "do-not-record" in switchboard.post("/twilio/voice", CallSid=call.sid, From=call.caller).text
    assert switchboard.on_call("anna", call, "answer") == 204
    assert switchboard.softphone(call, "anna")


def test_an_objection_by_key_that_comes_a_day_late_destroys_what_was_recorded(
    switchboard: Switchboard, call: OnTheLine
) -> None:
    switchboard.hang_up(call)
    for event in told(call):
        switchboard.deliver(event)
    switchboard.work()
    switchboard.travel(days=1)
    switchboard.press_late(call)
    assert switchboard.row(call).state is CallState.ENDED
    assert [one.wrapped_key for one in recordings(switchboard)] == [None]
