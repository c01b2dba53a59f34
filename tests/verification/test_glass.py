"""A customer opened without a verified caller: for a reason, for fifteen minutes, told at once, reviewed (P05)."""

import re

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from contactcenter.core.alerts import Alert, AlertKind
from contactcenter.core.audit import Action
from contactcenter.core.audit_chain import CheckpointAsked
from contactcenter.customers.models import Customer
from contactcenter.staff.rules import Role
from contactcenter.verification.models import BreakGlass, Disclosure
from contactcenter.verification.rules import MOST_CUSTOMERS
from tests.desks import signed_in
from tests.factories import JORIS, World
from tests.verification.acts import BY_ITSELF

WHY = {"reason": "damage-to-prevent", "words": "Their account sends spam and nobody answers."}


@pytest.fixture
def eva(world: World) -> TestClient:
    """Eva is the privacy officer, and is signed in."""
    world.hire("Eva", Role.PRIVACY)
    return signed_in(world, "Eva")


def page_of(world: World, relation_number: str = "10042") -> str:
    """The path of a customer's page."""
    (customer,) = world.rows(select(Customer).where(Customer.relation_number == relation_number))
    return f"/customers/{customer.public_id}"


def broken(world: World) -> BreakGlass:
    """The one that was broken last."""
    return world.rows(select(BreakGlass))[-1]


@pytest.fixture
def anna(world: World) -> TestClient:
    """Anna's browser; nobody is on the line."""
    return signed_in(world, "Anna")


def test_it_opens_one_customer_for_fifteen_minutes_with_a_row_for_each_kind(world: World, anna: TestClient) -> None:
    page = page_of(world)
    assert "Molenstraat" not in anna.get(page).text
    assert anna.post(f"{page}/break-glass", data=WHY).status_code == 204
    shown = anna.get(page).text
    assert "Molenstraat" in shown
    assert "864.00" not in shown
    rows = world.rows(select(Disclosure))
    assert {row.what for row in rows} == {kind.value for kind in BY_ITSELF}
    assert {row.break_glass_id for row in rows} == {broken(world).id}
    assert "Molenstraat" not in signed_in(world, "Bram").get(page).text
    assert "1011 AC" not in anna.get(page_of(world, "10077")).text
    world.travel(minutes=16)
    assert "Molenstraat" not in anna.get(page).text


def test_what_is_sensitive_still_opens_one_by_one(world: World, anna: TestClient) -> None:
    page = page_of(world)
    assert anna.post(f"{page}/reveal", data={"kind": "invoices"}).status_code == 403
    anna.post(f"{page}/break-glass", data=WHY)
    assert anna.post(f"{page}/reveal", data={"kind": "invoices"}).status_code == 204
    assert "864.00" in anna.get(page).text
    world.travel(minutes=16)
    assert anna.post(f"{page}/reveal", data={"kind": "bank-account"}).status_code == 403


def test_supervisors_are_told_at_once_and_the_trail_is_sealed(world: World, anna: TestClient) -> None:
    anna.post(f"{page_of(world)}/break-glass", data=WHY)
    (alert,) = world.rows(select(Alert).where(Alert.kind == AlertKind.GLASS_BROKEN))
    assert alert.subject == broken(world).public_id
    assert len(world.rows(select(CheckpointAsked))) == 1
    assert len(world.acts(Action.GLASS_BROKEN)) == 1
    assert WHY["words"] not in repr(world.acts(Action.GLASS_BROKEN))


def test_somebody_else_reviews_it_once(world: World, anna: TestClient, eva: TestClient) -> None:
    anna.post(f"{page_of(world)}/break-glass", data=WHY)
    assert WHY["words"] in eva.get("/supervision").text
    path = f"/break-glass/{broken(world).public_id}/review"
    assert anna.post(path, data={"justified": "1"}).status_code == 404
    assert eva.post(path, data={"justified": "0"}).status_code == 422
    assert eva.post(path, data={"justified": "0", "comment": "A call would have done."}).status_code == 204
    assert eva.post(path, data={"justified": "1"}).status_code == 409
    assert (broken(world).justified, broken(world).comment) == (False, "A call would have done.")
    eva.post(f"{page_of(world)}/break-glass", data=WHY)
    own = f"/break-glass/{broken(world).public_id}/review"
    assert eva.post(own, data={"justified": "1"}).status_code == 409
    world.travel(days=8)
    assert "beoordeling is te laat" in signed_in(world, "Eva").get("/supervision").text


