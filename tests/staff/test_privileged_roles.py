"""A role above agent takes two people; the operator begins alone, and is on record for it."""

import re

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from contactcenter.core.audit import Action
from contactcenter.core.errors import Conflict, NotFound
from contactcenter.staff import roles, service
from contactcenter.staff.models import Staff
from contactcenter.staff.rules import RIGHTS, Right, Role
from tests.desks import signed_in
from tests.factories import PASSWORD, World

DECIDE = re.compile(r'action="(/roles/[\w-]{22})"')


@pytest.fixture
def staffed(world: World) -> World:
    """The company with everybody in it, and English pages."""
    for name, role in (("Carla", Role.COACH), ("Dirk", Role.SUPERVISOR), ("Eva", Role.PRIVACY), ("Fleur", Role.ADMIN)):
        world.hire(name, role)
    with world.writing() as session:
        for one in session.exec(select(Staff)):
            one.language = "en"
    return world


def gives(browser: TestClient, world: World, name: str, role: str) -> int:
    """Choose a role for somebody on the page; the answer's status."""
    return browser.post(f"/staff/{world.members[name].public_id}/role", data={"role": role}).status_code


def decides(browser: TestClient, *, accept: bool) -> int:
    """Confirm what waits, or turn it down; the answer's status."""
    (path,) = DECIDE.findall(browser.get("/staff").text)
    return browser.post(path, data={"accept": "1" if accept else "0"}).status_code


def operator_adds(world: World, login: str, role: Role) -> bool:
    """As `contactcenter staff add` does it; whether the role is in force."""
    with world.writing() as session:
        return roles.add_by_operator(session, world.now, login=login, name=login.title(), role=role, password=PASSWORD)


def role_of(world: World, login: str) -> Role:
    return world.rows(select(Staff).where(Staff.login == login))[0].role


def test_one_proposes_and_another_confirms(staffed: World) -> None:
    anna, dirk, fleur = (signed_in(staffed, name) for name in ("Anna", "Dirk", "Fleur"))
    assert gives(fleur, staffed, "Anna", "supervisor") == 303
    assert staffed.member("Anna").role is Role.AGENT
    assert "Somebody else confirms it" in fleur.get("/staff").text
    assert anna.get("/desk").status_code == 200
    assert decides(fleur, accept=True) == 409, "who proposed it"
    assert decides(dirk, accept=True) == 303
    assert staffed.member("Anna").role is Role.SUPERVISOR
    assert anna.get("/desk").status_code == 401, "who signs in anew, with a second factor now"
    assert [(act.actor, act.subject, act.detail) for act in staffed.acts(Action.STAFF_ROLE_SET)] == [
        (staffed.members["Dirk"].public_id, staffed.members["Anna"].public_id, "supervisor")
    ]
    assert DECIDE.findall(dirk.get("/staff").text) == []


def test_nobody_has_a_say_in_their_own_role(staffed: World) -> None:
    dirk, fleur = signed_in(staffed, "Dirk"), signed_in(staffed, "Fleur")
    assert gives(dirk, staffed, "Dirk", "admin") == 409
    assert gives(fleur, staffed, "Dirk", "admin") == 303
    assert decides(dirk, accept=True) == 409
    assert staffed.member("Dirk").role is Role.SUPERVISOR


def test_what_is_turned_down_or_taken_back_is_over(staffed: World) -> None:
    dirk, fleur = signed_in(staffed, "Dirk"), signed_in(staffed, "Fleur")
    gives(fleur, staffed, "Anna", "coach")
    (path,) = DECIDE.findall(dirk.get("/staff").text)
    assert decides(dirk, accept=False) == 303
    assert dirk.post(path, data={"accept": "1"}).status_code == 404
    gives(fleur, staffed, "Anna", "coach")
    assert decides(fleur, accept=False) == 303
    assert staffed.member("Anna").role is Role.AGENT
    assert len(staffed.acts(Action.STAFF_ROLE_REFUSED)) == 2


def test_a_proposal_lapses_and_there_is_one_at_a_time(staffed: World) -> None:
    fleur = signed_in(staffed, "Fleur")
    gives(fleur, staffed, "Anna", "coach")
    assert gives(fleur, staffed, "Anna", "supervisor") == 409
    staffed.travel(days=15)
    assert DECIDE.findall(signed_in(staffed, "Dirk").get("/staff").text) == []
    assert gives(signed_in(staffed, "Fleur"), staffed, "Anna", "supervisor") == 303


def test_what_somebody_proposed_who_left_is_not_confirmed(staffed: World) -> None:
    gives(signed_in(staffed, "Fleur"), staffed, "Anna", "coach")
    with staffed.writing() as session:
        service.disable(session, staffed.now, "fleur")
    assert decides(signed_in(staffed, "Dirk"), accept=True) == 409


def test_less_takes_one_and_holds_at_once(staffed: World) -> None:
    carla, fleur = signed_in(staffed, "Carla"), signed_in(staffed, "Fleur")
    assert gives(fleur, staffed, "Carla", "agent") == 303
    assert carla.get("/contacts").status_code == 401
    assert staffed.member("Carla").role is Role.AGENT
    assert gives(fleur, staffed, "Carla", "agent") == 409
    assert gives(fleur, staffed, "Carla", "emperor") == 422


def test_who_ended_gets_no_role(staffed: World) -> None:
    with staffed.writing() as session:
        service.disable(session, staffed.now, "bram")
    assert gives(signed_in(staffed, "Fleur"), staffed, "Bram", "coach") == 409


def test_supervisors_and_administrators_manage_roles() -> None:
    assert {role for role in Role if Right.MANAGE_STAFF in RIGHTS[role]} == {Role.SUPERVISOR, Role.ADMIN}


def test_the_operator_begins_alone_and_no_further(world: World) -> None:
    assert operator_adds(world, "fleur", Role.ADMIN)
    assert operator_adds(world, "dirk", Role.SUPERVISOR)
    assert not operator_adds(world, "carla", Role.COACH)
    assert operator_adds(world, "gijs", Role.AGENT)
    assert [role_of(world, login) for login in ("fleur", "dirk", "carla")] == [Role.ADMIN, Role.SUPERVISOR, Role.AGENT]
    alone = [(act.actor, act.detail) for act in world.acts(Action.STAFF_ROLE_SET)]
    assert alone == [("operator", "admin alone"), ("operator", "supervisor alone")]
    world.members["Fleur"] = world.member("Fleur")
    fleur = signed_in(world, "Fleur")
    assert decides(fleur, accept=True) == 303
    assert role_of(world, "carla") is Role.COACH


def test_the_operator_is_never_stuck(world: World) -> None:
    operator_adds(world, "carla", Role.COACH)
    operator_adds(world, "eva", Role.PRIVACY)
    assert operator_adds(world, "fleur", Role.ADMIN), "nobody could confirm it"
    assert not operator_adds(world, "dirk", Role.SUPERVISOR)
    with world.writing() as session:
        service.disable(session, world.now, "fleur")
    with world.writing() as session:
        assert roles.by_operator(session, world.now, "anna", Role.ADMIN)


def test_the_operator_takes_a_role_back_alone(staffed: World) -> None:
    with staffed.writing() as session:
        assert roles.by_operator(session, staffed.now, "dirk", Role.AGENT)
        with pytest.raises(Conflict, match="already"):
            roles.by_operator(session, staffed.now, "dirk", Role.AGENT)
        with pytest.raises(NotFound):
            roles.by_operator(session, staffed.now, "nobody", Role.AGENT)
    assert staffed.acts(Action.STAFF_ROLE_SET)[0].detail == "agent"
