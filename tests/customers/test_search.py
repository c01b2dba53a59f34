"""Finding a customer by name or relation number: little, and on record."""

import pytest

from contactcenter.core.audit import Action
from contactcenter.core.errors import Invalid
from contactcenter.customers import service as customers
from contactcenter.customers.service import Hit
from tests.factories import World


def search(world: World, text: str) -> list[Hit]:
    """Anna searches."""
    with world.writing() as session:
        return customers.search(session, world.now, text, actor=world.members["Anna"].public_id)


def test_the_exact_relation_number_comes_first_then_names_that_begin_then_names_that_go_on_so(world: World) -> None:
    for number, name in (("20001", "10042 Redenen BV"), ("20002", "Café 10042"), ("20003", "Van Dam")):
        world.put({"relation_number": number, "name": name})
    assert [hit.name for hit in search(world, "10042")] == ["Bakkerij Jansen", "10042 Redenen BV", "Café 10042"]


def test_a_hit_names_the_customer_and_its_persons_and_nothing_else(world: World) -> None:
    (hit,) = search(world, "jansen")
    assert (hit.relation_number, hit.name) == ("10042", "Bakkerij Jansen")
    assert [person.name for person in hit.persons] == ["Joris Jansen", "Marieke Jansen"]
    assert "7311" not in repr(hit)


def test_less_than_three_characters_search_nothing(world: World) -> None:
    with pytest.raises(Invalid, match="at least three"):
        search(world, " ja ")


def test_wildcards_are_letters_like_others(world: World) -> None:
    assert search(world, "%%%") == []
    assert search(world, "Ja_sen") == []


def test_at_most_twenty_hits(world: World) -> None:
    for number in range(25):
        world.put({"relation_number": f"30{number:03}", "name": f"Kapper {number}"})
    assert len(search(world, "kapper")) == 20


def test_every_search_is_on_record_without_its_words(world: World) -> None:
    search(world, "jansen")
    (act,) = world.acts(Action.CUSTOMER_SEARCHED)
    assert (act.actor, act.detail) == (world.members["Anna"].public_id, "1")
