"""Two web and two worker processes over one database: no double answer, no double work, and a dead worker's is done."""

import itertools
import os
import signal
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlmodel import col, func, select

from contactcenter.calls import lines
from contactcenter.calls.models import Call
from contactcenter.calls.rules import CallState, Ending
from contactcenter.compose import migrated as migrate
from contactcenter.contacts.models import Contact, Handling
from contactcenter.core.audit import Action, AuditEntry
from contactcenter.core.clock import system_clock
from contactcenter.core.keys import MasterKey
from contactcenter.notes.models import Transcript
from contactcenter.recordings.models import Recording
from contactcenter.recordings.rules import CarrierCopy, RecordingState
from contactcenter.recordings.vault import Vault
from contactcenter.settings import load
from contactcenter.simulator import Simulator
from contactcenter.staff import service as staff
from contactcenter.staff.models import Staff
from contactcenter.staff.rules import Role
from tests.calls.carrier_stand_in import LINE, new_sid
from tests.patience import until
from tests.postgresql.several import Several, at_once, settings_of, several, sign_in, watching
from tools.postgresql import restart

Record = Callable[[str, object], None]
AGENTS = [f"agent{number}" for number in range(8)]


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path, carrier_running: tuple[str, Simulator]) -> Iterator[Several]:
    """A desk of eight, on PostgreSQL unless the story asks for SQLite; no process runs yet."""
    on_sqlite = getattr(request, "param", "postgresql") == "sqlite"
    url = f"sqlite:///{tmp_path / 'contactcenter.db'}" if on_sqlite else request.getfixturevalue("url")
    settings = settings_of(tmp_path, url, carrier_running[0])
    migrate(load(**settings)).close()
    with several(tmp_path, settings, carrier_running[1]) as opened:
        with opened.db.writing() as session:
            lines.add(session, LINE, name="Helpdesk", team="Support", language="nl", second_language="en")
            hired = [
                staff.add(session, system_clock(), login=login, name=login, role=Role.AGENT, password="a-long-password")
                for login in AGENTS
            ]
        sign_in(opened.db, hired)
        yield opened


def ringing(place: Several, how_many: int) -> list[Call]:
    """So many people ring and hear the notice; every webhook comes to all web sides at once."""
    sids = [new_sid("CA") for _ in range(how_many)]
    for sid in sids:
        place.to_all("/twilio/voice", CallSid=sid)
        place.to_all("/twilio/heard?attempt=1", CallSid=sid)
    return calls(place, sids)


def calls(place: Several, sids: list[str]) -> list[Call]:
    """These calls as the database has them now."""
    with place.db.reading() as session:
        return list(session.exec(select(Call).where(col(Call.sid).in_(sids)).order_by(col(Call.id))))


def everybody_answers(place: Several, waiting: list[Call]) -> list[int]:
    """All agents press the key of all calls at the same moment, through both web sides."""
    webs = itertools.cycle(place.webs)
    pairs = itertools.product(AGENTS, waiting)
    return at_once([partial(place.press, next(webs), who, f"/calls/{call.public_id}/answer") for who, call in pairs])


def talk_and_hang_up(place: Several, call: Call) -> None:
    """The agent who has the call joins and leaves, and it was recorded; all web sides hear of everything at once."""
    leg, room, agent = new_sid("CA"), new_sid("CF"), call.claimed_by
    place.to_all("/twilio/agent", CallSid=leg, From=f"client:agent_{agent}", To="", call=call.public_id)
    told = [("join", call.sid), ("join", leg), ("leave", leg), ("leave", call.sid)]
    for number, (what, sid) in enumerate(told):
        event = {"StatusCallbackEvent": f"participant-{what}", "SequenceNumber": str(number), "CallSid": sid}
        place.to_all("/twilio/conference", ConferenceSid=room, FriendlyName=call.public_id, **event)
    about = {"RecordingSid": place.record(call.sid, room), "RecordingStatus": "completed", "RecordingDuration": "3"}
    place.to_all(f"/twilio/recording?call={call.sid}", ConferenceSid=room, **about)
    place.to_all("/twilio/status", CallSid=call.sid, CallStatus="completed")


def recordings(place: Several) -> list[Recording]:
    """All recordings as the database has them now."""
    with place.db.reading() as session:
        return list(session.exec(select(Recording)))


def all_attached(place: Several, how_many: int) -> bool:
    """Whether so many recordings are kept and written down, and the carrier's copies gone."""
    states = [(one.state, one.carrier_copy) for one in recordings(place)]
    return states == [(RecordingState.ATTACHED, CarrierCopy.DELETED)] * how_many


def told_once(place: Several, action: Action) -> int:
    """How often this stands in the audit trail."""
    with place.db.reading() as session:
        return session.exec(select(func.count()).where(col(AuditEntry.action) == action)).one()


