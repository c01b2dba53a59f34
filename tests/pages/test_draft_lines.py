"""The draft at the wrap-up: each line says what it does, and what was promised is offered as follow-up."""

import pytest
from starlette.testclient import TestClient

from contactcenter.notes import summaries
from contactcenter.notes.acts import Act
from contactcenter.notes.drafting import DraftLine
from contactcenter.notes.models import Summary, SummaryState
from tests.desks import anna, call, path
from tests.factories import World, company, world

__all__ = ["anna", "call", "company", "world"]

LINES = (
    DraftLine("Waarom krijg ik een herinnering?", 3.0, 0, Act.QUESTION),
    DraftLine("Ik bel u donderdag terug.", 48.0, 1, Act.PROMISE, "2026-11-26"),
)


@pytest.fixture
def drafted(world: World, call: int) -> int:
    """Joris has hung up, and the draft has come."""
    world.hang_up(call)
    with world.writing() as session:
        summaries.attach_draft(session, world.now, call, LINES)
    return call


def test_the_desk_says_what_each_line_does_and_offers_the_day(world: World, drafted: int, anna: TestClient) -> None:
    desk = anna.get("/desk/call").text
    assert '<span class="small strong">beloofd</span> Ik bel u donderdag terug.' in desk
    assert 'name="follow_up_on" value="2026-11-26"' in desk
    assert "Beloofd op 0:48: uiterlijk 26 nov 2026." in desk


def test_a_day_that_is_past_is_not_offered(world: World, drafted: int, anna: TestClient) -> None:
    with world.writing() as session:
        summary = summaries.of_contact(session, drafted)
        assert summary is not None
        summary.draft_lines = [{"text": "Ik bel u.", "start": 1.0, "channel": 1, "act": "promise", "day": "2026-11-20"}]
    assert 'name="follow_up_on" value=""' in anna.get("/desk/call").text


def test_the_agent_decides_whether_the_day_is_kept(world: World, drafted: int, anna: TestClient) -> None:
    wrap_up = {"kind": "invoice", "outcome": "solved", "question": "Herinnering?", "follow_up_on": ""}
    assert anna.post(path(world, drafted, "close"), data=wrap_up).status_code == 204
    assert world.contact(drafted).follow_up_on is None


def test_a_draft_of_before_lines_said_what_they_do_is_read_too() -> None:
    old = Summary(
        contact_id=1, state=SummaryState.DRAFT, draft_lines=[{"text": "Hallo daar", "start": 1.0, "channel": 0}]
    )
    assert old.lines == (DraftLine("Hallo daar", 1.0, 0, Act.SAID),)
