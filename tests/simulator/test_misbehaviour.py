"""Callbacks that come late, doubled, mixed up or never, and a REST API with a bad day."""

import pytest
from starlette.responses import Response
from twilio.base.exceptions import TwilioException

from tests.patience import until
from tests.simulator.desk import ACCOUNT, TOKEN, Desk, tone


def _talk(desk: Desk) -> str:
    sid = desk.ring(audio=desk.upload(tone(400, 10), tone(1000, 10)), hangup="after-audio")
    until(lambda: desk.call(sid)["conference"], "conference")
    with desk.softphone() as anna:
        anna.state("closed")
    desk.ended(sid)
    return sid


def _wish(desk: Desk, **callbacks: object) -> None:
    assert desk.http.post("/simulator/misbehaviour", json={"callbacks": callbacks}).status_code == 200


def test_callbacks_come_in_another_order(desk: Desk) -> None:
    _wish(desk, shuffle=True)
    _talk(desk)
    until(lambda: len(desk.product.of("conference")) == 6, "conference events")
    numbers = desk.product.statuses("conference", "SequenceNumber")
    assert sorted(numbers) == [str(number) for number in range(1, 7)]
    assert numbers != sorted(numbers)


def test_callbacks_come_twice_with_the_same_sequence_number(desk: Desk) -> None:
    _wish(desk, double=["completed", "conference-start"])
    sid = _talk(desk)
    both = until(lambda: desk.product.of("status")[3:] and desk.product.of("status"), "four callbacks")
    assert [one["SequenceNumber"] for one in both if one["CallSid"] == sid] == ["0", "0"]
    assert desk.product.statuses("conference", "StatusCallbackEvent").count("conference-start") == 2


def test_a_callback_gets_lost_and_rest_still_knows(desk: Desk) -> None:
    _wish(desk, lose=["recording-completed"])
    _talk(desk)
    until(lambda: [one.status for one in desk.sdk.recordings.list()] == ["completed"], "recording")
    desk.product.await_("status", CallStatus="completed")
    assert desk.product.statuses("recording", "RecordingStatus") == ["in-progress"]


def test_a_callback_comes_late(desk: Desk) -> None:
    _wish(desk, delay={"recording-in-progress": 1.5})
    _talk(desk)
    late = desk.product.await_("recording", RecordingStatus="in-progress")
    assert late.at > desk.product.await_("status", CallStatus="completed").at


def test_a_callback_that_the_product_refuses_is_not_sent_again(desk: Desk) -> None:
    desk.product.answers["status"] = lambda: Response("", 500)
    desk.ended(desk.ring(hangup=0.1))
    sent = until(lambda: desk.http.get("/simulator/deliveries").json()["deliveries"], "delivery")
    assert [(one["event"], one["delivered"]) for one in sent] == [("completed", False)]
    assert len(desk.product.of("status")) == 1


def test_rest_says_no_as_often_as_asked_and_then_yes(desk: Desk) -> None:
    desk.http.post("/simulator/misbehaviour", json={"rest": {"status": 429, "times": 1, "retry_after": 3}})
    path = f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
    busy = desk.http.get(path, auth=(ACCOUNT, TOKEN))
    assert (busy.status_code, busy.headers["retry-after"], busy.json()["code"]) == (429, "3", 20429)
    desk.http.post("/simulator/misbehaviour", json={"rest": {"status": 500, "match": "Conferences"}})
    assert desk.sdk.calls.list() == []
    with pytest.raises(TwilioException, match="500"):
        desk.sdk.conferences.list()
    assert desk.sdk.conferences.list() == []


@pytest.mark.parametrize("body", ["[" * 100_000, '{"number": "+31600000001", "after": "soon"}', "nonsense"])
def test_a_wish_that_makes_no_sense_is_answered_with_a_sentence(desk: Desk, body: str) -> None:
    answer = desk.http.post("/simulator/telephones", content=body)
    assert answer.status_code == 422
    assert answer.json()["error"]


def test_misbehaviour_can_be_switched_off(desk: Desk) -> None:
    _wish(desk, lose=["*"])
    assert desk.http.get("/simulator/misbehaviour").json()["callbacks"]["lose"] == ["*"]
    desk.http.delete("/simulator/misbehaviour")
    desk.ended(desk.ring(hangup=0.1))
    desk.product.await_("status")
