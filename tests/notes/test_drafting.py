"""A drafted summary: sentences really said, the ones that matter, each with its second."""

import json
import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

import contactcenter.demo
from contactcenter.notes.acts import Act
from contactcenter.notes.drafting import DraftLine, draft
from contactcenter.notes.said import Segment

ROLES = ["caller", "agent"]
BEGAN = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Europe/Amsterdam"))
CONVERSATIONS = Path(contactcenter.demo.__file__).parent / "conversations"


def said(channel: int, start: float, text: str) -> Segment:
    """Words of one breath."""
    return Segment(channel, start, start + 1, text, 0.9)


def conversation(name: str) -> list[Segment]:
    told = json.loads((CONVERSATIONS / f"{name}.json").read_text())
    return [said(t["channel"], t["start"], t["text"]) for t in told["segments"] if t["text"]]


@pytest.mark.parametrize(
    ("name", "question", "deed_or_promise"),
    [
        ("question_nl", "map delen met mijn boekhouder", "opnieuw verstuurd"),
        ("invoice_nl", "drie weken geleden al betaald", "bel u terug op donderdag"),
        ("outage_en", "none of our files will synchronise", "within one hour"),
        ("complaint_en", "want to make a complaint", "call you back myself, on Thursday"),
    ],
)
def test_the_question_and_what_was_done_or_promised_are_in_it(name: str, question: str, deed_or_promise: str) -> None:
    segments = conversation(name)
    lines = draft(segments, name[-2:], ROLES, BEGAN)
    assert 3 <= len(lines) <= 6
    assert any(question in line.text and line.channel == 0 for line in lines)
    assert any(deed_or_promise in line.text and line.channel == 1 for line in lines)
    said = {(segment.text, segment.start, segment.channel) for segment in segments}
    assert {(line.text, line.start, line.channel) for line in lines} <= said


def test_greetings_are_left_out() -> None:
    lines = draft(conversation("question_nl"), "nl", ROLES, BEGAN)
    assert not any("u spreekt met" in line.text or "Dank u wel" in line.text for line in lines)


def test_the_same_transcript_gives_the_same_draft_in_whatever_order_it_comes() -> None:
    segments = conversation("complaint_en")
    assert draft(segments, "en", ROLES, BEGAN) == draft(list(reversed(segments)), "en", ROLES, BEGAN)


def test_nothing_or_next_to_nothing_said_gives_no_more_than_was_said() -> None:
    assert draft([], "nl", ROLES, BEGAN) == ()
    assert draft([said(0, 1.0, "Hallo?"), said(1, 2.0, "Ja.")], "nl", ROLES, BEGAN) == ()
    only = said(0, 4.0, "Ik bel over factuur [IBAN].")
    assert draft([only], "nl", ROLES, BEGAN) == (DraftLine(only.text, 4.0, 0, Act.QUESTION),)
    assert draft([said(0, 0.0, "de het een"), said(1, 1.0, "en van ik")], "nl", ROLES, BEGAN) != ()


def test_a_line_that_repeats_another_is_not_chosen_twice() -> None:
    same = [said(1, float(second), "Ik heb de uitnodiging opnieuw verstuurd.") for second in range(8)]
    other = said(0, 9.0, "Kan hij dan ook de andere mappen openen?")
    assert [line.text for line in draft([*same, other], "nl", ROLES, BEGAN)] == [same[0].text, other.text]


def test_a_very_long_line_is_shortened_between_words() -> None:
    (line,) = draft([said(0, 0.0, "Waarom werkt de synchronisatie niet " * 20)], "nl", ROLES, BEGAN)
    assert len(line.text) <= 242
    assert line.text.endswith(" …")


def test_a_call_of_four_hours_is_drafted_too() -> None:
    words = ["map", "licentie", "factuur", "storing", "server", "bestand", "computer", "gebruiker", "mail", "account"]
    segments = [
        said(n % 2, n * 4.0, f"Ik zie {words[n % 10]} {n} naast {words[(n * 7) % 9]} en {words[(n // 3) % 10]}.")
        for n in range(3_600)
    ]
    began = time.process_time()
    assert 3 <= len(draft(segments, "nl", ROLES, BEGAN)) <= 6
    assert time.process_time() - began < 20


segments = st.builds(said, st.integers(0, 1), st.floats(0, 1e4), st.text(max_size=60))


@given(st.lists(segments, max_size=20), st.sampled_from(["nl", "en", "xx"]))
def test_whatever_was_said_lines_come_in_order_and_are_few(said: list[Segment], language: str) -> None:
    lines = draft(said, language, ROLES, BEGAN)
    assert len(lines) <= 6
    assert [line.start for line in lines] == sorted(line.start for line in lines)
