"""From the sound of a call to what was said, by any engine: only speech is listened to, and what looks wrong again.

    channel -> speech ranges -> windows of at most 28 s -> some windows at once through the engine -> segments

Half of a two-channel call is silence, and silence is where Whisper invents text. So the speech ranges of one channel
are put together, with short gaps, into windows that are full of speech; times are mapped back afterwards.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import islice

from contactcenter.notes.said import Segment, Transcript, Word
from contactcenter.recordings.alignment import trimmed
from contactcenter.recordings.audio import Samples, Sound
from contactcenter.recordings.engine import Engine, Heard, invented, least_wrong, looks_wrong, nobody_spoke
from contactcenter.recordings.speech import Range, find_speech, loud_ranges
from contactcenter.recordings.transcriber import Course, Task, TranscriptionFailed
from contactcenter.recordings.windows import Window, cut, pack

LONGEST_PAUSE = 2.0  # seconds between two words of one segment
TEMPERATURES = (0.2, 0.4, 0.6, 0.8, 1.0)  # Whisper's own way out of loops and mumbling


class WindowTranscriber:
    """Implements Transcriber with an engine in this process, `at_once` windows at a time."""

    def __init__(self, engine: Engine, at_once: int) -> None:
        self._engine, self._at_once = engine, at_once

    def transcribe(self, sound: Sound, language: str | None, course: Course | None = None) -> Transcript:
        """Write down what is said, in order of time; no words where nobody speaks."""
        if language is not None and not self._engine.knows(language):
            raise TranscriptionFailed("Whisper does not know this language. Name it by its two letters: nl, en.")
        course = course or Course()
        windows = [window for number, ranges in enumerate(find_speech(sound)) for window in pack(number, ranges)]
        language = language or self._language(sound, windows)
        finished = course.begun(Task(self._engine.name.value, self._engine.model, language, len(windows)))
        segments, at = list(finished.segments), finished.windows
        left = islice(cut(sound, windows), at, None)
        while some := list(islice(left, self._at_once)):
            new = self._written(some, language)
            segments += new
            at += len(some)
            course.went_on(at, new)
        segments.sort(key=lambda segment: (segment.start, segment.channel))
        return Transcript(language, self._engine.name.value, self._engine.model, tuple(segments))

    def close(self) -> None:
        """Nothing runs beside it."""

    def _language(self, sound: Sound, windows: Sequence[Window]) -> str:
        """The language of the whole call: that of the first speech of the caller, or of the agent beside a mute one."""
        if not windows:
            return "nl"
        _, first = next(cut(sound, windows[:1]))
        return self._engine.language_of(first)

    def _written(self, some: Sequence[tuple[Window, Samples]], language: str) -> list[Segment]:
        """What is said in some windows, listened to at once."""
        heard = self._engine.listen([sound for _, sound in some], language)
        segments: list[Segment] = []
        for (window, sound), one in zip(some, heard, strict=True):
            if nobody_spoke(one, window.seconds):
                continue
            wrong = looks_wrong(one, window.seconds)
            best = self._again(sound, window.seconds, language, one) if wrong else one
            segments += placed(window, best, loud_ranges(sound), self._engine.glossary)
        return segments

    def _again(self, sound: Samples, seconds: float, language: str, heard: Heard) -> Heard:
        """The window at rising temperatures, until it looks right; else what is least wrong."""
        tried = [heard]
        for temperature in TEMPERATURES:
            tried += self._engine.listen([sound], language, temperature)
            if not looks_wrong(tried[-1], seconds):
                return tried[-1]
        return least_wrong(tried, seconds)


def placed(window: Window, heard: Heard, loud: Sequence[Range], glossary: str = "") -> list[Segment]:
    """What was heard in a window as segments of the call; what nobody can have said is left out.

    `loud` are the seconds of the window in which there is sound: a word begins and ends there.
    """
    confidence = round(math.exp(min(0.0, heard.log_probability)), 3)
    segments: list[Segment] = []
    for piece in heard.pieces:
        text = piece.text.replace("\N{REPLACEMENT CHARACTER}", "").strip()  # a character that the window's end cut
        if not text or invented(text, heard, glossary):
            continue
        if piece.words:
            said = [_placed_word(window, trimmed(word, loud)) for word in piece.words]
            segments += [_breath(window.channel, confidence, words) for words in breaths(said)]
        elif (place := window.place(piece.start, min(piece.end, window.seconds))) is not None:
            segments.append(Segment(window.channel, round(place.start, 2), round(place.end, 2), text, confidence))
    return segments


def breaths(words: Iterable[Word]) -> list[list[Word]]:
    """Words in order, parted where they are silent for so long that others may have spoken in between."""
    parts: list[list[Word]] = []
    for word in words:
        if parts and word.start - parts[-1][-1].end <= LONGEST_PAUSE:
            parts[-1].append(word)
        else:
            parts.append([word])
    return parts


def _breath(channel: int, confidence: float, words: Sequence[Word]) -> Segment:
    text = " ".join(word.text for word in words)
    return Segment(channel, words[0].start, words[-1].end, text, confidence, tuple(words))


def _placed_word(window: Window, word: Word) -> Word:
    """A word of a window as one of the call. Whisper may hear one end in the silence behind the last range."""
    place = window.place(min(word.start, window.seconds), min(word.end, window.seconds))
    assert place is not None, "all of a window up to its end belongs to a range"
    return Word(round(place.start, 2), round(place.end, 2), word.text, round(word.confidence, 3))
