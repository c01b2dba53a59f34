"""A confirmed summary is changed by who answers for it only, and what it said before stays with who and when (P10)."""

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.notes.models import Summary, SummaryVersion
from contactcenter.staff.rules import Role
from contactcenter.verification import door
from contactcenter.verification.rules import Purpose
from tests.desks import signed_in
from tests.factories import JORIS, World

FIRST = "De factuur van mei is uitgelegd."
SECOND = "De factuur van mei is gecrediteerd."


@pytest.fixture
def call(world: World) -> int:
    """Joris rings, Anna answers and leaves the line, Bram goes on; then Joris hangs up."""
    anna, bram = world.members["Anna"], world.members["Bram"]
    call = world.call(JORIS, answered_by=anna)
    with world.writing() as session:
        contacts.leave_handling(session, world.now, call, anna.id)
    world.travel(minutes=1)
    with world.writing() as session:
        contacts.begin_handling(session, world.now, session.get_one(Contact, call), bram.id)
    world.hang_up(call)
    return call


def confirm(world: World, name: str, call: int, text: str) -> int:
    """This member confirms the summary in their browser."""
    path = f"/contacts/{world.contact(call).public_id}/summary"
    return signed_in(world, name).post(path, data={"text": text}).status_code


def page(world: World, browser: TestClient, call: int) -> str:
    """The page of the contact."""
    return browser.get(f"/contacts/{world.contact(call).public_id}").text


def said(world: World) -> tuple[str, list[tuple[str, int]]]:
    """The summary in force, and what it said before with whose that was."""
    (summary,) = world.rows(select(Summary))
    return summary.text, [(one.text, one.confirmed_by) for one in world.rows(select(SummaryVersion))]


def test_what_the_handler_in_charge_changes_leaves_a_version_with_who_and_when(world: World, call: int) -> None:
    bram = world.members["Bram"]
    began = world.now
    assert confirm(world, "Bram", call, FIRST) == 204
    world.travel(minutes=3)
    assert confirm(world, "Bram", call, SECOND) == 204
    assert said(world) == (SECOND, [(FIRST, bram.id)])
    assert [one.confirmed_at for one in world.rows(select(SummaryVersion))] == [began]
    shown = page(world, signed_in(world, "Bram"), call)
    assert FIRST in shown
    assert "eerder: bevestigd door Bram" in shown


def test_an_earlier_handler_changes_nothing_that_is_confirmed(world: World, call: int) -> None:
    confirm(world, "Bram", call, FIRST)
    assert confirm(world, "Anna", call, SECOND) == 409
    assert confirm(world, "Anna", call, FIRST) == 204  # as her wrap-up sends it along, unchanged
    assert said(world) == (FIRST, [])
    assert world.rows(select(Summary))[0].confirmed_by == world.members["Bram"].id


def test_who_handled_first_may_confirm_and_who_handled_last_change_it(world: World, call: int) -> None:
    assert confirm(world, "Anna", call, FIRST) == 204
    assert confirm(world, "Bram", call, SECOND) == 204
    assert said(world) == (SECOND, [(FIRST, world.members["Anna"].id)])


def test_a_supervisor_changes_it_once_its_words_are_open_to_them(world: World, call: int) -> None:
    dirk = world.hire("Dirk", Role.SUPERVISOR)
    confirm(world, "Bram", call, FIRST)
    assert confirm(world, "Dirk", call, SECOND) == 404
    with world.writing() as session:
        door.open_words(session, world.now, dirk, call, Purpose.DISPUTE)
    assert confirm(world, "Dirk", call, SECOND) == 204
    assert said(world) == (SECOND, [(FIRST, world.members["Bram"].id)])
