"""How much of what must go does go, and how little else, measured for each class over made sentences."""

from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from contactcenter.notes.finds import Kind
from contactcenter.notes.redaction import redact_segments
from tests.notes.made_sentences import Made, made, words


def measured(sentences: Iterator[Made]) -> dict[Kind, tuple[float, float]]:
    """(recall, precision) of each class.

    A value of which one piece is left counts as missed, and a class written for a word too many as wrong.
    """
    asked, gone, written, right = Counter[Kind](), Counter[Kind](), Counter[Kind](), Counter[Kind]()
    for sentence in sentences:
        text = "\n".join(segment.text for segment in redact_segments(sentence.segments, sentence.language))
        found = {kind for kind in Kind if f"[{kind}]" in text}
        written.update(found)
        if sentence.kind is not None:
            left = words(text, sentence.language)
            asked[sentence.kind] += 1
            right[sentence.kind] += sentence.kind in found and sentence.around <= left
            gone[sentence.kind] += sentence.kind in found and not sentence.pieces & left
    return {kind: (gone[kind] / asked[kind], right[kind] / max(1, written[kind])) for kind in Kind}


@pytest.mark.parametrize("language", ["nl", "en"])
def test_each_class_goes_and_little_else(language: str, record_property: Callable[[str, object], None]) -> None:
    figures = measured(made(language, seed=11))
    for kind, (recall, precision) in figures.items():
        record_property(f"{language} {kind}", f"recall {recall:.3f} precision {precision:.3f}")
    assert {kind: pair for kind, pair in figures.items() if min(pair) < 0.95} == {}
