"""What was said goes through pipes and columns as JSON, and is the same on the other side."""

import json
from dataclasses import asdict

from contactcenter.notes.redaction import redact_segments
from contactcenter.notes.said import Segment, Word

GREETING = Segment(
    0, 1.0, 2.2, "Goedemorgen, Jansen.", 0.91, (Word(1.0, 1.6, "Goedemorgen,", 0.97), Word(1.7, 2.2, "Jansen.", 0.41))
)


def test_a_segment_comes_back_with_its_words() -> None:
    assert Segment.of(json.loads(json.dumps(asdict(GREETING)))) == GREETING


def test_a_segment_that_was_stored_without_words_has_none() -> None:
    stored = {"channel": 1, "start": 0.5, "end": 2.0, "text": "Dag", "confidence": 0.9}
    assert Segment.of(stored) == Segment(1, 0.5, 2.0, "Dag", 0.9)


def test_no_word_holds_what_was_taken_out_of_the_text() -> None:
    words = (Word(0.0, 0.2, "Op", 0.9), Word(0.4, 2.0, "06 12345678.", 0.9))
    told = Segment(0, 0.0, 2.0, "Op 06 12345678.", 0.9, words)
    (kept,) = redact_segments([told], "nl")
    assert not [word for word in kept.words if "1234" in word.text]
    assert redact_segments([GREETING], "nl") == (GREETING,), "nothing was taken out of it"
