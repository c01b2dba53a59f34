"""How often the contact with the same question comes first, against counting the words in common."""

from collections.abc import Iterator
from statistics import mean

from contactcenter.notes.asked import likeliest
from tests.notes.made_histories import QUESTIONS, by_words, right_first
from tools.figures import compared

SEEDS = range(5)


def bench_asked() -> Iterator[dict[str, object]]:
    """The share of made customers, by language, the mean of five seeds."""
    for language in QUESTIONS:
        ours, plain = (mean(right_first(language, seed, find) for seed in SEEDS) for find in (likeliest, by_words))
        yield compared(f"asked {language}", "share right first", ours, plain, digits=3)
