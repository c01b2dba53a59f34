"""A long call is written down in windows: what is finished stays finished, whoever is killed, stopped or too late."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from contactcenter.core.slot import Slot
from contactcenter.notes.models import Transcript
from contactcenter.notes.passages import Passage
from contactcenter.notes.said import Segment
from contactcenter.recordings import cuts, cutting, listening, service, underway
from contactcenter.recordings.audio import Samples, open_call
from contactcenter.recordings.engine import Heard
from contactcenter.recordings.models import Recording, Transcription, TranscriptionPart
from contactcenter.recordings.pipeline import redacted
from contactcenter.recordings.rules import CutReason, Failure, NotRecorded, RecordingState
from contactcenter.recordings.transcriber import TranscriptionFailed
from contactcenter.recordings.transcription import WindowTranscriber
from contactcenter.staff.access import as_member
from tests.patience import until
from tests.recordings.scripted import Scripted, long_talk
from tests.recordings.workplace import Story, Workplace, working
from tests.simulator.desk import wav

ROOT = Path(__file__).parents[2]
TALK = long_talk(4)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that is finished is kept at once, and stops are seen soon."""
    monkeypatch.setattr(listening, "KEEP_EVERY", 0.0)
    monkeypatch.setattr(listening, "LOOK_EVERY", 0.02)


class Interrupted(Scripted):
    """Something happens before the second batch."""

    happens: Callable[[], object]

    def listen(self, sounds: Sequence[Samples], language: str, temperature: float = 0.0) -> list[Heard]:
        """Listen, once that has happened."""
        if len(self.batches) == 1:
            self.happens()
        return super().listen(sounds, language, temperature)


def with_engine(place: Workplace, engine: Scripted) -> None:
    place.pipeline = replace(place.pipeline, transcriber=WindowTranscriber(engine, 1))


def interrupted(place: Workplace, happens: Callable[[], object]) -> Interrupted:
    """From now on this happens before the second batch of a call."""
    engine = Interrupted(place.folder / "heard")
    engine.happens = happens
    with_engine(place, engine)
    return engine


def long_call(place: Workplace) -> Story:
    """Joris talks for minutes, and the carrier's recording is in our vault."""
    return place.call().record(sound=TALK).arrive(seconds=None).keep()


def fails() -> None:
    raise TranscriptionFailed("The child is gone.")


def said(place: Workplace, story: Story) -> list[Segment]:
    with place.db.reading() as session:
        found = session.exec(select(Transcript).where(Transcript.recording_sid == story.sid)).all()
        return [one for transcript in found for one in transcript.said]


def under_way(place: Workplace) -> tuple[list[Transcription], list[TranscriptionPart]]:
    with place.db.reading() as session:
        found = list(session.exec(select(Transcription))), list(session.exec(select(TranscriptionPart)))
        session.expunge_all()
        return found


@dataclass(frozen=True)
class Undisturbed:
    """What is said in the long call, and what was listened to for that."""

    segments: list[Segment]
    batches: list[str]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """The long call, written down in one go."""
    engine = Scripted(tmp_path_factory.mktemp("undisturbed") / "heard")
    transcript = WindowTranscriber(engine, 1).transcribe(open_call(wav(*TALK)), "nl")
    assert len(engine.batches) > 4
    return Undisturbed(list(redacted(transcript).segments), engine.batches)


def test_a_long_call_of_a_killed_worker_goes_on_at_the_last_window(place: Workplace, undisturbed: Undisturbed) -> None:
    story, alive = place.call().record(sound=TALK).arrive(seconds=None), Slot.take(place.db)
    dying = subprocess.Popen(
        [sys.executable, "-m", "tests.recordings.dying_worker"], cwd=ROOT, stdin=subprocess.PIPE, text=True
    )
    assert dying.stdin is not None
    with dying.stdin as order:
        order.write(json.dumps({"folder": str(place.folder), "carrier": place.settings.twilio_api_url, "slow": True}))
        order.write("\n" + place.key)
    until(lambda: len(under_way(place)[1]) >= 2, "two batches are finished", 90)
    os.kill(dying.pid, signal.SIGKILL)
    dying.wait()
    alive.release()
    before, kept = Scripted(place.folder / "heard"), len(under_way(place)[1])
    assert story.state is RecordingState.STORED
    after = Scripted(place.folder / "again")
    with working(place, WindowTranscriber(after, 1)) as worker:
        worker.run_sweep("dead-workers")
        until(lambda: story.state is RecordingState.ATTACHED, "a living worker went on with it", 90)
    assert said(place, story) == undisturbed.segments
    assert [*before.batches[:kept], *after.batches] == undisturbed.batches
    assert under_way(place) == ([], [])


