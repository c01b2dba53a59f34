"""Many customers call about the same: a count by a declared rule on desks and Supervision, and never of a few (P18)."""

from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from contactcenter.contacts import service as contacts
from contactcenter.contacts import topics
from contactcenter.contacts.models import Contact
from contactcenter.contacts.rules import Channel, Direction, LinkedBy, Topic
from contactcenter.customers.models import Customer
from tests.desks import dirk, signed_in
from tests.factories import World

__all__ = ["dirk"]


def _customers(world: World, how_many: int) -> list[int]:
    """So many customers of no more than a name."""
    with world.writing() as session:
        made = [
            Customer(relation_number=f"77{n:03}", name=f"Klant {n}", created_at=world.now, changed_at=world.now)
            for n in range(how_many)
        ]
        session.add_all(made)
        session.flush()
        return [one.id for one in made]


def _calls(world: World, customers: list[int], topic: Topic, ago: timedelta = timedelta(minutes=20)) -> None:
    team = world.members["Anna"].team_id
    about = {"channel": Channel.PHONE, "direction": Direction.INBOUND, "language": "nl", "statement_version": "1"}
    with world.writing() as session:
        for customer in customers:
            made = contacts.start(session, world.now - ago, team_id=team, **about)  # type: ignore[arg-type]
            contact = session.get_one(Contact, made)
            contacts.link(session, world.now, contact, customer, None, LinkedBy.AGENT, "system")
            contact.topic = topic


def _found(world: World) -> list[tuple[Topic, int]]:
    with world.reading() as session:
        return [(one.topic, one.contacts) for one in topics.rushes(session, world.now)]


def test_five_customers_stand_out_four_never_and_one_who_calls_five_times_neither(world: World) -> None:
    customers = _customers(world, 5)
    _calls(world, customers[:4], Topic.LOGIN)
    _calls(world, customers[:1] * 6, Topic.PAYMENT)
    assert _found(world) == []
    _calls(world, customers[4:], Topic.LOGIN)
    assert _found(world) == [(Topic.LOGIN, 5)]


def test_hours_later_it_is_over_and_what_is_usual_is_no_news(world: World) -> None:
    customers = _customers(world, 5)
    _calls(world, customers, Topic.SLOW, timedelta(hours=4))
    assert _found(world) == []
    for days in range(1, 25):
        _calls(world, customers[:3], Topic.LOGIN, timedelta(days=days))
    _calls(world, customers, Topic.LOGIN)
    assert _found(world) == []


@pytest.mark.parametrize(
    ("contacts", "customers", "usual", "told"),
    [(5, 5, 0, True), (5, 4, 0, False), (99, 4, 0, False), (5, 5, 50, False), (6, 5, 50, True)],
)
def test_the_rule(contacts: int, customers: int, usual: int, told: bool) -> None:
    assert topics.stands_out(contacts, customers, usual) is told


def test_desk_and_supervision_say_how_many_and_nothing_of_whom(world: World, dirk: TestClient) -> None:
    _calls(world, _customers(world, 5), Topic.UNREACHABLE)
    for page in (signed_in(world, "Anna").get("/desk").text, dirk.get("/supervision").text):
        assert "dienst onbereikbaar" in page or "service unreachable" in page
        assert "Klant 1" not in page
