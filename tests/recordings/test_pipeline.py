"""Joris Jansen's call becomes a recording in the vault, words beside it, and nothing at the carrier (P01, P17)."""

from datetime import UTC, datetime

import pytest
from sqlmodel import select

from contactcenter.core.audit import Action, AuditEntry
from contactcenter.core.errors import Conflict
from contactcenter.notes.models import Summary, Transcript
from contactcenter.notes.said import Segment
from contactcenter.recordings import overview, retention, service
from contactcenter.recordings.fetching import too_slow
from contactcenter.recordings.rules import (
    BACKOFF,
    ArrivalStatus,
    CarrierCopy,
    Failure,
    NotRecorded,
    RecordingState,
    wait_before_retry,
)
from tests.raw import raw
from tests.recordings.workplace import ANSWERED, SAID, Workplace, plaintext_anywhere


def test_a_call_ends_as_a_stored_transcribed_drafted_recording(place: Workplace) -> None:
    story = place.call().done()
    row = story.row()
    assert row.state is RecordingState.ATTACHED
    assert (row.seconds, row.channels, row.roles) == (3.0, 2, ["caller", "agent"])
    assert row.carrier_copy is CarrierCopy.DELETED
    assert not story.at_carrier()
    assert row.peaks is not None
    assert [len(channel) for channel in row.peaks] == [60, 60]
    assert place.scribe.heard == [(2, "nl")]


def test_its_timer_ends_with_the_thirtieth_local_day_after_storing(place: Workplace) -> None:
    row = place.call().record().arrive().keep().row()
    # stored on 2 November in Amsterdam, so kept to the end of 2 December there, which is 23:00 in UTC
    assert row.retain_until == datetime(2026, 12, 2, 23, 0, tzinfo=UTC)


def test_words_and_draft_stand_beside_the_contact_and_cite_their_second(place: Workplace) -> None:
    story = place.call().done()
    with place.db.reading() as session:
        transcript = session.exec(select(Transcript).where(Transcript.contact_id == story.contact_id)).one()
        summary = session.exec(select(Summary).where(Summary.contact_id == story.contact_id)).one()
        assert [segment["text"] for segment in transcript.segments] == [SAID, ANSWERED]
        assert transcript.roles == ["caller", "agent"]
        assert summary.draft_lines
        assert {line["start"] for line in summary.draft_lines} <= {0.5, 2.2}


def test_numbers_are_redacted_before_any_text_is_kept(place: Workplace) -> None:
    said = "Mijn rekening is NL91 ABNA 0417 1643 00 en mijn nummer 06 12345678."
    place.scribe.segments = (Segment(0, 0.5, 2.0, said, 0.9),)
    place.call().done()
    place.db.clear_log()
    kept = raw(place.folder)
    assert b"rekening" in kept
    assert b"0417 1643" not in kept and b"04171643" not in kept  # four digits alone stand in hashes, too
    assert b"12345678" not in kept


def test_nothing_in_clear_touches_the_disk(place: Workplace) -> None:
    place.call().done()
    assert not plaintext_anywhere(place.folder)


def test_the_carriers_copy_stays_until_ours_is_committed(place: Workplace) -> None:
    story = place.call().record().arrive()
    place.pipeline.delete_carrier_copy(story.row().public_id)
    assert story.at_carrier()
    assert story.row().carrier_copy is CarrierCopy.PRESENT


def test_every_step_may_run_twice_and_changes_nothing_the_second_time(place: Workplace) -> None:
    story = place.call().record().arrive()
    public_id = story.row().public_id
    for step in (*place.pipeline.keeping(), *place.pipeline.writing_down()):
        assert place.pipeline.run(step, public_id)
        first = story.row()
        assert place.pipeline.run(step, public_id)
        assert story.row() == first
    with place.db.reading() as session:
        assert len(session.exec(select(Transcript)).all()) == 1
    assert len(list(place.vault.list())) == 1


def test_a_repeated_callback_changes_nothing(place: Workplace) -> None:
    story = place.call().done()
    before = story.row()
    story.arrive()
    story.arrive(ArrivalStatus.FAILED)
    assert story.row() == before


def test_a_call_whose_notice_was_not_whole_is_never_stored_and_flagged(place: Workplace) -> None:
    story = place.call(heard_notice=False).record().arrive().keep()
    assert story.state is RecordingState.UNWANTED
    assert place.alerts() == [("recording-unwanted", "notice-not-whole")]
    assert retention.clear_remnants(place.db, place.vault, place.carrier, place.clock())
    assert not story.at_carrier()
    assert list(place.vault.list()) == []


