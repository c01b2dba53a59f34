"""P01: who calls us hears a notice that the call may be recorded, whole, before anything is captured."""

import time
from datetime import datetime, timedelta

from sqlmodel import select

from contactcenter.calls.models import Call, NoticePlay
from contactcenter.calls.prompts import catalogue
from contactcenter.demo.people import DUTCH_LINE, ENGLISH_LINE
from contactcenter.recordings.models import Expected, Recording
from tests.house import PRIYA, House, Telephone
from tests.patience import until


def prompts(phone: Telephone) -> list[str]:
    """The files that the caller heard, in order."""
    return [one["detail"].rsplit("/", 1)[-1] for one in phone.heard()["heard"] if one["detail"].endswith(".wav")]


def test_the_notice_is_the_first_thing_heard_and_capture_begins_after_it(house: House) -> None:
    phone = house.ring(hangup="after-audio")
    house.agent("anna").handles(phone)
    outcome = phone.recording_is("attached")
    assert prompts(phone)[0] == "notice.en.wav"
    notice = outcome["notice"]
    assert notice["whole"]
    assert notice["basis"] == "next-request"
    assert notice["played_ms"] == catalogue().of("notice", "en").milliseconds
    assert notice["version"] == catalogue().version
    with house.look() as session:
        recording = session.exec(select(Recording).where(Recording.public_id == outcome["recording"]["id"])).one()
        began = recording.started_at
    heard_until = _answered_at(house, phone)
    assert began is not None
    assert began + timedelta(seconds=1) > heard_until  # the carrier counts whole seconds


def test_an_english_caller_presses_2_and_hears_it_whole_in_english(house: House) -> None:
    phone = house.ring(PRIYA, to=DUTCH_LINE, keys="2")
    outcome = phone.is_("waiting")
    assert outcome["notice"]["language"] == "en"
    assert outcome["notice"]["whole"]
    assert outcome["contact"]["language"] == "en"
    assert [one for one in prompts(phone) if one.startswith("notice")] == ["notice.nl.wav", "notice.en.wav"]
    phone.hang_up()


def test_an_english_line_speaks_english(house: House) -> None:
    phone = house.ring(PRIYA, to=ENGLISH_LINE)
    phone.is_("waiting")
    assert prompts(phone)[0] == "notice.en.wav"
    phone.hang_up()


def test_key_9_keeps_the_call_and_its_place_and_drops_the_recording(house: House) -> None:
    phone = house.ring(keys="9", hangup="after-audio")
    outcome = phone.is_("waiting")
    assert outcome["notice"]["choice"] == "objected"
    assert not outcome["notice"]["whole"]
    house.agent("anna").handles(phone)
    outcome = phone.is_("ended")
    assert outcome["call"]["ending"] == "answered"
    assert "objection-kept.en.wav" in prompts(phone)
    assert house.carrier_keeps(phone) == []
    assert outcome["recording"] is None


def test_pressing_nothing_is_no_choice(house: House) -> None:
    phone = house.ring()
    assert phone.is_("waiting")["notice"]["choice"] is None
    phone.hang_up()


def test_who_presses_another_key_hears_the_notice_again(house: House) -> None:
    phone = house.ring(keys="5")
    outcome = phone.is_("waiting")
    assert prompts(phone).count("notice.en.wav") == 2
    assert outcome["notice"]["whole"]
    phone.hang_up()


def test_an_objection_spoken_aloud_destroys_the_recording_at_any_second(house: House) -> None:
    phone = house.ring()
    anna = house.agent("anna")
    with anna.on_the_line(phone):
        until(lambda: house.carrier_keeps(phone), "the capture begins")
        time.sleep(0.5)  # twenty seconds of talk at this pace
        anna.post(f"/calls/{phone.id}/stop-recording")
    outcome = phone.recording_is("unwanted")
    assert outcome["recording"]["object"] is None
    assert outcome["transcript"] is None
    assert outcome["call"]["ending"] == "answered"
    until(lambda: house.carrier_keeps(phone) == [] or None, "the carrier's copy is deleted")


def test_an_objection_before_the_agent_is_on_the_line_stops_what_begins_when_they_join(house: House) -> None:
    phone, anna = house.ring(speed=1), house.agent("anna")
    phone.is_("waiting")
    anna.post(f"/calls/{phone.id}/answer")
    anna.post(f"/calls/{phone.id}/stop-recording")
    with anna.on_the_line(phone):
        until(lambda: [one for one in phone.heard()["recordings"] if one["status"] != "in-progress"], "it is stopped")
        assert phone.outcome()["call"]["status"] == "connected"
    outcome = phone.recording_is("unwanted", "absent")  # absent: it was stopped before its first second
    assert outcome["recording"]["object"] is None


def test_a_pause_for_card_data_outlasts_a_hold(house: House) -> None:
    phone, anna = house.ring(speed=1), house.agent("anna")
    with anna.on_the_line(phone):
        until(lambda: phone.heard()["recordings"], "capture begins")
        for act, status in (("pause", "paused"), ("hold", "paused"), ("unhold", "paused"), ("resume", "in-progress")):
            anna.post(f"/calls/{phone.id}/{act}")
            assert [one["status"] for one in phone.heard()["recordings"]] == [status], act
        for act, status in (("hold", "paused"), ("resume", "paused"), ("unhold", "in-progress")):
            anna.post(f"/calls/{phone.id}/{act}")
            assert [one["status"] for one in phone.heard()["recordings"]] == [status], act


def test_hanging_up_during_the_notice_is_kept_with_how_much_was_heard(house: House) -> None:
    phone = house.ring(hangup=0.05)
    outcome = phone.is_("ended")
    assert outcome["call"]["ending"] == "left-in-notice"
    assert outcome["notice"]["basis"] == "hang-up"
    assert not outcome["notice"]["whole"]
    assert outcome["notice"]["played_ms"] <= catalogue().of("notice", "en").milliseconds
    with house.look() as session:
        assert not session.exec(select(Expected).where(Expected.call_sid == phone.sid)).one().allowed


def _answered_at(house: House, phone: Telephone) -> datetime:
    """When the notice was over, by our own book."""
    with house.look() as session:
        call = session.exec(select(Call).where(Call.sid == phone.sid)).one()
        ended = session.exec(select(NoticePlay.ended_at).where(NoticePlay.call_id == call.id)).one()
    assert ended is not None
    return ended