def test_a_failed_try_is_gone_on_with_and_what_was_finished_lies_sealed(
    place: Workplace, undisturbed: Undisturbed
) -> None:
    story, engine = long_call(place), interrupted(place, fails)
    story.write_down()
    assert (story.row().failure, len(engine.batches)) == (Failure.TRANSCRIPTION, 1)
    (row,), (part,) = under_way(place)
    assert (row.finished, row.language, row.model) == (1, "nl", "scripted")
    first = undisturbed.segments[0].text.encode()
    assert first not in part.sealed
    with closing(sqlite3.connect(place.folder / "contactcenter.db")) as database:
        mine = [line for line in database.iterdump() if "transcription" in line]
    assert not any(first.decode() in line for line in mine)
    engine.happens = lambda: None
    story.write_down()
    assert said(place, story) == undisturbed.segments
    assert engine.batches == undisturbed.batches
    assert under_way(place) == ([], [])


def test_another_model_or_a_part_that_was_altered_begins_anew(place: Workplace, undisturbed: Undisturbed) -> None:
    for change in ("model", "part"):
        story, engine = long_call(place), interrupted(place, fails)
        engine.notes = place.folder / change
        story.write_down()
        engine.happens = lambda: None
        if change == "model":
            engine.model = "larger"
        else:
            with place.db.writing() as session:
                part = session.exec(select(TranscriptionPart)).one()
                part.sealed = part.sealed[:-1] + bytes([part.sealed[-1] ^ 1])
        story.write_down()
        assert said(place, story) == undisturbed.segments
        assert engine.batches[1:] == undisturbed.batches


def test_an_objection_in_the_middle_ends_it_and_leaves_no_word(place: Workplace) -> None:
    story = long_call(place)

    def objects() -> None:
        with place.db.writing() as session:
            service.refuse(session, place.clock(), story.contact_id, NotRecorded.OBJECTED)

    engine = interrupted(place, objects)
    story.write_down()
    assert (story.state, len(engine.batches)) == (RecordingState.UNWANTED, 2)
    assert said(place, story) == []
    assert under_way(place) == ([], [])


def test_sound_that_was_changed_meanwhile_is_not_written_down_as_it_was(place: Workplace) -> None:
    story = long_call(place)

    def cut() -> None:
        with place.db.writing() as session:
            service.by_public_id(session, story.row().public_id).object_key = "0" * 32

    interrupted(place, cut)
    story.write_down()
    assert (story.state, said(place, story)) == (RecordingState.STORED, [])
    with place.db.reading() as session:
        recording = session.exec(select(Recording).where(Recording.sid == story.sid)).one()
        with pytest.raises(underway.Superseded):
            underway.standing(session, underway.Try(recording.public_id, recording.state, "other", "claim"))


def test_what_was_finished_of_a_passage_goes_when_it_is_cut_and_the_rest_is_written_down_without_it(
    place: Workplace, undisturbed: Undisturbed
) -> None:
    story, engine = long_call(place), interrupted(place, fails)
    story.write_down()
    (row,), (_,) = under_way(place)
    with place.db.writing() as session:
        recording = service.by_public_id(session, story.row().public_id)
        dirk = as_member(place.staff(session, "dirk"), place.clock())
        passage = Passage(0.0, undisturbed.segments[1].end)
        cuts.ask(session, place.clock(), place.jobs, dirk, recording, passage, CutReason.BYSTANDER)
    assert under_way(place)[1] == []
    engine.happens = lambda: None
    assert cutting.cut_out(place.db, place.vault, place.clock, place.jobs, story.row().public_id)
    assert place.pipeline.run(place.pipeline.write_down, story.row().public_id)
    assert story.row().object_key != row.object_key
    words = said(place, story)
    assert words
    assert min(one.start for one in words) >= passage.end - 0.5


def test_of_two_tries_at_one_recording_the_newer_one_goes_on_and_it_is_written_down_once(
    place: Workplace, undisturbed: Undisturbed
) -> None:
    story = long_call(place)
    second = replace(place.pipeline, transcriber=WindowTranscriber(Scripted(place.folder / "second"), 1))
    first = interrupted(place, lambda: second.write_down(story.row().public_id))
    story.write_down()
    assert len(first.batches) == 2
    assert Scripted(place.folder / "second").batches == undisturbed.batches[1:]
    assert said(place, story) == undisturbed.segments
    with place.db.reading() as session:
        assert len(session.exec(select(Transcript).where(Transcript.recording_sid == story.sid)).all()) == 1


def test_a_recording_whose_time_is_over_takes_what_was_finished_with_it(place: Workplace) -> None:
    story = long_call(place)
    interrupted(place, fails)
    story.write_down()
    assert under_way(place)[1]
    with place.db.writing() as session:
        recording = service.by_public_id(session, story.row().public_id)
        service.shred(session, place.clock() + timedelta(days=31), recording, RecordingState.DESTROYED)
    assert under_way(place) == ([], [])


def test_what_an_older_version_kept_in_another_shape_is_listened_to_again(place: Workplace) -> None:
    story, engine = long_call(place), interrupted(place, fails)

    def older(course: listening.KeptCourse, _: Sequence[Segment]) -> bytes:
        return course._drawer.close(b'[{"words": "older"}]', course._try.object_key)

    with pytest.MonkeyPatch.context() as version:
        version.setattr(listening.KeptCourse, "_sealed", older)
        story.write_down()
    engine.happens = lambda: None
    assert story.write_down().state is RecordingState.ATTACHED
    assert engine.batches.count(engine.batches[0]) == 2
