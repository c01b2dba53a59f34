"""The port to speech recognition: sound in, words with their times out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from contactcenter.core.errors import Unavailable
from contactcenter.notes.said import Transcript

if TYPE_CHECKING:
    from contactcenter.recordings.audio import CallAudio  # the web side needs no library of sound

Progress = Callable[[float], None]  # the share that is done, 0..1


class TranscriptionFailed(Unavailable):
    """The engine can't be used now, or gave no answer. Never holds words of the call."""

    id = "transcription-failed"


class Transcriber(Protocol):
    """Speech recognition as the rest sees it; adapters beside this file implement it."""

    def transcribe(self, audio: CallAudio, language: str | None, progress: Progress | None = None) -> Transcript:
        """Write down what is said. Without a language it is detected once, on the first speech."""
        ...

    def close(self) -> None:
        """End what it started; a transcription under way fails."""
        ...
