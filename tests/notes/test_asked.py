"""Asked before? The likeliest earlier contacts with the same question, by words that are open to who looks (P04)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contactcenter.contacts import service as contacts
from contactcenter.notes import repeats
from contactcenter.notes import service as notes
from contactcenter.notes.asked import likeliest
from contactcenter.verification import door
from contactcenter.verification.rules import Purpose
from tests.factories import JORIS, World
from tests.notes.made_histories import QUESTIONS, by_words, right_first


@pytest.mark.parametrize("language", sorted(QUESTIONS))
def test_the_same_question_in_other_words_comes_first_more_often_than_by_words_in_common(language: str) -> None:
    ours, plain = (right_first(language, 1, find, 100) for find in (likeliest, by_words))
    assert ours >= 0.7
    assert ours > plain + 0.3


def test_of_two_as_likely_the_first_given_leads_and_nothing_in_common_is_nothing() -> None:
    assert likeliest("Factuur klopt niet", {2: "Factuur klopt niet", 1: "Factuur klopt niet"}, "nl") == [2, 1]
    assert likeliest("Factuur klopt niet", {1: "Map delen", 2: ""}, "nl") == []
    assert likeliest("", {1: "Map delen"}, "nl") == []


@given(st.text(max_size=60), st.dictionaries(st.integers(), st.text(max_size=60), max_size=5))
@settings(deadline=None)
def test_whatever_was_written_at_most_three_come_and_each_is_one_of_them(asked: str, texts: dict[int, str]) -> None:
    found = likeliest(asked, texts, "nl")
    assert len(found) <= 3
    assert set(found) <= set(texts)


def _earlier(world: World, question: str, by: str) -> int:
    """A call of Joris that somebody handled and closed."""
    call = world.call(JORIS, answered_by=world.members[by])
    with world.writing() as session:
        notes.write_note(session, world.now, call, world.members[by].id, question, "")
    world.hang_up(call)
    world.travel(minutes=45)
    with world.writing() as session:
        contacts.close_overdue(session, world.now)
    return call


def test_the_agent_sees_the_likeliest_of_what_is_open_to_them(world: World) -> None:
    invoice = _earlier(world, "Factuur van mei is te hoog", "Anna")
    login = _earlier(world, "Kan niet inloggen", "Anna")
    anna = world.members["Anna"]
    asked = {"Bedrag op de rekening klopt niet": invoice, "Aanmelden lukt niet": login}
    with world.writing() as session:
        for one in (invoice, login):
            door.open_words(session, world.now, anna, one, Purpose.REPLAY)
        for question, first in asked.items():
            assert repeats.likely(session, world.now, anna, question, [login, invoice], "nl")[:1] == [first]


def test_words_that_are_shut_take_no_part(world: World) -> None:
    shut = _earlier(world, "Factuur van mei is te hoog", "Anna")
    with world.reading() as session:
        assert repeats.likely(session, world.now, world.members["Bram"], "Factuur te hoog", [shut], "nl") == []
