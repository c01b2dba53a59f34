"""The sound of a softphone and of a caller's telephone, both ways, and the telephone's page."""

import json
import re
import time
from pathlib import Path

import jwt
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from contactcenter.simulator import Caller
from tests.simulator.conftest import Open
from tests.simulator.desk import (
    ACCOUNT,
    APPLICATION,
    JORIS,
    KEY,
    KEY_SECRET,
    LINE,
    Desk,
    Softphone,
    access_token,
    loudest,
    tone,
    wav,
)

ELSEWHERE = {"Origin": "https://elsewhere.example"}


def test_anna_and_joris_hear_each_other_live(open_desk: Open) -> None:
    with open_desk(speed=1) as desk:
        sid = desk.ring()
        desk.product.await_("conference", StatusCallbackEvent="participant-join", CallSid=sid)
        with (
            connect(f"{desk.base.replace('http', 'ws')}/telephone/audio/{sid}") as line,
            desk.softphone() as anna,
        ):
            joris = Softphone(line)
            anna.state("open")
            desk.product.await_("conference", StatusCallbackEvent="conference-start")
            anna.speak(tone(1000, 0.4))
            assert loudest(joris.heard(), 1000) > 5000
            joris.speak(tone(400, 0.4))
            assert loudest(anna.heard(), 400) > 5000
            anna.tell({"mute": True})
            joris.hear(0.3)
            joris.forget()
            anna.speak(tone(1000, 0.4))
            assert loudest(joris.heard(), 1000) < 50
            joris.tell({"hangup": True})
            anna.state("closed")


def test_the_callers_telephone_hears_the_notice_and_presses_keys(open_desk: Open) -> None:
    with open_desk(notice_speed=1) as desk:
        sid = desk.ring()
        with connect(f"{desk.base.replace('http', 'ws')}/telephone/audio/{sid}") as line:
            joris = Softphone(line)
            assert loudest(joris.hear(0.5), 300) > 5000
            joris.tell({"digits": "9"})
            assert desk.product.await_("choice")["Digits"] == "9"
            joris.tell({"hangup": True})
            joris.state("completed")


def test_somebody_says_a_prepared_line(open_desk: Open) -> None:
    with open_desk(speed=1) as desk:
        sid = desk.ring()
        desk.product.await_("conference", StatusCallbackEvent="participant-join", CallSid=sid)
        with desk.softphone() as anna:
            anna.state("open")
            desk.product.await_("conference", StatusCallbackEvent="conference-start")
            desk.http.post(f"/simulator/calls/{sid}/say", json={"audio": desk.upload(tone(600, 1))})
            assert loudest(anna.hear(0.8), 600) > 5000


def test_a_softphone_that_goes_away_leaves_the_conference(desk: Desk) -> None:
    desk.ring()
    with desk.softphone() as anna:
        anna.state("open")
    left = desk.product.await_("conference", StatusCallbackEvent="participant-leave", CallSid=anna.sid)
    assert left["ReasonParticipantLeft"] == "participant_hung_up"


def _token(**changes: object) -> str:
    now = int(time.time())
    voice = {"outgoing": {"application_sid": APPLICATION}}
    claims = {"iss": KEY, "sub": ACCOUNT, "exp": now + 60, "grants": {"identity": "agent_anna", "voice": voice}}
    return jwt.encode({**claims, **changes}, KEY_SECRET, algorithm="HS256")


@pytest.mark.parametrize(
    "token",
    [
        "",
        "not.a.token",
        access_token("agent_anna", secret="somebody-else's-secret-of-some-length"),
        access_token("agent_anna", application="AP" + "0" * 32),
        access_token("anna@example.com"),
        access_token("a" * 122),
        _token(exp=1),
        _token(iss="SK" + "0" * 32),
        _token(sub="AC" + "0" * 32),
        _token(grants={"identity": "agent_anna"}),
    ],
)
def test_a_softphone_needs_a_valid_token_of_this_application(desk: Desk, token: str) -> None:
    with connect(f"{desk.base.replace('http', 'ws')}/softphone/stream?token={token}") as line:
        refused = json.loads(line.recv(timeout=5))
        assert refused["state"] == "closed"
        assert refused["error"].endswith(".")
        with pytest.raises(ConnectionClosed):
            line.recv(timeout=5)
    assert desk.http.get("/simulator/calls").json()["calls"] == []


