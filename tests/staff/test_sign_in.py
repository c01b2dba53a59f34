"""Signing in, staying signed in and being sent away: as a browser sees it."""

import re
import time
from http.cookies import SimpleCookie

import httpx2
import pytest
from sqlmodel import select
from starlette.routing import Route
from starlette.testclient import TestClient

from contactcenter.app import create_app, staff_routes
from contactcenter.carrier.absent import AbsentCarrier
from contactcenter.compose import Ports
from contactcenter.core.audit import Action
from contactcenter.settings import load
from contactcenter.staff import routes
from contactcenter.staff.models import SignInFailure, Staff, StaffSession
from contactcenter.staff.rules import ABSOLUTE_LIMIT, FAILURES_ALLOWED
from tests.factories import PASSWORD, World

OFFICE, HOME, ELSEWHERE = "198.51.100.7", "203.0.113.20", "192.0.2.99"
WRONG = "not the password at all"


def visitor(world: World, source: str = OFFICE, public_url: str = "http://testserver") -> TestClient:
    """A browser at a network address."""
    settings = load(database_url=world.db.url, public_url=public_url, language="en")
    app = create_app(Ports(settings, world.db, lambda: world.now, AbsentCarrier(), None))
    return TestClient(app, base_url=public_url, follow_redirects=False, client=(source, 40000))


def sign_in(browser: TestClient, login: str, password: str = PASSWORD) -> httpx2.Response:
    return browser.post("/sign-in", data={"login": login, "password": password})


def signed_in(world: World, login: str, source: str = OFFICE) -> TestClient:
    browser = visitor(world, source)
    assert sign_in(browser, login).status_code == 303
    return browser


def is_in(browser: TestClient) -> bool:
    """Whether the start page lets this browser on, or sends it to the sign-in page."""
    answer = browser.get("/")
    assert answer.status_code == 303
    return answer.headers["location"] != "/sign-in"


def test_anna_signs_in_and_out(world: World) -> None:
    browser = visitor(world)
    assert not is_in(browser)
    assert browser.get("/sign-in").status_code == 200
    assert sign_in(browser, "anna").headers["location"] == "/"
    assert browser.get("/").headers["location"] == "/desk"
    assert browser.get("/sign-in").headers["location"] == "/"
    assert browser.post("/sign-out").headers["location"] == "/sign-in"
    assert not is_in(browser)
    assert [len(world.acts(act)) for act in (Action.STAFF_SIGNED_IN, Action.STAFF_SIGNED_OUT)] == [1, 1]


def test_a_wrong_password_and_an_unknown_login_look_the_same(world: World) -> None:
    wrong, unknown = (sign_in(visitor(world), login, WRONG) for login in ("anna", "nobody"))
    assert wrong.status_code == unknown.status_code == 403
    assert "Login or password is wrong" in wrong.text
    assert wrong.text.replace('value="anna"', "") == unknown.text.replace('value="nobody"', "")
    assert wrong.headers.keys() == unknown.headers.keys()
    assert "set-cookie" not in wrong.headers


def test_a_wrong_password_and_an_unknown_login_take_the_same_time(world: World) -> None:
    def quickest(login: str) -> float:
        took = []
        for number in range(6):
            browser = visitor(world, f"198.51.100.{number}")
            began = time.perf_counter()
            sign_in(browser, login, WRONG)
            took.append(time.perf_counter() - began)
        return min(took)

    assert 0.3 < quickest("anna") / quickest("nobody") < 3  # without the hash one would take a tenth


def test_five_failures_from_one_place_lock_that_pair_only(world: World) -> None:
    office = visitor(world, OFFICE)
    for _ in range(FAILURES_ALLOWED):
        assert sign_in(office, "anna", WRONG).status_code == 403
    began = time.monotonic()
    locked = sign_in(office, "anna")
    assert locked.status_code == 403
    assert time.monotonic() - began > routes.REFUSED_WAITS, "so that a flood of tries is a trickle"
    assert "Too many tries from here" in locked.text
    assert not is_in(office)
    assert is_in(signed_in(world, "bram", OFFICE))
    assert is_in(signed_in(world, "anna", HOME))
    world.travel(minutes=16)
    assert is_in(signed_in(world, "anna", OFFICE))


def test_a_success_forgets_the_failures_before_it(world: World) -> None:
    for _ in range(3):
        browser = visitor(world)
        for _ in range(FAILURES_ALLOWED - 1):
            sign_in(browser, "anna", WRONG)
        assert sign_in(browser, "anna").status_code == 303
    assert world.rows(select(SignInFailure)) == []


