"""Which earlier contacts of a customer were probably about the same question, so that nobody asks twice (P04).

Three kinds of likeness, each a cosine: of word stems by rarity, of pieces of four letters (compounds, spellings), and
of the topics that the words speak for. Everything is computed at once from the few texts that the viewer may read.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

from contactcenter.notes.drafting import words_that_tell
from contactcenter.notes.proposing import topic_scores

Key = TypeVar("Key", bound=Hashable)
LIKELY = 0.1  # below it two texts have little more in common than any two
_WEIGHTS = (0.35, 0.25, 0.4)  # stems, pieces, topics
_ENDINGS = re.compile(r"(?:heden|ingen|heid|ende|ing|tje|jes|ies|en|er|ed|es|'s|ly|je|e|s|t|d|n)$")


def likeliest(question: str, earlier: Mapping[Key, str], language: str, most: int = 3) -> list[Key]:
    """The keys of at most `most` texts that probably ask the same as `question`, the likeliest first.

    Of two as likely, that which stands first in `earlier`: give the newest first.
    """
    keys = [key for key in earlier if earlier[key].strip()]
    if not question.strip() or not keys:
        return []
    scores = _scores(question, [earlier[key] for key in keys], language)
    found = sorted(range(len(keys)), key=lambda i: (-scores[i], i))
    return [keys[i] for i in found[:most] if scores[i] >= LIKELY]


def _scores(question: str, texts: Sequence[str], language: str) -> list[float]:
    stemmed = [Counter(map(stem, words_that_tell(text, language))) for text in (question, *texts)]
    pieces = [Counter(_pieces(text, language)) for text in (question, *texts)]
    topics = [
        Counter({str(topic): score for topic, score in topic_scores(text).items() if score})
        for text in (question, *texts)
    ]
    alike = [_likeness(bags) for bags in (stemmed, pieces, topics)]
    return [sum(weight * one[i] for weight, one in zip(_WEIGHTS, alike, strict=True)) for i in range(len(texts))]


def _likeness(bags: Sequence[Counter[str]]) -> list[float]:
    """How like the first bag each of the others is: the cosine of their counts by rarity."""
    seen = Counter(one for bag in bags for one in bag)
    first, *others = (
        {one: (1 + math.log(count)) * math.log(1 + len(bags) / seen[one]) for one, count in bag.items()} for bag in bags
    )
    return [_cosine(first, other) for other in others]


def _cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    shared = sum(weight * other.get(key, 0.0) for key, weight in one.items())
    return shared / (math.hypot(*one.values()) * math.hypot(*other.values())) if shared else 0.0


def stem(word: str) -> str:
    """A word without its ending, and without the doubled letters by which endings differ (factuur, facturen)."""
    word = re.sub(r"^ge(?=\w{5})", "", word)
    for _ in range(2):
        word = _ENDINGS.sub("", word) if len(word) > 4 else word
    return re.sub(r"(.)\1", r"\1", word)


def _pieces(text: str, language: str) -> list[str]:
    words = [re.sub(r"(.)\1", r"\1", word) for word in words_that_tell(text, language)]
    return [word[i : i + 4] for word in words for i in range(max(1, len(word) - 3))]
