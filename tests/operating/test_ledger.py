"""The ledger is there before anything is destroyed, and every start does again what a database forgot (P17)."""

import json
import shutil
from pathlib import Path

import pytest
from sqlmodel import select

from contactcenter.compose import migrated as started
from contactcenter.core.db import Database
from contactcenter.core.ledger import Ledger, LedgerUnavailable
from contactcenter.notes.models import Transcript
from contactcenter.recordings import destroyed, service
from contactcenter.recordings.models import Certificate, Recording
from contactcenter.recordings.rules import GONE, CarrierCopy, NotRecorded, RecordingState
from tests.operating.destruction import destroy_in_every_way
from tests.recordings.workplace import SAID, Story, Workplace, hold


def kept_aside(place: Workplace) -> Path:
    """The database's file as it is now, by whatever means an operator has of copying it."""
    assert place.db.clear_log()
    return Path(shutil.copy(place.folder / "contactcenter.db", place.folder / "aside"))


def put_back(place: Workplace, aside: Path) -> Database:
    """An operator restores by hand, and starts; the database after that."""
    place.db.close()
    for path in place.folder.glob("contactcenter.db-*"):
        path.unlink()
    shutil.copy(aside, place.folder / "contactcenter.db")
    return started(place.settings)


def row(db: Database, story: Story) -> Recording:
    """A recording as this database has it."""
    with db.reading() as session:
        found = service.recording_by_sid(session, story.sid)
        assert found is not None
        return found


def objected(place: Workplace, story: Story) -> None:
    """Joris objects after all."""
    with place.db.writing() as session:
        service.refuse(session, place.clock(), story.contact_id, NotRecorded.OBJECTED)


def ledger_of(place: Workplace) -> Ledger:
    """The file beside the database."""
    return Ledger(place.folder / "contactcenter.db.destroyed")


def test_a_database_that_was_put_back_by_hand_forgets_again_when_it_starts(place: Workplace) -> None:
    started(place.settings).close()
    stories = [place.call().done() for _ in range(3)]
    aside = kept_aside(place)
    destroy_in_every_way(place, stories)
    db = put_back(place, aside)
    for story in stories:
        found = row(db, story)
        assert found.state in GONE
        assert (found.wrapped_key, found.peaks, found.sha256) == (None, None, None)
    with db.reading() as session:
        assert session.exec(select(Transcript)).first() is None
        assert len(session.exec(select(Certificate)).all()) == 1
    written = [line["what"] for line in ledger_of(place).lines()]
    assert sorted(written) == ["begun", "destroyed", "destroyed", "destroyed", "refused", "refused"]
    assert destroyed.again(db, place.clock()) == 0
    db.close()


def test_a_recording_that_came_and_went_after_the_backup_is_never_fetched_again(place: Workplace) -> None:
    story = place.call().record()
    aside = kept_aside(place)
    story.arrive().keep()
    objected(place, story)
    place.db = put_back(place, aside)
    found = row(place.db, story)
    assert (found.state, found.carrier_copy) == (RecordingState.UNWANTED, CarrierCopy.PRESENT)
    story.arrive()  # the carrier calls back late
    with place.db.reading() as session:
        assert len(session.exec(select(Recording)).all()) == 1
        expected = service.expected_of(session, story.contact_id)
        assert expected is not None
        assert (expected.allowed, expected.reason) == (False, NotRecorded.OBJECTED)


def test_an_objection_holds_for_what_arrives_after_the_restore(place: Workplace) -> None:
    story = place.call().record()
    aside = kept_aside(place)
    objected(place, story)
    place.db = put_back(place, aside)
    story.arrive()
    assert row(place.db, story).state is RecordingState.UNWANTED


def test_nothing_is_destroyed_that_could_not_be_written_down(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    story = place.call().done()

    def full(_ledger: Ledger, _lines: object, _known: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Ledger, "_append", full)
    with pytest.raises(LedgerUnavailable, match="No space left on device"):
        objected(place, story)
    found = row(place.db, story)
    assert found.wrapped_key is not None
    assert found.state is RecordingState.ATTACHED


def test_a_line_whose_transaction_never_was_yields_to_a_hold_that_came_since(place: Workplace) -> None:
    held, forgotten = place.call().done(), place.call().done()
    started(place.settings).close()
    for story in (held, forgotten):  # written down, and then the power failed
        with place.db.reading() as session:
            recording = service.recording_by_sid(session, story.sid)
            assert recording is not None
            service.shred(session, place.clock(), recording, RecordingState.DESTROYED)
            assert place.db.ledger is not None
            place.db.ledger.keep(session)
    place.clock.travel(minutes=1)
    hold(place, held)
    assert destroyed.again(place.db, place.clock()) == 1
    assert held.row().wrapped_key is not None
    assert forgotten.row().wrapped_key is None


def test_a_ledger_that_is_gone_stops_the_start_until_somebody_says_that_it_is_lost(place: Workplace) -> None:
    story = place.call().done()
    started(place.settings).close()
    objected(place, story)
    ledger_of(place).path.unlink()
    with pytest.raises(destroyed.LedgerMissing, match="new-ledger"):
        started(place.settings)
    started(place.settings, new_ledger=True).close()
    assert [line["what"] for line in ledger_of(place).lines()] == ["begun", "destroyed"]


def test_half_a_line_is_passed_over_and_the_next_one_is_whole(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger")
    ledger.add([{"at": "2026-11-02T11:00:00+00:00", "what": "begun"}], {})
    with ledger.path.open("a") as file:
        file.write('{"at":"2026-11-02T12:00:00+00:00","wh')
    ledger.add([{"at": "2026-11-02T13:00:00+00:00", "what": "begun"}], {})
    assert [line["at"][11:13] for line in ledger.lines()] == ["11", "13"]
    assert ledger.path.stat().st_mode & 0o777 == 0o600


def test_the_ledger_holds_ids_and_words_of_a_vocabulary_only(place: Workplace) -> None:
    destroy_in_every_way(place, [place.call().done() for _ in range(3)])
    text = ledger_of(place).path.read_text()
    assert SAID not in text
    known = {"of", "n", "prev", "at", "what", "recording", "sid", "contact", "object", "state", "reason"}
    assert {key for line in text.splitlines() for key in json.loads(line)} == known
