"""How one call went: on made ranges, and shown to a coach once that was agreed with the works council (P02)."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import select

from contactcenter.coaching.talk import Span, Talk, spoken, talk
from contactcenter.contacts.models import Contact
from contactcenter.notes.said import Segment, Word
from contactcenter.staff.rules import Role
from tests.coaching.acts import recorded
from tests.coaching.said import AGENT, CALLER, said
from tests.desks import signed_in
from tests.factories import MONDAY, World

ROLES = ("caller", "agent")
AGREED = {"works_council": str(date(2026, 1, 1)), "assessment": str(date(2026, 1, 1))}


def call(*spans: tuple[int, float, float], unheard: tuple[Span, ...] = ()) -> Talk:
    """A call in which (channel, from, to) was spoken, a word a second."""
    found = talk([Segment(who, start, end, "ja " * int(end - start), 0.9) for who, start, end in spans], ROLES, unheard)
    assert found is not None
    return found


def test_shares_are_of_all_that_was_spoken() -> None:
    caller, agent = call((CALLER, 0, 30), (AGENT, 31, 41)).speakers
    assert (caller.role, caller.seconds, caller.share) == ("caller", 30, 0.75)
    assert (agent.role, agent.seconds, agent.share) == ("agent", 10, 0.25)
    assert (caller.words_per_minute, agent.words_per_minute) == (60, 60)


def test_a_few_words_tell_no_rate() -> None:
    assert call((CALLER, 0, 9), (AGENT, 10, 30)).speakers[0].words_per_minute is None


def test_a_monologue_goes_on_over_hums_and_short_pauses() -> None:
    _, agent = call((AGENT, 0, 10), (CALLER, 10.2, 10.9), (AGENT, 11, 20), (AGENT, 22, 30), (CALLER, 31, 32)).speakers
    assert agent.longest == Span(0, 30)


def test_what_the_other_says_and_a_long_pause_end_a_monologue() -> None:
    _, agent = call((AGENT, 0, 10), (CALLER, 10.2, 11.9), (AGENT, 12, 20), (AGENT, 24, 39)).speakers
    assert agent.longest == Span(24, 39)


def test_who_begins_while_the_other_goes_on_interrupts() -> None:
    caller, agent = call((CALLER, 0, 10), (AGENT, 6, 14), (CALLER, 20, 25), (AGENT, 24.8, 30)).speakers
    assert (caller.interrupted, agent.interrupted) == ((), (6,))


def test_a_hum_interrupts_nobody_nor_do_two_who_begin_at_once() -> None:
    caller, agent = call((CALLER, 0, 10), (AGENT, 4, 4.8), (CALLER, 20, 30), (AGENT, 20.4, 25)).speakers
    assert (caller.interrupted, agent.interrupted) == ((), ())


def test_a_silence_is_one_unless_nothing_could_be_heard() -> None:
    found = call((CALLER, 0, 5), (AGENT, 12, 15), (CALLER, 19, 20), (AGENT, 40, 45), unheard=(Span(22, 38),))
    assert found.silences == (Span(5, 12),)


def test_words_tell_when_somebody_spoke_better_than_lines() -> None:
    words = (Word(1, 1.4, "Een", 0.9), Word(1.5, 2, "ogenblik.", 0.9), Word(8, 8.5, "Ja.", 0.9))
    assert spoken([Segment(AGENT, 1, 8.5, "Een ogenblik. Ja.", 0.9, words)]) == [Span(1, 2), Span(8, 8.5)]


@pytest.mark.parametrize("roles", [(), ("caller",), ("caller", "agent", "coach")])
def test_where_nobody_knows_who_speaks_nothing_is_said(roles: tuple[str, ...]) -> None:
    assert talk([Segment(0, 0, 5, "ja", 0.9), Segment(1, 5, 9, "ja", 0.9)], roles) is None
    assert talk([Segment(0, 0, 5, "ja", 0.9)], ROLES) is None


SPANS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 600), st.integers(1, 40)), min_size=2, max_size=40)


@settings(deadline=None)
@given(SPANS)
def test_whatever_is_said_shares_make_one_and_nothing_lies_outside(spans: list[tuple[int, int, int]]) -> None:
    segments = [Segment(who, start, start + length, "ja", 0.9) for who, start, length in spans]
    found = talk(segments, ROLES)
    if found is None:
        assert len({one.channel for one in segments}) < 2
        return
    first, last = min(one.start for one in segments), max(one.end for one in segments)
    assert sum(one.share for one in found.speakers) == pytest.approx(1, abs=0.002)
    for one in found.speakers:
        assert first <= one.longest.start < one.longest.end <= last
        assert one.longest.seconds <= last - first
    for silence in found.silences:
        assert not any(one.start < silence.end and silence.start < one.end for one in segments)


def shown(world: World, name: str, **more: str) -> str:
    """The contact as this member reads it, having opened it for training."""
    browser = signed_in(world, name, **more)
    browser.cookies.set("language", "en")
    contact = world.rows(select(Contact.public_id))[0]
    assert browser.post(f"/contacts/{contact}/open", data={"purpose": "training"}).status_code in (204, 422)
    return browser.get(f"/contacts/{contact}").text


def test_a_coach_sees_it_once_that_was_agreed_and_the_agent_too(world: World, call: int) -> None:
    recorded(world, call)
    said(world, call, (CALLER, 2.0, "Goedemorgen."), (AGENT, 6.0, "Goedemorgen."), (CALLER, 20.0, "Tot ziens."))
    world.hire("Carla", Role.COACH)
    assert MONDAY.date() > date(2026, 1, 1)
    assert "How the conversation went" not in shown(world, "Carla")
    later = AGREED | {"assessment": str(date(2027, 1, 1))}
    assert "How the conversation went" not in shown(world, "Carla", **later)
    page = shown(world, "Carla", **AGREED)
    assert "How the conversation went" in page
    assert 'data-start="9.0" data-end="20.0"' in page
    assert "How the conversation went" in shown(world, "Anna", **AGREED)
    assert "How the conversation went" not in shown(world, "Bram", **AGREED)
