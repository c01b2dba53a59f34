"""Recordings over REST: finding, fetching, deleting, and downloads that go wrong."""

from datetime import UTC, datetime, timedelta

import httpx2
import numpy as np
import pytest
from twilio.base.exceptions import TwilioRestException

from contactcenter.simulator.media import trimmed
from tests.patience import until
from tests.simulator.desk import ACCOUNT, TOKEN, Desk, channels, loudness, tone


def _recorded(desk: Desk, seconds: float = 10, loud: int = 8000) -> str:
    """The SID of the recording of a talk that is over, whatever became of it."""
    talk = desk.upload(tone(400, seconds, loud), tone(1000, seconds, loud))
    sid = desk.ring(audio=talk, hangup="after-audio")
    desk.product.await_("conference", StatusCallbackEvent="participant-join", CallSid=sid)
    with desk.softphone() as anna:
        anna.state("closed")
    (made,) = desk.sdk.calls(sid).recordings.list()
    recording = desk.sdk.recordings(made.sid)
    until(lambda: recording.fetch().status in ("completed", "absent"), "finished recording")
    return str(made.sid)


def test_a_recording_is_found_by_account_call_and_conference(desk: Desk) -> None:
    sid = _recorded(desk)
    found = desk.sdk.recordings(sid).fetch()
    assert (found.status, found.duration, found.channels, found.source) == ("completed", "10", 2, "Conference")
    assert [one.sid for one in desk.sdk.recordings.list()] == [sid]
    assert [one.sid for one in desk.sdk.calls(found.call_sid).recordings.list()] == [sid]
    assert [one.sid for one in desk.sdk.conferences(found.conference_sid).recordings.list()] == [sid]
    assert desk.sdk.calls(found.call_sid).fetch()._from.startswith("+31")


def test_the_list_has_pages_and_filters_by_time(desk: Desk) -> None:
    sids = [_recorded(desk, 3) for _ in range(3)]
    assert [one.sid for one in desk.sdk.recordings.list(page_size=2)] == sids[::-1]
    now = datetime.now(UTC)
    assert len(desk.sdk.recordings.list(date_created_after=now - timedelta(minutes=5))) == 3
    assert not desk.sdk.recordings.list(date_created_after=now + timedelta(minutes=5))
    assert not desk.sdk.recordings.list(date_created_before=now - timedelta(minutes=5))
    assert len(desk.sdk.recordings.list(date_created=now)) in (0, 3)
    path = f"/2010-04-01/Accounts/{ACCOUNT}/Recordings.json"
    day = desk.http.get(path, params={"DateCreated<": now.date().isoformat()}, auth=(ACCOUNT, TOKEN))
    assert len(day.json()["recordings"]) == 3


def test_media_are_plain_wav_in_as_many_channels_as_asked(desk: Desk) -> None:
    sid = _recorded(desk)
    both = desk.media(sid, RequestedChannels="2")
    assert both.headers["content-type"] == "audio/x-wav"
    assert int(both.headers["content-length"]) == len(both.content)
    assert len(channels(both.content)) == 2
    (together,) = channels(desk.media(sid).content)
    assert loudness(together, 400) > 5000
    assert loudness(together, 1000) > 5000


def test_a_deleted_recording_leaves_its_metadata_only(desk: Desk) -> None:
    sid = _recorded(desk)
    assert desk.sdk.recordings(sid).delete()
    assert desk.media(sid).status_code == 404
    assert not desk.sdk.recordings.list()
    with pytest.raises(TwilioRestException) as gone:
        desk.sdk.recordings(sid).fetch()
    assert (gone.value.status, gone.value.code) == (404, 20404)
    kept = desk.sdk.recordings(sid).fetch(include_soft_deleted=True)
    assert (kept.status, kept.duration) == ("deleted", "10")


