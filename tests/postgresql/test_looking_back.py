"""Filters and figures of verifications find on PostgreSQL what the rules find, with its way of counting seconds."""

from contactcenter.coaching.figures import weeks_between
from contactcenter.coaching.listing import Wanted
from contactcenter.coaching.rules import Mark, Result
from contactcenter.core.db import Database
from tests.coaching.many import by_rules, by_week, counted, fits, many
from tests.factories import BAKKERIJ_JANSEN, HARBOUR_DENTAL, World


def test_each_filter_finds_what_the_rules_find(db: Database) -> None:
    world = World(db)
    world.hire("Anna")
    world.hire("Bram")
    world.put(BAKKERIJ_JANSEN)
    world.put(HARBOUR_DENTAL)
    many(world, seed=1)
    expected = by_rules(world)
    for mark in Mark:
        assert fits(world, Wanted(marks=frozenset({mark}))) == expected[mark], mark
    for result in Result:
        assert fits(world, Wanted(result=result)) == expected[result], result
    weeks = weeks_between(None, None, world.now.date())
    for wanted in (Wanted(), Wanted(result=Result.VERIFIED), Wanted(marks=frozenset({Mark.GUESSING}))):
        assert counted(world, wanted, weeks) == by_week(world, wanted, weeks)
