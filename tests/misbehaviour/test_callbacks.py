"""Callbacks about recordings that never come, or come for what is destroyed, or for what we never knew."""

from datetime import timedelta

from sqlmodel import select

from contactcenter.core.alerts import Alert
from contactcenter.recordings.models import Recording
from contactcenter.recordings.rules import RecordingState
from contactcenter.recordings.verifying import stored_of
from tests.order.invariants import Seen, became, everything, hold
from tests.order.switchboard import OnTheLine, Switchboard

LOST_AFTER = timedelta(minutes=11)
BEYOND_THE_TIMER = 32  # days


def helped(switchboard: Switchboard, *lost: str) -> OnTheLine:
    """Joris rings, Anna helps him, he hangs up; the carrier tells all of it but what is lost."""
    call = switchboard.ring()
    switchboard.hear_out(call)
    assert switchboard.on_call("anna", call, "answer") == 204
    assert switchboard.softphone(call, "anna")
    switchboard.hang_up(call)
    for event in call.outbox:
        if not event.name.startswith(lost):
            switchboard.deliver(event)
    return call


def only_recording(switchboard: Switchboard) -> Recording:
    """The one that there is."""
    with switchboard.place.db.reading() as session:
        return session.exec(select(Recording)).one()


def rows(switchboard: Switchboard) -> dict[str, int]:
    """How many rows each table has, but for what only says that something was heard of."""
    with switchboard.place.db.reading() as session:
        counted = everything(session)
    return {name: count for name, count in counted.items() if name not in ("inbox_event", "staff_session")}


def test_a_recording_whose_callback_is_lost_is_found_by_comparing_and_kept(switchboard: Switchboard) -> None:
    call = helped(switchboard, "recording")
    sound = switchboard.place.simulator.recordings[call.recording or ""].media(2)
    switchboard.work()
    assert rows(switchboard)["recording"] == 0
    switchboard.travel(seconds=LOST_AFTER.total_seconds())
    switchboard.sweep("reconciliation")
    switchboard.work()
    became(switchboard, call)
    row = only_recording(switchboard)
    assert b"".join(switchboard.place.vault.open(row.public_id, stored_of(row)).pieces()) == sound


def test_it_is_found_as_well_when_every_callback_of_the_call_is_lost(switchboard: Switchboard) -> None:
    helped(switchboard, "recording", "participant", "conference", "leg")
    switchboard.travel(seconds=LOST_AFTER.total_seconds())
    switchboard.sweep("reconciliation")
    switchboard.work()
    assert only_recording(switchboard).state is RecordingState.ATTACHED


def test_a_callback_for_a_destroyed_recording_creates_nothing(switchboard: Switchboard) -> None:
    call = helped(switchboard)
    switchboard.work()
    became(switchboard, call)
    switchboard.travel(days=BEYOND_THE_TIMER)
    for sweep in ("wrap-ups", "retention", "purge"):  # what the inbox remembered is forgotten as well
        switchboard.sweep(sweep)
    assert only_recording(switchboard).state is RecordingState.DESTROYED
    before = rows(switchboard)
    for event in call.outbox:
        if event.name.startswith("recording"):
            switchboard.deliver(event)
    switchboard.work()
    switchboard.sweep("reconciliation")
    assert rows(switchboard) == before
    assert list(switchboard.place.vault.list()) == []
    became(switchboard, call)
    hold(switchboard, Seen())


def test_a_callback_for_a_recording_of_no_call_of_ours_creates_nothing_but_its_report(switchboard: Switchboard) -> None:
    before = rows(switchboard)
    stranger, room = switchboard.new_sid("call"), switchboard.new_sid("room")
    for where in ("/twilio/recording", f"/twilio/recording?call={stranger}"):
        sid = switchboard.new_sid("recording")
        switchboard.post(
            where, RecordingSid=sid, ConferenceSid=room, RecordingStatus="completed", RecordingDuration="3"
        )
    switchboard.work()
    after = rows(switchboard)
    changed = {name: after[name] - before[name] for name in after if after[name] != before[name]}
    assert changed.keys() <= {"recording", "alert", "audit_entry", "live_event", "ledger_head"}
    assert changed["recording"] == 2
    with switchboard.place.db.reading() as session:
        assert {one.kind for one in session.exec(select(Alert))} == {"recording-unwanted"}
        for one in session.exec(select(Recording)):
            assert (one.state, one.contact_id, one.wrapped_key) == (RecordingState.UNWANTED, None, None)
    assert list(switchboard.place.vault.list()) == []
