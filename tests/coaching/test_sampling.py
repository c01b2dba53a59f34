"""Which contacts are drawn for a review: by declared rules, once each, however often the sweep runs (P05)."""

from collections import Counter

import pytest
from sqlmodel import select

from contactcenter.coaching import sampling
from contactcenter.coaching.models import Review, SamplingRule
from contactcenter.coaching.rules import Sample, SampleKind, why_sampled
from contactcenter.contacts.models import ContactLink
from contactcenter.contacts.rules import Direction
from contactcenter.core.audit import Action
from contactcenter.staff.rules import Role
from contactcenter.verification import approvals, door
from contactcenter.verification import service as verification
from contactcenter.verification.models import Approval, Disclosure
from contactcenter.verification.rules import ApprovalReason, GlassReason, Level, Purpose
from tests.coaching.acts import verified
from tests.factories import JORIS, PRIYA, World

ALL = dict.fromkeys(SampleKind, 1)
NONE: frozenset[SampleKind] = frozenset()


def fill(world: World) -> int:
    """The sweep runs."""
    return sampling.fill(world.db, world.now)


def drawn(world: World) -> dict[int, SampleKind]:
    """Why each contact in the queue is there."""
    return {one.contact_id: one.why for one in world.rows(select(Review))}


def without_chance(world: World) -> None:
    """Nothing is drawn at random, whatever names the contacts of the story get."""
    with world.writing() as session:
        sampling.seed(session)
        session.exec(select(SamplingRule).where(SamplingRule.kind == SampleKind.ONE_IN)).one().one_in = 0


def handled(world: World, number: str = PRIYA, direction: Direction = Direction.INBOUND) -> int:
    """A call that Anna handled and that is over."""
    call = world.call(number, answered_by=world.members["Anna"], direction=direction)
    world.travel(minutes=2)
    world.hang_up(call)
    return call


@pytest.mark.parametrize(
    ("reasons", "number", "rules", "why"),
    [
        (NONE, 7, ALL, SampleKind.ONE_IN),
        (NONE, 7, {SampleKind.ONE_IN: 50}, None),
        (NONE, 150, {SampleKind.ONE_IN: 50}, SampleKind.ONE_IN),
        (NONE, 0, {SampleKind.ONE_IN: 0}, None),
        (NONE, 0, {}, None),
        (frozenset({SampleKind.APPROVED, SampleKind.GLASS}), 7, ALL, SampleKind.GLASS),
        (frozenset({SampleKind.APPROVED, SampleKind.OUTBOUND}), 7, ALL, SampleKind.OUTBOUND),
        (frozenset({SampleKind.APPROVED}), 7, {SampleKind.APPROVED: 2, SampleKind.ONE_IN: 7}, SampleKind.ONE_IN),
    ],
)
def test_the_strongest_reason_that_is_drawn_counts(
    reasons: frozenset[SampleKind], number: int, rules: dict[SampleKind, int], why: SampleKind | None
) -> None:
    assert why_sampled(Sample(reasons, number), rules) is why


def test_one_in_fifty_is_drawn_whoever_asks_and_however_often() -> None:
    kinds = Counter(why_sampled(Sample(NONE, number), {SampleKind.ONE_IN: 50}) for number in range(1000))
    assert kinds == {None: 980, SampleKind.ONE_IN: 20}


def test_the_rules_of_the_package_are_taken_over_once_and_stay_as_they_were_changed(world: World) -> None:
    fill(world)
    assert {one.kind: one.one_in for one in world.rows(select(SamplingRule))} == {
        SampleKind.GLASS: 1,
        SampleKind.OUTBOUND: 1,
        SampleKind.APPROVED: 1,
        SampleKind.ONE_IN: 50,
    }
    without_chance(world)
    fill(world)
    with world.reading() as session:
        assert sampling.in_force(session, world.now)[SampleKind.ONE_IN] == 0


def test_every_contact_with_a_second_person_is_drawn_once(world: World, call: int) -> None:
    without_chance(world)
    anna, dirk = world.members["Anna"], world.hire("Dirk", Role.SUPERVISOR)
    with world.writing() as session:
        begun = verification.ensure(session, world.now, anna, call)
        approvals.ask(session, world.now, begun, ApprovalReason.EMERGENCY, "He stands in front of the door.")
    asked = world.rows(select(Approval))[0].public_id
    with world.writing() as session:
        approvals.decide(session, world.now, dirk, asked, grant=True)
    assert fill(world) == 0
    world.hang_up(call)
    plain = handled(world)
    assert fill(world) == 1
    assert fill(world) == 0
    assert drawn(world) == {call: SampleKind.APPROVED}
    assert plain not in drawn(world)
    assert [one.detail for one in world.acts(Action.REVIEW_DRAWN)] == ["approval"]


def test_glass_that_is_broken_after_the_call_still_draws_it(world: World, call: int) -> None:
    without_chance(world)
    anna = world.members["Anna"]
    verified(world, call)
    world.hang_up(call)
    assert fill(world) == 0
    world.travel(hours=3)
    customer_id = world.rows(select(ContactLink))[0].customer_id
    with world.writing() as session:
        words = "Their account sends spam and nobody answers."
        door.break_glass(session, world.now, anna, customer_id, GlassReason.DAMAGE, words)
    assert fill(world) == 1
    assert drawn(world) == {call: SampleKind.GLASS}


@pytest.mark.parametrize(("direction", "drawn_for"), [(Direction.OUTBOUND, 1), (Direction.INBOUND, 0)])
def test_sensitive_data_on_a_call_of_ours_draws_it(world: World, direction: Direction, drawn_for: int) -> None:
    without_chance(world)
    call = handled(world, JORIS, direction)
    for what in ("name-and-address", "invoices"):
        with world.writing() as session:
            shown = Disclosure(
                contact_id=call,
                staff_id=world.members["Anna"].id,
                what=what,
                purpose=Purpose.SERVICE,
                level=Level.VERIFIED,
                at=world.now,
            )
            session.add(shown)
        assert fill(world) == (drawn_for if what == "invoices" else 0)


def test_at_random_means_by_the_contacts_own_name(world: World) -> None:
    with world.writing() as session:
        sampling.seed(session)
        session.exec(select(SamplingRule).where(SamplingRule.kind == SampleKind.ONE_IN)).one().one_in = 2
    calls = [handled(world) for _ in range(12)]
    fill(world)
    by_name = {one for one in calls if not sampling._number(world.contact(one).public_id) % 2}
    assert set(drawn(world)) == by_name
    missed = world.call(JORIS)
    world.hang_up(missed, missed=True)
    world.travel(days=3)
    handled(world)
    fill(world)
    assert missed not in drawn(world)
