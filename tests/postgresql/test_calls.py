"""The whole flow of a call on PostgreSQL: webhooks in, the same documents and the same rows as on SQLite."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlmodel import select

from contactcenter.calls.models import Call, Line, NoticePlay
from contactcenter.calls.rules import CallState, Ending
from contactcenter.contacts.models import KeyedNumber
from contactcenter.contacts.rules import ContactState
from contactcenter.customers import importing
from contactcenter.customers.rules import MatchKind
from contactcenter.recordings.models import Recording
from contactcenter.recordings.rules import RecordingState
from contactcenter.staff import service as staff
from contactcenter.staff.rules import Role
from tests.calls.carrier_stand_in import Carrier, carrier, new_sid, verbs
from tests.calls.test_any_order import NOON, Moving, answered, call_of, contact_of, events, queued, send

ROOT = Path(__file__).parents[2]


@pytest.fixture
def twilio(tmp_path: Path, url: str) -> Iterator[Carrier]:
    """The product on PostgreSQL, with Anna at her desk and the demo's customers."""
    with carrier(tmp_path, clock=Moving(), database_url=url) as opened:
        with opened.parts.db.writing() as session:
            staff.add(session, NOON, login="anna", name="Anna", role=Role.AGENT, password="a-long-password")
        importing.import_file(opened.parts.db, ROOT / "contactcenter" / "demo" / "customers.jsonl", now=NOON)
        yield opened


def test_a_call_from_ring_to_recording(twilio: Carrier) -> None:
    leg = answered(twilio)
    assert verbs(twilio.post("/twilio/wait")) == ["Play"], "music: somebody is on the way"
    told = events(twilio, leg)
    for event in told[:2]:
        send(twilio, event)
    assert (call_of(twilio).state, call_of(twilio).match) == (CallState.CONNECTED, MatchKind.ONE)
    for event in told[2:]:
        send(twilio, event)
    assert contact_of(twilio).state is ContactState.WRAP_UP
    recording = {"RecordingSid": new_sid("RE"), "ConferenceSid": told[0]["ConferenceSid"], "RecordingDuration": "61"}
    for _ in range(2):
        answer = twilio.post("/twilio/recording", **recording, RecordingStatus="completed", RecordingChannels="2")
        assert answer.status_code == 204
    with twilio.parts.db.reading() as session:
        row = session.exec(select(Recording)).one()
        plays = session.exec(select(NoticePlay)).all()
    assert row.state is RecordingState.ARRIVED
    assert [(play.language, play.whole) for play in plays] == [("nl", True)]


def test_whose_relation_number_was_keyed_in_is_kept_if_it_is_anybodys(twilio: Carrier) -> None:
    with twilio.parts.db.writing() as session:
        session.execute(update(Line).values(asks_relation_number=True))
    for digits, kept in (("99999", 0), ("10101", 1)):
        twilio.sid = new_sid("CA")
        twilio.post("/twilio/voice")
        assert verbs(twilio.post("/twilio/heard?attempt=1")) == ["Gather", "Redirect"]
        for _ in range(2):
            assert verbs(twilio.post("/twilio/keyed", Digits=digits)) == ["Dial"]
        assert twilio.rows(KeyedNumber) == kept


def test_who_waits_hears_their_place_and_then_music(twilio: Carrier) -> None:
    queued(twilio)
    assert verbs(twilio.post("/twilio/wait")) == ["Play", "Play"]


def test_another_language_is_chosen_and_an_objection_kept(twilio: Carrier) -> None:
    twilio.post("/twilio/voice")
    assert verbs(twilio.post("/twilio/key?attempt=1", Digits="2")) == ["Gather", "Redirect"]
    answer = twilio.post("/twilio/key?attempt=2", Digits="9")
    assert verbs(answer) == ["Play", "Dial"]
    assert "do-not-record" in answer.text
    call = call_of(twilio)
    assert (call.state, call.language) == (CallState.WAITING, "en")
    assert call.objected_at is not None


def test_callbacks_in_other_orders_end_in_the_same_state(twilio: Carrier) -> None:
    for order in itertools.islice(itertools.permutations(range(5)), 3, 120, 13):
        leg = answered(twilio)
        told = events(twilio, leg)
        for number in [*order, *order]:
            send(twilio, told[number])
        call = call_of(twilio)
        assert (call.state, call.ending) == (CallState.ENDED, Ending.ANSWERED), order
        assert contact_of(twilio).state is ContactState.WRAP_UP, order


def test_a_call_that_nobody_answers_is_missed(twilio: Carrier) -> None:
    queued(twilio)
    twilio.post("/twilio/status", CallStatus="completed", SequenceNumber="2")
    assert (call_of(twilio).ending, contact_of(twilio).state) == (Ending.MISSED, ContactState.MISSED)
    assert twilio.rows(Call) == 1
