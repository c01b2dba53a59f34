"""Comparing with the carrier: what got lost is mended, what can't be is named (P01, P03)."""

from dataclasses import replace
from datetime import timedelta

from sqlmodel import select

from contactcenter.core import inbox
from contactcenter.core.inbox import InboxEvent
from contactcenter.recordings import service
from contactcenter.recordings.models import Recording
from contactcenter.recordings.reconciliation import Difference, reconcile
from contactcenter.recordings.rules import ArrivalStatus, NotRecorded, RecordingState
from tests.recordings.workplace import NOON, Workplace


def compare(place: Workplace) -> Difference:
    """Compare now, as the sweep does."""
    return reconcile(place.db, place.carrier, place.jobs, place.clock())


def test_a_recording_whose_callback_was_lost_arrives_and_is_kept(place: Workplace) -> None:
    story = place.call().record()
    place.clock.travel(minutes=11)
    assert compare(place).found == 1
    assert story.state is RecordingState.ARRIVED
    assert story.keep().write_down().state is RecordingState.ATTACHED
    assert place.alerts() == []


def test_a_callback_has_ten_minutes_before_it_counts_as_lost(place: Workplace) -> None:
    place.call().record()
    place.clock.travel(minutes=9)
    assert compare(place).found == 0


def test_comparing_again_changes_nothing(place: Workplace) -> None:
    story = place.call().record()
    place.clock.travel(minutes=11)
    compare(place)
    before = story.row()
    assert compare(place) == Difference(asked=True)
    assert story.row() == before


def test_a_lost_recording_that_should_not_exist_goes(place: Workplace) -> None:
    story = place.call().record()
    with place.db.writing() as session:
        service.refuse(session, place.clock(), story.contact_id, NotRecorded.OBJECTED)
    place.clock.travel(minutes=11)
    compare(place)
    assert story.state is RecordingState.UNWANTED


def test_somebody_elses_recording_on_the_account_is_named_and_left_alone(place: Workplace) -> None:
    story = place.call().record()
    carriers = place.simulator.recordings[story.sid]
    carriers.source = replace(carriers.source, call_sid="CA" + "e" * 32, conference_sid="CF" + "e" * 32)
    place.clock.travel(minutes=11)
    assert compare(place).foreign == 1
    assert place.alerts() == [("recording-of-unknown-call", "")]
    assert story.at_carrier()
    with place.db.reading() as session:
        assert session.exec(select(Recording)).all() == []


def test_an_answered_call_without_its_recording_is_named_after_ten_minutes(place: Workplace) -> None:
    place.call().end()
    place.clock.travel(minutes=9)
    assert compare(place).missing == 0
    place.clock.travel(minutes=2)
    assert compare(place).missing == 1
    compare(place)
    assert place.alerts() == [("recording-missing", "")]


def test_calls_that_need_no_recording_are_not_named(place: Workplace) -> None:
    place.call(heard_notice=False).end()
    place.call(handled_by=None).end()
    place.call().arrive(ArrivalStatus.ABSENT, None).end()
    place.call()
    place.clock.travel(minutes=30)
    assert compare(place) == Difference(asked=True)
    assert place.alerts() == []


def test_a_carrier_that_does_not_answer_is_asked_next_time(place: Workplace) -> None:
    place.call().record()
    place.clock.travel(minutes=11)
    place.simulator.misbehaviour.set({"rest": {"status": 500, "match": "/Recordings.json"}})
    assert not compare(place).asked
    assert compare(place).found == 1


def test_a_recording_that_nobody_works_on_is_taken_up_again_and_named(place: Workplace) -> None:
    story = place.call().record().arrive()
    place.clock.travel(hours=25)
    assert compare(place).revived == 1
    assert compare(place).revived == 0
    assert place.alerts() == [("recording-stuck", "")]
    assert story.keep().state is RecordingState.STORED


def test_the_inbox_forgets_after_a_month(place: Workplace) -> None:
    with place.db.writing() as session:
        assert inbox.accept(session, NOON, "RE1:recording-completed", "recording", "RE1")
        assert not inbox.accept(session, NOON, "RE1:recording-completed", "recording", "RE1")
        inbox.purge(session, NOON + timedelta(days=31))
        assert session.exec(select(InboxEvent)).all() == []