def test_an_objection_is_no_alarm_but_its_recording_goes_too(place: Workplace) -> None:
    story = place.call().record()
    with place.db.writing() as session:
        service.refuse(session, place.clock(), story.contact_id, NotRecorded.OBJECTED)
    story.arrive().keep()
    assert story.state is RecordingState.UNWANTED
    assert place.alerts() == []
    retention.clear_remnants(place.db, place.vault, place.carrier, place.clock())
    assert not story.at_carrier()


def test_an_objection_while_it_is_fetched_leaves_nothing_behind(
    place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = place.call().record().arrive()
    store = place.vault.store

    def store_slowly(recording_id: str, chunks: object) -> object:
        stored = store(recording_id, chunks)  # type: ignore[arg-type]  # passed on as it came
        with place.db.writing() as session:
            service.refuse(session, place.clock(), story.contact_id, NotRecorded.STOPPED)
        return stored

    monkeypatch.setattr(place.vault, "store", store_slowly)
    story.keep()
    assert story.state is RecordingState.UNWANTED
    assert story.row().object_key is None
    assert list(place.vault.list()) == []
    assert not story.at_carrier()


def test_stop_and_destroy_after_everything_is_done_takes_key_and_words_at_once(place: Workplace) -> None:
    story = place.call().done()
    with place.db.writing() as session:
        service.refuse(session, place.clock(), story.contact_id, NotRecorded.STOPPED)
    assert story.row().wrapped_key is None
    with place.db.reading() as session:
        assert session.exec(select(Transcript)).first() is None
        assert session.exec(select(Summary)).first() is None
    retention.clear_remnants(place.db, place.vault, place.carrier, place.clock())
    assert list(place.vault.list()) == []


def test_what_the_notice_does_not_name_does_not_run(place: Workplace) -> None:
    story = place.call(named=False).done()
    assert story.state is RecordingState.ATTACHED
    assert place.scribe.heard == []
    with place.db.reading() as session:
        assert session.exec(select(Transcript)).first() is None


@pytest.mark.parametrize(
    ("fault", "failure"),
    [
        ("404", Failure.CARRIER),
        ("429", Failure.CARRIER),
        ("500", Failure.CARRIER),
        ("cut", Failure.CARRIER),
        ("wrong-length", Failure.TRUNCATED),
        ("html", Failure.NOT_AUDIO),
        ("wrong-bytes", Failure.NOT_AUDIO),
        ("gzip-bomb", Failure.NOT_AUDIO),
    ],
)
def test_what_goes_wrong_once_is_tried_again_and_ends_well(place: Workplace, fault: str, failure: Failure) -> None:
    story = place.call().record().arrive()
    place.simulator.misbehaviour.set({"media": {"fault": fault}})
    story.keep()
    row = story.row()
    assert (row.state, row.failure, row.tries) == (RecordingState.ARRIVED, failure, 1)
    assert row.next_try_at is not None
    assert list(place.vault.list()) == []
    story.keep()
    assert story.state is RecordingState.STORED
    assert story.row().failure is None


def test_a_redirect_is_never_followed(place: Workplace) -> None:
    story = place.call().record().arrive()
    place.simulator.misbehaviour.set({"media": {"fault": "redirect-foreign"}})
    story.keep()
    assert story.row().failure is Failure.REFUSED
    assert story.state is RecordingState.FAILED


@pytest.mark.parametrize(
    ("announced", "loudness", "failure"), [(9.0, 8000, Failure.WRONG_LENGTH), (3.0, 2, Failure.SILENT)]
)
def test_what_can_not_be_right_is_a_dead_letter_with_its_reason(
    place: Workplace, announced: float, loudness: int, failure: Failure
) -> None:
    story = place.call().record().arrive(seconds=announced)
    carriers = place.simulator.recordings[story.sid]
    if loudness < 10:
        assert carriers._audio is not None
        carriers._audio //= 20_000
    for _ in range(len(BACKOFF) + 1):
        story.keep()
    row = story.row()
    assert (row.state, row.failure) == (RecordingState.FAILED, failure)
    assert place.alerts() == [("recording-failed", failure.value)]
    assert list(place.vault.list()) == []
    assert story.at_carrier()


def test_the_queue_goes_on_beside_a_dead_letter_and_its_retry_ends_well(place: Workplace) -> None:
    bad, good = place.call().record().arrive(), place.call()
    place.simulator.misbehaviour.set({"media": {"fault": "redirect-local"}})
    bad.keep()
    assert good.done().state is RecordingState.ATTACHED
    with place.db.writing() as session:
        service.retry(session, place.clock(), place.jobs, bad.row().public_id, "dirk")
    assert bad.state is RecordingState.ARRIVED
    assert bad.keep().write_down().state is RecordingState.ATTACHED
    with place.db.writing() as session, pytest.raises(Conflict):
        service.retry(session, place.clock(), place.jobs, bad.row().public_id, "dirk")


def test_a_failed_transcription_is_tried_again_from_there_not_fetched_again(place: Workplace) -> None:
    story = place.call().record().arrive().keep()
    place.scribe.segments = None  # type: ignore[assignment]  # an engine that breaks
    story.write_down()
    assert (story.row().state, story.row().failure) == (RecordingState.STORED, Failure.UNEXPECTED)
    place.scribe.segments = (Segment(0, 0.5, 2.0, SAID, 0.9),)
    assert story.write_down().state is RecordingState.ATTACHED


def test_nothing_is_stored_in_the_empty_folder_of_a_disk_that_is_not_mounted(place: Workplace) -> None:
    for _ in range(3):
        place.call().done()
    vault = place.folder / "vault"
    disk = vault.rename(vault.with_name("disk"))
    vault.mkdir()
    story = place.call().record().arrive().keep()
    assert (story.state, story.row().failure) == (RecordingState.ARRIVED, Failure.VAULT)
    assert list(vault.iterdir()) == []
    assert story.at_carrier()
    vault.rmdir()
    disk.rename(vault)
    assert story.keep().write_down().state is RecordingState.ATTACHED


def test_one_lost_object_holds_nothing_up(place: Workplace) -> None:
    lost = place.call().done()
    place.call().done()
    place.vault.destroy(lost.row().object_key or "")
    assert place.call().done().state is RecordingState.ATTACHED


def test_a_recording_that_the_carrier_could_not_make_is_visible(place: Workplace) -> None:
    assert place.call().arrive(ArrivalStatus.ABSENT, None).state is RecordingState.ABSENT
    failed = place.call().arrive(ArrivalStatus.FAILED, None)
    assert (failed.state, failed.row().failure) == (RecordingState.FAILED, Failure.CARRIER_FAILED)
    assert place.alerts() == [("recording-failed", "failed_at_carrier")]


def test_a_recording_of_no_call_of_ours_is_removed_and_reported(place: Workplace) -> None:
    story = place.call().record()
    story.conference_sid = "CF" + "f" * 32
    story.arrive().keep()
    assert story.state is RecordingState.UNWANTED
    assert story.row().contact_id is None
    assert place.alerts() == [("recording-unwanted", "unknown-call")]


def test_an_objection_is_final(place: Workplace) -> None:
    story = place.call(heard_notice=False)
    with place.db.writing() as session:
        service.refuse(session, place.clock(), story.contact_id, NotRecorded.OBJECTED)
        service.allow(session, place.clock(), story.call_sid)
        assert not service.is_allowed(session, story.contact_id)


def test_pauses_are_kept_with_the_contact(place: Workplace) -> None:
    story = place.call()
    with place.db.writing() as session:
        service.paused(session, place.clock(), story.contact_id, "pause-recording")
        service.paused(session, place.clock(), story.contact_id, "hold")
        service.paused(session, place.clock(), story.contact_id, "hold")
        service.resumed(session, place.clock.travel(seconds=20), story.contact_id, "hold")
        assert [gap.why for gap in service.open_gaps(session, story.contact_id)] == ["pause-recording"]
        service.resumed(session, place.clock.travel(seconds=5), story.contact_id, "pause-recording")
        service.resumed(session, place.clock(), story.contact_id, "pause-recording")
        gaps = overview.recording_view(session, story.contact_id, place.clock()).pauses
    assert [(gap.why, gap.ended_at and (gap.ended_at - gap.began_at).seconds) for gap in gaps] == [
        ("pause-recording", 25),
        ("hold", 20),
    ]


def test_the_trail_names_every_act_and_no_number(place: Workplace) -> None:
    place.call().done()
    with place.db.reading() as session:
        acts = [one.action for one in session.exec(select(AuditEntry)) if one.subject_type == "recording"]
    assert acts == [
        Action.RECORDING_EXPECTED,
        Action.RECORDING_ARRIVED,
        Action.RECORDING_STORED,
        Action.RECORDING_CARRIER_COPY_DELETED,
    ]


def test_patience_grows_obeys_the_carrier_and_ends() -> None:
    waits = [wait_before_retry(Failure.CARRIER, tries, None) for tries in range(1, len(BACKOFF) + 2)]
    assert waits == [*BACKOFF, None]
    assert wait_before_retry(Failure.CARRIER, 1, 120) == 120
    assert wait_before_retry(Failure.CARRIER, 1, 10**9) == 3600
    assert wait_before_retry(Failure.TOO_LONG, 1, None) is None


def test_a_download_that_drips_is_given_up() -> None:
    assert not too_slow(1, 29)
    assert too_slow(31, 31)
    assert not too_slow(31 * 8192, 31)
