"""A caller's objection holds at once, also without a ledger to write in; the rest is done later (P01, P17)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from contactcenter.compose import migrated as started
from contactcenter.contacts.models import Contact
from contactcenter.core.errors import NotFound
from contactcenter.core.ledger import LedgerUnavailable
from contactcenter.recordings import playback, refusals, service
from contactcenter.recordings.rules import NotRecorded, RecordingState
from contactcenter.staff.access import as_member
from contactcenter.verification.rules import Purpose
from contactcenter.worker import Worker
from tests.calls.carrier_stand_in import carrier as calling
from tests.calls.carrier_stand_in import verbs
from tests.recordings.workplace import Story, Workplace


@contextmanager
def unwritable(ledger: Path) -> Iterator[None]:
    """The ledger is away, and something else stands in its place."""
    aside = ledger.rename(ledger.with_suffix(".aside"))
    ledger.mkdir()
    yield
    ledger.rmdir()
    aside.rename(ledger)


def objects(place: Workplace, story: Story) -> None:
    """Joris says so."""
    with place.db.writing() as session:
        refusals.objected(session, place.clock(), story.contact_id, NotRecorded.OBJECTED)


def swept(place: Workplace, name: str) -> None:
    """One sweep of the worker."""
    worker = Worker(place.parts, place.scribe)
    worker.jobs.close()
    worker.run_sweep(name)


def test_an_objection_holds_without_the_ledger_and_is_carried_out_with_it(place: Workplace) -> None:
    started(place.settings).close()
    story = place.call().done()
    with place.db.writing() as session:
        dirk = as_member(place.staff(session, "dirk"), place.clock())
        contact = session.get_one(Contact, story.contact_id)
        grant = playback.open_contact(session, place.clock(), dirk, contact, Purpose.TRAINING).playback
        assert grant is not None
        heard = grant.public_id
    with unwritable(place.settings.ledger_file):
        objects(place, story)
        swept(place, "remnants")
        with place.db.reading() as session:
            assert not service.is_allowed(session, story.contact_id)
            with pytest.raises(NotFound):
                playback.sound(session, place.clock(), dirk, heard)
        assert story.row().wrapped_key is not None
        assert [kind for kind, _ in place.alerts()] == ["ledger-unwritable"]
    swept(place, "remnants")
    assert (story.state, story.row().wrapped_key) == (RecordingState.UNWANTED, None)
    assert place.db.ledger is not None
    written = [line["what"] for line in place.db.ledger.lines()]
    assert written == ["begun", "refused", "destroyed"]
    swept(place, "remnants")
    assert [line["what"] for line in place.db.ledger.lines()] == written


def test_what_comes_of_an_objection_without_the_ledger_is_never_fetched(place: Workplace) -> None:
    started(place.settings).close()
    story = place.call().record()
    with unwritable(place.settings.ledger_file):
        objects(place, story)
        with pytest.raises(LedgerUnavailable):
            story.arrive()
    story.arrive()
    assert story.state is RecordingState.UNWANTED


def test_with_the_ledger_an_objection_is_carried_out_at_once(place: Workplace) -> None:
    started(place.settings).close()
    story = place.call().done()
    objects(place, story)
    assert (story.state, story.row().wrapped_key) == (RecordingState.UNWANTED, None)
    assert place.alerts() == []


def test_a_sweep_that_may_destroy_nothing_leaves_an_alert(place: Workplace) -> None:
    started(place.settings).close()
    story = place.call().done()
    place.clock.travel(days=31)
    with unwritable(place.settings.ledger_file):
        with pytest.raises(LedgerUnavailable):
            swept(place, "retention")
        assert "ledger-unwritable" in [kind for kind, _ in place.alerts()]
    assert story.row().wrapped_key is not None


def test_who_presses_9_without_the_ledger_goes_on_as_with_it(tmp_path: Path) -> None:
    with calling(tmp_path) as twilio:
        twilio.post("/twilio/voice")
        with unwritable(twilio.parts.settings.ledger_file):
            answer = twilio.post("/twilio/key?attempt=1", Digits="9")
        assert answer.status_code == 200
        assert "Enqueue" in verbs(answer) or "Dial" in verbs(answer)
