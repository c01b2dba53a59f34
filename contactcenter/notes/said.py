"""What was said in a call, as recognised: the form in which it goes from engine to redaction, draft and history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Word:
    """A word with its punctuation, or the class of what was taken out there; seconds of the call, confidence 0..1."""

    start: float
    end: float
    text: str
    confidence: float


@dataclass(frozen=True)
class Segment:
    """Words said in one breath on one channel (= by one speaker); times in seconds, confidence 0..1.

    `words` are those of `text`, in its order; none where the engine gave no times for them.
    """

    channel: int
    start: float
    end: float
    text: str
    confidence: float
    words: tuple[Word, ...] = ()

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Segment:
        """A segment as it was stored or sent (`asdict` and JSON). Raises KeyError or TypeError for anything else."""
        return cls(**{**stored, "words": tuple(Word(**word) for word in stored.get("words", ()))})


@dataclass(frozen=True)
class Transcript:
    """What was said in a call, in order of time. `language` is an ISO 639-1 code."""

    language: str
    engine: str
    model: str
    segments: tuple[Segment, ...]
