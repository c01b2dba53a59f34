"""What was said in a call, as recognised: the form in which it goes from engine to redaction, draft and history."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Segment:
    """Words said in one breath on one channel (= by one speaker); times in seconds, confidence 0..1."""

    channel: int
    start: float
    end: float
    text: str
    confidence: float


@dataclass(frozen=True)
class Transcript:
    """What was said in a call, in order of time. `language` is an ISO 639-1 code."""

    language: str
    engine: str
    model: str
    segments: tuple[Segment, ...]
