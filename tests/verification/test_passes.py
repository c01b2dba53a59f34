"""How long a pass holds, for whom, and what goes along when a call is handed on (P05)."""

import pytest

from contactcenter.core.audit import Action
from contactcenter.core.errors import Conflict
from contactcenter.customers.rules import Kind
from contactcenter.staff.access import Member
from contactcenter.staff.rules import Role
from contactcenter.verification import door
from contactcenter.verification import service as verification
from contactcenter.verification.rules import EvidenceKind, Level
from tests.factories import JORIS, RIGHT_ANSWERS, World
from tests.verification.acts import answer, answer_rightly, ask, card, opened, prove, recognise


@pytest.fixture
def anna(world: World) -> Member:
    """Anna is at the desk."""
    return world.members["Anna"]


@pytest.fixture
def call(world: World, anna: Member) -> int:
    """Joris rings from his own number, and Anna answers."""
    return world.call(JORIS, answered_by=anna)


def test_after_a_transfer_the_next_agent_asks_one_thing_more_and_the_pass_rests_on_all(
    world: World, anna: Member, call: int
) -> None:
    recognise(world, anna, call)
    answer_rightly(world, anna, call)
    bram = world.members["Bram"]
    world.hand_on(call, anna, bram)
    assert opened(world, anna, call) == set()
    recognise(world, bram, call)
    assert card(world, bram, call).level is Level.RECOGNISED
    assert opened(world, bram, call) == {Kind.RELATION_NUMBER}
    answer_rightly(world, bram, call)
    assert card(world, bram, call).level is Level.VERIFIED
    with world.reading() as session:
        found = verification.progress(session, world.now, bram, call)
    assert [item.by_colleague for item in found.evidence] == [True, True, False, False]


def test_who_handed_a_call_on_sees_nothing_also_when_the_caller_hangs_up_in_the_same_second(
    world: World, anna: Member, call: int
) -> None:
    recognise(world, anna, call)
    answer_rightly(world, anna, call)
    world.hand_on(call, anna, world.members["Bram"])
    world.hang_up(call)
    assert opened(world, anna, call) == set()


def test_a_transfer_after_another_link_brings_nothing_along(world: World, anna: Member, call: int) -> None:
    recognise(world, anna, call)
    answer_rightly(world, anna, call)
    bram = world.members["Bram"]
    world.hand_on(call, anna, bram)
    world.link(call, "10077", "priya", bram)
    recognise(world, bram, call)
    assert card(world, bram, call).level is Level.UNKNOWN


def test_what_a_colleague_found_over_half_an_hour_ago_counts_no_more(world: World, anna: Member, call: int) -> None:
    recognise(world, anna, call)
    answer_rightly(world, anna, call)
    world.travel(minutes=31)
    bram = world.members["Bram"]
    world.hand_on(call, anna, bram)
    recognise(world, bram, call)
    with world.reading() as session:
        found = verification.progress(session, world.now, bram, call)
    assert [item.by_colleague for item in found.evidence] == [False]


def test_what_a_supervisor_revokes_is_shut_at_once_also_in_the_wrap_up(world: World, anna: Member, call: int) -> None:
    recognise(world, anna, call)
    answer_rightly(world, anna, call)
    dirk = world.hire("Dirk", Role.SUPERVISOR)
    with world.writing() as session:
        verification.revoke(session, world.now, dirk, world.contact(call))
    assert opened(world, anna, call) == set()
    world.hang_up(call)
    assert opened(world, anna, call) == set()
    assert len(world.acts(Action.VERIFICATION_REVOKED)) == 1


def test_after_the_call_what_was_open_stays_readable_until_the_wrap_up_ends_and_nothing_new_opens(
    world: World, anna: Member, call: int
) -> None:
    recognise(world, anna, call)
    waiting = ask(world, anna, call)
    world.travel(minutes=5)
    world.hang_up(call)
    world.travel(minutes=29)
    assert opened(world, anna, call) == {Kind.RELATION_NUMBER}
    assert not card(world, anna, call).live
    with pytest.raises(Conflict):
        answer(world, anna, call, waiting, RIGHT_ANSWERS[waiting.key])
    with pytest.raises(Conflict):
        ask(world, anna, call)
    with world.writing() as session:
        door.disclose(session, world.now, anna, contact_id=call)
    assert opened(world, anna, call) == {Kind.RELATION_NUMBER}
    world.travel(minutes=2)
    assert opened(world, anna, call) == set()


def test_a_pass_ends_after_half_an_hour_and_begins_again(world: World, anna: Member, call: int) -> None:
    recognise(world, anna, call)
    answer_rightly(world, anna, call)
    world.travel(minutes=31)
    assert opened(world, anna, call) == set()
    recognise(world, anna, call)
    assert opened(world, anna, call) == {Kind.RELATION_NUMBER}


def test_switching_the_customer_ends_the_pass_also_when_switching_back(world: World, anna: Member, call: int) -> None:
    recognise(world, anna, call)
    answer_rightly(world, anna, call)
    world.link(call, "10077", "priya", anna)
    assert opened(world, anna, call) == set()
    world.link(call, "10042", "joris", anna)
    assert opened(world, anna, call) == set()
    recognise(world, anna, call)
    assert opened(world, anna, call) == {Kind.RELATION_NUMBER}


def test_a_call_given_back_to_the_queue_takes_its_pass_with_it(world: World, anna: Member, call: int) -> None:
    recognise(world, anna, call)
    with world.writing() as session:
        verification.end_all(session, world.now, call)
    assert opened(world, anna, call) == set()


def test_when_the_callers_hang_up_is_heard_of_after_the_agents_leg_what_was_open_stays_readable(
    world: World, anna: Member, call: int
) -> None:
    recognise(world, anna, call)
    with world.writing() as session:
        verification.end_all(session, world.now, call)
    world.travel(seconds=1)
    world.hang_up(call)
    assert opened(world, anna, call) == {Kind.RELATION_NUMBER}
    assert not card(world, anna, call).live


def test_who_left_the_line_long_before_the_end_reads_nothing_any_more(world: World, anna: Member, call: int) -> None:
    recognise(world, anna, call)
    with world.writing() as session:
        verification.end_all(session, world.now, call)
    world.travel(minutes=1)
    world.hang_up(call)
    assert opened(world, anna, call) == set()


def test_who_was_strongly_verified_counts_as_verified_today(world: World, anna: Member, call: int) -> None:
    since = world.now
    recognise(world, anna, call)
    answer_rightly(world, anna, call)
    prove(world, anna, call, EvidenceKind.CODE_BY_EMAIL)
    with world.reading() as session:
        assert verification.level_reached(session, call) is Level.STRONG
        assert verification.verified_since(session, anna.id, since) == 1
