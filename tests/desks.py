"""The product's own web side over a small company, without a network: for stories of routes that need no telephone."""

import pytest
from starlette.testclient import TestClient

from contactcenter.app import create_app
from contactcenter.carrier.absent import AbsentCarrier
from contactcenter.compose import Ports
from contactcenter.settings import load
from tests.factories import JORIS, PASSWORD, World


def served(world: World) -> TestClient:
    """The site of this company for an outsider."""
    settings = load(database_url=world.db.url, public_url="http://testserver", language="en")
    app = create_app(Ports(settings, world.db, lambda: world.now, AbsentCarrier(), None))
    return TestClient(app, follow_redirects=False)


def signed_in(world: World, name: str) -> TestClient:
    """The site for a member of staff who has signed in; their acts come from htmx."""
    client = served(world)
    answer = client.post("/sign-in", data={"login": name.lower(), "password": PASSWORD})
    assert answer.status_code == 303, answer.text
    client.headers["hx-request"] = "true"
    return client


@pytest.fixture
def call(world: World) -> int:
    """Joris rings, and Anna answers."""
    return world.call(JORIS, answered_by=world.members["Anna"])


@pytest.fixture
def anna(world: World) -> TestClient:
    """Anna's browser."""
    return signed_in(world, "Anna")


def path(world: World, call: int, act: str) -> str:
    """The path of an act on this contact."""
    return f"/contacts/{world.contact(call).public_id}/{act}"
