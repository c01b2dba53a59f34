"""Who changes what makes a level: one proposes, another puts it in force; verifications say by which (P06)."""

import re

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from contactcenter.core.audit import Action
from contactcenter.core.errors import Conflict, Invalid, NotAllowed
from contactcenter.staff import service as staff
from contactcenter.staff.rules import Role
from contactcenter.verification import policies
from contactcenter.verification.models import PolicyVersion, Verification
from contactcenter.verification.policy_text import digest, shipped
from contactcenter.verification.rules import Level, PolicyState
from tests.desks import signed_in
from tests.factories import JORIS, World
from tests.verification.acts import answer_rightly, card, recognise

STRICTER = shipped().replace("As shipped", "Stricter").replace("classes = 2", "classes = 3")


@pytest.fixture
def dirk(world: World, dirk: TestClient) -> TestClient:
    """Dirk proposes; Eva, the privacy officer, is there too."""
    world.hire("Eva", Role.PRIVACY)
    return dirk


def propose(world: World, login: str = "dirk", text: str = STRICTER) -> str:
    """Put a policy up; its public id."""
    with world.writing() as session:
        return policies.propose(session, world.now, login, text).public_id


def states(world: World) -> list[PolicyState]:
    """What became of the versions, oldest first."""
    return [row.state for row in world.rows(select(PolicyVersion).order_by(PolicyVersion.id))]  # type: ignore[arg-type]


def test_what_one_proposes_another_puts_in_force_and_the_next_call_goes_by_it(world: World, dirk: TestClient) -> None:
    version = propose(world)
    anna, eva = world.members["Anna"], signed_in(world, "Eva")
    page = eva.get("/policy")
    assert "-classes = 2" in page.text
    assert "+classes = 3" in page.text
    assert dirk.post(f"/policy/{version}/decide", data={"accept": "1"}).status_code == 409
    before = world.call(JORIS, answered_by=anna)
    recognise(world, anna, before)
    assert eva.post(f"/policy/{version}/decide", data={"accept": "1"}).status_code == 204
    answer_rightly(world, anna, before)
    assert card(world, anna, before).level is Level.VERIFIED
    world.hang_up(before)
    after = world.call(JORIS, answered_by=anna)
    recognise(world, anna, after)
    answer_rightly(world, anna, after)
    assert card(world, anna, after).level is Level.RECOGNISED
    first, second = world.rows(select(Verification))
    assert (first.policy, second.policy) == (digest(shipped()), digest(STRICTER))
    assert sorted(states(world)) == [PolicyState.IN_FORCE, PolicyState.REPLACED]
    assert [len(world.acts(act)) for act in (Action.POLICY_PROPOSED, Action.POLICY_ACTIVATED)] == [1, 1]


def test_what_is_turned_down_changes_nothing_and_may_be_proposed_again(world: World, dirk: TestClient) -> None:
    version = propose(world)
    assert dirk.post(f"/policy/{version}/decide", data={"accept": "0"}).status_code == 204
    assert PolicyState.REFUSED in states(world)
    assert dirk.post(f"/policy/{version}/decide", data={"accept": "1"}).status_code == 404
    propose(world)


@pytest.mark.usefixtures("dirk")
def test_only_who_may_decide_proposes_and_a_text_waits_once(world: World) -> None:
    for login in ("anna", "nobody"):
        with pytest.raises(NotAllowed, match="supervisor or privacy officer"):
            propose(world, login)
    with pytest.raises(Conflict, match="in force already"):
        propose(world, text=shipped())
    propose(world)
    with pytest.raises(Conflict, match="waits"):
        propose(world, "eva")
    with pytest.raises(Invalid):
        propose(world, text="classes = 1")


@pytest.mark.usefixtures("dirk")
def test_nothing_comes_in_force_in_the_name_of_somebody_who_left(world: World) -> None:
    version = propose(world)
    with world.writing() as session:
        staff.disable(session, world.now, "dirk")
    eva = signed_in(world, "Eva")
    assert eva.post(f"/policy/{version}/decide", data={"accept": "1"}).status_code == 409
    assert eva.post(f"/policy/{version}/decide", data={"accept": "0"}).status_code == 204


def test_the_page_and_the_trail_name_both_persons(world: World, dirk: TestClient) -> None:
    eva = signed_in(world, "Eva")
    refused = propose(world)
    eva.post(f"/policy/{refused}/decide", data={"accept": "0"})
    accepted = propose(world, "eva", STRICTER.replace("Stricter", "Stricter still"))
    dirk.post(f"/policy/{accepted}/decide", data={"accept": "1"})
    newest, _, oldest = re.findall(r"<li>\s*<p class=\"row\">(.*?)</li>", dirk.get("/policy").text, re.DOTALL)
    assert re.search(r"Stricter still.*voorgesteld door Eva.*beslist door Dirk", newest, re.DOTALL)
    assert re.search(r"Stricter<.*voorgesteld door Dirk.*beslist door Eva", oldest, re.DOTALL)
    said = {
        act: [(one.actor, one.subject) for one in world.acts(act)]
        for act in (Action.POLICY_PROPOSED, Action.POLICY_REFUSED, Action.POLICY_ACTIVATED)
    }
    who = {name: world.members[name].public_id for name in ("Dirk", "Eva")}
    assert said == {
        Action.POLICY_PROPOSED: [(who["Dirk"], refused), (who["Eva"], accepted)],
        Action.POLICY_REFUSED: [(who["Eva"], refused)],
        Action.POLICY_ACTIVATED: [(who["Dirk"], accepted)],
    }


@pytest.mark.usefixtures("dirk")
def test_who_left_proposes_nothing_and_two_different_texts_may_wait(world: World) -> None:
    propose(world)
    propose(world, "eva", STRICTER.replace("Stricter", "Stricter still"))
    with world.writing() as session:
        staff.disable(session, world.now, "dirk")
    with pytest.raises(NotAllowed, match="supervisor or privacy officer"):
        propose(world, "dirk", STRICTER.replace("Stricter", "In the name of Dirk"))


def test_agents_neither_see_nor_decide(world: World, dirk: TestClient) -> None:
    version = propose(world)
    anna = signed_in(world, "Anna")
    assert anna.get("/policy").status_code == 404
    assert anna.post(f"/policy/{version}/decide", data={"accept": "1"}).status_code == 404
    assert dirk.get("/policy").status_code == 200
