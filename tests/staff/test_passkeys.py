"""Passkeys: made under my account, shown in the second step, of no use to another site, account or session."""

import copy
import json
from typing import Any

import httpx2
import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from contactcenter.core.audit import Action
from contactcenter.settings import load
from contactcenter.staff import factors
from contactcenter.staff.models import Passkey, RecoveryCode
from contactcenter.staff.passkeys import MOST_PASSKEYS, Place, place_of
from contactcenter.staff.rules import FAILURES_ALLOWED, RECOVERY_CODES, Role
from tests.factories import World
from tests.staff.at_the_door import CODE_ON_PAGE, app_of, gives_password, set_up, shows, where
from tests.staff.authenticator import Authenticator


@pytest.fixture
def dirk(world: World) -> World:
    """The company with Dirk, a supervisor who never signed in."""
    world.hire("Dirk", Role.SUPERVISOR)
    return world


def offered(browser: TestClient) -> dict[str, Any]:
    """What the page's script gets to make a passkey."""
    options: dict[str, Any] = browser.post("/account/passkey/options").json()
    return options


def adds(browser: TestClient, key: Authenticator) -> httpx2.Response:
    """Make a passkey."""
    return browser.post("/account/passkey", data={"credential": key.makes(offered(browser))})


def asked(browser: TestClient) -> dict[str, Any]:
    """What the page's script gets in the second step."""
    options: dict[str, Any] = browser.post("/sign-in/options").json()
    return options


def sends(browser: TestClient, answer: str) -> int:
    """The second step; its status."""
    return browser.post("/sign-in/passkey", data={"credential": answer}).status_code


def test_dirk_makes_a_passkey_and_signs_in_with_it(dirk: World) -> None:
    key, browser = Authenticator(), gives_password(dirk, "dirk", "Firefox/144.0 (X11; Linux x86_64)")
    made = adds(browser, key)
    assert len(CODE_ON_PAGE.findall(made.text)) == RECOVERY_CODES
    assert where(browser) == "/desk"
    assert "Passkey made in Firefox, Linux" in browser.get("/account").text
    again = gives_password(dirk, "dirk")
    assert where(again) == "/sign-in/second"
    assert "Use my passkey" in again.get("/sign-in/second").text
    before = again.cookies["session"]
    assert sends(again, key.signs(asked(again))) == 303
    assert where(again) == "/desk"
    assert again.cookies["session"] != before
    assert [one.detail for one in dirk.acts(Action.STAFF_SIGNED_IN)] == ["passkey", "passkey"]
    assert [(one.uses, one.used_at) for one in dirk.rows(select(Passkey))] == [(1, dirk.now)]


def test_an_answer_counts_once_and_for_a_few_minutes(dirk: World) -> None:
    key = Authenticator()
    adds(gives_password(dirk, "dirk"), key)
    browser = gives_password(dirk, "dirk")
    answer = key.signs(asked(browser))
    other = gives_password(dirk, "dirk")
    asked(other)
    assert sends(other, answer) == 403, "the challenge of another session"
    assert sends(browser, answer) == 303
    third = gives_password(dirk, "dirk")
    assert sends(third, answer) == 422, "nothing was asked here"
    late = key.signs(asked(third))
    dirk.travel(minutes=6)
    assert sends(third, late) == 422


@pytest.mark.parametrize(
    ("origin", "site"), [("https://testserver.evil.example", "testserver"), ("http://testserver", "evil.example")]
)
def test_what_another_site_had_signed_is_of_no_use(dirk: World, origin: str, site: str) -> None:
    key = Authenticator()
    adds(gives_password(dirk, "dirk"), key)
    browser = gives_password(dirk, "dirk")
    foreign = Authenticator(origin, site, name=key.name, key=key.key)
    assert sends(browser, foreign.signs(asked(browser))) == 403
    newcomer = gives_password(dirk, "bram")
    assert adds(newcomer, Authenticator(origin, site)).status_code == 422


def test_a_passkey_of_a_colleague_opens_nothing(dirk: World) -> None:
    dirks, annas = Authenticator(), Authenticator()
    adds(gives_password(dirk, "dirk"), dirks)
    adds(gives_password(dirk, "anna"), annas)
    browser = gives_password(dirk, "dirk")
    assert sends(browser, annas.signs(asked(browser))) == 403
    forged = Authenticator(name=dirks.name)
    assert sends(browser, forged.signs(asked(browser))) == 403, "another key under the right name"
    assert adds(gives_password(dirk, "bram"), Authenticator(name=annas.name)).status_code == 422


