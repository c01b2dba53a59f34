"""Whose work a list shows: by name once that was agreed, else by a team that is large enough to hide in (P29)."""

from collections.abc import Set
from dataclasses import dataclass

from sqlmodel import Session, col, select

from contactcenter.coaching.rules import SMALLEST_TEAM
from contactcenter.staff.models import Staff, Team
from contactcenter.staff.rules import Right, may

SMALL = "small"  # how a filter calls the teams that have no name here


@dataclass(frozen=True)
class Naming:
    """`labels`: what stands for each member of staff, None for who is in a small team. `teams`: (public id, name,
    members) of those that may be named. `at_work`: who takes calls."""

    by_name: bool
    labels: dict[int, str | None]
    teams: tuple[tuple[str, str, Set[int]], ...]
    at_work: Set[int] = frozenset()

    def members(self, team: str) -> Set[int]:
        """Ids of staff that a filter means; nobody for a team that has no name here."""
        if team == SMALL:
            return {one for one, label in self.labels.items() if label is None}
        return next((members for public_id, _, members in self.teams if public_id == team), frozenset())

    def counts(self, team: str | None) -> bool:
        """Whether figures of this team, or of everybody, are of so many people that they tell nothing of one."""
        meant = self.at_work if team is None else self.members(team) & self.at_work
        return self.by_name or len(meant) >= SMALLEST_TEAM

    @property
    def hides(self) -> bool:
        """Whether anybody is in a team without a name here."""
        return None in self.labels.values()


def naming(session: Session, *, by_name: bool) -> Naming:
    """How staff are called on pages of coaching; `by_name` is whether they may be named."""
    people = session.exec(select(Staff)).all()
    labels: dict[int, str | None] = {}
    named = []
    at_work = frozenset(one.id for one in people if one.disabled_at is None and may(one.role, Right.HANDLE_CALLS))
    for team in session.exec(select(Team).order_by(col(Team.name))):
        members = frozenset(one.id for one in people if one.team_id == team.id)
        large = len(members & at_work) >= SMALLEST_TEAM
        labels |= {one.id: one.name if by_name else team.name if large else None for one in people if one.id in members}
        if members and (by_name or large):
            named.append((team.public_id, team.name, members))
    return Naming(by_name, labels, tuple(named), at_work)
