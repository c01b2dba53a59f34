"""Windows for a recogniser that listens to 30 seconds at a time: speech put together, and times taken apart again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from contactcenter.recordings.audio import RATE, Samples, Sound
from contactcenter.recordings.speech import LONGEST, Range, stretches

GAP = 0.3  # seconds of silence between two ranges, so that words don't run into each other
_SILENCE = np.zeros(int(GAP * RATE), np.float32)


@dataclass(frozen=True)
class Window:
    """Ranges of one channel that are listened to at once, in order, at most 28 s with the gaps between them."""

    channel: int
    ranges: tuple[Range, ...]

    @property
    def seconds(self) -> float:
        return sum(found.seconds for found in self.ranges) + GAP * (len(self.ranges) - 1)

    def place(self, start: float, end: float) -> Range | None:
        """Seconds of the window as seconds of the call.

        They belong to the range that holds their middle, and end with it; in a gap nobody spoke: None.
        """
        at = 0.0
        for found in self.ranges:
            if at - GAP / 2 <= (start + end) / 2 < at + found.seconds + GAP / 2:
                shift = found.start - at
                return Range(_within(start + shift, found), _within(end + shift, found))
            at += found.seconds + GAP
        return None


def pack(channel: int, ranges: list[Range]) -> list[Window]:
    """The fewest windows that hold the ranges of a channel in order."""
    windows: list[Window] = []
    for found in ranges:
        if windows and windows[-1].seconds + GAP + found.seconds <= LONGEST:
            windows[-1] = Window(channel, (*windows[-1].ranges, found))
        else:
            windows.append(Window(channel, (found,)))
    return windows


def cut(sound: Sound, windows: Sequence[Window]) -> Iterator[tuple[Window, Samples]]:
    """Each window with its sound, as soon as that has come by: the one that ends first comes first."""
    owners = {(window.channel, found): window for window in windows for found in window.ranges}
    ranges = [sorted(found for channel, found in owners if channel == each) for each in range(sound.count)]
    held: dict[Window, list[Samples]] = {}
    for part in stretches(sound, ranges):
        window = owners[part.channel, part.range]
        pieces = held.setdefault(window, [])
        pieces.append(part.samples.copy())  # a view would keep the whole piece
        if part.is_last and part.range == window.ranges[-1]:
            yield window, np.concatenate(held.pop(window))
        elif part.is_last:
            pieces.append(_SILENCE)


def _within(second: float, found: Range) -> float:
    return min(max(second, found.start), found.end)
