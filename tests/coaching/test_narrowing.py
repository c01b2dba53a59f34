"""A filter that the database answers finds what the rules find, and a page never looks through everything (P05)."""

import pytest

from contactcenter.coaching import listing
from contactcenter.coaching.listing import Wanted, audited
from contactcenter.coaching.naming import naming
from contactcenter.coaching.rules import Mark, Result
from contactcenter.verification.rules import Level
from tests.coaching.many import by_rules, fits, many
from tests.factories import JORIS, World


@pytest.mark.parametrize("seed", range(4))
def test_each_filter_finds_what_the_rules_find(world: World, seed: int) -> None:
    many(world, seed)
    expected = by_rules(world)
    assert all(expected.values()), "else a filter is not tried"
    for mark in Mark:
        assert fits(world, Wanted(marks=frozenset({mark}))) == expected[mark], mark
    for result in Result:
        assert fits(world, Wanted(result=result)) == expected[result], result


def test_where_little_fits_a_page_ends_after_many_contacts_and_the_next_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    for number in range(12):
        world.travel(minutes=10)
        calls.append(world.call(JORIS, answered_by=world.members["Anna"] if number == 2 else None))
    monkeypatch.setattr(listing, "MOST_SEARCHED", 5)
    found, after, pages = [], None, 0
    with world.reading() as session:
        while pages == 0 or after:
            pages += 1
            page, after = audited(session, Wanted(level=Level.UNKNOWN), naming(session, by_name=True), after)
            found += [one.public_id for one in page]
    assert found == [world.contact(calls[2]).public_id]
    assert pages == 3
