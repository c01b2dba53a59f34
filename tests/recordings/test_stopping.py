"""Whoever handled a call sees how far it is written down, stops that and lets it go on."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from contactcenter.core.alerts import AlertKind
from contactcenter.core.audit import Action, AuditEntry
from contactcenter.recordings import listening, reconciliation, service, underway
from contactcenter.recordings.audio import Samples
from contactcenter.recordings.engine import Heard
from contactcenter.recordings.models import Recording
from contactcenter.recordings.rules import RecordingState
from contactcenter.recordings.transcription import WindowTranscriber
from tests.patience import until
from tests.recordings.cutting import Visitor
from tests.recordings.scripted import Scripted, long_talk
from tests.recordings.test_playback import visitor
from tests.recordings.workplace import Story, Workplace, working

__all__ = ["visitor"]

TALK = long_talk(2)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that is finished is kept at once, and stops are seen soon."""
    monkeypatch.setattr(listening, "KEEP_EVERY", 0.0)
    monkeypatch.setattr(listening, "LOOK_EVERY", 0.02)


class Held(Scripted):
    """Waits with its second batch until it may go on."""

    may: threading.Event

    def listen(self, sounds: Sequence[Samples], language: str, temperature: float = 0.0) -> list[Heard]:
        """Listen, as soon as it may."""
        if self.batches:
            assert self.may.wait(60)
        return super().listen(sounds, language, temperature)


def percent(place: Workplace, story: Story) -> int:
    """How far the words are."""
    with place.db.reading() as session:
        recording = session.exec(select(Recording).where(Recording.sid == story.sid)).one()
        row = underway.of(session, recording.id)
        return row.finished * 100 // row.windows if row and row.windows else 0


def test_anna_stops_a_long_transcription_others_go_first_and_it_goes_on_to_its_end(
    place: Workplace, visitor: Visitor
) -> None:
    anna, story = visitor("anna"), place.call().record(sound=TALK).arrive(seconds=None)
    engine = Held(place.folder / "heard")
    engine.may = threading.Event()
    with working(place, WindowTranscriber(engine, 1)):
        until(lambda: percent(place, story) > 0, "some of it is finished", 60)
        page = anna.get(f"/contacts/{story.contact}").text
        assert 'id="written"' in page
        assert anna.post(f"/contacts/{story.contact}/transcription/stop").status_code == 303
        assert anna.post(f"/contacts/{story.contact}/transcription/stop").status_code == 303
        engine.may.set()
        other = place.call().record().arrive()
        until(lambda: other.state is RecordingState.ATTACHED, "the next one is written down", 60)
        reached = percent(place, story)
        assert (story.state, story.row().failure) == (RecordingState.STORED, None)
        page = anna.get(f"/contacts/{story.contact}").text
        assert f"written down for {reached} %" in page
        assert not any(word in page for line in engine.batches for word in line.split() if len(word) > 4)
        assert anna.post(f"/contacts/{story.contact}/transcription/go-on").status_code == 303
        until(lambda: story.state is RecordingState.ATTACHED, "it is written down", 60)
    assert engine.batches.count(engine.batches[0]) == 1
    assert 'id="written"' not in anna.get(f"/contacts/{story.contact}").text
    assert anna.post(f"/contacts/{story.contact}/transcription/stop").status_code == 409
    with place.db.reading() as session:
        acts = session.exec(select(AuditEntry.action).where(AuditEntry.subject == story.row().public_id)).all()
    assert acts.count(Action.TRANSCRIPTION_STOPPED) == acts.count(Action.TRANSCRIPTION_GONE_ON) == 1


def test_who_did_not_handle_the_call_finds_nothing_to_stop_and_a_supervisor_of_the_team_does(
    place: Workplace, visitor: Visitor
) -> None:
    story = place.call().record(sound=TALK).arrive(seconds=None).keep()
    for name in ("bram", "carla", "eva"):
        assert visitor(name).post(f"/contacts/{story.contact}/transcription/stop").status_code == 404
    assert "transcription/stop" not in visitor("bram").get(f"/contacts/{story.contact}").text
    assert visitor("dirk").post(f"/contacts/{story.contact}/transcription/stop").status_code == 303
    engine = Scripted(place.folder / "heard")
    place.pipeline = replace(place.pipeline, transcriber=WindowTranscriber(engine, 1))
    assert (story.write_down().state, engine.batches) == (RecordingState.STORED, [])


def test_what_rests_is_not_taken_for_stuck(place: Workplace, visitor: Visitor) -> None:
    story = place.call().record(sound=TALK).arrive(seconds=None).keep()
    assert visitor("anna").post(f"/contacts/{story.contact}/transcription/stop").status_code == 303
    place.clock.travel(hours=23)
    place.jobs.purge(place.clock() + timedelta(days=9))
    found = reconciliation.reconcile(place.db, place.carrier, place.jobs, place.clock())
    assert found.revived == 0
    assert AlertKind.RECORDING_STUCK not in [kind for kind, _ in place.alerts()]


def test_nobody_lets_a_call_rest_for_longer_than_a_day(place: Workplace, visitor: Visitor) -> None:
    anna, story = visitor("anna"), place.call().record(sound=TALK).arrive(seconds=None).keep()
    assert anna.post(f"/contacts/{story.contact}/transcription/stop").status_code == 303
    assert "goes on by itself" in anna.get(f"/contacts/{story.contact}").text
    place.clock.travel(hours=25)
    reconciliation.reconcile(place.db, place.carrier, place.jobs, place.clock())
    anna = visitor("anna")
    assert anna.post(f"/contacts/{story.contact}/transcription/stop").status_code == 409
    assert "transcription/stop" not in anna.get(f"/contacts/{story.contact}").text
    place.pipeline = replace(place.pipeline, transcriber=WindowTranscriber(Scripted(place.folder / "heard"), 1))
    assert story.write_down().state is not RecordingState.STORED
    with place.db.reading() as session:
        trail = session.exec(select(AuditEntry.actor).where(AuditEntry.action == Action.TRANSCRIPTION_GONE_ON)).all()
    assert trail == [service.WORKER]
