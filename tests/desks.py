"""The product's own web side over a small company, without a network: for stories of routes that need no telephone."""

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from contactcenter.app import create_app
from contactcenter.carrier.absent import AbsentCarrier
from contactcenter.compose import Ports
from contactcenter.core.db import Database
from contactcenter.core.keys import MasterKey
from contactcenter.core.mail import NoPost, SmtpPost
from contactcenter.settings import load
from contactcenter.staff.models import StaffSession
from contactcenter.staff.rules import Role
from tests.factories import JORIS, PASSWORD, World

KEY = MasterKey.generate()


def served(world: World, **more: str) -> TestClient:
    """The site of this company for an outsider."""
    here = {"public_url": "http://testserver", "language": "en", "master_key": KEY}
    settings = load(database_url=world.db.url, **(here | more))
    post = SmtpPost(settings, lambda: world.now) if settings.mail_url else NoPost()
    app = create_app(Ports(settings, world.db, lambda: world.now, AbsentCarrier(), None, post=post))
    return TestClient(app, follow_redirects=False)


def signed_in(world: World, name: str, **more: str) -> TestClient:
    """The site for a member of staff who has signed in; their acts come from htmx."""
    client = served(world, **more)
    answer = client.post("/sign-in", data={"login": name.lower(), "password": PASSWORD})
    assert answer.status_code == 303, answer.text
    client.headers["hx-request"] = "true"
    all_the_way(world.db)
    return client


def all_the_way(db: Database) -> None:
    """Whoever has signed in with a password has shown a second factor too; stories of that are in `tests/staff`."""
    with db.writing() as session:
        for opened in session.exec(select(StaffSession)):
            opened.proved_at = opened.proved_at or opened.started_at


@pytest.fixture
def call(world: World) -> int:
    """Joris rings, and Anna answers."""
    return world.call(JORIS, answered_by=world.members["Anna"])


@pytest.fixture
def anna(world: World) -> TestClient:
    """Anna's browser."""
    return signed_in(world, "Anna")


@pytest.fixture
def dirk(world: World) -> TestClient:
    """Dirk supervises Anna's team, and is signed in."""
    world.hire("Dirk", Role.SUPERVISOR)
    return signed_in(world, "Dirk")


def path(world: World, call: int, act: str) -> str:
    """The path of an act on this contact."""
    return f"/contacts/{world.contact(call).public_id}/{act}"
