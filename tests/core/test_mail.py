"""E-mail: handed to a real SMTP server, encrypted as the setting says; what goes wrong is said without addresses."""

import dataclasses
import logging
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from socket import create_server
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from contactcenter.compose import post
from contactcenter.core.errors import Invalid, Unavailable
from contactcenter.core.i18n import translations
from contactcenter.core.mail import REFUSED, SAYS, Letter, NoPost, SmtpPost
from contactcenter.demo.instance import demo_settings, simulator_config
from contactcenter.demo.mailbox import CallersMailbox
from contactcenter.settings import load
from contactcenter.simulator.app import routes
from contactcenter.simulator.simulator import Simulator
from tests.core.smtp_server import HOST, PASSWORD, USER, Authority, authority, babbling, mail_server

NOW = datetime(2026, 7, 1, 10, 30, tzinfo=UTC)
LETTER = Letter("noor@voorbeeld.example", "Uw code – één keer", "Uw code is 402 917.\n")
LOGIN: dict[str, Any] = {"mail_user": USER, "mail_password": PASSWORD}
PATIENT = 5.0


def smtp(port: int, scheme: str = "smtp", *, seconds: float = PATIENT, **more: Any) -> SmtpPost:
    """Our side of it."""
    settings = load(mail_url=f"{scheme}://{HOST}:{port}", mail_from="desk@veldwijk.example", **more)
    return SmtpPost(settings, lambda: NOW, seconds=seconds)


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """An authority that this machine trusts."""
    made = authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.trusted))
    return made


def test_a_letter_arrives_as_it_was_written() -> None:
    with mail_server() as room:
        smtp(room.port).check()
        smtp(room.port).send(LETTER)
    (letter,) = room.letters
    assert room.envelopes == [("desk@veldwijk.example", [LETTER.to])]
    assert (letter["To"], letter["Subject"]) == (LETTER.to, LETTER.subject)
    assert letter["From"] == "Veldwijk <desk@veldwijk.example>"
    assert letter["Date"].datetime == NOW
    assert letter["Message-ID"].endswith("@veldwijk.example>")
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter.get_content_type() == "text/plain"
    assert letter.get_content().splitlines() == LETTER.body.splitlines()
    assert LETTER.body.strip() not in repr(LETTER)
    assert LETTER.to not in repr(LETTER)


@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtps"])
@pytest.mark.parametrize("login", [{}, LOGIN], ids=["open", "login"])
def test_a_letter_goes_over_tls(trusted: Authority, scheme: str, login: dict[str, Any]) -> None:
    with mail_server(trusted, wrapped=scheme == "smtps", login=bool(login)) as room:
        smtp(room.port, scheme, **login).send(LETTER)
    assert room.encrypted == [True]


@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtps"])
def test_a_certificate_of_an_unknown_authority_is_refused(tmp_path: Path, scheme: str) -> None:
    with mail_server(authority(tmp_path), wrapped=scheme == "smtps", login=True) as room:
        post_office = smtp(room.port, scheme, **LOGIN)
        with pytest.raises(Unavailable, match="certificate is not to be trusted"):
            post_office.send(LETTER)
    assert room.letters == []


def test_a_certificate_for_another_name_is_refused(trusted: Authority) -> None:
    with mail_server(trusted) as room:
        elsewhere = load(mail_url=f"smtp+starttls://localhost:{room.port}", mail_from="desk@veldwijk.example")
        with pytest.raises(Unavailable, match="certificate is not to be trusted"):
            SmtpPost(elsewhere, lambda: NOW).send(LETTER)
    assert room.letters == []


def test_a_server_without_tls_gets_no_letter_that_wants_it() -> None:
    with mail_server() as room, pytest.raises(Unavailable, match="can't do what this needs"):
        smtp(room.port, "smtp+starttls").send(LETTER)
    assert room.letters == []


def test_a_wrong_login_is_named() -> None:
    with mail_server(login=True) as room:
        with pytest.raises(Unavailable, match="refuses our login"):
            smtp(room.port, mail_user=USER, mail_password="another").check()
        smtp(room.port, **LOGIN).check()


