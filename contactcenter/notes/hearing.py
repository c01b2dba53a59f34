"""A call as one stream of words, in which a number is whole although others spoke while it was said (nl, en).

The stream is read as a whole, because one speaker ends what the other began, and each channel alone, because two may
speak at once. In each reading the words that mean nothing between two groups of digits are left out, and so is the
other speaker's echo of the last group.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from contactcenter.notes.finds import Find, Kind, Written, as_said, rewritten
from contactcenter.notes.numerals import with_digits, with_letters

ECHO = "~"  # stands for an echo: nothing in a number, and gone with it

_COUNT = r"(?:\d|twee|drie|vier|vijf|zes|two|three|four|five|six)"
_HUM = (
    r"(?-i:[Uu]+h+m*|[Ee]+h+m*|[Uu]+m+|[Hh]?mm+|[Hh]m)|euh|ja+|jawel|jep|yes|yeah|yep|oke|oké|okay|ok|klopt|precies|correct|right|juist|goed"
    r"|sure|got it|go on|go ahead|ga (?:maar )?(?:door|verder)|genoteerd|prima|dank u|bedankt|thank you|thanks|alright"
    r"|en dan|en daarna|en verder|dan|and then|then|and after that|what's next|what next|wat volgt er"
    r"|even kijken|let me see|wacht even|hold on|een momentje|one moment|sorry|nee|no sorry|ik bedoel|i mean|zeg maar"
    rf"|(?:en |and )?(?:de|the) (?:eerste|laatste|volgende|rest|first|last|next)(?: {_COUNT})?"
    r"(?: (?:cijfers|letters|digits|numbers))?(?: (?:alstublieft|please))?"
)
_HUMS = re.compile(rf"(?:[\s,]{{0,3}}\b(?:{_HUM})\b(?!['’])[\s,.?!…]{{0,4}}|\n(?:en|and)\s){{1,8}}", re.I)
_LINE = re.compile(r"[^\n]+")


@dataclass(frozen=True)
class Stream:
    """All that was said, a line for each segment, in order of time; `starts` of the lines and their channels."""

    text: str
    starts: tuple[int, ...]
    channels: tuple[int, ...]

    def line(self, place: int) -> int:
        """The line in which a character stands."""
        return bisect_right(self.starts, place) - 1


@dataclass(frozen=True)
class Reading:
    """The stream as words (hums left out) and as digits and letters; both lead back to the stream."""

    words: Written
    digits: Written


def stream(texts: Sequence[tuple[int, str]]) -> Stream:
    """Put (channel, text) of each segment, in order of time, into one stream."""
    starts = [0, *accumulate(len(text) + 1 for _, text in texts)][: len(texts)]
    text = "\n".join(text.replace("\n", " ") for _, text in texts)
    return Stream(text, tuple(starts), tuple(channel for channel, _ in texts))


def readings(said: Stream, language: str) -> Iterator[Reading]:
    """The whole stream first, then each of several channels alone; in English with "sixty three" as 63 and as 60, 3."""
    channels = sorted(set(said.channels))
    heard = [as_said(said.text), *(_alone(said, channel) for channel in channels if len(channels) > 1)]
    for read in heard:
        words = rewritten(read, _HUMS, _left_out)
        for apart in (False, True) if language == "en" else (False,):
            digits = with_letters(with_digits(words, language, apart))
            yield Reading(_without_echoes(words, said), _without_echoes(digits, said))


def finds(kind: Kind, read: Written, start: int, end: int, said: Stream) -> Iterator[Find]:
    """A span of a reading as it stands in the stream: one find in each line it touches."""
    lines: dict[int, tuple[int, int]] = {}
    for place in range(start, end):
        own = read.ends[place] - read.starts[place] == 1 and read.text[place] in "@+*!?#$%&_"
        if own or read.text[place].isalnum() or read.text[place] == ECHO:
            line = said.line(read.starts[place])
            first, last = lines.get(line, (read.starts[place], read.ends[place]))
            lines[line] = (min(first, read.starts[place]), max(last, read.ends[place]))
    for first, last in lines.values():
        yield Find(kind, first, first + len(said.text[first:last].rstrip(" .,?")))


def _alone(said: Stream, channel: int) -> Written:
    ends = [*(start - 1 for start in said.starts[1:]), len(said.text)]
    text: list[str] = []
    places: list[int] = []
    for start, end, speaker in zip(said.starts, ends, said.channels, strict=True):
        if speaker == channel:
            text.append(said.text[start:end] + "\n")
            places += [*range(start, end + 1)]
    return Written("".join(text), tuple(places), tuple(place + 1 for place in places))


def _left_out(hum: re.Match[str]) -> str:
    """What a hum leaves: the end of a sentence or of a line is still one."""
    stop = next((mark for mark in hum[0] if mark in ".?!"), "")
    return stop + ("\n" if "\n" in hum[0] else " ")


def _without_echoes(read: Written, said: Stream) -> Written:
    """A line with which the other speaker only repeats how the last one ended no longer counts."""
    heard, speaker = "", -1

    def echo(line: re.Match[str]) -> str:
        nonlocal heard, speaker
        bare, channel = _bare(line[0]), said.channels[said.line(read.starts[line.start()])]
        if bare and channel != speaker and heard.endswith(bare):
            return ECHO
        if bare:
            heard, speaker = (heard + bare)[-60:], channel
        return line[0]

    return rewritten(read, _LINE, echo)


def _bare(text: str) -> str:
    return re.sub(r"[\W_]", "", text).upper()
