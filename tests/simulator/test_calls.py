"""From the first ring to the last callback: what the carrier asks, plays, records and tells."""

import json
import time
from urllib.parse import unquote

import pytest
from starlette.responses import Response

from contactcenter.simulator.config import Limits
from contactcenter.simulator.signing import sign
from tests.patience import until
from tests.simulator.conftest import Open
from tests.simulator.desk import JORIS, LINE, TOKEN, Desk, channels, loudness, tone, twiml


def test_joris_is_answered_by_anna_and_their_talk_is_recorded_in_two_channels(desk: Desk) -> None:
    talk = desk.upload(tone(400, 20), tone(1000, 20))
    sid = desk.ring(audio=talk, hangup="after-audio")
    desk.product.await_("conference", StatusCallbackEvent="participant-join", CallSid=sid)
    with desk.softphone(call="the-public-id") as anna:
        anna.state("open")
        anna.state("closed")
    product = desk.product
    done = product.await_("recording", RecordingStatus="completed")
    last = product.await_("status", CallSid=sid, CallStatus="completed")
    product.await_("conference", StatusCallbackEvent="conference-end")

    assert all(one.signed for one in product.received)
    assert [one["CallStatus"] for one in product.of("voice")] == ["ringing"]
    assert product.of("talk")[0]["CallStatus"] == "in-progress"
    events = product.statuses("conference", "StatusCallbackEvent")
    joined = ["participant-join", "participant-join", "conference-start"]
    assert events == [*joined, "participant-leave", "participant-leave", "conference-end"]
    numbers = product.statuses("conference", "SequenceNumber")
    assert numbers == [str(number) for number in range(1, 7)]
    assert product.of("conference")[-1]["ReasonConferenceEnded"] == "participant-with-end-conference-on-exit-left"
    assert product.statuses("recording", "RecordingStatus") == ["in-progress", "completed"]
    assert (done["RecordingDuration"], done["RecordingChannels"]) == ("20", "2")
    assert 20 <= int(last["CallDuration"]) <= 60
    assert last["SequenceNumber"] == "0"

    caller, agent = channels(desk.media(done["RecordingSid"], RequestedChannels="2").content)
    assert abs(len(caller) - 20 * 8000) < 8000
    assert loudness(caller, 400) > 7000
    assert loudness(agent, 1000) > 7000
    assert loudness(caller, 1000) < 50
    assert loudness(agent, 400) < 50


def test_the_voice_webhook_has_every_documented_parameter_and_unknown_ones_are_blank(desk: Desk) -> None:
    desk.ended(desk.ring(hangup=0.5))
    asked = desk.product.of("voice")[0]
    assert (asked["From"], asked["Caller"], asked["To"], asked["Called"]) == (JORIS, JORIS, LINE, LINE)
    places = [
        side + part for side in ("From", "To", "Caller", "Called") for part in ("City", "State", "Zip", "Country")
    ]
    assert [asked[name] for name in places] == [""] * 16
    assert (asked["Direction"], asked["ApiVersion"]) == ("inbound", "2010-04-01")
    assert "StirVerstat" not in dict(asked.params)
    assert json.loads(unquote(asked["CallToken"]))["parentCallInfoToken"].count(".") == 2


def test_the_softphones_leg_shows_its_identity_and_custom_parameters(desk: Desk) -> None:
    with desk.softphone(call="the-public-id", From="+31600000000") as anna:
        asked = desk.product.await_("agent")
        anna.tell({"hangup": True})
        anna.state("closed")
    assert (asked["From"], asked["To"], asked["call"]) == ("client:agent_anna", "", "the-public-id")
    assert [name for name, _ in asked.params].count("From") == 1
    assert "FromCity" not in dict(asked.params)


def test_key_nine_interrupts_the_notice(desk: Desk) -> None:
    sid = desk.ring(keys=[{"at": "notice", "digit": "9"}])
    choice = desk.product.await_("choice")
    assert (choice["Digits"], choice["msg"], choice["FinishedOnKey"]) == ("9", "Gather End", "")
    desk.product.await_("talk")
    played = next(item for item in desk.call(sid)["heard"] if item["kind"] == "play")
    assert (played["detail"], played["whole"]) == ("/sounds/notice.wav", False)
    assert desk.product.statuses("talk", "CallStatus") == ["in-progress"]


def test_who_presses_nothing_hears_the_whole_notice_and_goes_on(desk: Desk) -> None:
    sid = desk.ring()
    desk.product.await_("talk")
    heard = desk.call(sid)["heard"]
    played = next(item for item in heard if item["kind"] == "play")
    assert (played["seconds"], played["whole"]) == (2.0, True)
    assert not desk.product.of("choice")


def test_the_notice_takes_its_real_time_unless_it_is_quickened(open_desk: Open) -> None:
    with open_desk(notice_speed=1) as desk:
        desk.ring()
        talk = desk.product.await_("talk")
        assert talk.at - desk.product.of("voice")[0].at > 2.9


