"""What signing in leaves behind is forgotten when it is over."""

from sqlmodel import select

from contactcenter.staff import service as staff
from contactcenter.staff.models import SignInFailure, StaffSession
from tests.factories import PASSWORD, World

ADDRESS = "203.0.113.5"


def signed_in(world: World) -> str:
    token = staff.sign_in(world.db, world.now, "anna", PASSWORD, ADDRESS)
    assert token is not None
    return token


def sessions_after_purge(world: World) -> int:
    with world.writing() as session:
        staff.purge(session, world.now)
    return len(world.rows(select(StaffSession)))


def test_an_idle_session_is_forgotten_and_a_used_one_is_kept(world: World) -> None:
    signed_in(world)
    world.travel(hours=1, minutes=59)
    assert sessions_after_purge(world) == 1
    signed_in(world)
    world.travel(minutes=2)
    assert sessions_after_purge(world) == 1


def test_a_session_of_twelve_hours_is_forgotten_however_busy_it_is(world: World) -> None:
    signed_in(world)
    world.travel(hours=12, seconds=1)
    with world.writing() as session:
        session.exec(select(StaffSession)).one().seen_at = world.now
    assert sessions_after_purge(world) == 0


def test_failed_sign_ins_are_forgotten_after_a_quarter_of_an_hour(world: World) -> None:
    staff.sign_in(world.db, world.now, "anna", "guessed", ADDRESS)
    world.travel(minutes=14)
    sessions_after_purge(world)
    assert len(world.rows(select(SignInFailure))) == 1
    world.travel(minutes=1)
    sessions_after_purge(world)
    assert world.rows(select(SignInFailure)) == []
