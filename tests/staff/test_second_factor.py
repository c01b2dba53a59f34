"""Who can listen to others, audit or administer shows something beside a password; the password alone opens nothing."""

import re

import pytest
from sqlmodel import col, select
from starlette.routing import Route
from starlette.testclient import TestClient

from contactcenter.app import create_app, staff_routes
from contactcenter.carrier.absent import AbsentCarrier
from contactcenter.compose import Ports
from contactcenter.core.audit import Action, AuditEntry
from contactcenter.core.errors import NotFound
from contactcenter.settings import load
from contactcenter.staff import factors
from contactcenter.staff.models import AuthenticatorApp, RecoveryCode, StaffSession
from contactcenter.staff.rules import (
    FAILURES_ALLOWED,
    RECOVERY_CODES,
    WRONG_CODES_ALLOWED,
    Demand,
    Role,
    demanded,
)
from tests.desks import KEY, served
from tests.factories import PASSWORD, World
from tests.staff.at_the_door import app_of, gives_password, set_up, shows, where

OPEN_TO_NEWCOMERS = {"account", "app-begin", "app-confirm", "passkey-add", "passkey-offer", "sign-out"}
OPEN_HALFWAY = {"second-step", "second-step-post", "passkey-asked", "passkey-shown", "sign-out"}
WRONG = "000000"


@pytest.fixture
def dirk(world: World) -> World:
    """The company with Dirk, a supervisor who never signed in."""
    world.hire("Dirk", Role.SUPERVISOR)
    return world


def closed_routes(browser: TestClient, but: set[str]) -> dict[str, str]:
    """Where every other route for staff leads."""
    found = {}
    for route in staff_routes():
        assert isinstance(route, Route)
        if route.name not in but:
            method = "POST" if "POST" in (route.methods or ()) else "GET"
            answer = browser.request(method, re.sub(r"\{\w+\}", "A" * 22, route.path))
            found[route.name] = answer.headers.get("location", str(answer.status_code))
    return found


def test_with_a_password_alone_a_new_supervisor_gets_to_the_set_up_and_nowhere_else(dirk: World) -> None:
    browser = gives_password(dirk, "dirk")
    closed = closed_routes(browser, OPEN_TO_NEWCOMERS)
    assert closed.pop("live") == "401"
    assert set(closed.values()) == {"/account"}
    page = browser.get("/account").text
    assert "a password is not enough" in page
    assert 'href="/desk"' not in page
    assert dirk.acts(Action.STAFF_SIGNED_IN) == []


def test_dirk_sets_up_an_app_and_is_in(dirk: World) -> None:
    browser = gives_password(dirk, "dirk")
    before = browser.cookies["session"]
    app, codes = set_up(browser, dirk.now)
    assert where(browser) == "/desk"
    assert len(set(codes)) == RECOVERY_CODES
    assert browser.cookies["session"] != before, "a token that was worth less opens no more now"
    stolen = served(dirk)
    stolen.cookies.set("session", before)
    assert where(stolen) == "/sign-in"
    trail = dirk.rows(select(AuditEntry).order_by(col(AuditEntry.id)))[-4:]
    assert [(one.action, one.detail) for one in trail] == [
        (Action.STAFF_PASSWORD_GIVEN, ""),
        (Action.STAFF_FACTOR_SET_UP, "app"),
        (Action.STAFF_FACTOR_SET_UP, "recovery-code"),
        (Action.STAFF_SIGNED_IN, "app"),
    ]
    kept = dirk.rows(select(AuthenticatorApp))[0].secret
    assert app.secret.encode() not in kept
    assert app.byte_secret() not in kept
    assert not {row.code_hash for row in dirk.rows(select(RecoveryCode))} & {one.replace("-", "") for one in codes}


def test_from_then_on_a_code_is_asked_for_and_counts_once(dirk: World) -> None:
    app, _ = set_up(gives_password(dirk, "dirk"), dirk.now)
    code = app.at(dirk.now)
    browser = gives_password(dirk, "dirk")
    closed = closed_routes(browser, OPEN_HALFWAY)
    assert closed.pop("live") == "401"
    assert set(closed.values()) == {"/sign-in/second"}
    refused = shows(browser, code)
    assert (refused.status_code, "it was used before" in refused.text) == (403, True)
    dirk.travel(seconds=30)
    later = app.at(dirk.now)
    assert shows(browser, f" {later[:3]} {later[3:]}").headers["location"] == "/"
    assert where(browser) == "/desk"
    again = gives_password(dirk, "dirk")
    assert shows(again, later).status_code == 403
    assert where(again) == "/sign-in/second"