@pytest.mark.parametrize(
    ("how", "error", "says", "code"),
    [
        ({"recipient": "550 no noor@voorbeeld.example here"}, Invalid, "refuses this address", 550),
        ({"recipient": "450 noor@voorbeeld.example is greylisted"}, Unavailable, "for this address now", 450),
        ({"data": "451 later, noor@voorbeeld.example"}, Unavailable, "did not take the letter", 451),
        ({"data": "554 402 917 looks like spam"}, Unavailable, "did not take the letter", 554),
        ({"cuts": True}, Unavailable, "did not answer", 0),
    ],
)
def test_what_a_server_refuses_is_a_sentence_without_addresses(
    caplog: pytest.LogCaptureFixture, how: dict[str, Any], error: type[Exception], says: str, code: int
) -> None:
    with mail_server() as room, caplog.at_level(logging.DEBUG), capture_logs() as logged:
        for name, value in how.items():
            setattr(room, name, value)
        with pytest.raises(error, match=says) as refused:
            smtp(room.port).send(LETTER)
    assert refused.value.__suppress_context__
    assert not re.search("noor|402", f"{refused.value} {logged}")
    assert [one["code"] for one in logged] == [code]
    ours = [one.getMessage() for one in caplog.records if not one.name.startswith(("mail", "asyncio"))]
    assert [one for one in ours if "noor" in one or "402" in one] == []


def test_a_server_that_falls_silent_is_left_in_time() -> None:
    with mail_server() as room:
        room.hangs = 3
        began = time.monotonic()
        with pytest.raises(Unavailable, match="did not answer"):
            smtp(room.port, seconds=0.4).send(LETTER)
    assert time.monotonic() - began < 3, "it waited for the end of the silence"


def test_a_server_that_goes_on_greeting_is_left_in_time() -> None:
    with babbling(0.05) as port, pytest.raises(Unavailable, match="did not answer"):
        smtp(port, seconds=0.5).send(LETTER)


def test_nobody_listening_is_a_sentence() -> None:
    with create_server((HOST, 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Unavailable, match="did not answer"):
        smtp(port).send(LETTER)


@pytest.mark.parametrize(
    "letter",
    [
        Letter("noor@voorbeeld.example\r\nBcc: all@voorbeeld.example", "Code", "1"),
        Letter("noor@voorbeeld.example, all@voorbeeld.example", "Code", "1"),
        Letter("Noor <noor@voorbeeld.example>", "Code", "1"),
        Letter("noor", "Code", "1"),
        Letter("", "Code", "1"),
        Letter("noor@voorbeeld.example", "Code\r\nBcc: all@voorbeeld.example", "1"),
        Letter("noor@voorbeeld.example", "Code\x00", "1"),
        Letter(f"{'a' * 300}@voorbeeld.example", "Code", "1"),
    ],
)
def test_no_header_can_be_slipped_in(letter: Letter) -> None:
    with mail_server() as room, pytest.raises(Invalid):
        smtp(room.port).send(letter)
    assert room.letters == []


def test_a_body_that_looks_like_commands_stays_a_body() -> None:
    body = "first\r\n.\r\nRCPT TO:<all@voorbeeld.example>\r\nlast\n"
    with mail_server() as room:
        smtp(room.port).send(Letter(LETTER.to, "Code", body))
    assert room.envelopes == [("desk@veldwijk.example", [LETTER.to])]
    assert room.letters[0].get_content().splitlines() == body.splitlines()


def test_what_a_page_may_say_of_mail_is_said_in_dutch_too() -> None:
    dutch = translations("nl")
    assert [said for said in (REFUSED, *SAYS.values()) if dutch.gettext(said) == said] == []


def test_without_a_server_it_says_what_to_set() -> None:
    nobody = post(load(), lambda: NOW)
    assert isinstance(nobody, NoPost)
    assert not nobody.present
    for act in (nobody.check, lambda: nobody.send(LETTER)):
        with pytest.raises(Unavailable, match="CONTACTCENTER_MAIL_URL"):
            act()


def test_in_the_demo_a_letter_lies_on_the_telephone_page(tmp_path: Path) -> None:
    settings = demo_settings(tmp_path, 8000)
    simulator = Simulator(simulator_config(settings, lambda: NOW, speed=1, notice_speed=1))
    CallersMailbox(simulator, settings).send(LETTER)
    shown = TestClient(Starlette(routes=routes(simulator))).get("/simulator/received").json()["received"]
    assert shown == [
        {"at": NOW.isoformat(), "way": "mail", "sender": "Veldwijk", **dataclasses.asdict(LETTER)},
    ]
