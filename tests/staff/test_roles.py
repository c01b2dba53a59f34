"""What each role is for: its rights, and where it begins. Who may do what is asked in `tests/matrices`."""

import pytest

from contactcenter.staff.rules import RIGHTS, Right, Role
from tests.desks import signed_in
from tests.factories import World

PEOPLE = {
    Role.AGENT: "Anna",
    Role.COACH: "Carla",
    Role.SUPERVISOR: "Dirk",
    Role.PRIVACY: "Eva",
    Role.ADMIN: "Fleur",
}
START = {
    Role.AGENT: "/desk",
    Role.COACH: "/contacts",
    Role.SUPERVISOR: "/desk",
    Role.PRIVACY: "/promises",
    Role.ADMIN: "/operations",
}


@pytest.fixture
def staffed(world: World) -> World:
    """The company with everybody in it."""
    for role, name in PEOPLE.items():
        if name not in world.members:
            world.hire(name, role)
    return world


@pytest.mark.parametrize("role", Role)
def test_each_role_begins_at_a_page_that_it_may_see(staffed: World, role: Role) -> None:
    browser = signed_in(staffed, PEOPLE[role])
    assert browser.get("/").headers["location"] == START[role]
    assert browser.get(START[role]).status_code == 200


def test_rights_are_as_promised() -> None:
    who = {right: {role for role in Role if right in RIGHTS[role]} for right in Right}
    assert who[Right.HANDLE_CALLS] == {Role.AGENT, Role.SUPERVISOR}
    assert Role.ADMIN not in who[Right.LISTEN] | who[Right.SEE_CONTACTS] | who[Right.SEE_CUSTOMERS]
    assert Role.COACH not in who[Right.SEE_CUSTOMERS] | who[Right.LINK_CONTACTS]
    assert who[Right.HOLD] == who[Right.CUT] == {Role.SUPERVISOR, Role.PRIVACY}
    assert who[Right.SEE_PROMISES] == {Role.SUPERVISOR, Role.PRIVACY}
