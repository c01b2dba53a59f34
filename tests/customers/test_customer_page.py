"""A customer's page with much on it."""

from sqlmodel import select

from contactcenter.customers.models import Customer
from contactcenter.notes import service as notes
from tests.desks import signed_in
from tests.factories import JORIS, World
from tests.statements import statements

QUESTION = "Waar blijft mijn factuur?"


def talks(world: World, times: int) -> None:
    """Joris rings so many times, and each time Bram writes down what he asked."""
    bram = world.members["Bram"]
    for _ in range(times):
        call = world.call(JORIS, answered_by=bram)
        with world.writing() as session:
            notes.write_note(session, world.now, call, bram.id, QUESTION, "")
        world.hang_up(call)


def test_a_long_history_takes_as_many_statements_as_a_short_one(world: World) -> None:
    anna = signed_in(world, "Anna")
    (customer,) = world.rows(select(Customer.public_id).where(Customer.relation_number == "10042"))
    anna.post(f"/customers/{customer}/break-glass", data={"reason": "other", "words": "Joris vroeg hoe het zat."})

    def look(calls: int) -> int:
        with statements(world.db) as executed:
            page = anna.get(f"/customers/{customer}").text
        assert page.count(QUESTION) == calls
        return len(executed)

    talks(world, 1)
    look(1)  # once, what was served is written down
    short = look(1)
    talks(world, 19)
    assert look(20) == short < 50
