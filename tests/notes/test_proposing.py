"""What a contact is probably about, from its words, for a person to accept or to change (P03)."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import select
from starlette.testclient import TestClient

import contactcenter.demo
from contactcenter.contacts.models import Contact
from contactcenter.contacts.rules import ContactKind, Topic
from contactcenter.notes import service as notes
from contactcenter.notes.proposing import CUES, Proposal, lines_of_caller, propose, topic_of
from contactcenter.notes.said import Segment, Transcript
from tests.desks import path
from tests.factories import World

CONVERSATIONS = Path(contactcenter.demo.__file__).parent / "conversations"
WRAP_UP = {"outcome": "solved", "question": "Factuur?", "kind": "invoice"}


@pytest.mark.parametrize(
    ("name", "topic"),
    [
        ("question_nl", Topic.SHARING),
        ("invoice_nl", Topic.PAYMENT),
        ("outage_en", Topic.SYNCHRONISING),
        ("complaint_en", Topic.NOT_CALLED_BACK),
        ("question_en", Topic.INSTALLING),
    ],
)
def test_the_conversations_of_the_demo_are_known_by_kind_and_topic(name: str, topic: Topic) -> None:
    told = json.loads((CONVERSATIONS / f"{name}.json").read_text())
    said = [Segment(t["channel"], t["start"], t["end"], t["text"], 1) for t in told["segments"] if t["text"]]
    assert propose("", lines_of_caller(said, ["caller", "agent"])) == Proposal(ContactKind(told["kind"]), topic)


@pytest.mark.parametrize(
    ("question", "kind", "topic"),
    [
        ("Kan niet inloggen", "question", "login"),
        ("De hele dienst ligt eruit, niemand kan erbij", "outage", "unreachable"),
        ("Factuur van mei is te hoog", "invoice", "invoice-amount"),
        ("Wil het contract opzeggen", "question", "cancelling"),
        ("Klacht over de traagheid", "complaint", "slow"),
        ("Wil inzage in zijn gegevens", "privacy-request", "personal-data"),
        ("Wants to add two users", "question", "licences"),
        ("Folder disappeared", "question", "lost-files"),
        ("Was charged twice", "invoice", "payment"),
        ("We are moving to a new address", "question", "details"),
    ],
)
def test_the_agents_own_words_are_enough(question: str, kind: str, topic: str) -> None:
    assert propose(question, []) == Proposal(ContactKind(kind), Topic(topic))


def test_nothing_said_proposes_nothing_and_no_tone_makes_a_complaint() -> None:
    assert propose("", []) == Proposal()
    assert propose("", ["Goedemorgen.", "Ja."]) == Proposal()
    assert propose("", ["Dit is toch werkelijk ongelofelijk!"]) == Proposal()


def test_where_nobody_knows_who_speaks_all_words_count_and_else_the_callers() -> None:
    said = [Segment(1, 0, 1, "Gaat het om een factuur?", 1), Segment(0, 2, 3, "Nee, ik kan niet inloggen.", 1)]
    assert lines_of_caller(said, ["caller", "agent"]) == ["Nee, ik kan niet inloggen."]
    assert len(lines_of_caller(said, [])) == 2


def test_every_topic_has_its_cues() -> None:
    assert set(CUES) == set(Topic)


@given(st.text(max_size=80), st.lists(st.text(max_size=40), max_size=4))
@settings(deadline=None)
def test_whatever_is_written_proposing_answers_the_same(question: str, lines: list[str]) -> None:
    assert propose(question, lines) == propose(question, lines)
    assert topic_of(question, lines) in {None, *Topic}


def _said(world: World, call: int) -> None:
    words = (Segment(0, 1, 4, "Ik heb een herinnering gekregen, maar ik heb al betaald.", 0.9),)
    with world.writing() as session:
        notes.attach_transcript(session, world.now, call, "RE1", Transcript("nl", "e", "m", words), ["caller", "agent"])


def _chosen(page: str) -> list[str]:
    return [part.split('"', 1)[0] for part in page.split('<option value="')[1:] if " selected" in part.split(">", 1)[0]]


def test_the_wrap_up_proposes_and_the_agent_accepts_or_changes(world: World, call: int, anna: TestClient) -> None:
    _said(world, call)
    assert _chosen(anna.get("/desk/call").text) == []  # not while the caller still talks
    world.hang_up(call)
    assert _chosen(anna.get("/desk/call").text) == ["invoice", "payment"]
    assert [one.kind for one in world.rows(select(Contact))] == [None]  # proposed and kept nowhere
    assert anna.post(path(world, call, "close"), data=WRAP_UP | {"topic": "contract"}).status_code == 204
    assert (world.contact(call).kind, world.contact(call).topic) == (ContactKind.INVOICE, Topic.CONTRACT)


def test_no_topic_is_a_choice_and_another_word_is_refused(world: World, call: int, anna: TestClient) -> None:
    world.hang_up(call)
    assert anna.post(path(world, call, "close"), data=WRAP_UP | {"topic": "weather"}).status_code == 422
    assert anna.post(path(world, call, "close"), data=WRAP_UP | {"topic": ""}).status_code == 204
    assert world.contact(call).topic is None
