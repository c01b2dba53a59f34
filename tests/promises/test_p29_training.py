"""P29: without a date of privacy training on record an account opens nothing of any customer."""

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from contactcenter.core.alerts import Alert, AlertKind
from contactcenter.staff import service as staff
from contactcenter.verification.models import Disclosure
from tests.desks import path, signed_in
from tests.factories import JORIS, World
from tests.verification.test_glass import WHY, page_of


@pytest.fixture
def gijs(world: World) -> TestClient:
    """Gijs began today; nobody has trained him yet."""
    world.hire("Gijs", trained=False)
    return signed_in(world, "Gijs")


def test_a_call_in_his_hands_tells_him_a_number_and_a_line(world: World, gijs: TestClient) -> None:
    call = world.call(JORIS, answered_by=world.members["Gijs"])
    gijs.post(path(world, call, "question"))
    desk = gijs.get("/desk/call").text
    assert "Jansen" not in desk
    assert "Molenstraat" not in desk
    assert gijs.post(path(world, call, "reveal"), data={"kind": "invoices"}).status_code == 403
    assert world.rows(select(Disclosure)) == []


def test_neither_search_nor_page_nor_broken_glass_opens_anything(world: World, gijs: TestClient) -> None:
    page = page_of(world)
    assert gijs.get("/customers?q=jansen").status_code == 403
    assert gijs.get(page).status_code == 403
    assert gijs.post(f"{page}/break-glass", data=WHY).status_code == 403
    assert world.rows(select(Disclosure)) == []


def test_a_training_of_two_years_ago_is_none_and_its_end_is_told_a_month_before(world: World) -> None:
    anna = signed_in(world, "Anna")
    assert anna.get("/customers?q=jansen").status_code == 200
    for days, told in ((480, 0), (20, 2)):
        world.travel(days=days)
        with world.writing() as session:
            assert staff.remind_of_training(session, world.now) == told
    assert {alert.kind for alert in world.rows(select(Alert))} == {AlertKind.TRAINING_ENDS}
    assert signed_in(world, "Anna").get("/customers?q=jansen").status_code == 200
    world.travel(days=30)
    assert signed_in(world, "Anna").get("/customers?q=jansen").status_code == 403
    with world.writing() as session:
        staff.set_trained(session, world.now, "anna", world.now.date())
    assert signed_in(world, "Anna").get("/customers?q=jansen").status_code == 200