def test_a_copy_of_a_key_is_refused(dirk: World) -> None:
    key = Authenticator()
    adds(gives_password(dirk, "dirk"), key)
    copied = copy.copy(key)
    for _ in range(2):
        browser = gives_password(dirk, "dirk")
        assert sends(browser, key.signs(asked(browser))) == 303
    browser = gives_password(dirk, "dirk")
    assert sends(browser, copied.signs(asked(browser))) == 403


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "{}",
        "[]",
        "null",
        "{" * 5000,
        '{"id": 1}',
        '{"id":"a","rawId":"a","type":"public-key","response":{}}',
        "é" * 90,
    ],
)
def test_what_is_no_answer_is_refused(dirk: World, answer: str) -> None:
    browser = gives_password(dirk, "dirk")
    offered(browser)
    assert browser.post("/account/passkey", data={"credential": answer}).status_code == 422
    adds(browser, Authenticator())
    again = gives_password(dirk, "dirk")
    asked(again)
    assert sends(again, answer) == 403


def test_a_cut_or_changed_answer_is_refused(dirk: World) -> None:
    key = Authenticator()
    adds(gives_password(dirk, "dirk"), key)
    for part in ("clientDataJSON", "authenticatorData", "signature"):
        for change in (lambda text: text[:-4], lambda text: "AAAA" + text[4:], lambda _: ""):
            dirk.travel(minutes=16)
            browser = gives_password(dirk, "dirk")
            answer = json.loads(key.signs(asked(browser)))
            answer["response"][part] = change(answer["response"][part])
            assert sends(browser, json.dumps(answer)) == 403, part


def test_refusals_from_one_place_are_limited(dirk: World) -> None:
    key = Authenticator()
    adds(gives_password(dirk, "dirk"), key)
    browser = gives_password(dirk, "dirk")
    for _ in range(FAILURES_ALLOWED):
        asked(browser)
        assert sends(browser, "{}") == 403
    assert sends(browser, key.signs(asked(browser))) == 429
    assert len(dirk.acts(Action.STAFF_FACTOR_REFUSED)) == FAILURES_ALLOWED


def test_the_last_factor_stays_where_the_role_needs_one(dirk: World) -> None:
    browser, key = gives_password(dirk, "dirk"), Authenticator()
    adds(browser, key)
    (name,) = [one.public_id for one in dirk.rows(select(Passkey))]
    assert browser.post(f"/account/passkey/{name}").status_code == 409
    app = app_of(browser)
    assert browser.post("/account/app/code", data={"code": app.at(dirk.now)}).status_code == 303
    anna = gives_password(dirk, "anna")
    assert anna.post(f"/account/passkey/{name}").status_code == 404
    assert browser.post(f"/account/passkey/{name}").status_code == 303
    assert browser.post("/account/app/remove").status_code == 409
    dirk.travel(minutes=1)
    assert shows(gives_password(dirk, "dirk"), app.at(dirk.now)).status_code == 303
    assert [one.detail for one in dirk.acts(Action.STAFF_FACTOR_REMOVED)] == ["passkey"]


def test_an_agent_may_go_back_to_the_password_alone(world: World) -> None:
    browser = gives_password(world, "anna")
    set_up(browser, world.now)
    assert browser.post("/account/app/remove").status_code == 303
    assert world.rows(select(RecoveryCode)) == [], "which would stand in for nothing"
    assert where(gives_password(world, "anna")) == "/desk"


def test_a_lost_telephone_with_everything_is_reset(dirk: World) -> None:
    key = Authenticator()
    adds(gives_password(dirk, "dirk"), key)
    with dirk.writing() as session:
        factors.reset(session, dirk.now, "dirk")
    assert dirk.rows(select(Passkey)) == []
    assert where(gives_password(dirk, "dirk")) == "/account"


def test_nobody_collects_more_than_ten(world: World) -> None:
    browser = gives_password(world, "anna")
    for _ in range(MOST_PASSKEYS):
        adds(browser, Authenticator())
    assert browser.post("/account/passkey/options").status_code == 409
    assert len(world.rows(select(Passkey))) == MOST_PASSKEYS


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://calls.veldwijk.example", Place("calls.veldwijk.example", "https://calls.veldwijk.example")),
        ("https://localhost:8443", Place("localhost", "https://localhost:8443")),
        ("http://127.0.0.1:8000", Place("localhost", "http://localhost:8000")),
        ("http://[::1]:8000", Place("localhost", "http://localhost:8000")),
        ("https://192.0.2.1", None),
    ],
)
def test_passkeys_hold_at_the_name_of_the_installation(url: str, place: Place | None) -> None:
    assert place_of(load(public_url=url)) == place


def test_an_installation_without_a_name_offers_none(world: World) -> None:
    browser = gives_password(world, "anna", public_url="http://192.0.2.1")
    assert "Make a passkey" not in browser.get("/account").text
    assert browser.post("/account/passkey/options").status_code == 503
