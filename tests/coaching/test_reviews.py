"""Reviews: a short form, a verdict that follows rules, and an agent who sees it and may answer once (P02, P05)."""

import re

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from contactcenter.coaching.models import Review, ReviewReply
from contactcenter.coaching.rules import SampleKind, Verdict, verdict_of
from contactcenter.core.audit import Action
from contactcenter.staff.rules import Role
from tests.coaching.acts import recorded, verified
from tests.desks import signed_in
from tests.factories import JORIS, World

GOOD = {"asked": "yes", "answered": "yes", "told_before": "no", "verdict": "good"}
WORSE = {"verdict": "to-improve", "comment": "The order number stands on the invoice."}


def drawn(world: World, call: int) -> str:
    """The contact is in the queue; the path of its review."""
    with world.writing() as session:
        made = Review(contact_id=call, why=SampleKind.ONE_IN, drawn_at=world.now)
        session.add(made)
    return f"/reviews/{made.public_id}"


@pytest.fixture
def review(world: World, call: int) -> str:
    """Anna's call was verified, recorded and drawn."""
    recorded(world, call)
    verified(world, call)
    world.hang_up(call)
    return drawn(world, call)


def stored(world: World) -> Review:
    """The review as it stands."""
    (found,) = world.rows(select(Review))
    return found


@pytest.mark.parametrize("chosen", list(Verdict))
def test_what_was_told_before_fails_the_whole_review(chosen: Verdict) -> None:
    assert verdict_of(chosen, told_before=True) is Verdict.FAILED
    assert verdict_of(chosen, told_before=False) is chosen


def test_a_review_is_given_once_and_is_on_record(world: World, dirk: TestClient, review: str) -> None:
    assert review in dirk.get("/reviews").text
    assert dirk.post(review, data=GOOD).status_code == 204
    assert (stored(world).verdict, stored(world).asked, stored(world).told_before) == (Verdict.GOOD, True, False)
    assert dirk.post(review, data=GOOD).status_code == 409
    assert [one.detail for one in world.acts(Action.REVIEW_GIVEN)] == ["good"]
    assert dirk.post("/reviews/" + "A" * 22, data=GOOD).status_code == 404


@pytest.mark.parametrize(
    "form",
    [
        {},
        {**GOOD, "asked": ""},
        {**GOOD, "verdict": "excellent"},
        {**GOOD, "verdict": "to-improve"},
        {**GOOD, "told_before": "yes"},
        {**GOOD, "comment": "x" * 501},
    ],
)
def test_a_form_that_is_not_whole_is_refused(world: World, dirk: TestClient, review: str, form: dict[str, str]) -> None:
    assert dirk.post(review, data=form).status_code == 422
    assert stored(world).reviewed_at is None


def test_told_before_verified_fails_whatever_was_chosen(world: World, dirk: TestClient, review: str) -> None:
    form = {**GOOD, "told_before": "yes", "comment": "The address was read out first."}
    assert dirk.post(review, data=form).status_code == 204
    assert stored(world).verdict is Verdict.FAILED


def test_nobody_reviews_their_own_contact(world: World, dirk: TestClient) -> None:
    own = world.call(JORIS, answered_by=world.member("Dirk"))
    world.hang_up(own)
    review = drawn(world, own)
    assert review not in dirk.get("/reviews").text
    assert review in dirk.get("/reviews?of=all").text
    assert f'action="{review}"' not in dirk.get(review).text
    assert dirk.post(review, data=GOOD).status_code == 409
    world.hire("Eva", Role.PRIVACY)
    assert signed_in(world, "Eva").post(review, data=GOOD).status_code == 204


def test_the_agent_sees_the_review_and_who_listened_and_answers_once(
    world: World, dirk: TestClient, review: str
) -> None:
    anna = signed_in(world, "Anna")
    assert anna.get(review).status_code == 404
    assert review not in anna.get("/reviews").text
    assert anna.post(f"{review}/reply", data={"words": "I asked it twice, at the start."}).status_code == 404
    contact = re.search(r"/contacts/([\w-]+)", dirk.get(review).text)
    assert contact
    dirk.post(f"/contacts/{contact[1]}/open", data={"purpose": "verification-audit"})
    dirk.post(review, data=GOOD | WORSE)
    assert review in anna.get("/reviews").text
    page = anna.get(review).text
    assert WORSE["comment"] in page
    assert page.count("Dirk") == 2
    assert anna.post(f"{review}/reply", data={"words": "No."}).status_code == 422
    assert anna.post(f"{review}/reply", data={"words": "I asked it twice, at the start."}).status_code == 204
    assert anna.post(f"{review}/reply", data={"words": "And once more at the end."}).status_code == 409
    assert "I asked it twice" in dirk.get(review).text
    assert len(world.rows(select(ReviewReply))) == 1
    assert "twice" not in repr(world.acts(Action.REVIEW_ANSWERED))


def test_colleagues_see_nothing_of_it(world: World, dirk: TestClient, review: str) -> None:
    dirk.post(review, data=GOOD)
    bram = signed_in(world, "Bram")
    assert bram.get(review).status_code == 404
    assert review not in bram.get("/reviews").text
    assert bram.post(review, data=GOOD).status_code == 404
    assert bram.post(f"{review}/reply", data={"words": "I would have done the same."}).status_code == 404
    world.hire("Carla", Role.COACH)
    carla = signed_in(world, "Carla")
    assert review not in carla.get("/reviews").text
    assert carla.get(review).status_code == 404


def test_mine_is_what_waits_in_my_team_and_what_i_reviewed(world: World, dirk: TestClient, review: str) -> None:
    world.hire("Henk", Role.SUPERVISOR, team="Sales")
    henk = signed_in(world, "Henk")
    assert review not in henk.get("/reviews").text
    assert review in henk.get("/reviews?of=all").text
    henk.post(review, data=GOOD)
    assert review in henk.get("/reviews").text
    assert review not in dirk.get("/reviews").text
    assert review in dirk.get("/reviews?of=all").text