@pytest.mark.parametrize(("seconds", "taken"), [(-60, False), (-30, True), (30, True), (60, False)])
def test_a_telephone_whose_clock_differs_a_little_is_believed(dirk: World, seconds: int, taken: bool) -> None:
    app, _ = set_up(gives_password(dirk, "dirk"), dirk.now)
    dirk.travel(minutes=10)
    code = app.at(int(dirk.now.timestamp()) + seconds)
    assert (shows(gives_password(dirk, "dirk"), code).status_code == 303) is taken


def test_a_recovery_code_stands_in_for_a_lost_telephone_and_counts_once(dirk: World) -> None:
    _, codes = set_up(gives_password(dirk, "dirk"), dirk.now)
    browser = gives_password(dirk, "dirk")
    assert shows(browser, codes[3].lower()).status_code == 303
    assert where(browser) == "/desk"
    assert f"{RECOVERY_CODES - 1} left" in browser.get("/account").text
    again = gives_password(dirk, "dirk")
    assert shows(again, codes[3]).status_code == 403
    assert shows(again, codes[4]).status_code == 303


def test_new_recovery_codes_end_those_before(dirk: World) -> None:
    browser = gives_password(dirk, "dirk")
    _, old = set_up(browser, dirk.now)
    answer = browser.post("/account/recovery")
    assert answer.status_code == 200
    assert old[0] not in answer.text
    assert shows(gives_password(dirk, "dirk"), old[0]).status_code == 403


def test_a_wrong_code_sets_up_nothing(dirk: World) -> None:
    browser = gives_password(dirk, "dirk")
    app = app_of(browser)
    right = app.at(dirk.now)
    for code in ("", "12345", "é", "½½½½½½", str((int(right) + 1) % 1_000_000).zfill(6)):
        assert browser.post("/account/app/code", data={"code": code}).status_code == 422
    assert where(browser) == "/account"
    assert browser.post("/account/app/code", data={"code": right}).status_code == 200


def test_another_app_takes_the_place_of_the_one_before(dirk: World) -> None:
    browser = gives_password(dirk, "dirk")
    old, _ = set_up(browser, dirk.now)
    dirk.travel(minutes=1)
    new = app_of(browser)
    dirk.travel(minutes=1)
    assert shows(gives_password(dirk, "dirk"), old.at(dirk.now)).status_code == 303, "until the new one gave a code"
    kept = browser.post("/account/app/code", data={"code": new.at(dirk.now)})
    assert kept.headers["location"] == "/account", "recovery codes stay as they are"
    dirk.travel(minutes=1)
    assert shows(gives_password(dirk, "dirk"), old.at(dirk.now)).status_code == 403
    assert shows(gives_password(dirk, "dirk"), new.at(dirk.now)).status_code == 303


def test_who_left_the_desk_alone_leaves_no_way_to_change_the_factor(dirk: World) -> None:
    browser = gives_password(dirk, "dirk")
    set_up(browser, dirk.now)
    dirk.travel(minutes=16)
    for path in ("/account/app", "/account/app/code", "/account/recovery"):
        assert browser.post(path, data={"code": WRONG}).status_code == 403
    page = browser.get("/account").text
    assert "sign in anew" in page
    assert "/account/app" not in page


def test_halfway_in_lasts_a_quarter_of_an_hour(dirk: World) -> None:
    app, _ = set_up(gives_password(dirk, "dirk"), dirk.now)
    browser = gives_password(dirk, "dirk")
    dirk.travel(minutes=14)
    assert where(browser) == "/sign-in/second"
    dirk.travel(minutes=2)
    assert where(browser) == "/sign-in"
    assert shows(browser, app.at(dirk.now)).headers["location"] == "/sign-in"


