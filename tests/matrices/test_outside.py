"""Doors without a login: public pages, servers with a token, the carrier. A session opens none of them any further."""

from collections.abc import Iterator

import pytest
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from contactcenter.app import public_routes
from contactcenter.calls.prompts import catalogue
from contactcenter.staff import routes as signing_in
from contactcenter.staff import service as staff
from contactcenter.staff.rules import Scope
from tests.calls.carrier_stand_in import ACCOUNT, FORM, SECOND_TOKEN, TOKEN, sign
from tests.matrices.asking import ROUTES, answer_of, ask, browser_of
from tests.matrices.company import VIEWERS, Company
from tests.matrices.routes import BY_SIGNATURE, BY_TOKEN, OPEN

HERE = "http://testserver"
NAMES = [one.name for one in VIEWERS]
CALL = {"AccountSid": ACCOUNT, "CallSid": "CA" + "9" * 32, "From": "+31644444444", "To": "+31850000001"}
EVENT = {
    "CallStatus": "ringing", "Digits": "9", "call": "A" * 22, "StatusCallbackEvent": "conference-start",
    "ConferenceSid": "CF" + "9" * 32, "FriendlyName": "A" * 22, "RecordingSid": "RE" + "9" * 32,
    "RecordingStatus": "in-progress",
}  # fmt: skip
CUSTOMER = {"name": "A new one"}


def path_of(name: str, route: Route | Mount) -> str:
    """An address of this route that is there."""
    some = next(iter(catalogue().prompts.values()))
    filled = {"prompt": f"/prompts/{some.hash}/{some.file}", "static": "/static/app.css"}
    return filled.get(name, route.path.replace("{relation_number}", "10042"))


PUBLIC = {str(route.name): route for route in public_routes() if isinstance(route, Route | Mount)}


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused sign-in waits, so that a flood is slowed down; nobody has to wait here."""
    monkeypatch.setattr(signing_in, "REFUSED_WAITS", 0)


@pytest.fixture
def browser(whole: Company, site: TestClient) -> Iterator[TestClient]:
    """No browser at all: a server."""
    with browser_of(site, whole.viewers["nobody"]) as opened:
        del opened.headers["hx-request"]
        yield opened
    whole.kept.restore()


@pytest.mark.parametrize("name", NAMES)
def test_a_public_route_answers_everybody_alike(whole: Company, site: TestClient, name: str) -> None:
    viewer = whole.viewers[name]
    found = {}
    with browser_of(site, viewer) as browser:
        for route_name, row in OPEN.items():
            path, method = path_of(route_name, PUBLIC[route_name]), "POST" if row.form is not None else "GET"
            status = answer_of(browser, method, path, data=row.form).status
            expected = row.inside if viewer.standing in row.how_far else row.status
            if status != expected:
                found[route_name] = status
    whole.kept.restore()
    assert found == {}


@pytest.mark.parametrize("name", NAMES)
def test_a_session_is_no_token_and_no_signature(whole: Company, site: TestClient, name: str) -> None:
    with browser_of(site, whole.viewers[name]) as browser:
        for route_name in (*BY_TOKEN, *BY_SIGNATURE):
            route = PUBLIC[route_name]
            assert isinstance(route, Route)
            (method,) = (route.methods or set()) - {"HEAD"}
            answer = answer_of(browser, method, path_of(route_name, route), data=None if method == "GET" else CALL)
            assert answer.status == (401 if route_name in BY_TOKEN else 403), route_name
            assert not whole.kept.changed(), route_name


@pytest.mark.parametrize("scopes", [[], *([scope] for scope in Scope), list(Scope)], ids="+".join)
def test_a_token_opens_what_its_scopes_say(whole: Company, browser: TestClient, scopes: list[Scope]) -> None:
    with whole.world.writing() as session:
        token = staff.make_token(session, whole.world.now, "server", scopes)
    for name, row in BY_TOKEN.items():
        route = PUBLIC[name]
        assert isinstance(route, Route)
        (method,) = (route.methods or set()) - {"HEAD"}
        path, body = path_of(name, route), row.body if method != "GET" else None
        status = row.status if row.scope in scopes else 401
        assert answer_of(browser, method, path, json=body, headers=bearing(token)).status == status, name
        assert answer_of(browser, method, path, json=body, headers={"authorization": token}).status == 401, name
    with whole.world.writing() as session:
        staff.revoke_token(session, whole.world.now, "server")
    for name, row in BY_TOKEN.items():
        (method,) = (PUBLIC[name].methods or set()) - {"HEAD"}  # type: ignore[union-attr]  # none of these is mounted
        answer = answer_of(browser, method, path_of(name, PUBLIC[name]), json=row.body, headers=bearing(token))
        assert answer.status == 401, name


def test_a_token_is_no_session(whole: Company, browser: TestClient) -> None:
    with whole.world.writing() as session:
        token = staff.make_token(session, whole.world.now, "server", list(Scope))
    browser.headers["authorization"] = f"Bearer {token}"
    for route in ROUTES.values():
        answer = ask(browser, route, whole.other)
        assert (answer.status, answer.location) in {(303, "/sign-in"), (401, "")}, route.name
    del browser.headers["authorization"]


@pytest.mark.parametrize("name", BY_SIGNATURE)
def test_a_webhook_is_taken_by_its_signature_alone(whole: Company, browser: TestClient, name: str) -> None:
    path = str(PUBLIC[name].path) + BY_SIGNATURE[name]
    pairs = list((CALL | EVENT).items())
    right = sign(TOKEN, HERE + path, pairs)
    wrong = {
        "nothing": "",
        "another token": sign(SECOND_TOKEN, HERE + path, pairs),
        "another address": sign(TOKEN, HERE + path + "x", pairs),
        "other fields": sign(TOKEN, HERE + path, pairs[1:]),
    }
    whole.kept.changed()
    for what, signature in wrong.items():
        headers = {"x-twilio-signature": signature, "content-type": FORM}
        assert answer_of(browser, "POST", path, data=dict(pairs), headers=headers).status == 403, what
        assert not whole.kept.changed(), what
    answer = answer_of(browser, "POST", path, data=dict(pairs), headers={"x-twilio-signature": right})
    assert answer.status in {200, 204}


def bearing(token: str) -> dict[str, str]:
    """The header that brings a token."""
    return {"authorization": f"Bearer {token}"}
