"""Joris Jansen rings while the database is full, locked or away, or the key is missing: he hears something sensible."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import event
from sqlmodel import select

from contactcenter.calls import webhooks
from contactcenter.calls.models import Call
from contactcenter.core.alerts import Alert
from contactcenter.core.inbox import InboxEvent
from contactcenter.recordings.models import Expected, Recording
from contactcenter.recordings.rules import NotRecorded
from tests.calls.carrier_stand_in import Carrier, carrier, new_sid, verbs

CARRIERS_PATIENCE = 15.0  # seconds, after which the carrier goes to the fallback address by itself


@pytest.fixture
def twilio(tmp_path: Path) -> Iterator[Carrier]:
    """A carrier that calls this installation."""
    with carrier(tmp_path) as made:
        yield made


def database(twilio: Carrier) -> Path:
    """Its file."""
    return Path(twilio.parts.settings.database_url.removeprefix("sqlite:///"))


def apology(answer: httpx2.Response) -> bool:
    """Whether the static document came."""
    return answer.content == webhooks.FALLBACK


def rings(twilio: Carrier) -> tuple[str, httpx2.Response]:
    """Somebody rings: the CallSid, and what he hears."""
    sid = new_sid("CA")
    return sid, twilio.post("/twilio/voice", CallSid=sid)


def known(twilio: Carrier, sid: str) -> tuple[bool, bool]:
    """Whether there is an event of this call, and a call: both or none."""
    with twilio.parts.db.reading() as session:
        noted = session.get(InboxEvent, f"{sid}:voice") is not None
        return noted, session.exec(select(Call.id).where(Call.sid == sid)).first() is not None


@contextmanager
def full(twilio: Carrier) -> Iterator[None]:
    """No page more fits into the database."""

    def limit(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute("PRAGMA max_page_count=1")  # SQLite takes what there is already as the least

    def room(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute("PRAGMA max_page_count=1073741823")

    engine = twilio.parts.db.engine
    event.listen(engine, "checkout", limit)
    yield
    event.remove(engine, "checkout", limit)
    event.listen(engine, "checkout", room)


@contextmanager
def locked(twilio: Carrier, seconds: float) -> Iterator[None]:
    """Somebody else holds the database's write lock for so long, whatever happens here."""
    taken = threading.Event()

    def hold() -> None:
        with closing(sqlite3.connect(database(twilio), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            taken.set()
            time.sleep(seconds)
            other.execute("ROLLBACK")

    holder = threading.Thread(target=hold)
    holder.start()
    taken.wait()
    yield
    holder.join()


def integrity(twilio: Carrier) -> str:
    """What SQLite says of its own file."""
    with closing(sqlite3.connect(database(twilio))) as looking:
        return str(looking.execute("PRAGMA integrity_check").fetchone()[0])


def test_with_a_full_disk_a_call_is_taken_whole_or_hears_an_apology(twilio: Carrier) -> None:
    with full(twilio):
        heard = dict(rings(twilio) for _ in range(40))
        assert {answer.status_code for answer in heard.values()} == {200}
        assert any(apology(answer) for answer in heard.values()), "it was never full"
    for sid, answer in heard.items():
        assert known(twilio, sid) == ((False, False) if apology(answer) else (True, True))
    sid, answer = rings(twilio)
    assert verbs(answer)[0] == "Gather", "with room again the notice is heard"
    assert known(twilio, sid) == (True, True)
    assert integrity(twilio) == "ok"


def test_with_a_full_disk_no_callback_is_acknowledged_that_was_not_kept(twilio: Carrier) -> None:
    sid, _ = rings(twilio)
    with full(twilio):
        answers = {recording: announced(twilio, sid, recording) for recording in (new_sid("RE") for _ in range(60))}
    refused = {recording for recording, answer in answers.items() if answer.status_code == 503}
    assert refused, "it was never full"
    assert all("database" in answers[recording].text for recording in refused)
    assert arrived(twilio) == answers.keys() - refused
    for recording in answers:
        assert announced(twilio, sid, recording).status_code == 204
    assert arrived(twilio) == answers.keys()
    assert integrity(twilio) == "ok"


def announced(twilio: Carrier, call: str, recording: str) -> httpx2.Response:
    """The carrier says that a recording is ready."""
    fields = {"RecordingSid": recording, "RecordingStatus": "completed", "RecordingDuration": "3"}
    return twilio.post("/twilio/recording", CallSid=call, **fields)


def arrived(twilio: Carrier) -> set[str]:
    """RecordingSids that we know."""
    with twilio.parts.db.reading() as session:
        return set(session.exec(select(Recording.sid)))


def test_with_a_database_that_can_not_be_opened_a_caller_hears_an_apology(twilio: Carrier) -> None:
    file = database(twilio)
    twilio.parts.db.engine.dispose()
    away = file.rename(file.with_name("away"))
    file.mkdir()
    for path in ("voice", "heard?attempt=1", "wait", "hold"):
        assert apology(twilio.post(f"/twilio/{path}")), path
    assert twilio.post("/twilio/status", CallStatus="completed").status_code == 503
    twilio.parts.db.engine.dispose()
    file.rmdir()
    away.rename(file)
    assert verbs(rings(twilio)[1])[0] == "Gather"


@pytest.mark.parametrize("seconds", [1.5, pytest.param(10.0, marks=pytest.mark.prove)])
def test_calls_wait_for_a_locked_database_and_none_is_lost_or_doubled(twilio: Carrier, seconds: float) -> None:
    began = time.monotonic()
    with locked(twilio, seconds), ThreadPoolExecutor(60) as callers:
        heard = dict(callers.map(lambda _: rings(twilio), range(60)))
        took = time.monotonic() - began
    assert {answer.status_code for answer in heard.values()} == {200}
    assert took < CARRIERS_PATIENCE + seconds
    assert all(known(twilio, sid) == (True, True) for sid in heard)
    assert twilio.rows(Call) == len(heard)
    assert not any(apology(answer) for answer in heard.values())


def test_who_would_wait_longer_than_the_carrier_does_hears_an_apology_before(
    twilio: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert webhooks.ANSWER_SECONDS < CARRIERS_PATIENCE
    monkeypatch.setattr(webhooks, "ANSWER_SECONDS", 0.3)
    with locked(twilio, 2.0):
        began = time.monotonic()
        assert apology(rings(twilio)[1])
        assert time.monotonic() - began < 2.0, "it waited for the lock"
    monkeypatch.undo()
    assert verbs(rings(twilio)[1])[0] == "Gather"


def test_without_a_master_key_calls_are_answered_and_nothing_is_recorded(tmp_path: Path) -> None:
    with carrier(tmp_path, master_key=None) as twilio:
        first = twilio.post("/twilio/voice")
        assert "/notice-unrecorded." in first.text
        conference = twilio.post("/twilio/heard?attempt=1")
        assert 'record="do-not-record"' in conference.text
        answer = announced(twilio, twilio.sid, new_sid("RE"))
        assert answer.status_code == 204, "somebody switched recording on at the carrier"
        with twilio.parts.db.reading() as session:
            assert session.exec(select(Expected)).one().reason is NotRecorded.NO_KEY
            kept = session.exec(select(Recording)).one()
            assert (kept.object_key, kept.state.value) == (None, "unwanted")
            assert {"no-master-key", "recording-unwanted"} <= set(session.exec(select(Alert.kind)))
        assert not (tmp_path / "vault").exists()
