"""Hold, mute, coaching, agents on ordinary telephones: everything that a conference is asked over REST."""

from collections.abc import Iterator

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.patience import until
from tests.simulator.desk import JORIS, LINE, Desk, Samples, Softphone, channels, loudest, loudness, tone, twiml

BRAM = "+31687654321"


@pytest.fixture
def talk(desk: Desk) -> Iterator[tuple[str, Softphone]]:
    """Joris talks with Anna for ten minutes at most."""
    sid = desk.ring(audio=desk.upload(tone(400, 600), tone(1000, 600)))
    desk.product.await_("conference", StatusCallbackEvent="participant-join", CallSid=sid)
    with desk.softphone() as anna:
        anna.state("open")
        desk.product.await_("conference", StatusCallbackEvent="conference-start")
        yield sid, anna


def _finished(desk: Desk, sid: str) -> Samples:
    """Joris hangs up; both channels of the recording."""
    desk.http.post(f"/simulator/calls/{sid}/hangup")
    done = desk.product.await_("recording", RecordingStatus="completed")
    return channels(desk.media(done["RecordingSid"], RequestedChannels="2").content)


def test_on_hold_joris_hears_music_and_says_nothing(desk: Desk, talk: tuple[str, Softphone]) -> None:
    sid, anna = talk
    room = desk.sdk.conferences(desk.room())
    held = room.participants(sid).update(hold=True, hold_url=f"{desk.product.base}/twilio/wait")
    assert held.hold is True
    desk.product.await_("conference", StatusCallbackEvent="participant-hold", CallSid=sid)
    desk.product.await_("wait", CallSid=sid)
    anna.hear(0.3)
    assert loudest(anna.hear(0.5), 400) < 50
    room.participants(sid).update(hold=False)
    desk.product.await_("conference", StatusCallbackEvent="participant-unhold", CallSid=sid)
    anna.hear(0.3)
    assert loudest(anna.hear(0.5), 400) > 5000


def test_a_muted_agent_is_not_heard_and_not_recorded(desk: Desk, talk: tuple[str, Softphone]) -> None:
    sid, anna = talk
    room = desk.sdk.conferences(desk.room())
    assert room.participants(anna.sid).update(muted=True).muted is True
    desk.product.await_("conference", StatusCallbackEvent="participant-mute", CallSid=anna.sid, Muted="true")
    anna.hear(0.5)
    caller, agent = _finished(desk, sid)
    end = len(agent) - 8000
    assert loudness(agent[end:], 1000) < 50
    assert loudness(caller[end:], 400) > 5000


def test_carla_coaches_anna_and_joris_does_not_hear_her(desk: Desk, talk: tuple[str, Softphone]) -> None:
    sid, anna = talk
    room = desk.sdk.conferences(desk.room())
    with desk.softphone("coach_carla") as carla:
        carla.state("open")
        desk.product.await_("conference", CallSid=carla.sid, StatusCallbackEvent="participant-join")
        coaching = room.participants(carla.sid).update(coaching=True, call_sid_to_coach=anna.sid)
        assert (coaching.coaching, coaching.call_sid_to_coach) == (True, anna.sid)
        carla.speak(tone(2000, 1, 12000))
    anna.hear(0.2)
    _, others = _finished(desk, sid)
    assert max(loudness(others[i : i + 1600], 2000) for i in range(0, len(others), 1600)) < 100


def test_coaching_needs_another_participant(desk: Desk, talk: tuple[str, Softphone]) -> None:
    _, anna = talk
    person = desk.sdk.conferences(desk.room()).participants(anna.sid)
    with pytest.raises(TwilioRestException) as refused:
        person.update(coaching=True, call_sid_to_coach="CA" + "0" * 32)
    assert refused.value.status == 400


@pytest.mark.parametrize(("behaviour", "shortest", "longest"), [("silence", 8, 60), ("skip", 0, 60)])
def test_a_pause_is_never_captured(
    desk: Desk, talk: tuple[str, Softphone], behaviour: str, shortest: int, longest: int
) -> None:
    sid, anna = talk
    recordings = desk.sdk.conferences(desk.room()).recordings
    anna.hear(0.3)
    paused = recordings("Twilio.CURRENT").update(status="paused", pause_behavior=behaviour)
    assert paused.status == "paused"
    anna.hear(0.5)
    assert recordings("Twilio.CURRENT").update(status="in-progress").status == "in-progress"
    anna.hear(0.3)
    caller, _ = _finished(desk, sid)
    quiet = sum(loudness(caller[i : i + 800], 400) < 50 for i in range(0, len(caller) - 800, 800)) / 10
    assert shortest <= quiet <= longest
    assert (quiet < 1) == (behaviour == "skip")


def test_a_stopped_recording_ends_and_the_talk_goes_on(desk: Desk, talk: tuple[str, Softphone]) -> None:
    sid, anna = talk
    anna.hear(0.5)
    assert desk.sdk.calls(sid).recordings("Twilio.CURRENT").update(status="stopped").status == "stopped"
    done = desk.product.await_("recording", RecordingStatus="completed")
    assert desk.call(sid)["state"] == "in-progress"
    assert int(done["RecordingDuration"]) >= 5
    with pytest.raises(TwilioRestException) as refused:
        desk.sdk.calls(sid).recordings("Twilio.CURRENT").update(status="paused")
    assert refused.value.code == 20404


