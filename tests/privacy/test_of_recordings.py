"""P02, P17, P30: playbacks, timers and transcripts against what was written down elsewhere."""

from datetime import timedelta

import pytest

from contactcenter.contacts import service as contacts
from contactcenter.core.audit import Action, record
from contactcenter.notes import service as notes
from contactcenter.notes.said import Segment, Transcript
from contactcenter.recordings import playback, retention, timers
from contactcenter.recordings import service as recordings
from contactcenter.recordings.models import Cut, Playback
from contactcenter.recordings.rules import CutReason, HoldKind, RecordingState
from contactcenter.staff.rules import Role
from contactcenter.verification.rules import Purpose
from tests.factories import World
from tests.privacy.line import Line

SAID = Transcript("nl", "scribe", "fixed", (Segment(0, 0.5, 2.0, "Dag, met de bakkerij.", 0.9),))


def listen(world: World, contact: str, purpose: Purpose, name: str = "Anna") -> str | None:
    """Somebody opens the player and plays; the playback's public id, None when refused."""
    with world.writing() as session:
        about = contacts.by_public_id(session, contact)
        opening = playback.open_contact(session, world.now, world.members[name], about, purpose)
        if opening.playback is None:
            return None
        session.flush()
        playback.streamed(session, world.now, opening.playback.public_id)
        return opening.playback.public_id


def hold(world: World, contact: str, days: int = 20, kind: HoldKind = HoldKind.DISPUTE) -> str:
    """Dirk places a hold, and somebody confirmed it; its public id."""
    dirk = world.members["Dirk"]
    with world.writing() as session:
        placed = timers.place_hold(
            session,
            world.now,
            contact=contacts.by_public_id(session, contact),
            owner_id=dirk.id,
            actor=dirk.public_id,
            kind=kind,
            reference="D-1",
            review_on=(world.now + timedelta(days=days)).date(),
        )
        placed.confirmed_at = world.now
        return placed.public_id


def release(world: World, placed: str) -> None:
    """Dirk lets the timer go on."""
    with world.writing() as session:
        timers.release_hold(session, world.now, placed, world.members["Dirk"].public_id)


def logged(line: Line, contact: str, recording: str, purpose: Purpose) -> None:
    """A playback by Bram and its line in the audit trail that no right of the product would make."""
    bram, now = line.world.members["Bram"], line.world.now
    with line.world.writing() as session:
        of = recordings.by_public_id(session, recording)
        whose = Playback(recording_id=of.id, staff_id=bram.id, role=bram.role, purpose=purpose, at=now)
        session.add(whose)
        record(session, now, bram.public_id, Action.RECORDING_PLAYED, contact, purpose.value)


def test_who_may_listen_for_a_purpose_keeps_the_promise(line: Line) -> None:
    contact, _ = line.whole()
    world = line.world
    assert listen(world, contact, Purpose.REPLAY)
    assert listen(world, contact, Purpose.REPLAY, "Bram") is None  # refused, on record, and no breach
    assert listen(world, contact, Purpose.DISPUTE, "Dirk") is None
    world.travel(minutes=1)
    placed = hold(world, contact)
    assert listen(world, contact, Purpose.DISPUTE, "Dirk")
    world.travel(minutes=1)
    release(world, placed)
    line.keeps("P02", checked=2)


def test_playing_what_a_colleague_handled_breaks_it(line: Line) -> None:
    contact, recording = line.whole()
    logged(line, contact, recording, Purpose.REPLAY)
    line.breaks("P02", contact)


@pytest.mark.parametrize("purpose", [Purpose.SERVICE, Purpose.TRAINING, Purpose.AUDIT, Purpose.SIMULATION])
def test_a_purpose_that_the_role_does_not_have_breaks_it(line: Line, purpose: Purpose) -> None:
    contact, recording = line.whole()
    logged(line, contact, recording, purpose)
    line.breaks("P02", contact)


def test_a_dispute_that_is_not_open_any_more_is_no_reason(line: Line) -> None:
    contact, _ = line.whole()
    world = line.world
    release(world, hold(world, contact))
    with world.writing() as session:
        session.connection().exec_driver_sql("UPDATE hold SET released_at = NULL")
    world.travel(minutes=1)
    assert listen(world, contact, Purpose.DISPUTE, "Dirk")
    line.keeps("P02", checked=1)
    with world.writing() as session:
        session.connection().exec_driver_sql("UPDATE hold SET released_at = placed_at")
    line.breaks("P02", contact)


def test_what_was_played_after_a_refusal_breaks_it(line: Line) -> None:
    contact, _ = line.whole()
    assert listen(line.world, contact, Purpose.REPLAY)
    with line.world.writing() as session:
        session.connection().exec_driver_sql("UPDATE playback SET refused = 'due'")
    line.breaks("P02", contact)
    with line.world.writing() as session:
        session.connection().exec_driver_sql("UPDATE playback SET first_streamed_at = NULL")
    line.keeps("P02", checked=0)


