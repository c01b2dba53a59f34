"""Writing at the desk: the note while talking, the wrap-up, the summary; each by who handles the call (P10, P14)."""

from datetime import date

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from contactcenter.contacts import service as contacts
from contactcenter.contacts.rules import ContactKind, ContactState, Direction
from contactcenter.notes.models import Note, Summary
from contactcenter.staff.rules import Role
from tests.desks import path, signed_in
from tests.factories import PRIYA, STRANGER, World

WRAP_UP = {"kind": "invoice", "outcome": "solved", "question": "Factuur?", "text": "Uitgelegd"}


def test_the_note_is_kept_while_talking_and_only_the_handler_writes(world: World, call: int, anna: TestClient) -> None:
    typed = {"question": "Factuur?", "text": "Belt", "summary": "saved while typing, not confirmed"}
    assert anna.post(path(world, call, "note"), data=typed).status_code == 204
    assert world.rows(select(Summary)) == []
    bram = signed_in(world, "Bram").post(path(world, call, "note"), data={"text": "Ook ik"})
    assert bram.status_code == 404
    assert [(note.question, note.text) for note in world.rows(select(Note))] == [("Factuur?", "Belt")]


def test_the_wrap_up_closes_with_note_summary_and_outcome(world: World, call: int, anna: TestClient) -> None:
    world.hang_up(call)
    assert anna.post(path(world, call, "close"), data=WRAP_UP | {"summary": "Factuur uitgelegd."}).status_code == 204
    found = world.contact(call)
    assert (found.state, found.kind) == (ContactState.CLOSED, ContactKind.INVOICE)
    assert [summary.text for summary in world.rows(select(Summary))] == ["Factuur uitgelegd."]


def test_it_closes_without_a_summary_which_is_confirmed_later(world: World, call: int, anna: TestClient) -> None:
    world.hang_up(call)
    anna.post(path(world, call, "close"), data=WRAP_UP)
    assert world.contact(call).state is ContactState.CLOSED
    world.travel(minutes=50)
    confirmed = anna.post(path(world, call, "summary"), data={"text": "Factuur uitgelegd."})
    assert confirmed.status_code == 204
    assert signed_in(world, "Bram").post(path(world, call, "summary"), data={"text": "x"}).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"outcome": ""},
        {"outcome": "fired"},
        {"kind": ""},
        {"question": "  "},
        {"follow_up_on": "morgen"},
        {"follow_up_on": "2026-11-22"},
        {"question": "x" * 301},
    ],
)
def test_what_is_missing_or_wrong_is_said_and_nothing_is_kept(
    world: World, call: int, anna: TestClient, wrong: dict[str, str]
) -> None:
    world.hang_up(call)
    assert anna.post(path(world, call, "close"), data=WRAP_UP | wrong).status_code == 422
    assert world.contact(call).state is ContactState.WRAP_UP
    assert world.rows(select(Note)) == []


def test_a_follow_up_keeps_the_contact_open_until_it_is_settled(world: World, call: int, anna: TestClient) -> None:
    world.hang_up(call)
    anna.post(path(world, call, "close"), data=WRAP_UP | {"follow_up_on": "2026-11-23"})
    assert (world.contact(call).state, world.contact(call).follow_up_on) == (ContactState.OPEN, date(2026, 11, 23))
    assert signed_in(world, "Bram").post(path(world, call, "close")).status_code == 404
    assert anna.post(path(world, call, "close")).status_code == 204
    assert world.contact(call).state is ContactState.CLOSED


def test_a_missed_call_is_settled_by_anybody_of_its_team(world: World) -> None:
    world.hire("Gijs", team="Sales")
    call = world.call(STRANGER)
    world.hang_up(call, missed=True)
    assert signed_in(world, "Gijs").post(path(world, call, "close")).status_code == 404
    assert signed_in(world, "Bram").post(path(world, call, "close"), data={"kind": "question"}).status_code == 204
    assert world.contact(call).kind is ContactKind.QUESTION


def test_a_live_call_is_not_closed(world: World, call: int, anna: TestClient) -> None:
    assert anna.post(path(world, call, "close"), data=WRAP_UP).status_code == 409


def test_a_wrap_up_out_of_time_can_still_be_written_by_its_handler(world: World, call: int, anna: TestClient) -> None:
    world.hang_up(call)
    world.travel(minutes=40)
    with world.writing() as session:
        contacts.close_overdue(session, world.now)
    world.hire("Dirk", Role.SUPERVISOR)
    assert signed_in(world, "Dirk").post(path(world, call, "note"), data={"question": "?"}).status_code == 404
    late = WRAP_UP | {"outcome": "call-back", "follow_up_on": "2026-12-01", "summary": "Factuur uitgelegd."}
    assert anna.post(path(world, call, "close"), data=late).status_code == 204
    found = world.contact(call)
    assert (found.state, found.kind, found.follow_up_on) == (
        ContactState.OPEN,
        ContactKind.INVOICE,
        date(2026, 12, 1),
    )
    assert [note.question for note in world.rows(select(Note))] == ["Factuur?"]
    assert signed_in(world, "Dirk").post(path(world, call, "close")).status_code == 204
    assert world.contact(call).state is ContactState.CLOSED


def test_a_call_that_we_made_needs_a_note(world: World, anna: TestClient) -> None:
    call = world.call(PRIYA, answered_by=world.members["Anna"], direction=Direction.OUTBOUND)
    world.hang_up(call)
    assert anna.post(path(world, call, "close"), data=WRAP_UP | {"text": ""}).status_code == 422
    assert anna.post(path(world, call, "close"), data=WRAP_UP).status_code == 204
