"""From the sound of a call to what was said, by any engine: only speech is listened to, and what looks wrong again.

    channel -> speech ranges -> windows of at most 28 s -> some windows at once through the engine -> segments

Half of a two-channel call is silence, and silence is where Whisper invents text. So the speech ranges of one channel
are put together, with short gaps, into windows that are full of speech; times are mapped back afterwards.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from contactcenter.notes.said import Segment, Transcript
from contactcenter.recordings.audio import CallAudio, Samples
from contactcenter.recordings.engine import Engine, Heard, invented, looks_wrong, nobody_spoke
from contactcenter.recordings.speech import speech_ranges
from contactcenter.recordings.transcriber import Progress, TranscriptionFailed
from contactcenter.recordings.windows import Window, pack

TEMPERATURES = (0.2, 0.4, 0.6, 0.8, 1.0)  # Whisper's own way out of loops and mumbling


class WindowTranscriber:
    """Implements Transcriber with an engine in this process, `at_once` windows at a time."""

    def __init__(self, engine: Engine, at_once: int) -> None:
        self._engine, self._at_once = engine, at_once

    def transcribe(self, audio: CallAudio, language: str | None, progress: Progress | None = None) -> Transcript:
        """Write down what is said, in order of time; no words where nobody speaks."""
        windows = [w for number, sound in enumerate(audio.channels) for w in pack(number, speech_ranges(sound))]
        windows.sort(key=lambda window: window.ranges[0].start)
        language = self._language(audio, windows, language)
        segments: list[Segment] = []
        for at in range(0, len(windows), self._at_once):
            some = windows[at : at + self._at_once]
            for window, heard in zip(some, self._heard(audio, some, language), strict=True):
                segments += placed(window, heard)
            if progress:
                progress(min(1.0, (at + self._at_once) / len(windows)))
        segments.sort(key=lambda segment: (segment.start, segment.channel))
        return Transcript(language, self._engine.name.value, self._engine.model, tuple(segments))

    def close(self) -> None:
        """Nothing runs beside it."""

    def _language(self, audio: CallAudio, windows: Sequence[Window], language: str | None) -> str:
        """The language of the whole call; detected on the first speech unless it is given."""
        if language is not None:
            if not self._engine.knows(language):
                raise TranscriptionFailed("Whisper does not know this language. Name it by its two letters: nl, en.")
            return language
        if not windows:
            return "nl"
        return self._engine.language_of(_sound(audio, windows[0]))

    def _heard(self, audio: CallAudio, windows: Sequence[Window], language: str) -> list[Heard]:
        sounds = [_sound(audio, window) for window in windows]
        return [
            self._again(sound, window.seconds, language, heard) if looks_wrong(heard, window.seconds) else heard
            for window, sound, heard in zip(windows, sounds, self._engine.listen(sounds, language), strict=True)
        ]

    def _again(self, sound: Samples, seconds: float, language: str, heard: Heard) -> Heard:
        """The window at rising temperatures, until it looks right; else what was surest."""
        tried = [heard]
        for temperature in TEMPERATURES:
            tried += self._engine.listen([sound], language, temperature)
            if not looks_wrong(tried[-1], seconds):
                return tried[-1]
        return max(tried[1:], key=lambda each: each.log_probability)


def placed(window: Window, heard: Heard) -> list[Segment]:
    """What was heard in a window as segments of the call; what nobody can have said is left out."""
    segments: list[Segment] = []
    if nobody_spoke(heard):
        return segments
    confidence = round(math.exp(min(0.0, heard.log_probability)), 3)
    for piece in heard.pieces:
        place = window.place(piece.start, min(piece.end, window.seconds))
        text = piece.text.replace("\N{REPLACEMENT CHARACTER}", "").strip()  # a character that the window's end cut
        if place is not None and text and not invented(text, heard):
            segments.append(Segment(window.channel, round(place.start, 2), round(place.end, 2), text, confidence))
    return segments


def _sound(audio: CallAudio, window: Window) -> Samples:
    return window.cut(audio.channels[window.channel])
