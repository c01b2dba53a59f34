"""My own sessions: seen on a page, ended from the very next request on, by me or by what changed about my account."""

import re
from collections.abc import Callable, Iterator

import pytest
from sqlmodel import Session, select
from starlette.testclient import TestClient

from contactcenter.core.audit import Action
from contactcenter.staff import factors, roles, service, sessions
from contactcenter.staff.models import Staff, StaffSession
from contactcenter.staff.rules import FAILURES_ALLOWED, Role, browser_of
from tests.desks import served
from tests.factories import PASSWORD, World
from tests.house import Agent, House
from tests.staff.at_the_door import gives_password, set_up, shows, where

NEW_PASSWORD = "vier fietsen in de regen"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile Safari/604.1"
CHROME = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36"
END = re.compile(r'action="(/account/sessions/[\w-]{22})"')
CALLED = "hired-for-the-streams"
Ends = Callable[[Session, House, Agent], None]


def changes(browser: TestClient, present: str, new: str, again: str | None = None) -> int:
    """Change my own password; the answer's status."""
    form = {"password": present, "new": new, "again": again or new}
    return browser.post("/account/password", data=form).status_code


def test_the_page_lists_my_sessions_and_marks_this_one(world: World) -> None:
    at_work, at_home = (gives_password(world, "anna", agent) for agent in (FIREFOX, SAFARI))
    gives_password(world, "bram", CHROME)
    page = at_work.get("/account").text
    assert page.count("Firefox, Linux") == page.count("Safari, iPhone") == 1
    assert "Chrome" not in page, "which is Bram's"
    assert re.search(r"Firefox, Linux\s*<span[^>]*>this one<", page)
    assert len(END.findall(page)) == 1
    assert where(at_home) == "/desk"


def test_i_end_one_of_them_and_nobody_elses(world: World) -> None:
    at_work, at_home, bram = (gives_password(world, login) for login in ("anna", "anna", "bram"))
    (lost,) = END.findall(at_work.get("/account").text)
    assert bram.post(lost).status_code == 404
    assert where(at_home) == "/desk"
    assert at_work.post(lost).headers["location"] == "/account"
    assert where(at_home) == "/sign-in"
    assert at_work.post(lost).status_code == 404
    assert [act.detail for act in world.acts(Action.STAFF_SESSION_ENDED)] == ["one"]


def test_i_end_all_the_others_at_once(world: World) -> None:
    here, *others = (gives_password(world, "anna") for _ in range(4))
    bram = gives_password(world, "bram")
    here.post("/account/sessions")
    assert {where(one) for one in others} == {"/sign-in"}
    assert (where(here), where(bram)) == ("/desk", "/desk")


def test_who_only_gave_my_password_is_seen(world: World) -> None:
    browser = gives_password(world, "anna")
    set_up(browser, world.now)
    gives_password(world, "anna")
    assert browser.get("/account").text.count("password only") == 1


def test_sessions_that_ended_by_themselves_are_not_listed(world: World) -> None:
    gives_password(world, "anna", SAFARI)
    world.travel(hours=3)
    assert "Safari" not in gives_password(world, "anna", FIREFOX).get("/account").text


def test_my_new_password_ends_every_other_session_and_this_one_goes_on_under_another_token(world: World) -> None:
    here, elsewhere = gives_password(world, "anna"), gives_password(world, "anna")
    before = here.cookies["session"]
    assert changes(here, PASSWORD, NEW_PASSWORD) == 303
    assert (where(here), where(elsewhere)) == ("/desk", "/sign-in")
    stolen = served(world)
    stolen.cookies.set("session", before)
    assert where(stolen) == "/sign-in"
    assert served(world).post("/sign-in", data={"login": "anna", "password": PASSWORD}).status_code == 403
    assert served(world).post("/sign-in", data={"login": "anna", "password": NEW_PASSWORD}).status_code == 303
    anna = world.members["Anna"].public_id
    assert [(act.actor, act.subject) for act in world.acts(Action.STAFF_PASSWORD_SET)] == [(anna, anna)]


