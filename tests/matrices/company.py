"""A company in which everybody who may ask has a contact in hand, and one of each thing that a route can name."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

from sqlmodel import select

from contactcenter.calls import lines
from contactcenter.core.db import new_public_id
from contactcenter.recordings.models import Recording
from contactcenter.recordings.rules import RecordingState
from contactcenter.staff import sessions
from contactcenter.staff.access import hashed
from contactcenter.staff.models import Passkey, Staff, StaffSession
from contactcenter.staff.rules import Role, Standing
from tests.factories import World
from tests.matrices.snapshot import Snapshot
from tests.matrices.things import things_of


@dataclass(frozen=True)
class Viewer:
    """Who asks. `standing` is None for whom no session lets in; `token` is what their browser sends all the same."""

    name: str
    role: Role | None
    standing: Standing | None
    trained: bool = True
    token: str | None = None
    things: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


VIEWERS = (
    Viewer("nobody", None, None),
    Viewer("agent", Role.AGENT, Standing.IN),
    Viewer("coach", Role.COACH, Standing.IN),
    Viewer("supervisor", Role.SUPERVISOR, Standing.IN),
    Viewer("privacy-officer", Role.PRIVACY, Standing.IN),
    Viewer("admin", Role.ADMIN, Standing.IN),
    Viewer("untrained-agent", Role.AGENT, Standing.IN, trained=False),
    Viewer("untrained-supervisor", Role.SUPERVISOR, Standing.IN, trained=False),
    Viewer("disabled", Role.SUPERVISOR, None),
    Viewer("expired", Role.SUPERVISOR, None),
    Viewer("password-only", Role.SUPERVISOR, Standing.SHOWS),
    Viewer("without-a-factor", Role.SUPERVISOR, Standing.SETS_UP),
)


@dataclass
class Company:
    """The world, everybody who may ask with their own things, a colleague's things, and another team's."""

    world: World
    viewers: dict[str, Viewer]
    other: dict[str, str]
    foreign: dict[str, str]

    def __post_init__(self) -> None:
        self.kept = Snapshot(self.world.db)

    def close(self) -> None:
        """Let go of the database."""
        self.kept.close()
        self.world.db.close()


def founded(world: World) -> Company:
    """Everybody, with one of each thing; the world has Anna, Bram and two customers already."""
    with world.writing() as session:
        for number, team in (("+31850000001", "Support"), ("+31850000002", "Sales")):
            lines.add(session, number, name=team, team=team, language="nl", second_language="en")
    other = things_of(world, world.members["Bram"])
    foreign = things_of(world, world.hire("Sofie", team="Sales"), team="Sales")
    viewers = {one.name: _hired(world, one) if one.role else one for one in VIEWERS}
    return Company(world, viewers, other, foreign)


def absent(things: dict[str, str]) -> dict[str, str]:
    """Names like these, of nothing."""
    return {name: new_public_id() for name in things} | {"promise": "P99"}


def erased(world: World, viewer: Viewer) -> dict[str, str]:
    """Names of what the viewer had and what is gone by now: a recording, a session, a passkey."""
    gone = dict(viewer.things)
    with world.writing() as session:
        member = world.members[viewer.name]
        recording = session.exec(select(Recording).where(Recording.public_id == gone["recording"])).one()
        recording.state, recording.wrapped_key, recording.peaks = RecordingState.DESTROYED, None, None
        for table in (StaffSession, Passkey):
            name = gone[table.__tablename__.removeprefix("staff_")]
            for row in session.exec(select(table).where(table.staff_id == member.id, table.public_id == name)):
                session.delete(row)
    return gone


def _hired(world: World, viewer: Viewer) -> Viewer:
    assert viewer.role is not None
    member = world.hire(viewer.name, viewer.role, trained=viewer.trained)
    things = things_of(world, member)
    with world.writing() as session:
        staff = session.get_one(Staff, member.id)
        token = sessions.begin(session, world.now, staff, "Firefox, Linux")
        opened = session.get_one(StaffSession, hashed(token))
        if viewer.standing is None or viewer.standing is Standing.IN:
            opened.proved_at = world.now
        if viewer.name == "expired":
            opened.seen_at = opened.started_at = world.now - timedelta(hours=3)
        if viewer.name == "disabled":
            staff.disabled_at = world.now
        if viewer.standing is Standing.SETS_UP:
            for passkey in session.exec(select(Passkey).where(Passkey.staff_id == member.id)):
                session.delete(passkey)
    return replace(viewer, token=token, things=things)
