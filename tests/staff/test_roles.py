"""Which role may go where: every route for staff against every role. Absent and forbidden look the same."""

import re

import pytest
from sqlmodel import select
from starlette.routing import Route
from starlette.testclient import TestClient

from contactcenter.app import staff_routes
from contactcenter.core.db import new_public_id
from contactcenter.customers.models import Customer
from contactcenter.staff.rules import RIGHTS, Right, Role
from tests.desks import signed_in
from tests.factories import JORIS, World

PEOPLE = {
    Role.AGENT: "Anna",
    Role.COACH: "Carla",
    Role.SUPERVISOR: "Dirk",
    Role.PRIVACY: "Eva",
    Role.ADMIN: "Fleur",
}
ROUTES = {route.name: route for route in staff_routes() if isinstance(route, Route) and hasattr(route, "right")}
FORM = {
    "purpose": "dispute",
    "kind": "dispute",
    "review_on": "2026-12-31",
    "outcome": "solved",
    "text": "word",
    "reason": "complaint",
}
MEANT = {  # where a word means something else than elsewhere
    "kind-reveal": {"kind": "bank-account"},
    "glass-reveal": {"kind": "bank-account"},
    "code-send": {"kind": "code-by-email"},
    "approval-ask": {"reason": "emergency"},
    "customer-shut": {"until": "2026-12-31"},
    "role-change": {"role": "coach"},
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


def right_of(name: str) -> Right | None:
    right: Right | None = ROUTES[name].right
    return right


def may(role: Role, name: str) -> bool:
    right = right_of(name)
    return right is None or right in RIGHTS[role]


def ask(browser: TestClient, name: str, **ids: str) -> tuple[int, str]:
    """Status and text of a route, with ids that nothing has unless some are given."""
    path = re.sub(r"\{(\w+)\}", lambda found: ids.get(found.group(1), new_public_id()), ROUTES[name].path)
    acts = "POST" in (ROUTES[name].methods or ())
    answer = browser.post(path, data=FORM | MEANT.get(name, {})) if acts else browser.get(path)
    assert answer.status_code != 500
    return answer.status_code, answer.text


@pytest.mark.parametrize("role", Role)
def test_a_role_opens_what_its_rights_say_and_nothing_else_seems_to_exist(staffed: World, role: Role) -> None:
    browser = signed_in(staffed, PEOPLE[role])
    nothing = browser.get("/no/such/page").text
    for name in sorted(ROUTES.keys() - {"sign-out"}):
        status, text = ask(browser, name)
        if not may(role, name):
            assert (status, _faceless(text)) == (404, _faceless(nothing)), name
        elif "{" not in ROUTES[name].path:
            assert status != 404, name
    assert ask(browser, "sign-out")[0] == 303


@pytest.mark.parametrize("role", Role)
def test_a_foreign_or_absent_object_is_the_same_nothing(staffed: World, role: Role) -> None:
    browser = signed_in(staffed, PEOPLE[role])
    nothing = browser.get("/no/such/page").text
    for name, route in ROUTES.items():
        if "{" in route.path:
            assert ask(browser, name)[0] == 404, name
            assert _faceless(ask(browser, name)[1]) == _faceless(nothing), name


@pytest.mark.parametrize("role", Role)
def test_a_real_contact_and_customer_exist_for_those_with_the_right_only(staffed: World, role: Role) -> None:
    contact = staffed.contact(staffed.call(JORIS, answered_by=staffed.members["Anna"])).public_id
    customer = staffed.rows(select(Customer).where(Customer.relation_number == "10042"))[0].public_id
    browser = signed_in(staffed, PEOPLE[role])
    for name in ("contact", "customer", "customer-search"):
        status, _ = ask(browser, name, contact=contact, customer=customer)
        assert status == (200 if may(role, name) else 404), name


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
    assert who[Right.HOLD] == {Role.SUPERVISOR, Role.PRIVACY}
    assert who[Right.SEE_PROMISES] == {Role.SUPERVISOR, Role.PRIVACY}


def _faceless(page: str) -> str:
    """A page without what only repeats the address that was asked for."""
    return re.sub(r'name="back" value="[^"]*"| aria-current="page"', "", page)
