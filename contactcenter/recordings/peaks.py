"""The waveform that the player draws: the loudest moment of each twentieth of a second."""

from dataclasses import dataclass

import numpy as np

from contactcenter.recordings.audio import RATE, Samples, Sound

SILENT_BELOW = 10 ** (-60 / 20)  # -60 dBFS; a telephone line that carries speech peaks far above it


@dataclass(frozen=True)
class Waveform:
    """What one listening to a whole call finds, whatever its length: `peaks`, and whether it is silent."""

    peaks: list[list[int]]
    is_silent: bool


def waveform(sound: Sound, per_second: int = 20) -> Waveform:
    """For each channel `per_second` whole numbers a second: the peak, 0 (nothing) to 100 (full scale).

    A call is silent when no channel ever rises above -60 dBFS: an open line without anybody on it.
    """
    peaks: list[list[int]] = [[] for _ in range(sound.count)]
    loudest = 0.0
    for piece in sound.pieces():
        for found, channel in zip(peaks, piece, strict=True):
            some = _peaks(channel, RATE // per_second)
            found.extend(np.rint(some * 100).astype(int).tolist())
            loudest = max(loudest, float(some.max(initial=0.0)))
    return Waveform(peaks, loudest < SILENT_BELOW)


def _peaks(channel: Samples, width: int) -> Samples:
    padded = np.pad(np.abs(channel), (0, -len(channel) % width))
    loudest: Samples = padded.reshape(-1, width).max(axis=1)
    return loudest
