"""Of a passage that is cut no word stays, and none goes that is clear of it."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from contactcenter.notes.passages import MARGIN, Passage, touched, without
from contactcenter.notes.said import Segment, Word


def said(start: float, *texts: str, channel: int = 0) -> Segment:
    """Words of a second each, from this second on."""
    words = tuple(Word(start + at, start + at + 0.8, text, 0.9) for at, text in enumerate(texts))
    return Segment(channel, words[0].start, words[-1].end, " ".join(texts), 0.9, words)


SICK = said(10, "mijn", "vrouw", "heeft", "kanker", "dus", "het", "wordt", "later")


def test_words_that_a_passage_touches_go_and_what_stands_around_them_becomes_two_segments() -> None:
    left = without([SICK], [Passage(12.4, 13.4)])
    assert [one.text for one in left] == ["mijn vrouw", "dus het wordt later"]
    assert [(one.start, one.end) for one in left] == [(10, 11.8), (14, 17.8)]
    assert touched([SICK], [Passage(12.4, 13.4)]) == [SICK]


def test_a_word_beside_the_passage_goes_too_since_its_times_are_not_exact() -> None:
    kept = without([SICK], [Passage(13.0 - MARGIN + 0.05, 13.2)])
    assert "heeft" not in " ".join(one.text for one in kept)


def test_a_segment_whose_words_have_no_times_goes_wholly() -> None:
    whole = Segment(0, 10, 18, SICK.text, 0.9)
    assert without([whole], [Passage(12.4, 13.4)]) == []
    assert without([whole], [Passage(19.0, 20.0)]) == [whole]


def test_what_the_other_side_says_meanwhile_goes_too() -> None:
    agent = said(12, "wat", "erg", "ik", "noteer", "het", channel=1)
    assert [one.text for one in without([SICK, agent], [Passage(12.4, 13.4)])] == [
        "mijn vrouw",
        "dus het wordt later",
        "ik noteer het",
    ]


def test_the_class_of_a_redacted_value_stays_where_the_value_goes_on_beside_the_passage() -> None:
    words = (Word(10, 10.4, "mijn", 0.9), Word(10.5, 14, "rekening [IBAN],", 0.9), Word(14.2, 14.5, "dus", 0.9))
    paying = Segment(0, 10, 14.5, "mijn rekening [IBAN], dus", 0.9, words)
    for passage, left in ((Passage(12, 15), ["mijn [IBAN]"]), (Passage(9, 12), ["[IBAN] dus"]), (Passage(9, 15), [])):
        assert [one.text for one in without([paying], [passage])] == left
    untimed = replace(paying, words=())
    assert [one.text for one in without([untimed], [Passage(12, 15)])] == ["[IBAN]"]
    assert without([untimed], [Passage(9, 15)]) == []


SECONDS = st.floats(0, 60).map(lambda at: round(at, 2))
SPANS = st.tuples(SECONDS, SECONDS).map(lambda two: Passage(min(two), max(two) + 0.01))
TALK = st.lists(st.integers(1, 6), max_size=5).map(
    lambda lengths: [
        said(at * 9.0, *[f"w{at}-{n}" for n in range(length)], channel=at % 2) for at, length in enumerate(lengths)
    ]
)


@given(TALK, st.lists(SPANS, max_size=3))
def test_no_word_in_a_passage_stays_and_every_word_clear_of_it_does(talk: list[Segment], cut: list[Passage]) -> None:
    left = [word for segment in without(talk, cut) for word in segment.words]
    for word in (word for segment in talk for word in segment.words):
        gone = any(one.touches(word.start, word.end) for one in cut)
        assert (word in left) is not gone
    again = without(without(talk, cut), cut)
    assert again == without(talk, cut)
    assert all(one.text == " ".join(word.text for word in one.words) for one in again)
