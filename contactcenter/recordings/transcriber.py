"""The port to speech recognition: sound in, words with their times out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from contactcenter.core.errors import Unavailable
from contactcenter.notes.said import Segment, Transcript

if TYPE_CHECKING:
    from contactcenter.recordings.audio import Sound  # the web side needs no library of sound


class TranscriptionFailed(Unavailable):
    """The engine can't be used now, or gave no answer. Never holds words of the call."""

    id = "transcription-failed"


@dataclass(frozen=True)
class Task:
    """What is written down, and how: the same task of the same sound has the same windows. `language` is the call's."""

    engine: str
    model: str
    language: str
    windows: int


@dataclass(frozen=True)
class Finished:
    """How many windows of a task are behind it, from the first one on, and what was said in them."""

    windows: int = 0
    segments: tuple[Segment, ...] = ()


class Course:
    """Whoever waits for a long transcription; this one keeps nothing. What it raises ends the transcription."""

    def begun(self, task: Task) -> Finished:
        """A task begins; returns what was finished of it before."""
        return Finished()

    def went_on(self, windows: int, segments: Sequence[Segment]) -> None:
        """So many windows are finished by now; these segments are new."""


class Transcriber(Protocol):
    """Speech recognition as the rest sees it; adapters beside this file implement it."""

    def transcribe(self, sound: Sound, language: str | None, course: Course | None = None) -> Transcript:
        """Write down what is said. Without a language it is detected once, on the caller's first speech."""
        ...

    def close(self) -> None:
        """End what it started; a transcription under way fails."""
        ...