def test_a_playback_off_the_audit_trail_breaks_it_and_so_does_the_reverse(line: Line) -> None:
    contact, _ = line.whole()
    world = line.world
    assert listen(world, contact, Purpose.REPLAY)
    with world.writing() as session:
        session.connection().exec_driver_sql("UPDATE playback SET at = ?", (str(world.now + timedelta(hours=1))[:26],))
    line.breaks("P02", contact, contact)
    with world.writing() as session:
        session.connection().exec_driver_sql("DELETE FROM playback")
    line.breaks("P02", contact)


def test_a_recording_has_its_days_and_an_hour_for_the_sweep(line: Line) -> None:
    contact, _ = line.whole()
    line.keeps("P17", checked=1)
    line.world.travel(days=30, minutes=59)
    line.keeps("P17", checked=1)
    line.world.travel(minutes=2)
    line.breaks("P17", contact)


def test_a_hold_stops_the_timer_until_its_review_and_for_a_week_after_its_release(line: Line) -> None:
    contact, _ = line.whole()
    world = line.world
    placed = hold(world, contact, days=40)
    world.travel(days=40)
    line.keeps("P17", checked=2)
    world.travel(days=1)
    line.breaks("P17", contact)  # the hold itself
    assert [one.id for one in line.finding("P17").offenders] == [placed]
    release(world, placed)
    world.travel(days=6)
    line.keeps("P17", checked=1)
    world.travel(days=1, hours=2)
    line.breaks("P17", contact)


def test_what_the_sweep_destroyed_keeps_the_promise_and_what_it_leaves_breaks_it(line: Line) -> None:
    contact, recording = line.whole()
    world = line.world
    world.travel(days=31)
    assert [one.public_id for one in due(world)] == [recording]
    with world.writing() as session:
        row = recordings.by_public_id(session, recording)
        recordings.shred(session, world.now, row, RecordingState.DESTROYED)
        retention.certify(session, world.now, row)
    line.keeps("P17", checked=1)  # the file goes within the hour
    world.travel(minutes=61)
    line.breaks("P17", contact)
    for column, left in (("object_key", None), ("wrapped_key", b"key"), ("carrier_copy", "present")):
        with world.writing() as session:
            session.connection().exec_driver_sql("UPDATE recording SET object_key = NULL, wrapped_key = NULL")
            session.connection().exec_driver_sql("UPDATE recording SET carrier_copy = 'deleted'")
        line.keeps("P17", checked=1)
        with world.writing() as session:
            session.connection().exec_driver_sql(f"UPDATE recording SET {column} = ?", (left,))
        assert line.finding("P17").count == (0 if left is None else 1), column


def due(world: World) -> list[retention.Due]:
    """What the sweep would destroy now."""
    with world.reading() as session:
        return retention.due_recordings(session, world.now)


def test_words_that_outlive_their_recording_break_it(line: Line) -> None:
    contact, recording = line.whole()
    world = line.world
    with world.writing() as session:
        row = recordings.by_public_id(session, recording)
        recordings.shred(session, world.now, row, RecordingState.DESTROYED)
        row.object_key = None
    line.keeps("P17", checked=1)
    write_down(world, contact, recording)
    line.breaks("P17", contact)


def test_a_passage_that_is_cut_has_an_hour_to_leave_the_vault(line: Line) -> None:
    contact, recording = line.whole()
    world = line.world
    with world.writing() as session:
        row = recordings.by_public_id(session, recording)
        cut = Cut(
            recording_sid=row.sid, start=1, end=2, reason=CutReason.CHILD, role=Role.SUPERVISOR, asked_at=world.now
        )
        session.add(cut)
    line.keeps("P17", checked=1)
    world.travel(minutes=61)
    line.breaks("P17", contact)
    for gone, remnant, count in ((True, "a" * 32, 1), (True, None, 0), (False, None, 1)):
        with world.writing() as session:
            kept = session.get_one(Cut, cut.id)
            kept.cut_at, kept.remnant = world.now if gone else None, remnant
        assert line.finding("P17").count == count


def test_a_recording_without_an_end_breaks_it(line: Line) -> None:
    contact, _ = line.whole()
    with line.world.writing() as session:
        session.connection().exec_driver_sql("UPDATE recording SET retain_until = NULL")
    line.breaks("P17", contact)


def write_down(world: World, contact: str, recording: str) -> None:
    """The machine writes a recording down, as the worker does, but asks nobody."""
    with world.writing() as session:
        row = recordings.by_public_id(session, recording)
        about = contacts.by_public_id(session, contact)
        notes.attach_transcript(session, world.now, about.id, row.sid, SAID, ["caller", "agent"])


def test_who_heard_the_notice_may_be_transcribed(line: Line) -> None:
    write_down(line.world, *line.whole())
    line.keeps("P30", checked=1)


@pytest.mark.parametrize(
    "change", ["version = '2020-01'", "statement_version = '2021-06'", "whole = false", "notice = 'notice-unrecorded'"]
)
def test_a_transcript_under_words_that_do_not_name_it_breaks_the_promise(line: Line, change: str) -> None:
    contact, recording = line.whole()
    write_down(line.world, contact, recording)
    with line.world.writing() as session:
        session.connection().exec_driver_sql(f"UPDATE notice_play SET {change}")
    line.breaks("P30", contact)
