"""How wrong what was heard is, by hand: the figures of benchmarks rest on it."""

import pytest

from tools.wer import errors, words


@pytest.mark.parametrize(
    ("heard", "found"),
    [
        ("de factuur van maart", (0, 0, 0)),
        ("de factuur van mei", (1, 0, 0)),
        ("de factuur maart", (0, 1, 0)),
        ("de factuur van ja maart", (0, 0, 1)),
        ("", (0, 4, 0)),
        ("een rekening voor maart dus", (3, 0, 1)),
    ],
)
def test_errors_are_the_fewest_that_explain_what_was_heard(heard: str, found: tuple[int, int, int]) -> None:
    assert errors(words("De factuur, van maart."), words(heard)) == found


def test_nothing_said_and_something_heard_is_invented() -> None:
    assert errors([], ["thanks", "for", "watching"]) == (0, 0, 3)


def test_words_are_told_apart_by_letters_and_figures_alone() -> None:
    assert words("Foto's, e-mail; 12 café!") == ["fotos", "e", "mail", "12", "café"]
