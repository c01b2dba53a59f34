"""P02: recordings are listened to for a stated purpose, by who may; refusals are logged too."""

import re
from datetime import timedelta

import pytest
from sqlmodel import col, select

from contactcenter.core.audit import Action, AuditEntry
from contactcenter.recordings.models import Playback, Recording
from tests.house import Agent, House, Telephone


@pytest.fixture(scope="module")
def call(house: House) -> Telephone:
    """A call that Anna handled and closed."""
    phone = house.ring(hangup="after-audio")
    anna = house.agent("anna")
    anna.handles(phone)
    phone.recording_is("attached")
    anna.closes(phone.contact)
    return phone


def playback_on(page: str) -> str | None:
    found = re.search(r"/playback/([\w-]{22})/audio", page)
    return found.group(1) if found else None


def opens(agent: Agent, phone: Telephone, purpose: str) -> str | None:
    """Open the contact for a purpose; the playback that its page then offers, None when it was refused."""
    answer = agent.post(f"/contacts/{phone.contact}/open", (204, 404, 422), purpose=purpose)
    if answer.status_code != 204:
        return None
    return playback_on(agent.get(f"/contacts/{phone.contact}"))


def last_playback(house: House, phone: Telephone) -> Playback:
    with house.look() as session:
        recording = session.exec(
            select(Recording).where(Recording.public_id == phone.outcome()["recording"]["id"])
        ).one()
        newest = select(Playback).where(Playback.recording_id == recording.id).order_by(col(Playback.id).desc())
        return session.exec(newest).first() or pytest.fail("nothing was logged")


def test_who_handled_the_call_may_replay_it(house: House, call: Telephone) -> None:
    anna = house.agent("anna")
    name = opens(anna, call, "replay-by-handler")
    assert name is not None
    sound = anna.http.get(f"/playback/{name}/audio")
    assert sound.status_code == 200
    assert sound.headers["content-type"] == "audio/wav"
    assert sound.content[:4] == b"RIFF"
    part = anna.http.get(f"/playback/{name}/audio", headers={"range": "bytes=1000-1999"})
    assert part.status_code == 206
    assert part.content == sound.content[1000:2000]
    logged = last_playback(house, call)
    assert logged.refused is None
    assert logged.first_streamed_at is not None


def test_an_opening_is_for_one_viewer_only(house: House, call: Telephone) -> None:
    name = opens(house.agent("anna"), call, "replay-by-handler")
    for other in ("bram", "carla", "dirk", "eva"):
        assert house.agent(other).http.get(f"/playback/{name}/audio").status_code == 404


@pytest.mark.parametrize(
    ("login", "purpose"),
    [
        ("bram", "replay-by-handler"),
        ("anna", "training"),
        ("carla", "dispute"),
        ("dirk", "dispute"),  # no dispute is open
        ("eva", "privacy-request"),  # no request is open
    ],
)
def test_a_purpose_that_is_not_theirs_is_refused_and_logged(
    house: House, call: Telephone, login: str, purpose: str
) -> None:
    assert opens(house.agent(login), call, purpose) is None
    logged = last_playback(house, call)
    assert logged.refused is not None
    assert logged.purpose.value == purpose
    with house.look() as session:
        refusals = select(AuditEntry).where(AuditEntry.action == Action.RECORDING_PLAY_REFUSED)
        assert session.exec(refusals).all()


def test_a_coach_replays_for_training_and_the_agent_sees_it(house: House, call: Telephone) -> None:
    assert opens(house.agent("carla"), call, "training") is not None
    anna = house.agent("anna")
    assert "Carla" in anna.get(f"/contacts/{call.contact}")


def test_a_dispute_is_listened_to_only_while_one_is_open(house: House) -> None:
    phone = house.ring(hangup="after-audio")
    house.agent("anna").handles(phone)
    phone.recording_is("attached")
    dirk = house.agent("dirk")
    assert opens(dirk, phone, "dispute") is None
    review = (house.clock() + timedelta(days=14)).date().isoformat()
    dirk.post(f"/contacts/{phone.contact}/hold", kind="dispute", reference="D-1", review_on=review)
    assert opens(dirk, phone, "dispute") is None
    house.agent("eva").confirms(phone)
    assert opens(dirk, phone, "dispute") is not None


def test_an_opening_ends_after_half_an_hour(house: House, call: Telephone) -> None:
    anna = house.agent("anna")
    name = opens(anna, call, "replay-by-handler")
    house.clock.travel(minutes=31)
    assert anna.http.get(f"/playback/{name}/audio").status_code == 404