def test_a_reviewer_sees_who_opened_whom_and_first_what_awaits_them(
    world: World, anna: TestClient, eva: TestClient
) -> None:
    anna.post(f"{page_of(world)}/break-glass", data=WHY)
    anna.post(f"{page_of(world, '10077')}/break-glass", data=WHY)
    eva.post(f"{page_of(world)}/break-glass", data=WHY)
    reviewed, waits, own = (one.public_id for one in world.rows(select(BreakGlass)))
    eva.post(f"/break-glass/{reviewed}/review", data={"justified": "0", "comment": "A call would have done."})
    page = eva.get("/supervision").text
    parts = dict(re.findall(r'<li id="glass-([\w-]+)">(.*?)</li>', page, re.DOTALL))
    assert list(parts) == [waits, own, reviewed]
    assert ["Anna" in parts[one] for one in (waits, own, reviewed)] == [True, False, True]
    assert [page_of(world, "10077") in parts[one] for one in (waits, own, reviewed)] == [True, False, False]
    assert ["/review" in parts[one] for one in (waits, own, reviewed)] == [True, False, False]
    assert "was niet terecht" in parts[reviewed]
    assert "A call would have done." in parts[reviewed]
    assert "te laat" not in page


@pytest.mark.parametrize(("justified", "word"), [("1", "justified"), ("0", "not")])
def test_the_trail_says_who_found_it_right_or_not(
    world: World, anna: TestClient, eva: TestClient, justified: str, word: str
) -> None:
    anna.post(f"{page_of(world)}/break-glass", data=WHY)
    eva.post(f"/break-glass/{broken(world).public_id}/review", data={"justified": justified, "comment": "x" * 500})
    (act,) = world.acts(Action.GLASS_REVIEWED)
    assert (act.actor, act.subject, act.detail) == (world.members["Eva"].public_id, broken(world).public_id, word)


def test_it_takes_a_reason_training_and_the_right(world: World, anna: TestClient) -> None:
    path = f"{page_of(world)}/break-glass"
    assert anna.post(path, data={"reason": "other", "words": "short"}).status_code == 422
    assert anna.post(path, data={"reason": "curiosity", "words": "x" * 30}).status_code == 422
    world.hire("Gijs", trained=False)
    assert signed_in(world, "Gijs").post(path, data=WHY).status_code == 403
    world.hire("Carla", Role.COACH)
    assert signed_in(world, "Carla").post(path, data=WHY).status_code == 404
    assert world.rows(select(BreakGlass)) == []


def test_earlier_contacts_show_by_it_and_their_words_open(world: World, anna: TestClient) -> None:
    bram = world.members["Bram"]
    call = world.call(JORIS, answered_by=bram)
    world.hang_up(call)
    page, contact = page_of(world), world.contact(call).public_id
    assert contact not in anna.get(page).text
    anna.post(f"{page}/break-glass", data=WHY)
    assert contact in anna.get(page).text


def test_many_customers_in_a_day_are_told_to_somebody(world: World, anna: TestClient) -> None:
    for number in range(MOST_CUSTOMERS + 1):
        relation_number = f"3{number:04}"
        world.put({"relation_number": relation_number, "name": f"Klant {number}"})
        assert not world.rows(select(Alert).where(Alert.kind == AlertKind.MANY_CUSTOMERS))
        assert anna.post(f"{page_of(world, relation_number)}/break-glass", data=WHY).status_code == 204
    assert len(world.rows(select(Alert).where(Alert.kind == AlertKind.MANY_CUSTOMERS))) == 1
