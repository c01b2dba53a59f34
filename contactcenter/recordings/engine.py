"""The port to an engine that listens to windows of sound, and how to tell that what it heard is not so.

An engine is given windows of at most 30 seconds, several at once, and says of each what it heard. Whether to believe
it, where in the call it belongs, and what comes before (which sound is speech at all) is decided outside of it.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from importlib.util import find_spec
from typing import TYPE_CHECKING, Protocol

from contactcenter.notes.said import Word
from contactcenter.recordings.alignment import TICK
from contactcenter.recordings.transcriber import TranscriptionFailed

if TYPE_CHECKING:
    from contactcenter.recordings.audio import Samples

REPEATS, UNSURE = 2.4, -1.0  # compression ratio and mean log probability of Whisper's own fallback
TOKENS_A_SECOND, TOKENS_MORE = 10, 12  # nobody speaks faster; a loop does
QUIET, SILENT = 0.3, 0.6  # where speech is understood it is at most .15, but up to .77 in a word or two; else from .37
SHORT = 5.0  # seconds
HOPELESS = -1.5  # mean log probability: four words of five are guessed
LOOP = 3  # times that one text stands in a window
_STUTTER = re.compile(r"\b(\w+)(\W+\1\b){4,}", re.I)

# What Whisper learnt from subtitles and says into near silence: what nobody says in a call, the names of sounds, and
# sentences that are said in calls as well.
_CREDITS = re.compile(
    r"amara\.org|ondertitel(d|s|ing) (door|ingediend)|subtitles by|subscribe to (my|our|the|this) channel"
    r"|^\W*(tv gelderland( \d+)?|ondertiteling(: \w+)?)\W*$",
    re.I,
)
_SOUND = re.compile(r"[^\w\[(*♪]*(\[[^]]*\]|\([^)]*\)|\*[^*]*\*|♪.*)?\W*")
_POLITE = re.compile(
    r"\W*(bedankt voor het kijken|thanks? (you )?for watching|(please )?subscribe|thank you( very much)?|you|so|bye"
    r"|tot de volgende keer|muziek|music|applaus|applause)\W*",
    re.I,
)


class EngineName(StrEnum):
    """The engines that there are, as settings and transcripts name them."""

    OPENAI = "openai-whisper"
    CTRANSLATE2 = "ctranslate2"


BEST = "best"  # the fastest that is installed


@dataclass(frozen=True)
class Piece:
    """What is said between two timestamps, and its words; in seconds of the window."""

    start: float
    end: float
    text: str
    words: tuple[Word, ...] = ()


@dataclass(frozen=True)
class Heard:
    """What an engine made of one window.

    `log_probability` is the mean over its tokens, `no_speech` the probability (0..1) that nobody spoke, `repetition`
    how much smaller the text becomes when it is compressed, `tokens` how many there are.
    """

    pieces: tuple[Piece, ...]
    log_probability: float
    no_speech: float
    repetition: float
    tokens: int


class Engine(Protocol):
    """Speech recognition of windows; adapters beside this file implement it. None is bound to a call."""

    name: EngineName
    model: str
    glossary: str  # names that it is told to expect; the same for every call

    def knows(self, language: str) -> bool:
        """Whether it can write down this language (ISO 639-1)."""
        ...

    def language_of(self, sound: Samples) -> str:
        """The likeliest language of a window."""
        ...

    def listen(self, sounds: Sequence[Samples], language: str, temperature: float = 0.0) -> list[Heard]:
        """What is said in each window (mono, 16 kHz, at most 30 s): greedily, or drawn at a temperature above 0."""
        ...


def chosen(wanted: str) -> EngineName:
    """The engine of a setting. Raises `TranscriptionFailed` when it names one that is not installed."""
    fast = find_spec("ctranslate2") is not None
    if wanted == BEST:
        return EngineName.CTRANSLATE2 if fast else EngineName.OPENAI
    if wanted == EngineName.CTRANSLATE2 and not fast:
        raise TranscriptionFailed(
            "CONTACTCENTER_WHISPER_ENGINE names ctranslate2, which is not installed: pip install contactcenter[fast]."
        )
    return EngineName(wanted)


def between_timestamps(tokens: Sequence[int], first: int, seconds: float) -> list[tuple[float, float, list[int]]]:
    """(start, end, tokens) of each piece; one that is never closed lasts to the end of the window.

    `first` is the token of second 0; those above it are the later ticks.
    """
    pieces: list[tuple[float, float, list[int]]] = []
    start, words = 0.0, list[int]()
    for token in tokens:
        if token < first:
            words.append(token)
            continue
        second = (token - first) * TICK
        if words:
            pieces.append((start, second, words))
        start, words = second, []
    return [*pieces, (start, max(start, seconds), words)] if words else pieces


def looks_wrong(heard: Heard, seconds: float) -> bool:
    """Whether a window should be listened to again: a loop, mumbling, or more than anybody says in so many seconds."""
    return heard.log_probability < UNSURE or _runs_on(heard, seconds)


def _runs_on(heard: Heard, seconds: float) -> bool:
    return heard.repetition > REPEATS or heard.tokens > TOKENS_A_SECOND * seconds + TOKENS_MORE


def nobody_spoke(heard: Heard, seconds: float) -> bool:
    """Whether the engine itself takes a window for silence, and what it wrote down all the same looks wrong.

    That it is sure of a loop says nothing, since each round makes the next one likelier; and listened to again, it
    makes up something that looks right.
    """
    if heard.no_speech > SILENT:
        return looks_wrong(heard, seconds) or any(_STUTTER.search(piece.text) for piece in heard.pieces)
    unsure = seconds > SHORT and heard.log_probability < UNSURE
    return heard.no_speech > QUIET and (unsure or _runs_on(heard, seconds))


def least_wrong(tried: Sequence[Heard], seconds: float) -> Heard:
    """What to believe of a window that looks wrong however it was listened to (first greedily).

    The surest that is no loop, unless most of it is guessed; of loops alone, what they don't repeat.
    """
    sober = [heard for heard in tried if not _runs_on(heard, seconds)]
    if sober:
        surest = max(sober, key=lambda heard: heard.log_probability)
        return surest if surest.log_probability >= HOPELESS else replace(surest, pieces=())
    surest = max(tried[1:], key=lambda heard: heard.log_probability)
    times = Counter(piece.text for piece in surest.pieces)
    return replace(surest, pieces=tuple(one for one in surest.pieces if times[one.text] < LOOP and not _loops(one)))


def _loops(piece: Piece) -> bool:
    text = piece.text.encode()
    return len(text) > REPEATS * len(zlib.compress(text))


def invented(text: str, heard: Heard, glossary: str = "") -> bool:
    """Whether this is no word, or what Whisper says when it hears next to nothing: the subtitles it learnt from, or
    nothing but names that it was told to expect."""
    unlikely = heard.no_speech > SILENT or heard.log_probability < UNSURE
    never = _SOUND.fullmatch(text) or _CREDITS.search(text)
    echoes = _words(text) <= _words(glossary)
    return bool(never) or (unlikely and (echoes or bool(_POLITE.fullmatch(text))))


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))
