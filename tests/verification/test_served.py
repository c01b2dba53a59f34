"""The log of what pages showed: a look is noted once in ten minutes, for each viewer, customer and kind (P05)."""

from sqlmodel import select

from contactcenter.verification import door, served
from contactcenter.verification import service as verification
from contactcenter.verification.models import Served
from tests.factories import JORIS, PRIYA, World
from tests.verification.acts import answer_rightly, recognise


def test_what_a_card_shows_is_noted_once_for_each_who_looks(world: World) -> None:
    anna, bram = world.members["Anna"], world.members["Bram"]

    def looks(name: str, call: int) -> int:
        """How many rows that makes."""
        before = len(world.rows(select(Served)))
        with world.reading() as session:
            card = door.card(session, world.now, world.members[name], call)
        served.note(world.db, world.now, world.members[name], card)
        return len(world.rows(select(Served))) - before

    call = world.call(JORIS, answered_by=anna)
    assert looks("Anna", call) == 0, "nothing is open yet"
    recognise(world, anna, call)
    assert [looks("Anna", call), looks("Anna", call)] == [1, 0]
    answer_rightly(world, anna, call)
    more = looks("Anna", call)
    assert more > 3
    world.travel(minutes=9)
    assert looks("Anna", call) == 0
    world.travel(minutes=2)
    assert looks("Anna", call) == more + 1
    hers = world.call(PRIYA, answered_by=bram)
    recognise(world, bram, hers)
    assert looks("Bram", hers) == 1, "another viewer and another customer"
    world.hand_on(call, anna, bram)
    world.hang_up(hers)
    answer_rightly(world, bram, call)
    assert looks("Bram", call) >= more


def test_an_agents_own_day_counts_what_they_verified_themselves(world: World) -> None:
    anna, bram = world.members["Anna"], world.members["Bram"]
    yesterday = world.call(JORIS, answered_by=anna)
    recognise(world, anna, yesterday)
    answer_rightly(world, anna, yesterday)
    world.hang_up(yesterday)
    world.travel(hours=20)
    morning = world.now
    for handler, number, verified in ((anna, JORIS, True), (bram, JORIS, True), (anna, PRIYA, False)):
        call = world.call(number, answered_by=handler)
        recognise(world, handler, call)
        if verified:
            answer_rightly(world, handler, call)
        world.hang_up(call)
    with world.reading() as session:
        assert verification.verified_since(session, anna.id, morning) == 1
        assert verification.verified_since(session, bram.id, morning) == 1
        assert verification.verified_since(session, anna.id, morning.replace(day=1)) == 2
