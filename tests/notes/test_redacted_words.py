"""What is taken out of a text is taken out of its words, and stays as long as it was said."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contactcenter.notes.redaction import redact_segments
from contactcenter.notes.said import Segment, Word

VALUE = "NL91ABNA0417164300"
FILLERS = ["ja", "goed.", "dus,", "mijn rekening is", "en dan", "twaalf licenties", "voor oktober"]


def spoken(channel: int, start: float, text: str) -> Segment:
    """Words of half a second each."""
    words = tuple(Word(start + at / 2, start + at / 2 + 0.5, word, 0.9) for at, word in enumerate(text.split()))
    return Segment(channel, start, words[-1].end, " ".join(text.split()), 0.9, words)


def as_words(segment: Segment) -> list[tuple[float, float, str]]:
    """(start, end, text) of each word."""
    return [(word.start, word.end, word.text) for word in segment.words]


def test_a_value_of_several_words_becomes_one_that_lasts_as_long() -> None:
    (kept,) = redact_segments([spoken(0, 1.0, "Het is NL91 ABNA 0417 1643 00. Dank u.")], "nl")
    assert kept.text == "Het is [IBAN]. Dank u."
    assert as_words(kept) == [
        (1.0, 1.5, "Het"),
        (1.5, 2.0, "is"),
        (2.0, 4.5, "[IBAN]."),
        (4.5, 5.0, "Dank"),
        (5.0, 5.5, "u."),
    ]


def test_a_value_over_several_segments_and_speakers_is_one_word_in_each() -> None:
    asked = [
        spoken(0, 1.0, "Mijn nummer is 06 12 34"),
        spoken(1, 5.0, "Ja, 34."),
        spoken(0, 6.0, "56 78 dus"),
    ]
    assert [as_words(segment)[-1] for segment in redact_segments(asked, "nl")] == [
        (2.5, 4.0, "[phone]"),
        (5.5, 6.0, "[phone]."),
        (7.0, 7.5, "dus"),
    ]


def test_a_word_in_which_two_values_stand_has_both_classes_and_neither_value() -> None:
    (kept,) = redact_segments([spoken(0, 0.0, "stuur naar joris@example.nl/0612345678 graag")], "nl")
    assert "joris" not in kept.text
    assert "0612345678" not in kept.text
    assert " ".join(word.text for word in kept.words) == kept.text


def test_where_the_words_are_not_those_of_the_text_none_is_kept() -> None:
    said = Segment(0, 0.0, 2.0, "Het is 06 12345678.", 0.9, (Word(0.0, 2.0, "0612345678", 0.9),))
    (kept,) = redact_segments([said], "nl")
    assert (kept.text, kept.words) == ("Het is [phone].", ())


@settings(deadline=None, max_examples=150)
@given(
    before=st.lists(st.sampled_from(FILLERS), max_size=4),
    after=st.lists(st.sampled_from(FILLERS), max_size=4),
    cuts=st.sets(st.integers(1, len(VALUE) - 1), max_size=6),
    parted=st.sets(st.integers(0, 5), max_size=2),
)
def test_no_word_keeps_a_part_of_a_value_however_it_is_said(
    before: list[str], after: list[str], cuts: set[int], parted: set[int]
) -> None:
    edges = [0, *sorted(cuts), len(VALUE)]
    groups = [VALUE[start:end] for start, end in pairwise(edges)]
    lines: list[list[str]] = [["mijn rekening is", *before, "mijn rekening is"]]
    for at, group in enumerate(groups):
        if at in parted:
            lines.append([])
        lines[-1].append(group)
    lines[-1] += after
    call = [spoken(0, 30.0 * at, " ".join(line)) for at, line in enumerate(lines) if line]
    kept = redact_segments(call, "nl")
    assert any("[IBAN]" in segment.text for segment in kept)
    for segment in kept:
        assert " ".join(word.text for word in segment.words) == segment.text
        assert not [word.text for word in segment.words if any(character.isdigit() for character in word.text)]
        at_seconds = [second for word in segment.words for second in (word.start, word.end)]
        assert at_seconds == sorted(at_seconds)
        assert (at_seconds[0], at_seconds[-1]) == (segment.start, segment.end)


@pytest.mark.parametrize("text", ["Dag.", "[IBAN] en [phone]."])
def test_words_without_a_value_stay_as_they_are(text: str) -> None:
    said = spoken(1, 2.0, text)
    assert redact_segments([said], "nl") == (said,)
