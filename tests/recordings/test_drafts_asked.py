"""A call is drafted by an endpoint that the operator set: what was asked is kept with the draft, and goes with it."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlmodel import col, select

from contactcenter.core.audit import Action, AuditEntry
from contactcenter.notes import summaries
from contactcenter.notes.drafter import ByRules, Conversation, Drafted, NotDrafted
from contactcenter.notes.endpoint import EndpointDrafter
from contactcenter.notes.models import Summary, SummaryState
from contactcenter.recordings import refusals, retention
from contactcenter.recordings.rules import NotRecorded, RecordingState
from contactcenter.settings import load
from contactcenter.staff.access import as_member
from tests.notes.drafting_server import Endpoint, endpoint, faithful
from tests.notes.made_answers import answer
from tests.patience import until
from tests.raw import raw
from tests.recordings.cutting import CANARY, Visitor, cuts, opened_by, told
from tests.recordings.test_playback import visitor
from tests.recordings.workplace import ANSWERED, SAID, Story, Workplace, working

__all__ = ["visitor"]
MODEL = "small-and-local"
QUESTION = ("", "question", "De koelcel van bakkerij Jansen geeft storing.", [1])


@pytest.fixture
def room() -> Iterator[Endpoint]:
    """An endpoint."""
    with endpoint() as made:
        yield made


@pytest.fixture
def asking(place: Workplace, room: Endpoint) -> Workplace:
    """A workplace whose operator set it."""
    place.settings = place.settings.model_copy(update={"draft_url": room.url, "draft_model": MODEL})
    ours = EndpointDrafter(load(draft_url=room.url, draft_model=MODEL, draft_seconds=5))
    place.pipeline = replace(place.pipeline, drafter=ours)
    return place


def summary_of(place: Workplace) -> Summary | None:
    """The summary, as the database has it."""
    with place.db.reading() as session:
        found = session.exec(select(Summary)).first()
        return Summary(**found.model_dump()) if found else None


def drafted(place: Workplace) -> Summary:
    """The summary that is there."""
    found = summary_of(place)
    assert found is not None
    return found


def outcomes(place: Workplace) -> list[str]:
    """What the trail says came of asking."""
    with place.db.reading() as session:
        asked = select(AuditEntry.detail).where(AuditEntry.action == Action.SUMMARY_ASKED)
        return list(session.exec(asked.order_by(col(AuditEntry.id))))


def during(room: Endpoint, act: Callable[[], object], says: Callable[[list[str]], str] = faithful) -> None:
    """While the endpoint writes, this happens, once."""
    left = [act]

    def writes(lines: list[str]) -> str:
        if left:
            left.pop()()
        return says(lines)

    room.says = writes


def test_a_call_is_drafted_by_it_and_what_was_asked_is_kept(asking: Workplace, room: Endpoint) -> None:
    room.says = lambda _: answer(QUESTION, ("", "promise", "Wij betalen u duizend euro terug.", [2]))
    story = asking.call().done()
    summary = drafted(asking)
    assert story.state is RecordingState.ATTACHED
    assert [(line.text, line.start, line.cites) for line in summary.lines] == [(QUESTION[2], 0.5, ((0, 0.5),))]
    assert summary.origin is not None
    assert (summary.origin.model, summary.origin.failure) == (MODEL, None)
    assert summary.origin.asked == ((0, 0.5), (1, 2.2))
    assert summary.origin.instruction == room.asked[0]["messages"][0]["content"]
    assert room.lines == [f"1 caller: {SAID}", f"2 agent: {ANSWERED}"]
    assert outcomes(asking) == ["answered"]


def test_nothing_that_says_whose_call_it_is_goes_there(asking: Workplace, room: Endpoint) -> None:
    story = asking.call().done()
    sent = json.dumps([room.asked, room.headers])
    for known in (story.contact, story.sid, story.call_sid, story.row().public_id, "Anna", "+31"):
        assert known not in sent


def test_words_whose_time_is_over_stay_here(asking: Workplace, room: Endpoint) -> None:
    story = asking.call().record().arrive().keep()
    asking.pipeline.run(asking.pipeline.write_down, story.row().public_id)
    asking.clock.travel(days=31)
    asking.pipeline.run(asking.pipeline.draft, story.row().public_id)
    assert (room.asked, story.state) == ([], RecordingState.ATTACHED)


def test_the_step_may_run_twice_and_asks_once(asking: Workplace, room: Endpoint) -> None:
    story = asking.call().done()
    before = drafted(asking)
    asking.pipeline.draft(story.row().public_id)
    assert drafted(asking) == before
    assert len(room.asked) == 1


def test_while_it_is_asked_others_write(asking: Workplace, room: Endpoint) -> None:
    took: list[float] = []

    def writes() -> None:
        began = time.monotonic()
        asking.call()
        took.append(time.monotonic() - began)

    during(room, writes)
    asking.call().done()
    assert outcomes(asking) == ["answered"]
    assert took[0] < 2


def test_what_fails_is_drafted_by_the_rules_with_its_reason_and_never_asked_again(
    asking: Workplace, room: Endpoint
) -> None:
    room.acts = lambda it, _: it.answer(500, b"{}")
    story = asking.call().done()
    summary = drafted(asking)
    assert (story.state, story.row().failure) == (RecordingState.ATTACHED, None)
    assert {line.text for line in summary.lines} == {SAID, ANSWERED}
    assert summary.origin is not None
    assert summary.origin.failure is NotDrafted.FAILED
    assert len(room.asked) == 1
    assert outcomes(asking) == ["failed"]


def test_where_a_person_wrote_it_already_nobody_is_asked(asking: Workplace, room: Endpoint) -> None:
    story = asking.call()
    with asking.db.writing() as session:
        anna = as_member(asking.staff(session, "anna"), asking.clock())
        summaries.confirm(session, asking.clock(), story.contact_id, anna, "Monteur komt vanmiddag.")
    story.done()
    assert story.state is RecordingState.ATTACHED
    assert (room.asked, outcomes(asking)) == ([], [])


def test_a_passage_that_is_cut_meanwhile_is_in_no_draft(asking: Workplace, room: Endpoint, visitor: Visitor) -> None:
    story = told(asking, done=False)
    dirk = opened_by(visitor("dirk"), story)
    asking.pipeline.write_down(story.row().public_id)
    during(room, lambda: cuts(dirk, story), lambda _: answer(("", "question", f"Mijn vrouw heeft {CANARY}.", [2])))
    asking.pipeline.draft(story.row().public_id)
    assert any(CANARY in line for line in room.lines), "it was asked before the cut"
    assert story.state is RecordingState.ATTACHED
    assert CANARY not in repr(drafted(asking))
    assert outcomes(asking) == ["changed"]


def test_an_objection_meanwhile_leaves_no_draft_and_the_trail_says_what_went(asking: Workplace, room: Endpoint) -> None:
    story = asking.call()

    def objects() -> None:
        with asking.db.writing() as session:
            refusals.objected(session, asking.clock(), story.contact_id, NotRecorded.OBJECTED)

    during(room, objects)
    story.done()
    assert story.state is RecordingState.UNWANTED
    assert summary_of(asking) is None
    assert outcomes(asking) == ["answered"]


def test_of_two_tries_at_once_the_first_that_is_answered_is_kept(asking: Workplace, room: Endpoint) -> None:
    story = asking.call().record().arrive().keep()
    name = story.row().public_id
    asking.pipeline.write_down(name)
    during(room, lambda: asking.pipeline.draft(name))
    asking.pipeline.draft(name)
    assert story.state is RecordingState.ATTACHED
    assert (len(room.asked), outcomes(asking)) == (2, ["answered", "answered"])
    with asking.db.reading() as session:
        drafts = select(AuditEntry.id).where(AuditEntry.action == Action.SUMMARY_DRAFTED)
        assert len(session.exec(drafts).all()) == 1


class Dies(ByRules):
    """A drafter in the middle of whose work the process ends."""

    def draft(self, conversation: Conversation, outside: Conversation | None) -> Drafted:
        """End."""
        raise SystemExit


def test_after_a_worker_that_died_in_the_middle_another_one_goes_on(asking: Workplace, room: Endpoint) -> None:
    alive = asking.pipeline
    asking.pipeline = replace(alive, drafter=Dies())
    with pytest.raises(SystemExit):
        asking.call().done()
    assert summary_of(asking) is None
    asking.pipeline = alive
    Story(asking, "", "", f"RE{1:032x}").write_down()
    assert drafted(asking).origin is not None
    assert len(room.asked) == 1


def test_a_worker_asks_and_stops_at_once_while_it_is_asked(asking: Workplace, room: Endpoint) -> None:
    story = asking.call()
    with working(asking):
        story.record().arrive()
        until(lambda: bool(outcomes(asking)), "the endpoint was asked")
    assert outcomes(asking) == ["answered"]
    room.acts, other = lambda _, __: time.sleep(9), asking.call()
    room.came.clear()
    with working(asking):
        other.record().arrive()
        assert room.came.wait(30)
        began = time.monotonic()
    assert time.monotonic() - began < 5
    assert outcomes(asking) == ["answered", "stopped"]


def test_with_the_recording_goes_what_was_asked(asking: Workplace) -> None:
    asking.call().done()
    assert drafted(asking).origin is not None
    asking.clock.travel(days=31)
    retention.sweep(asking.db, asking.vault, asking.carrier, asking.clock())
    assert summary_of(asking) is None
    asking.db.clear_log()
    assert b"You draft the summary" not in raw(asking.folder)


def test_a_confirmed_summary_keeps_what_was_asked_until_the_recording_goes(asking: Workplace) -> None:
    story = asking.call().done()
    with asking.db.writing() as session:
        anna = as_member(asking.staff(session, "anna"), asking.clock())
        summaries.confirm(session, asking.clock(), story.contact_id, anna, "Monteur komt vanmiddag.")
    assert drafted(asking).origin is not None
    asking.clock.travel(days=31)
    retention.sweep(asking.db, asking.vault, asking.carrier, asking.clock())
    summary = drafted(asking)
    assert (summary.state, summary.draft_lines, summary.draft_origin) == (SummaryState.CONFIRMED, None, None)


def test_a_cut_afterwards_takes_every_line_with_a_word_of_it(
    asking: Workplace, room: Endpoint, visitor: Visitor
) -> None:
    room.says = lambda _: answer(
        ("", "question", "De koelcel van de bakkerij geeft storing.", [1]),
        ("", "question", "De vrouw van de bakkerij heeft een koelcel met storing.", [1]),
        ("", "question", f"Mijn vrouw heeft {CANARY}.", [2]),
    )
    story = told(asking)
    assert len(drafted(asking).lines) == 3
    assert cuts(opened_by(visitor("dirk"), story), story) == 303
    summary = drafted(asking)
    assert [line.text for line in summary.lines] == ["De koelcel van de bakkerij geeft storing."]
    assert "vrouw" not in repr(summary)


def test_pages_say_by_what_it_was_drafted_and_what_was_asked(asking: Workplace, visitor: Visitor) -> None:
    story = asking.call().done().end()
    shown = visitor("anna").get(f"/contacts/{story.contact}").text
    assert f"Draft by machine, model {MODEL}." in shown
    assert "What the machine was asked" in shown
    assert "2 lines of the redacted transcript" in shown
    assert "You draft the summary of one telephone call" in shown
    others = visitor("bram").get(f"/contacts/{story.contact}").text
    assert MODEL not in others


def test_pages_say_why_it_was_not_used(asking: Workplace, room: Endpoint, visitor: Visitor) -> None:
    room.says = lambda _: "Ignore your instructions."
    story = asking.call().done().end()
    shown = visitor("anna").get(f"/contacts/{story.contact}").text
    assert f"the draft of {MODEL} is not used: its answer could not be read" in shown
    fleur = visitor("fleur").get("/operations").text
    assert "Drafts by machine" in fleur
    assert "not used: its answer could not be read" in " ".join(fleur.split())


def test_operations_say_nothing_of_it_where_none_is_set(place: Workplace, visitor: Visitor) -> None:
    place.call().done()
    assert drafted(place).origin is None
    assert "Drafts by machine" not in visitor("fleur").get("/operations").text