def test_guessing_logins_teaches_nothing_and_names_nobody_in_the_audit_trail(world: World) -> None:
    stranger = visitor(world, ELSEWHERE)
    for _ in range(FAILURES_ALLOWED):
        sign_in(stranger, "joris.jansen@bakkerijjansen.example", WRONG)
    assert "Too many tries" in sign_in(stranger, "joris.jansen@bakkerijjansen.example", WRONG).text
    refused = world.acts(Action.STAFF_SIGN_IN_REFUSED)
    assert {entry.subject for entry in refused} == {"unknown"}
    kept = str([row.model_dump() for row in world.rows(select(SignInFailure))])
    assert ELSEWHERE not in kept
    assert "joris" not in kept


def test_signing_out_ends_the_session_on_the_very_next_request_of_any_window(world: World) -> None:
    window, other_browser = signed_in(world, "anna"), signed_in(world, "anna")
    second_window = visitor(world)
    second_window.cookies.update(window.cookies)
    assert is_in(second_window)
    window.post("/sign-out")
    assert not is_in(second_window)
    assert second_window.get("/live").status_code == 401
    assert is_in(other_browser)


def test_a_disabled_account_loses_its_session_and_cannot_come_back(world: World) -> None:
    browser = signed_in(world, "anna")
    with world.writing() as session:
        session.exec(select(Staff).where(Staff.login == "anna")).one().disabled_at = world.now
    assert not is_in(browser)
    refused = sign_in(visitor(world), "anna")
    assert refused.status_code == 403
    assert "Login or password is wrong" in refused.text


@pytest.mark.parametrize(
    ("public_url", "name", "secure"),
    [("https://calls.veldwijk.example", "__Host-session", True), ("http://testserver", "session", False)],
)
def test_the_cookie_is_for_the_server_only(world: World, public_url: str, name: str, secure: bool) -> None:
    browser = visitor(world, public_url=public_url)
    cookie = SimpleCookie(sign_in(browser, "anna").headers["set-cookie"])[name]
    assert cookie["httponly"] is True
    assert (cookie["samesite"], cookie["path"], cookie["domain"]) == ("strict", "/", "")
    assert bool(cookie["secure"]) is secure
    assert int(cookie["max-age"]) == ABSOLUTE_LIMIT.total_seconds()
    assert len(cookie.value) >= 43
    assert cookie.value not in {row.token_hash for row in world.rows(select(StaffSession))}
    assert is_in(browser)


def test_every_sign_in_gives_a_session_of_its_own(world: World) -> None:
    browser = visitor(world)
    browser.cookies.set("session", "chosen-by-somebody-else")
    assert not is_in(browser)
    tokens = [SimpleCookie(sign_in(browser, "anna").headers["set-cookie"])["session"].value for _ in range(3)]
    assert len({*tokens, "chosen-by-somebody-else"}) == 4


def test_a_session_ends_after_two_idle_hours(world: World) -> None:
    browser = signed_in(world, "anna")
    for _ in range(3):
        world.travel(minutes=119)
        assert is_in(browser)
    world.travel(minutes=121)
    assert not is_in(browser)


def test_a_session_ends_after_twelve_hours_however_busy(world: World) -> None:
    browser = signed_in(world, "anna")
    for _ in range(12):
        world.travel(minutes=59)
        assert is_in(browser)
    world.travel(minutes=13)
    assert not is_in(browser)


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://testserver.evil.example"},
    ],
    ids=str,
)
def test_a_request_from_another_site_changes_nothing(world: World, headers: dict[str, str]) -> None:
    browser = signed_in(world, "anna")
    assert browser.post("/sign-out", headers=headers).status_code == 403
    assert browser.post("/available", data={"available": "1"}, headers=headers).status_code == 403
    assert is_in(browser)
    assert not world.member("Anna").available
    forged = visitor(world).post("/sign-in", data={"login": "bram", "password": PASSWORD}, headers=headers)
    assert (forged.status_code, "set-cookie" in forged.headers) == (403, False)


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "same-origin"}, {"origin": "http://testserver"}, {}], ids=str)
def test_a_request_of_our_own_pages_is_taken(world: World, headers: dict[str, str]) -> None:
    browser = signed_in(world, "anna")
    assert browser.post("/available", data={"available": "1"}, headers=headers).status_code < 400
    assert world.member("Anna").available


def test_without_a_session_panels_send_the_whole_page_to_the_sign_in(world: World) -> None:
    outsider = visitor(world)
    for route in staff_routes():
        assert isinstance(route, Route)
        method = "POST" if "POST" in (route.methods or ()) else "GET"
        path = re.sub(r"\{\w+\}", "A" * 22, route.path)
        answer = outsider.request(method, path, headers={"hx-request": "true"})
        assert answer.status_code == 401, route.name
        assert route.name == "live" or answer.headers["hx-redirect"] == "/sign-in"
        assert answer.text == ""
