"""P05, P26: what pages showed was opened before, at its level; openings serve a named purpose."""

from datetime import timedelta

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from contactcenter.customers.models import Customer
from contactcenter.privacy.rules import Page
from contactcenter.verification.models import Disclosure, Served
from contactcenter.verification.rules import Level, Purpose
from tests.desks import path, signed_in
from tests.factories import JORIS, RIGHT_ANSWERS
from tests.privacy.line import Line, shown
from tests.verification.acts import BY_ITSELF, ask
from tests.verification.test_glass import WHY


@pytest.fixture
def anna(line: Line) -> TestClient:
    """Anna's browser, at the clock of the line."""
    return signed_in(line.world, "Anna")


def jansen(line: Line) -> Customer:
    """Bakkerij Jansen."""
    return line.world.rows(select(Customer).where(Customer.relation_number == "10042"))[0]


def served(line: Line) -> list[str]:
    """What was noted as shown."""
    return sorted(row.what for row in line.world.rows(select(Served)))


def test_what_a_verified_call_shows_is_noted_once_and_was_opened(line: Line, anna: TestClient) -> None:
    world, viewer = line.world, line.world.members["Anna"]
    call = world.call(JORIS, answered_by=viewer)
    anna.get("/desk/call")
    assert served(line) == []
    question = ask(world, viewer, call)
    anna.post(path(world, call, "answer"), data={"question": question.public_id, "typed": RIGHT_ANSWERS[question.key]})
    for page in ("/desk", "/desk/call", f"/customers/{jansen(line).public_id}"):
        anna.get(page)
    assert served(line) == sorted(kind.value for kind in BY_ITSELF)
    line.keeps("P05", checked=len(BY_ITSELF))


@pytest.mark.parametrize("lacks", ["opening", "level", "time", "person"])
def test_what_was_shown_without_an_opening_breaks_it(line: Line, lacks: str) -> None:
    world, customer = line.world, jansen(line)
    anna, bram = world.members["Anna"], world.members["Bram"]
    call = world.call(JORIS, answered_by=anna)
    with world.writing() as session:
        if lacks != "opening":
            opening = shown(world, call, "invoices", "Bram" if lacks == "person" else "Anna")
            opening.customer_id, opening.level = customer.id, Level.VERIFIED
            if lacks == "level":
                opening.level = Level.RECOGNISED
            if lacks == "time":
                opening.at = world.now - timedelta(hours=2)
            session.add(opening)
        session.add(
            Served(
                staff_id=anna.id,
                customer_id=customer.id,
                what="invoices",
                since=world.now - timedelta(hours=1),
                at=world.now,
            )
        )
    assert bram.id != anna.id
    line.breaks("P05", customer.public_id, page=Page.CUSTOMER)


def test_broken_glass_is_no_breach_until_nobody_looked_for_a_week(line: Line, anna: TestClient) -> None:
    customer = jansen(line)
    anna.post(f"/customers/{customer.public_id}/break-glass", data=WHY)
    anna.get(f"/customers/{customer.public_id}")
    line.keeps("P05", checked=len(BY_ITSELF) + 1)
    line.world.travel(days=8)
    line.breaks("P05", customer.public_id, page=Page.CUSTOMER)


def test_an_opening_for_a_purpose_that_its_kind_does_not_serve_breaks_p26(line: Line) -> None:
    world, call = line.world, line.world.call(JORIS)
    with world.writing() as session:
        session.add_all(shown(world, call, what) for what in ("invoices", "words"))
    line.keeps("P26", checked=2)
    with world.writing() as session:
        for row in session.exec(select(Disclosure).where(Disclosure.what == "invoices")):
            row.purpose = Purpose.TRAINING
    line.breaks("P26", world.contact(call).public_id)