@pytest.mark.parametrize(
    ("present", "new", "again", "status"),
    [
        ("not my password at all", NEW_PASSWORD, None, 403),
        (PASSWORD, "too short", None, 422),
        (PASSWORD, "wachtwoord123456", None, 422),
        (PASSWORD, "annaannaannaanna", None, 422),
        (PASSWORD, "qwertyuiopasdfgh", None, 422),
        (PASSWORD, NEW_PASSWORD, "vier fietsen in de regens", 422),
    ],
)
def test_a_password_is_not_changed(world: World, present: str, new: str, again: str | None, status: int) -> None:
    browser, elsewhere = gives_password(world, "anna"), gives_password(world, "anna")
    assert changes(browser, present, new, again) == status
    assert (where(browser), where(elsewhere)) == ("/desk", "/desk")


def test_at_a_desk_that_somebody_left_the_password_is_not_guessed(world: World) -> None:
    browser = gives_password(world, "anna")
    for _ in range(FAILURES_ALLOWED):
        assert changes(browser, "not my password at all", NEW_PASSWORD) == 403
    assert changes(browser, PASSWORD, NEW_PASSWORD) == 429


def test_a_second_factor_stays_shown_when_the_password_changes(world: World) -> None:
    world.hire("Dirk", Role.SUPERVISOR)
    browser = gives_password(world, "dirk")
    app, _ = set_up(browser, world.now)
    assert changes(browser, PASSWORD, NEW_PASSWORD) == 303
    assert where(browser) == "/desk"
    world.travel(minutes=1)
    anew = served(world)
    anew.post("/sign-in", data={"login": "dirk", "password": NEW_PASSWORD})
    assert where(anew) == "/sign-in/second"
    assert shows(anew, app.at(world.now)).status_code == 303


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (FIREFOX, "Firefox, Linux"),
        (SAFARI, "Safari, iPhone"),
        (CHROME, "Chrome, macOS"),
        (CHROME.replace("Safari/537.36", "Safari/537.36 Edg/142.0"), "Edge, macOS"),
        ("curl/8", ""),
        ("", ""),
    ],
)
def test_a_browser_is_named_in_words_that_its_owner_knows(user_agent: str, words: str) -> None:
    assert browser_of(user_agent) == words


def _disabled(session: Session, house: House, _agent: Agent) -> None:
    service.disable(session, house.clock(), CALLED)


def _password(session: Session, house: House, _agent: Agent) -> None:
    service.set_password(session, house.clock(), CALLED, NEW_PASSWORD)


def _reset(session: Session, house: House, _agent: Agent) -> None:
    factors.reset(session, house.clock(), CALLED)


def _ended(session: Session, house: House, _agent: Agent) -> None:
    opened = session.exec(select(StaffSession).join(Staff).where(Staff.login == CALLED)).one()
    sessions.end_one(session, house.clock(), session.get_one(Staff, opened.staff_id), opened.public_id)


def _signed_out(session: Session, house: House, agent: Agent) -> None:
    sessions.sign_out(session, house.clock(), agent.http.cookies["session"])


def _less(session: Session, house: House, _agent: Agent) -> None:
    kort, dirk = (session.exec(select(Staff).where(Staff.login == login)).one() for login in (CALLED, "dirk"))
    kort.role = Role.COACH
    roles.change(session, house.clock(), dirk, kort.public_id, Role.AGENT)


@pytest.fixture
def kort(house: House) -> Iterator[Agent]:
    """Somebody who was hired for this story, and is gone after it."""
    with house.parts.db.writing() as session:
        hired = service.add(session, house.clock(), login=CALLED, name="Kort", role=Role.AGENT, password=PASSWORD)
        hired.password_hash = session.exec(select(Staff.password_hash).where(Staff.login == "anna")).one()
    yield house.agent(CALLED)
    with house.parts.db.writing() as session:
        gone = session.exec(select(Staff).where(Staff.login == CALLED)).one()
        gone.login, gone.disabled_at = gone.public_id, house.clock()


@pytest.mark.parametrize("ends", [_disabled, _password, _reset, _less, _ended, _signed_out])
def test_an_open_stream_of_live_events_ends_with_its_session(house: House, kort: Agent, ends: Ends) -> None:
    with kort.http.stream("GET", "/live", timeout=20) as stream:
        assert stream.status_code == 200
        with house.parts.db.writing() as session:
            ends(session, house, kort)
        assert [line for line in stream.iter_lines() if line.startswith("data")] == []
    assert kort.http.get("/live").status_code == 401
