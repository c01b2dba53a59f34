"""One company for the stories of a file, and its site."""

import shutil
from collections.abc import Iterator

import pytest
from sqlalchemy.engine import make_url
from starlette.testclient import TestClient

from contactcenter.core import jobs
from contactcenter.core.db import Database
from tests.calls.carrier_stand_in import ACCOUNT, TOKEN
from tests.desks import served
from tests.factories import World, company
from tests.matrices.cases import Stage, staged
from tests.matrices.company import Company, founded

__all__ = ["company"]


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory, company: World) -> World:
    """The company with the tables of the job library."""
    path = tmp_path_factory.mktemp("matrix") / "company.sqlite3"
    shutil.copy(make_url(company.db.url).database or "", path)
    jobs.migrate(f"sqlite:///{path}")
    return World(Database(f"sqlite:///{path}"), members=dict(company.members))


@pytest.fixture(scope="module")
def whole(bare: World) -> Iterator[Company]:
    """Everybody with their things."""
    made = founded(bare)
    yield made
    made.close()


@pytest.fixture(scope="module")
def stage(bare: World) -> Iterator[Stage]:
    """A marked customer, and everybody who may look."""
    with served(bare) as opened:
        made = staged(bare, opened)
        yield made
        made.close()


@pytest.fixture(scope="module")
def site(whole: Company) -> Iterator[TestClient]:
    """The site, with a carrier that signs and cannot be reached."""
    with served(whole.world, twilio_account_sid=ACCOUNT, twilio_auth_token=TOKEN) as opened:
        yield opened