def test_a_page_of_another_origin_gets_nothing(desk: Desk) -> None:
    assert desk.http.get("/simulator/calls", headers=ELSEWHERE).status_code == 403
    url = f"{desk.base.replace('http', 'ws')}/softphone/stream?token={access_token('agent_anna')}"
    with connect(url, additional_headers=ELSEWHERE) as line, pytest.raises(ConnectionClosed):
        line.recv(timeout=5)


@pytest.mark.parametrize(
    "wish",
    [
        {"from": JORIS},
        {"from": JORIS, "to": "+31999999999"},
        {"from": JORIS, "to": LINE, "audio": "no-such-talk"},
        {"from": JORIS, "to": LINE, "speed": 0},
        {"from": JORIS, "to": LINE, "keys": [{"at": "noon", "digit": "9"}]},
        {"from": JORIS, "to": LINE, "keys": [{"at": 1, "digit": "99"}]},
        {"from": JORIS, "to": LINE, "hangup": "never"},
    ],
)
def test_a_wish_that_cannot_be_fulfilled_is_refused_with_a_sentence(desk: Desk, wish: dict[str, object]) -> None:
    answer = desk.http.post("/simulator/calls", json=wish)
    assert answer.status_code == 422
    assert answer.json()["error"].endswith(".")


def test_what_is_no_audio_is_not_taken(desk: Desk) -> None:
    for data in (b"", b"#EXTM3U\nfile:///etc/passwd", b"RIFF\x00\x00\x00\x00WAVEnothing"):
        answer = desk.http.post("/simulator/audio", content=data)
        assert answer.status_code == 422, data


@pytest.mark.parametrize(("language", "word"), [("en", "Hang up"), ("nl", "Ophangen")])
def test_the_telephone_page_speaks_two_languages_under_a_strict_policy(
    open_desk: Open, tmp_path: Path, language: str, word: str
) -> None:
    callers = (Caller(JORIS, "Joris Jansen <Bakkerij>", "known"), Caller("anonymous", "Nobody", "withheld"))
    with open_desk(callers=callers, conversations_dir=tmp_path) as desk:
        page = desk.http.get(f"/telephone?lang={language}")
        assert word in page.text
        assert "Joris Jansen &lt;Bakkerij&gt;" in page.text
        assert "unsafe" not in page.headers["content-security-policy"]
        assert not re.search(r"\son\w+=|\sstyle=|<style|<script(?![^>]*src=)", page.text)
        accepted = desk.http.get("/telephone", headers={"Accept-Language": f"{language}-XX,de;q=0.5"})
        assert f'<html lang="{language}">' in accepted.text
        for name in re.findall(r'"(/telephone/static/[^"]+)"', page.text):
            assert desk.http.get(name).status_code == 200


def test_conversations_have_the_title_and_language_of_the_file_beside_them(open_desk: Open, tmp_path: Path) -> None:
    facts = {"title": {"en": "A bill", "nl": "Een rekening"}, "language": "nl"}
    (tmp_path / "bill_nl.wav").write_bytes(wav(tone(400, 1), tone(1000, 1)))
    (tmp_path / "bill_nl.json").write_text(json.dumps(facts))
    (tmp_path / "a-question.wav").write_bytes(wav(tone(400, 1)))
    with open_desk(conversations_dir=tmp_path) as desk:
        listed = desk.http.get("/simulator/conversations").json()["conversations"]
        assert listed[1] == {"name": "bill_nl", "title": "A bill", "language": "nl"}
        assert "Een rekening" in desk.http.get("/telephone?lang=nl").text
        desk.ring(audio="bill_nl")
