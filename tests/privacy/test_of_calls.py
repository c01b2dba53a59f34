"""P01: capture is held against the notice, the answer and the objections, by what the carrier says of it."""

from datetime import timedelta

from contactcenter.recordings.rules import CarrierCopy
from tests.factories import STRANGER
from tests.privacy.line import Line


def test_a_call_that_is_recorded_after_its_notice_keeps_the_promise(line: Line) -> None:
    line.whole()
    line.keeps("P01", checked=1)


def test_without_a_call_there_is_nothing_that_could_break_it(line: Line) -> None:
    line.keeps("P01", checked=0)


def test_a_carrier_that_records_from_the_first_ring_breaks_it(line: Line) -> None:
    arrived = line.world.now
    sid, _ = line.talk()
    line.hang_up(sid)
    line.record(sid, arrived)
    line.breaks("P01", line.contact(sid))


def test_a_carrier_that_records_the_queue_breaks_it(line: Line) -> None:
    sid = line.ring()
    line.hear(sid)
    waits_since = line.world.now
    line.answer(sid)
    line.hang_up(sid)
    line.record(sid, waits_since + timedelta(seconds=1))
    line.breaks("P01", line.contact(sid))


def test_a_notice_that_was_not_heard_whole_allows_no_capture_even_if_it_is_turned_away(line: Line) -> None:
    sid = line.ring()
    line.world.travel(seconds=3)
    line.press(sid, "9")
    began = line.answer(sid)
    line.hang_up(sid)
    line.record(sid, began)
    line.breaks("P01", line.contact(sid))


def test_the_second_that_the_carrier_rounds_away_breaks_nothing(line: Line) -> None:
    line.world.travel(milliseconds=900)
    sid, joined = line.talk(STRANGER)
    answered = joined - timedelta(seconds=2)
    line.hang_up(sid)
    line.record(sid, answered.replace(microsecond=0))
    line.keeps("P01", checked=1)


def test_a_recording_of_no_call_breaks_it(line: Line) -> None:
    line.record("CA" + "f" * 32, line.world.now)
    line.breaks("P01", None)


def test_what_is_kept_against_an_objection_breaks_it(line: Line) -> None:
    sid, began = line.talk()
    line.hang_up(sid)
    recording = line.record(sid, began)
    line.press(sid, "9")  # heard of late
    line.keeps("P01", checked=1)
    line.world.travel(minutes=61)
    line.breaks("P01", line.contact(sid))  # the carrier's copy is there after an hour
    with line.world.writing() as session:
        session.connection().exec_driver_sql(
            "UPDATE recording SET carrier_copy = ? WHERE public_id = ?", (CarrierCopy.DELETED.value, recording)
        )
    line.keeps("P01", checked=1)
    line.keep(recording)  # it should have been impossible
    line.breaks("P01", line.contact(sid))
