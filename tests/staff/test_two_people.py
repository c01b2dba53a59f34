"""What takes two people: the check that everything shares which one person proposes and another one decides."""

import pytest

from contactcenter.core.errors import Conflict, NotFound
from contactcenter.staff.access import by_two_people
from contactcenter.staff.models import Staff
from contactcenter.staff.rules import NotTwo, Party, Right, Role, not_two_people
from tests.factories import World

DIRK, EVA = Party(1, Role.SUPERVISOR, enabled=True), Party(2, Role.PRIVACY, enabled=True)


@pytest.mark.parametrize(
    ("proposer", "decider", "reason"),
    [
        (DIRK, EVA, None),
        (EVA, DIRK, None),
        (Party(3, Role.AGENT, enabled=True), EVA, None),
        (DIRK, DIRK, NotTwo.SAME_PERSON),
        (DIRK, Party(1, Role.PRIVACY, enabled=True), NotTwo.SAME_PERSON),
        (Party(1, Role.SUPERVISOR, enabled=False), EVA, NotTwo.ENDED),
        (DIRK, Party(2, Role.PRIVACY, enabled=False), NotTwo.ENDED),
        (DIRK, Party(3, Role.COACH, enabled=True), NotTwo.NO_RIGHT),
    ],
)
def test_one_proposes_and_another_one_with_the_right_decides(
    proposer: Party, decider: Party, reason: NotTwo | None
) -> None:
    assert not_two_people(proposer, decider, Right.HOLD) is reason


def test_who_may_not_decide_is_told_why_or_finds_nothing(world: World) -> None:
    for name, role in (("Dirk", Role.SUPERVISOR), ("Eva", Role.PRIVACY), ("Carla", Role.COACH)):
        world.hire(name, role)
    with world.writing() as session:
        dirk, eva, carla = (session.get_one(Staff, world.members[name].id) for name in ("Dirk", "Eva", "Carla"))
        by_two_people(dirk, eva, Right.HOLD)
        with pytest.raises(Conflict, match="somebody else decides"):
            by_two_people(dirk, dirk, Right.HOLD)
        with pytest.raises(NotFound):
            by_two_people(dirk, carla, Right.HOLD)
        dirk.disabled_at = world.now
        with pytest.raises(Conflict, match="no account any more"):
            by_two_people(dirk, eva, Right.HOLD)