@pytest.mark.parametrize(("seconds", "loud", "code"), [(0.5, 8000, 16101), (5, 0, 16102)])
def test_a_recording_that_is_too_short_or_silent_is_absent(desk: Desk, seconds: float, loud: int, code: int) -> None:
    sid = _recorded(desk, seconds, loud)
    assert desk.product.await_("recording", RecordingStatus="absent")["ErrorCode"] == str(code)
    assert desk.sdk.recordings(sid).fetch().error_code == code
    assert desk.media(sid).status_code == 404


def test_a_call_that_is_not_to_be_recorded_is_not(desk: Desk) -> None:
    desk.product.record = "do-not-record"
    desk.ring(audio=desk.upload(tone(400, 5)), hangup="after-audio")
    desk.product.await_("conference", StatusCallbackEvent="participant-join")
    with desk.softphone() as anna:
        anna.state("closed")
    assert not desk.sdk.recordings.list()
    assert not desk.product.of("recording")


def _spoil(desk: Desk, fault: str, **more: int) -> None:
    answer = desk.http.post("/simulator/misbehaviour", json={"media": {"fault": fault, **more}})
    assert answer.json()["media"]["fault"] == fault


def test_downloads_go_wrong_as_often_as_asked_and_then_right(desk: Desk) -> None:
    sid = _recorded(desk)
    right = desk.media(sid)
    _spoil(desk, "404", times=2)
    assert [desk.media(sid).status_code for _ in range(3)] == [404, 404, 200]
    _spoil(desk, "429", retry_after=7)
    assert desk.media(sid).headers["retry-after"] == "7"
    _spoil(desk, "500")
    assert desk.media(sid).json()["code"] == 20500
    _spoil(desk, "html")
    assert desk.media(sid).headers["content-type"].startswith("text/html")
    _spoil(desk, "redirect-foreign")
    assert desk.media(sid).headers["location"].startswith("https://media.example.com/")
    _spoil(desk, "redirect-local")
    assert desk.media(sid).headers["location"].startswith("http://127.0.0.1")
    _spoil(desk, "wrong-length")
    assert len(desk.media(sid).content) == len(right.content) // 2
    _spoil(desk, "wrong-bytes")
    assert not desk.media(sid).content.startswith(b"RIFF")
    assert desk.media(sid).content == right.content


def test_downloads_break_off_hang_and_crawl(desk: Desk) -> None:
    sid = _recorded(desk)
    _spoil(desk, "cut")
    with pytest.raises(httpx2.RemoteProtocolError):
        desk.media(sid)
    path = f"/2010-04-01/Accounts/{ACCOUNT}/Recordings/{sid}.wav"
    for fault in ("hang", "slow"):
        _spoil(desk, fault)
        with pytest.raises(httpx2.ReadTimeout):
            desk.http.get(path, auth=(ACCOUNT, TOKEN), timeout=0.3)


def test_a_gzip_bomb_is_a_megabyte_that_unpacks_to_a_gigabyte(desk: Desk) -> None:
    sid = _recorded(desk, 2)
    _spoil(desk, "gzip-bomb")
    path = f"/2010-04-01/Accounts/{ACCOUNT}/Recordings/{sid}.wav"
    with desk.http.stream("GET", path, auth=(ACCOUNT, TOKEN), timeout=30) as bomb:
        assert bomb.headers["content-encoding"] == "gzip"
        packed = sum(len(piece) for piece in bomb.iter_raw())
    assert packed < 2_000_000


def test_unknown_misbehaviour_is_refused_with_what_is_known(desk: Desk) -> None:
    wishes: list[dict[str, object]] = [{"media": {"fault": "explode"}}, {"media": {"colour": 1}}, {"weather": {}}]
    for wish in wishes:
        answer = desk.http.post("/simulator/misbehaviour", json=wish)
        assert answer.status_code == 422
        assert answer.json()["error"]


def test_trimming_takes_silence_away_that_both_channels_share_at_an_end() -> None:
    quiet, loud = tone(400, 1, 0), tone(400, 2)
    both = np.stack([np.concatenate([quiet, loud, quiet]), np.concatenate([quiet, quiet, loud])])
    assert abs(trimmed(both).shape[1] - 3 * 8000) < 8
    assert trimmed(both[:, :8000]).shape == (2, 0)