def test_joris_hangs_up_in_the_notice_and_no_conference_begins(desk: Desk) -> None:
    sid = desk.ring(hangup=1)
    last = desk.product.await_("status", CallSid=sid)
    assert (last["CallStatus"], last["SipResponseCode"]) == ("completed", "200")
    assert int(last["CallDuration"]) >= 1  # whole seconds; the machine may take a moment
    assert not desk.product.of("talk")
    assert not desk.sdk.conferences.list()
    call = desk.sdk.calls(sid).fetch()
    assert (call.status, call.duration, call.direction) == ("completed", last["CallDuration"], "inbound")


def test_while_joris_waits_the_wait_document_is_asked_again_and_again(desk: Desk) -> None:
    sid = desk.ring()
    until(lambda: len(desk.product.of("wait")) >= 3, "third wait document")
    desk.http.post(f"/simulator/calls/{sid}/hangup")
    assert desk.product.await_("dial")["DialCallStatus"] == "answered"
    desk.product.await_("status", CallSid=sid, CallStatus="completed")


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Response("broken", 500), "11200"),
        (Response("<Response><Play>", media_type="text/xml"), "12100"),
        (twiml("<Jump/>"), "12200"),
        (twiml('<Play volume="9">/sounds/notice.wav</Play>'), "12200"),
        (twiml("<Play>/sounds/nothing.wav</Play>"), "11200"),
        (Response("{}", media_type="application/json"), "12300"),
        (Response("<Response>" + " " * 70_000 + "</Response>", media_type="text/xml"), "11750"),
    ],
)
def test_a_document_that_fails_leads_to_the_fallback(desk: Desk, answer: Response, code: str) -> None:
    desk.product.answers["voice"] = lambda: answer
    desk.product.answers["fallback"] = lambda: twiml("<Say>Please call again.</Say>")
    seen = desk.ended(desk.ring())
    fallback = desk.product.of("fallback")[0]
    assert fallback["ErrorCode"] == code
    assert fallback["ErrorUrl"].startswith(desk.product.base)
    assert [item["detail"] for item in seen["heard"] if item["kind"] == "say"] == ["Please call again."]
    assert [note.error_code for note in desk.sdk.api.v2010.account.notifications.list()] == [code]


def test_a_product_that_does_not_answer_in_time_leads_to_the_fallback(open_desk: Open) -> None:
    with open_desk(limits=Limits(answer_seconds=0.2)) as desk:
        desk.product.answers["voice"] = _late
        desk.product.answers["fallback"] = lambda: twiml("<Hangup/>")
        desk.ended(desk.ring())
        assert desk.product.of("fallback")[0]["ErrorCode"] == "11200"


def _late() -> Response:
    time.sleep(0.5)
    return twiml("<Hangup/>")


def test_without_a_fallback_that_works_the_caller_hears_an_apology(desk: Desk) -> None:
    desk.product.answers["voice"] = desk.product.answers["fallback"] = lambda: Response("", 500)
    seen = desk.ended(desk.ring())
    assert [item["detail"] for item in seen["heard"] if item["kind"] == "say"] == [
        "An application error has occurred. Goodbye."
    ]


def test_a_rejected_call_is_never_answered(desk: Desk) -> None:
    desk.product.answers["voice"] = lambda: twiml('<Reject reason="busy"/>')
    sid = desk.ring()
    assert desk.product.await_("status", CallSid=sid)["CallStatus"] == "busy"
    assert desk.sdk.calls(sid).fetch().status == "busy"


def test_a_gather_collects_several_digits_until_its_last_key(desk: Desk) -> None:
    desk.product.answers["voice"] = lambda: twiml('<Gather action="choice" timeout="20"><Pause length="20"/></Gather>')
    sid = desk.ring()
    until(lambda: desk.call(sid)["state"] == "in-progress", "answer")
    desk.http.post(f"/simulator/calls/{sid}/keys", json={"digits": "#12#"})
    choice = desk.product.await_("choice")
    assert (choice["Digits"], choice["FinishedOnKey"]) == ("12", "#")


def test_a_wait_document_with_another_verb_is_an_error_and_the_caller_stays(desk: Desk) -> None:
    desk.product.answers["wait"] = lambda: twiml("<Hangup/>")
    sid = desk.ring()
    until(lambda: desk.call(sid)["errors"] == [12200], "error")
    assert desk.call(sid)["state"] == "in-progress"


def test_the_signature_is_the_one_of_the_documentation() -> None:
    params = [
        ("CallSid", "CA1234567890ABCDE"),
        ("Caller", "+14158675309"),
        ("Digits", "1234"),
        ("From", "+14158675309"),
        ("To", "+18005551212"),
    ]
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert sign(url, params, "12345") == "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    assert sign(url, reversed(params), "12345") == sign(url, params, "12345")
    assert TOKEN not in sign(url, params, TOKEN)
