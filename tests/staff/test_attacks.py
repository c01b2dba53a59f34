"""What an outsider, or two requests at once, could try at the sign-in door."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlmodel import Session, select
from starlette.testclient import TestClient

from contactcenter.app import create_app
from contactcenter.carrier.absent import AbsentCarrier
from contactcenter.compose import Ports
from contactcenter.core.audit import Action
from contactcenter.core.db import Database
from contactcenter.core.errors import TooMany, Unavailable
from contactcenter.settings import load
from contactcenter.staff import access, passwords, service
from contactcenter.staff.models import SignInFailure, StaffSession
from contactcenter.staff.rules import FAILURES_ALLOWED, REFUSALS_KEPT, Demand
from tests.desks import served
from tests.factories import PASSWORD, World

FORM = {"content-type": "application/x-www-form-urlencoded"}


class Meanwhile(Database):
    """The same database, in which something happens just before the next writing session begins."""

    def __init__(self, url: str, first: threading.Event) -> None:
        super().__init__(url)
        self.first = first

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Let the other one go first."""
        if not self.first.is_set():
            self.first.set()
            with super().writing() as session:
                for opened in session.exec(select(StaffSession)).all():
                    session.delete(opened)
        with super().writing() as session:
            yield session


def pieces(size: int) -> Iterator[bytes]:
    """A body of many fields that announces no length."""
    yield b"login=anna"
    for _ in range(size // 1000):
        yield b"&a=" + b"b" * 997


def outcome(world: World, login: str, password: str) -> str:
    try:
        return "in" if service.sign_in(world.db, world.now, login, password, "192.0.2.1") else "wrong"
    except (TooMany, Unavailable) as refused:
        return refused.id


@pytest.mark.parametrize("path", ["/sign-in", "/language", "/sign-out", "/available"])
def test_a_form_without_an_announced_length_is_cut_off_as_well(world: World, path: str) -> None:
    answer = served(world).post(path, content=pieces(2_000_000), headers=FORM)
    assert answer.status_code == 422


@pytest.mark.parametrize("body", ["&".join("a=b" for _ in range(500)), "login=anna%00&password=x"])
def test_a_form_that_no_page_sends_is_refused(world: World, body: str) -> None:
    assert served(world).post("/sign-in", content=body, headers=FORM).status_code == 422


def test_a_form_of_our_own_pages_is_read_as_it_was_typed(world: World) -> None:
    visitor: TestClient = served(world)
    page = visitor.post("/sign-in", data={"login": "Jan & Söhne=ü +1", "password": "é"})
    assert "Jan &amp; Söhne=ü +1" in page.text


def test_who_signed_out_a_moment_ago_is_not_brought_back_by_a_request_under_way(world: World) -> None:
    token = service.sign_in(world.db, world.now, "anna", PASSWORD, "192.0.2.1")
    assert token is not None
    world.travel(minutes=5)
    db = Meanwhile(world.db.url, threading.Event())
    access.visitor_for(db, token, world.now, Demand.PRIVILEGED)
    db.close()
    assert world.rows(select(StaffSession)) == []


def test_a_flood_of_sign_ins_leaves_threads_for_the_callers(world: World) -> None:
    with passwords.hashing, ThreadPoolExecutor(40) as crowd:  # comparing takes for ever
        tries = [crowd.submit(outcome, world, f"outsider-{number}", "x" * 15) for number in range(40)]
        refused = 0
        while refused < 40 - service.WAITING_ALLOWED:
            refused = sum(one.done() and one.result() == "unavailable" for one in tries)
        passwords.hashing.release()
        assert sum(one.result() == "wrong" for one in tries) == service.WAITING_ALLOWED
        passwords.hashing.acquire()
    assert outcome(world, "anna", PASSWORD) == "in"


def test_guesses_at_once_are_no_more_than_guesses_one_by_one(world: World) -> None:
    with ThreadPoolExecutor(service.WAITING_ALLOWED) as crowd:
        said = list(crowd.map(lambda number: outcome(world, "anna", f"a guessed password {number}"), range(14)))
    assert said.count("wrong") == FAILURES_ALLOWED
    assert len(world.rows(select(SignInFailure))) == FAILURES_ALLOWED
    assert outcome(world, "anna", PASSWORD) == "too-many"


def test_of_a_flood_of_refused_sign_ins_the_trail_keeps_what_shows_that_it_was_one(world: World) -> None:
    for number in range(REFUSALS_KEPT + 20):
        with world.writing() as session:
            service._record_refusal(session, world.now, "unknown")
            if number < 3:
                service._record_refusal(session, world.now, world.members["Anna"].public_id)
    kept = world.acts(Action.STAFF_SIGN_IN_REFUSED)
    assert [one.detail for one in kept if one.subject == "unknown"][-2:] == ["", "more-are-not-kept"]
    assert len(kept) == REFUSALS_KEPT + 3
    world.travel(minutes=16)
    assert outcome(world, "nobody", "a guessed password") == "wrong"
    assert len(world.acts(Action.STAFF_SIGN_IN_REFUSED)) == REFUSALS_KEPT + 4
    assert len(world.rows(select(SignInFailure))) == 1


def test_failures_that_count_no_more_are_forgotten_by_the_next_one(world: World) -> None:
    for number in range(4):
        assert outcome(world, f"outsider-{number}", "a guessed password") == "wrong"
    world.travel(minutes=16)
    assert outcome(world, "outsider-9", "a guessed password") == "wrong"
    assert len(world.rows(select(SignInFailure))) == 1


@pytest.mark.parametrize(
    ("address", "secure"), [("https://calls.veldwijk.example", True), ("http://testserver", False)]
)
def test_the_cookie_of_the_language_is_secure_where_the_site_is(world: World, address: str, secure: bool) -> None:
    settings = load(database_url=world.db.url, public_url=address)
    app = create_app(Ports(settings, world.db, lambda: world.now, AbsentCarrier(), None))
    answer = TestClient(app, base_url=address).post("/language", data={"language": "nl"}, follow_redirects=False)
    assert ("secure" in answer.headers["set-cookie"].lower()) is secure
