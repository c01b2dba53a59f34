"""From an engine's way through a window to words: when each is said, and that none is where nobody speaks."""

import pytest

from contactcenter.notes.said import Word
from contactcenter.recordings.alignment import Alignment, alignment_of, trimmed, words_of
from contactcenter.recordings.engine import Heard, Piece
from contactcenter.recordings.speech import Range
from contactcenter.recordings.transcription import placed
from contactcenter.recordings.windows import Window

TWO = Window(1, (Range(10.0, 12.0), Range(20.0, 23.0)))


def test_a_token_begins_where_the_way_reaches_it_and_the_last_one_ends_where_it_goes_on() -> None:
    way = [(0, 0), (0, 1), (1, 10), (1, 11), (2, 30)]
    assert alignment_of(way, [0.9, 0.5]) == Alignment((0.0, 0.2, 0.6), (0.9, 0.5))
    assert alignment_of([(0, 0)], []) == Alignment((0.0,), ())


def test_words_are_what_spaces_part_although_tokens_are_smaller() -> None:
    aligned = Alignment((0.0, 0.2, 0.5, 0.6, 1.0), (0.9, 0.5, 0.7, 0.3))
    said = words_of([b" fiets", b"ver", b"huur", b" ja"], aligned)
    assert [(word.text, word.start, word.end) for word in said] == [("fietsverhuur", 0.0, 0.6), ("ja", 0.6, 1.0)]
    assert [word.confidence for word in said] == [pytest.approx(0.7), 0.3]


def test_a_letter_of_two_tokens_is_whole_and_one_that_the_windows_end_cut_is_left_out() -> None:
    aligned = Alignment((0.0, 0.2, 0.4, 0.5), (0.9, 0.9, 0.9))
    assert [word.text for word in words_of([b" ", b"\xc3", b"\xa9\xc3"], aligned)] == ["é"]
    assert words_of([b" \xc3"], aligned) == ()


def test_a_word_gives_back_the_silence_around_it() -> None:
    loud = [Range(0.2, 0.6), Range(2.0, 2.4)]
    bare = trimmed(Word(0.0, 1.5, "ja", 0.9), loud)
    assert bare.start == pytest.approx(0.16)
    assert bare.end == pytest.approx(0.64)
    assert trimmed(Word(0.3, 0.5, "ja", 0.9), loud) == Word(0.3, 0.5, "ja", 0.9)
    assert trimmed(Word(1.0, 1.5, "ja", 0.9), loud) == Word(1.0, 1.5, "ja", 0.9)


def test_words_before_and_after_a_long_silence_are_segments_of_their_own() -> None:
    words = (Word(1.0, 1.9, "een", 0.9), Word(2.4, 3.0, "twee", 0.8), Word(3.1, 9.0, "drie", 0.7))
    before, after = placed(TWO, Heard((Piece(0.5, 5.3, " een twee drie", words),), -0.2, 0.0, 1.1, 6), ())
    assert (before.channel, before.start, before.end, before.text) == (1, 11.0, 11.9, "een")
    assert (after.start, after.end, after.text) == (20.1, 23.0, "twee drie")
    assert after.words == (Word(20.1, 20.7, "twee", 0.8), Word(20.8, 23.0, "drie", 0.7))