def test_bram_answers_on_an_ordinary_telephone(desk: Desk) -> None:
    ref = desk.upload(tone(700, 600))
    desk.http.post("/simulator/telephones", json={"number": BRAM, "after": 2, "audio": ref})
    sid = desk.ring(audio=desk.upload(tone(400, 600)))
    waiting = desk.product.await_("conference", StatusCallbackEvent="participant-join", CallSid=sid)
    status = f"{desk.product.base}/twilio/leg"
    bram = desk.sdk.conferences(waiting["ConferenceSid"]).participants.create(
        from_=LINE,
        to=BRAM,
        label="agent",
        status_callback=status,
        status_callback_event=["initiated", "ringing", "answered", "completed"],
    )
    desk.product.await_("conference", StatusCallbackEvent="conference-start")
    people = {one.label: one for one in desk.sdk.conferences(waiting["ConferenceSid"]).participants.list()}
    assert people["agent"].call_sid == bram.call_sid
    assert people["caller"].end_conference_on_exit is True
    desk.sdk.conferences(waiting["ConferenceSid"]).participants("agent").delete()
    last = desk.product.await_("leg", CallStatus="completed")
    assert desk.product.statuses("leg", "CallStatus") == ["initiated", "ringing", "in-progress", "completed"]
    assert desk.product.statuses("leg", "SequenceNumber") == ["0", "1", "2", "3"]
    assert last["Direction"] == "outbound-api"
    left = desk.product.await_("conference", StatusCallbackEvent="participant-leave", CallSid=bram.call_sid)
    assert left["ReasonParticipantLeft"] == "participant_updated_via_api"
    assert desk.call(sid)["state"] == "in-progress"


@pytest.mark.parametrize(("behaviour", "status"), [("busy", "busy"), ("never", "no-answer"), ("failed", "failed")])
def test_a_telephone_that_does_not_answer_says_why(desk: Desk, behaviour: str, status: str) -> None:
    desk.http.post("/simulator/telephones", json={"number": BRAM, "behaviour": behaviour, "after": 1})
    call = desk.sdk.calls.create(
        to=BRAM,
        from_=LINE,
        twiml="<Response><Hangup/></Response>",
        timeout=5,
        status_callback=f"{desk.product.base}/twilio/leg",
    )
    last = desk.product.await_("leg", CallSid=call.sid)
    assert (last["CallStatus"], last["CallDuration"]) == (status, "0")


def test_a_ringing_agent_can_be_taken_out_again(desk: Desk) -> None:
    desk.http.post("/simulator/telephones", json={"number": BRAM, "behaviour": "never"})
    bram = desk.sdk.conferences("room").participants.create(from_=LINE, to=BRAM)
    desk.sdk.conferences(bram.conference_sid).participants(bram.call_sid).delete()
    assert desk.sdk.calls(bram.call_sid).fetch().status == "canceled"


def test_a_conference_that_is_ended_lets_everybody_go_on(desk: Desk, talk: tuple[str, Softphone]) -> None:
    sid, anna = talk
    room = desk.room()
    assert desk.sdk.conferences(room).update(status="completed").status == "completed"
    anna.state("closed")
    dial = desk.product.await_("dial", CallSid=sid)
    assert (dial["DialCallStatus"], dial["CallStatus"]) == ("answered", "in-progress")
    desk.product.await_("status", CallSid=sid, CallStatus="completed")
    end = desk.product.await_("conference", StatusCallbackEvent="conference-end")
    assert end["ReasonConferenceEnded"] == "conference-ended-via-api"


def test_a_call_is_redirected_while_it_talks(desk: Desk, talk: tuple[str, Softphone]) -> None:
    sid, _ = talk
    desk.sdk.calls(sid).update(twiml="<Response><Say>One moment.</Say><Hangup/></Response>")
    left = desk.product.await_("conference", StatusCallbackEvent="participant-leave", CallSid=sid)
    assert left["ReasonParticipantLeft"] == "participant_updated_via_api"
    heard = desk.ended(sid)["heard"]
    assert "One moment." in [item["detail"] for item in heard]


def test_a_call_that_is_over_cannot_be_changed(desk: Desk, talk: tuple[str, Softphone]) -> None:
    sid, _ = talk
    assert desk.sdk.calls(sid).update(status="completed").status == "completed"
    with pytest.raises(TwilioRestException) as refused:
        desk.sdk.calls(sid).update(status="completed")
    assert (refused.value.status, refused.value.code) == (400, 21220)


def test_the_product_rings_a_customer(desk: Desk) -> None:
    desk.http.post("/simulator/telephones", json={"number": JORIS, "after": 0})
    desk.product.answers["out"] = lambda: twiml("<Say>Hello Joris.</Say>")
    call = desk.sdk.calls.create(to=JORIS, from_=LINE, url=f"{desk.product.base}/twilio/out?call=1")
    seen = desk.ended(call.sid)
    assert desk.product.of("out")[0].signed
    assert [item["kind"] for item in seen["heard"]] == ["document", "say"]
    until(lambda: desk.sdk.calls(call.sid).fetch().status == "completed", "completed call")