def test_guessing_codes_is_slow_from_one_place_and_ends_from_many(dirk: World) -> None:
    app, codes = set_up(gives_password(dirk, "dirk"), dirk.now)
    dirk.travel(minutes=5)
    guesser = gives_password(dirk, "dirk")
    assert [shows(guesser, WRONG).status_code for _ in range(FAILURES_ALLOWED)] == [403] * FAILURES_ALLOWED
    assert shows(guesser, app.at(dirk.now)).status_code == 429
    for _ in range(WRONG_CODES_ALLOWED // FAILURES_ALLOWED - 1):
        dirk.travel(minutes=16)
        guesser = gives_password(dirk, "dirk")
        for _ in range(FAILURES_ALLOWED):
            shows(guesser, WRONG)
    dirk.travel(minutes=16)
    browser = gives_password(dirk, "dirk")
    closed = shows(browser, app.at(dirk.now))
    assert (closed.status_code, "Use a recovery code" in closed.text) == (429, True)
    assert "codes-guessed" in [one.detail for one in dirk.acts(Action.ALERT_RAISED)]
    with dirk.reading() as session:
        assert factors.guessed(session) == {dirk.members["Dirk"].id}
    assert shows(browser, codes[0]).status_code == 303, "which nobody can guess, so Dirk is not locked out"
    assert shows(gives_password(dirk, "dirk"), app.at(dirk.now)).status_code == 303
    assert len(dirk.acts(Action.STAFF_FACTOR_REFUSED)) == WRONG_CODES_ALLOWED


def test_the_operator_resets_what_is_lost_and_everybody_with_it_is_out(dirk: World) -> None:
    browser = gives_password(dirk, "dirk")
    _, codes = set_up(browser, dirk.now)
    with dirk.writing() as session:
        factors.reset(session, dirk.now, "dirk")
    assert where(browser) == "/sign-in"
    assert browser.get("/live").status_code == 401
    anew = gives_password(dirk, "dirk")
    assert where(anew) == "/account"
    assert shows(anew, codes[0]).headers["location"] == "/account"
    assert [one.actor for one in dirk.acts(Action.STAFF_FACTOR_RESET)] == ["operator"]
    with pytest.raises(NotFound), dirk.writing() as session:
        factors.reset(session, dirk.now, "nobody")


def test_an_agent_may_go_without_until_the_company_asks_it_of_everybody(world: World) -> None:
    browser = gives_password(world, "anna")
    assert where(browser) == "/desk"
    assert "may sign in without" in browser.get("/account").text
    strict = gives_password(world, "bram", second_factor="everybody")
    assert where(strict) == "/account"
    set_up(strict, world.now)
    assert where(strict) == "/desk"


def test_an_agent_who_set_one_up_is_asked_for_it_and_other_browsers_ask_too(world: World) -> None:
    browser, elsewhere = gives_password(world, "anna"), gives_password(world, "anna")
    app, _ = set_up(browser, world.now)
    assert where(browser) == "/desk"
    assert where(elsewhere) == "/sign-in/second"
    world.travel(minutes=1)
    assert shows(elsewhere, app.at(world.now)).status_code == 303


@pytest.mark.parametrize("role", Role)
def test_the_demand_is_of_everybody_above_agent(role: Role) -> None:
    assert demanded(role, Demand.PRIVILEGED) is (role is not Role.AGENT)
    assert demanded(role, Demand.EVERYBODY)
    assert not demanded(role, Demand.NOBODY)


def test_only_the_demo_asks_it_of_nobody_and_it_stays_on_its_own_machine(dirk: World) -> None:
    at_home = "http://127.0.0.1:8000"
    settings = load(database_url=dirk.db.url, public_url=at_home, language="en", demo=True)
    app = create_app(Ports(settings, dirk.db, lambda: dirk.now, AbsentCarrier(), None))
    browser = TestClient(app, at_home, follow_redirects=False)
    assert "Nobody needs a second factor here" in browser.get("/sign-in").text
    browser.post("/sign-in", data={"login": "dirk", "password": PASSWORD})
    assert where(browser) == "/desk"
    assert browser.get("/sign-in", headers={"host": "calls.veldwijk.example"}).status_code == 400
    outside = served(dirk)
    outside.cookies.set("session", browser.cookies["session"])
    assert where(outside) == "/account", "the same session at a real installation"


def test_without_a_master_key_codes_are_refused_and_recovery_codes_go_on(dirk: World) -> None:
    app, codes = set_up(gives_password(dirk, "dirk"), dirk.now)
    dirk.travel(minutes=1)
    settings = load(database_url=dirk.db.url, public_url="http://testserver", language="en")
    lost = TestClient(
        create_app(Ports(settings, dirk.db, lambda: dirk.now, AbsentCarrier(), None)), follow_redirects=False
    )
    lost.cookies.set("language", "en")
    lost.post("/sign-in", data={"login": "dirk", "password": PASSWORD})
    refused = shows(lost, app.at(dirk.now))
    assert (refused.status_code, "no master key" in refused.text) == (503, True)
    assert shows(lost, codes[0]).status_code == 303
    assert lost.post("/account/app").status_code == 503


def test_a_secret_is_of_its_account_only(dirk: World) -> None:
    app, _ = set_up(gives_password(dirk, "dirk"), dirk.now)
    with dirk.writing() as session:
        session.exec(select(AuthenticatorApp)).one().staff_id = dirk.members["Anna"].id
    dirk.travel(minutes=1)
    refused = shows(gives_password(dirk, "anna"), app.at(dirk.now))
    assert refused.status_code == 410
    assert str(KEY) not in refused.text


def test_who_is_signed_out_between_the_steps_is_out(dirk: World) -> None:
    app, _ = set_up(gives_password(dirk, "dirk"), dirk.now)
    dirk.travel(minutes=1)
    browser = gives_password(dirk, "dirk")
    assert browser.post("/sign-out").headers["location"] == "/sign-in"
    assert shows(browser, app.at(dirk.now)).headers["location"] == "/sign-in"
    assert len(dirk.rows(select(StaffSession))) == 1
