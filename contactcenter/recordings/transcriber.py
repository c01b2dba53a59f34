"""The port to speech recognition: sound in, words with their times out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from contactcenter.core.errors import Unavailable
from contactcenter.recordings.audio import CallAudio

Progress = Callable[[float], None]  # the share that is done, 0..1


class TranscriptionFailed(Unavailable):
    """The engine can't be used now, or gave no answer. Never holds words of the call."""

    id = "transcription-failed"


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


class Transcriber(Protocol):
    """Speech recognition as the rest sees it; adapters beside this file implement it."""

    engine: str
    model: str

    def transcribe(self, audio: CallAudio, language: str | None, progress: Progress | None = None) -> Transcript:
        """Write down what is said. Without a language it is detected once, on the first speech."""
        ...

    def close(self) -> None:
        """End what it started; a transcription under way fails."""
        ...
