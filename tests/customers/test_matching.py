"""Whose number is this? Exact numbers only, and a hint at most (P06)."""

from datetime import date

import pytest
from sqlmodel import select

from contactcenter.customers.models import KnownNumber
from contactcenter.customers.rules import MatchKind, Origin
from tests.factories import BAKKERIJ_JANSEN, HARBOUR_DENTAL, JORIS, OWN_LINE, PRIYA, SHARED, STRANGER, World


def test_joris_is_found_by_his_number_with_its_origin_age_and_attestation(world: World) -> None:
    world.travel(days=800)
    match = world.match(JORIS)
    assert match.kind is MatchKind.ONE
    (joris,) = match.candidates
    assert (joris.relation_number, joris.customer_name, joris.person_name) == (
        "10042",
        "Bakkerij Jansen",
        "Joris Jansen",
    )
    assert (joris.origin, joris.known_days, joris.attested) == (
        Origin.IMPORT,
        (world.now.date() - date(2023, 3, 1)).days,
        True,
    )


@pytest.mark.parametrize("number", [STRANGER, "+3161234567", "+316123456789", "+4961234567", "0612345678"])
def test_a_number_that_differs_in_any_digit_is_nobodys(world: World, number: str) -> None:
    assert world.match(number).kind is MatchKind.NONE


def test_a_withheld_number_matches_nobody_even_when_one_came_along(world: World) -> None:
    assert world.match(None, withheld=True).kind is MatchKind.WITHHELD
    assert world.match(JORIS, withheld=True).candidates == ()
    assert world.match(None).kind is MatchKind.NONE


def test_our_own_number_matches_nobody_even_when_a_customer_has_it(world: World) -> None:
    world.put(
        HARBOUR_DENTAL | {"persons": [{"reference": "priya", "name": "Priya", "numbers": [{"number": OWN_LINE}]}]}
    )
    assert world.match(OWN_LINE).kind is MatchKind.NONE


def test_a_number_shared_by_two_customers_gives_candidates_and_selects_nobody(world: World) -> None:
    for relation_number, name in (("10101", "Fietsen De Boer"), ("10102", "De Boer Verhuur")):
        office = {"reference": "office", "name": "Kantoor", "numbers": [{"number": SHARED}]}
        world.put({"relation_number": relation_number, "name": name, "persons": [office]})
    match = world.match(SHARED)
    assert match.kind is MatchKind.SEVERAL
    assert [candidate.relation_number for candidate in match.candidates] == ["10102", "10101"]


def test_an_ended_number_and_an_ended_person_match_nobody(world: World) -> None:
    joris = BAKKERIJ_JANSEN["persons"][0]
    world.put(BAKKERIJ_JANSEN | {"persons": [joris | {"numbers": []}]})
    assert world.match(JORIS).kind is MatchKind.NONE
    world.put(HARBOUR_DENTAL | {"persons": []})
    assert world.match(PRIYA).kind is MatchKind.NONE
    numbers = world.rows(select(KnownNumber))
    assert len(numbers) == 2
    assert all(number.ended_at == world.now for number in numbers)


def test_a_number_that_was_gone_in_between_begins_its_age_anew(world: World) -> None:
    joris = BAKKERIJ_JANSEN["persons"][0]
    world.put(BAKKERIJ_JANSEN | {"persons": [joris | {"numbers": []}]})
    world.travel(days=400)
    world.put(BAKKERIJ_JANSEN | {"persons": [joris | {"numbers": [{"number": JORIS}]}]})
    (found,) = world.match(JORIS).candidates
    assert (found.known_days, found.attested) == (0, False)