def nothing_is_double(place: Several, rung: list[Call]) -> None:
    """One contact, one handling, one recording, one transcript, one timer, one object for each call."""
    with place.db.reading() as session:
        ended = session.exec(select(Call)).all()
        handlings = session.exec(select(Handling)).all()
        transcripts = session.exec(select(Transcript.recording_sid)).all()
        assert session.exec(select(func.count()).select_from(Contact)).one() == len(rung)
    assert {(one.state, one.ending) for one in ended} == {(CallState.ENDED, Ending.ANSWERED)}
    assert sorted((one.contact_id, one.staff_id) for one in handlings) == sorted(
        (one.contact_id, one.claimed_by) for one in ended
    )
    assert sorted(transcripts) == sorted(one.sid for one in recordings(place))
    assert len({one.contact_id for one in recordings(place)}) == len(recordings(place)) == len(rung)
    assert all(one.retain_until is not None for one in recordings(place))
    vault = Vault(place.settings["vault_url"], MasterKey.parse(place.settings["master_key"]))
    assert sorted(one.key for one in vault.list()) == sorted(one.object_key or "" for one in recordings(place))
    for action in (Action.CALL_QUEUED, Action.CALL_CLAIMED, Action.CALL_ENDED, Action.RECORDING_STORED):
        assert told_once(place, action) == len(rung), action


@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("at_a_time", "rounds"),
    [pytest.param(5, 1, id="five calls"), pytest.param(8, 25, marks=pytest.mark.prove, id="two hundred calls")],
)
def test_two_web_and_two_worker_processes_do_everything_once(
    place: Several, at_a_time: int, rounds: int, record_property: Record
) -> None:
    for name in ("first", "second"):
        place.open_worker(name)
    for _ in range(2):
        place.open_web()
    rung: list[Call] = []
    for _ in range(rounds):
        waiting = ringing(place, at_a_time)
        assert len(waiting) == at_a_time
        answers = everybody_answers(place, waiting)
        assert set(answers) <= {204, 409}
        taken = calls(place, [call.sid for call in waiting])
        assert {call.state for call in taken} == {CallState.CLAIMED}
        assert len({call.claimed_by for call in taken}) == at_a_time, "somebody has two calls"
        assert answers.count(204) == at_a_time, "two were told that they have the same call"
        for call in taken:
            talk_and_hang_up(place, call)
        rung += waiting
    until(lambda: all_attached(place, len(rung)), "all are kept and written down", 60 + len(rung))
    nothing_is_double(place, rung)
    work = [place.written_by(name) for name in ("first", "second")]
    assert sum(work) == len(rung)
    record_property("calls", len(rung))
    record_property("presses of the key to answer", rounds * at_a_time * len(AGENTS))
    record_property("written down by each worker", work)


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("times", [1, pytest.param(10, marks=pytest.mark.prove)])
def test_the_work_of_a_killed_worker_is_done_by_the_other(place: Several, times: int, record_property: Record) -> None:
    place.open_web()
    waits = []
    for number in range(times):
        dying = place.open_worker(f"dying{number}", seconds=60)
        (call,) = ringing(place, 1)
        everybody_answers(place, [call])
        talk_and_hang_up(place, calls(place, [call.sid])[0])
        until(partial(place.written_by, f"dying{number}"), "it writes", 60)
        other = place.open_worker(f"other{number}")
        os.kill(dying.pid, signal.SIGKILL)
        dying.wait()
        began = time.monotonic()
        until(partial(all_attached, place, number + 1), "the other did what was left", 60)
        waits.append(time.monotonic() - began)
        assert place.written_by(f"other{number}") == 1
        other.terminate()
        other.wait(20)
    with place.db.reading() as session:
        rung = list(session.exec(select(Call)))
    nothing_is_double(place, rung)
    record_property("times killed", times)
    record_property("seconds until taken over, at most", round(max(waits), 1))


@pytest.mark.parametrize("place", ["postgresql", "sqlite"], indirect=True)
def test_a_call_that_one_process_hears_of_is_at_the_desk_that_another_serves(
    place: Several, record_property: Record
) -> None:
    here, there = place.open_web(), place.open_web()
    waits = []
    with watching(here, "agent0") as desk:
        for _ in range(7):
            sid = new_sid("CA")
            place.post(there, "/twilio/voice", CallSid=sid)
            began = time.monotonic()
            place.post(there, "/twilio/heard?attempt=1", CallSid=sid)
            (call,) = calls(place, [sid])
            waits.append(desk.wait_for(call.public_id) - began)
    assert statistics.median(waits) < 1.0, waits  # never a matter of the browser's asking again
    record_property(
        "milliseconds, webhook to the other process's stream (median)", round(statistics.median(waits) * 1000)
    )


def test_all_processes_go_on_when_the_database_restarts(place: Several) -> None:
    place.open_worker("worker")
    web = place.open_web()
    until(lambda: place.is_ready("worker"), "the worker works", 60)
    with watching(web, "agent0") as desk:
        restart(place.settings["database_url"])
        until(lambda: web.get("/readyz").status_code == 200, "the web side has its database again", 30)
        (call,) = ringing(place, 1)
        desk.wait_for(call.public_id)
        everybody_answers(place, [call])
        talk_and_hang_up(place, calls(place, [call.sid])[0])
        until(lambda: all_attached(place, 1), "the worker has its database again", 60)
    with place.db.reading() as session:
        assert session.exec(select(func.count()).select_from(Staff)).one() == len(AGENTS)
    nothing_is_double(place, [call])
