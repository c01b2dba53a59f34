"""A hold keeps at once what one person asked to keep; to rely on it, to prolong it and to release it takes two."""

from collections.abc import Callable, Iterator

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from contactcenter.app import create_app
from contactcenter.core.audit import Action, AuditEntry
from contactcenter.recordings.models import Hold, HoldProposal
from contactcenter.staff import service as staff
from contactcenter.staff.rules import Role
from tests.desks import all_the_way
from tests.recordings.test_retention import sweep
from tests.recordings.workplace import NOON, PASSWORD, Story, Workplace

Visitor = Callable[[str], TestClient]
FORM = {"kind": "dispute", "reference": "D-17", "review_on": "2026-12-01"}


@pytest.fixture
def visitor(place: Workplace) -> Iterator[Visitor]:
    """Browsers of people who have signed in; there is a second supervisor, Gijs."""
    app = create_app(place.parts)
    with place.db.writing() as session:
        staff.add(
            session, NOON, login="gijs", name="Gijs", role=Role.SUPERVISOR, password=PASSWORD, language="en",
            trained_on=NOON.date(),
        )  # fmt: skip

    def sign_in(login: str) -> TestClient:
        browser = TestClient(app, place.settings.public_url, follow_redirects=False)
        browser.cookies.set("language", "en")
        assert browser.post("/sign-in", data={"login": login, "password": PASSWORD}).status_code == 303
        all_the_way(place.db)
        return browser

    yield sign_in
    app.state.site.jobs.close()


def placed(place: Workplace, browser: TestClient) -> tuple[Story, str]:
    """A recorded call that this person holds; the hold's public id."""
    story = place.call().done()
    assert browser.post(f"/contacts/{story.contact}/hold", data=FORM).status_code == 303
    return story, hold_of(place).public_id


def hold_of(place: Workplace) -> Hold:
    with place.db.reading() as session:
        return session.exec(select(Hold)).one()


def decide(place: Workplace, browser: TestClient, *, accept: bool = True) -> int:
    """Decide the newest proposal that waits; the answer's status."""
    with place.db.reading() as session:
        newest = [one.public_id for one in session.exec(select(HoldProposal)) if one.decided_at is None][-1]
    return browser.post(f"/holds/steps/{newest}", data={"accept": "1" if accept else "0"}).status_code


def test_a_hold_keeps_from_the_first_moment_and_says_that_it_waits(place: Workplace, visitor: Visitor) -> None:
    dirk = visitor("dirk")
    story, _ = placed(place, dirk)
    page = dirk.get(f"/contacts/{story.contact}").text
    assert "waits for a second person" in page
    assert "Holds that wait for a second person" in visitor("eva").get("/supervision").text
    place.clock.travel(days=90)
    assert sweep(place).due == 0, "past its review, and nobody confirmed it: silence destroys nothing"


def test_a_second_person_confirms_it(place: Workplace, visitor: Visitor) -> None:
    dirk, eva = visitor("dirk"), visitor("eva")
    story, _ = placed(place, dirk)
    assert decide(place, dirk) == 409
    assert hold_of(place).confirmed_at is None
    assert decide(place, eva) == 303
    assert hold_of(place).confirmed_at == place.clock()
    assert "waits for a second person" not in eva.get(f"/contacts/{story.contact}").text


def test_one_proposes_the_release_and_another_lets_the_timer_go_on(place: Workplace, visitor: Visitor) -> None:
    dirk, eva, gijs = visitor("dirk"), visitor("eva"), visitor("gijs")
    _, name = placed(place, dirk)
    decide(place, eva)
    assert dirk.post(f"/holds/{name}/release").status_code == 303
    assert eva.post(f"/holds/{name}/release").status_code == 409, "which is proposed already"
    assert decide(place, dirk) == 409
    assert hold_of(place).released_at is None
    assert decide(place, gijs) == 303
    assert hold_of(place).released_at == place.clock()
    assert eva.post(f"/holds/{name}/release").status_code == 404
    place.clock.travel(days=40)
    assert sweep(place).destroyed == 1
    with place.db.reading() as session:
        acts = [one for one in session.exec(select(AuditEntry)) if one.subject_type == "hold"]
    assert [one.action for one in acts] == [
        Action.HOLD_PLACED,
        Action.HOLD_CONFIRMED,
        Action.HOLD_RELEASE_ASKED,
        Action.HOLD_RELEASED,
    ]
    assert len({one.actor for one in acts[2:]}) == 2


def test_who_placed_it_by_mistake_needs_somebody_to_take_it_back(place: Workplace, visitor: Visitor) -> None:
    dirk, eva = visitor("dirk"), visitor("eva")
    _, name = placed(place, dirk)
    assert decide(place, eva, accept=False) == 409, "a hold ends by its release only"
    eva.post(f"/holds/{name}/release")
    assert decide(place, eva) == 409
    assert decide(place, dirk) == 303
    assert hold_of(place).released_at is not None
    with place.db.reading() as session:
        assert {one.accepted for one in session.exec(select(HoldProposal))} == {True, False}


def test_a_release_that_is_turned_down_leaves_the_hold(place: Workplace, visitor: Visitor) -> None:
    dirk, eva = visitor("dirk"), visitor("eva")
    _, name = placed(place, dirk)
    decide(place, eva)
    for who in (eva, dirk):  # somebody else, or who proposed it
        dirk.post(f"/holds/{name}/release")
        assert decide(place, who, accept=False) == 303
    place.clock.travel(days=90)
    assert sweep(place).due == 0


def test_beyond_its_day_of_review_two_people_keep_it(place: Workplace, visitor: Visitor) -> None:
    dirk, eva = visitor("dirk"), visitor("eva")
    _, name = placed(place, dirk)
    decide(place, eva)
    before = hold_of(place).review_on
    assert dirk.post(f"/holds/{name}/review", data={"review_on": "2020-01-01"}).status_code == 422
    assert dirk.post(f"/holds/{name}/review", data={"review_on": "2027-03-01"}).status_code == 303
    assert hold_of(place).review_on == before
    assert decide(place, eva) == 303
    assert hold_of(place).review_on.isoformat() == "2027-03-01"


def test_what_was_proposed_by_somebody_who_left_is_proposed_anew(place: Workplace, visitor: Visitor) -> None:
    dirk, eva, gijs = visitor("dirk"), visitor("eva"), visitor("gijs")
    _, name = placed(place, dirk)
    with place.db.writing() as session:
        staff.disable(session, place.clock(), "dirk")
    assert decide(place, eva) == 409
    assert eva.post(f"/holds/{name}/review", data={"review_on": "2026-12-15"}).status_code == 303
    assert decide(place, gijs) == 303
    assert hold_of(place).confirmed_at is not None


def test_who_has_no_such_right_finds_nothing(place: Workplace, visitor: Visitor) -> None:
    dirk, carla = visitor("dirk"), visitor("carla")
    _, name = placed(place, dirk)
    assert carla.post(f"/holds/{name}/release").status_code == 404
    assert decide(place, carla) == 404
