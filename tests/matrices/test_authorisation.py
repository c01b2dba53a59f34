"""Every route, asked by everybody, about everybody's things: as its row says, and nothing else seems to exist."""

from collections.abc import Iterator

import pytest
from starlette.routing import Route
from starlette.testclient import TestClient

from contactcenter.staff.access import NEXT_STEP
from contactcenter.staff.rules import RIGHTS, Standing
from tests.matrices.asking import ROUTES, STREAM, Answer, answer_of, ask, browser_of, method_of, parameters, right_of
from tests.matrices.company import VIEWERS, Company, Viewer, absent, erased
from tests.matrices.routes import ERASABLE, NOTHING, ROWS, Row, Whose
from tests.matrices.things import QUESTION

NAMES = [one.name for one in VIEWERS]
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
BY_PATH = {route.path: [one for one in ROUTES.values() if one.path == route.path] for route in ROUTES.values()}
STEPS = {"sign-in": "/sign-in", "second-step": "/sign-in/second", "account": "/account", "start": "/"}


def whose(viewer: Viewer, route: Route) -> Iterator[Whose]:
    """Which things to ask this route about; who is not in is sent away whatever they name."""
    named = parameters(route)
    inside = viewer.standing is Standing.IN
    if viewer.role or not named:
        yield Whose.OWN
    if named:
        yield Whose.ABSENT
        yield from (Whose.OTHER, Whose.FOREIGN) if inside else ()
    if inside and set(named) & set(ERASABLE):
        yield Whose.ERASED


def things(whole: Company, viewer: Viewer, of: Whose) -> dict[str, str]:
    """The names of those things. The question of a form is always the viewer's own."""
    if of is Whose.ERASED:
        return erased(whole.world, viewer)
    found = {Whose.OWN: viewer.things, Whose.OTHER: whole.other, Whose.FOREIGN: whole.foreign}
    return found[of] if of is not Whose.ABSENT else absent(whole.other)


def step(viewer: Viewer, row: Row) -> str | None:
    """Where somebody is sent who is not far enough in; None for whoever is."""
    if viewer.standing in row.how_far:
        return None
    return STEPS[NEXT_STEP[viewer.standing] if viewer.standing else "sign-in"]


def wrong(viewer: Viewer, route: Route, of: Whose, answer: Answer, nothing: Answer) -> str | None:
    """What is wrong with this answer."""
    row, right = ROWS[route.name], right_of(route)
    to = step(viewer, row)
    if to is not None:
        expected = (401, "") if route.name == STREAM else (401, to)
        return None if (answer.status, answer.location) == expected else f"not sent to {to}: {answer.status}"
    assert viewer.role is not None
    allowed = frozenset({NOTHING})
    if right is None or right in RIGHTS[viewer.role]:
        allowed = row.answers(of, viewer.role, trained=viewer.trained)
    if answer.status not in allowed:
        return f"{answer.status} instead of {sorted(allowed)}"
    return "differs from what is not there" if allowed == {NOTHING} and answer.face != nothing.face else None


@pytest.mark.parametrize("name", NAMES)
def test_every_route_answers_as_its_row_says(whole: Company, site: TestClient, name: str) -> None:
    viewer = whole.viewers[name]
    found = {}
    with browser_of(site, viewer) as browser:
        nothing = answer_of(browser, "GET", "/no/such/page")
        for route in ROUTES.values():
            for of in whose(viewer, route):
                named = things(whole, viewer, of)
                whole.kept.changed()
                answer = ask(browser, route, named)
                changed = whole.kept.changed()
                complaint = wrong(viewer, route, of, answer, nothing)
                if complaint is None and changed and answer.status in (401, NOTHING):
                    complaint = "it was refused, and something was written"
                if complaint:
                    found[f"{route.name} {of.value}"] = complaint
                if changed or of is Whose.ERASED:
                    whole.kept.restore()
    assert found == {}


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_method_is_the_same_nothing_for_everybody(whole: Company, site: TestClient, name: str) -> None:
    viewer = whole.viewers[name]
    found = {}
    with browser_of(site, viewer) as browser:
        nothing = answer_of(browser, "GET", "/no/such/page")
        for turn, (path, routes) in enumerate(BY_PATH.items()):
            others = [method for method in METHODS if method not in {method_of(route) for route in routes}]
            for method in {others[0], others[turn % len(others)]}:
                answer = ask(browser, routes[0], whole.other, method)
                if answer.face != nothing.face or whole.kept.changed():
                    found[f"{method} {path}"] = answer.status
    assert found == {}


@pytest.mark.parametrize("name", ["agent", "nobody"])
def test_a_plain_browser_is_sent_to_the_same_steps(whole: Company, site: TestClient, name: str) -> None:
    viewer = whole.viewers[name]
    with browser_of(site, viewer) as browser:
        del browser.headers["hx-request"]
        for route in ROUTES.values():
            to = step(viewer, ROWS[route.name])
            if to is not None and route.name != STREAM:
                answer = ask(browser, route, whole.other)
                assert (answer.status, answer.location) == (303, to), route.name


@pytest.mark.parametrize("name", ["agent", "supervisor"])
def test_a_question_of_one_contact_is_not_answered_in_another(whole: Company, site: TestClient, name: str) -> None:
    viewer, route = whole.viewers[name], ROUTES["question-answer"]
    with browser_of(site, viewer) as browser:
        whole.kept.changed()
        for others in (whole.other, whole.foreign, absent(whole.other)):
            for mixed in (others | {QUESTION: viewer.things[QUESTION]}, viewer.things | {QUESTION: others[QUESTION]}):
                assert (ask(browser, route, mixed).status, whole.kept.changed()) == (NOTHING, False)


def test_nobody_is_as_far_as_every_step(whole: Company) -> None:
    assert {viewer.standing for viewer in whole.viewers.values()} == {None, *Standing}
