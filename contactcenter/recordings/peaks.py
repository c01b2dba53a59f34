"""The waveform that the player draws: the loudest moment of each twentieth of a second."""

import numpy as np

from contactcenter.recordings.audio import RATE, CallAudio, Samples


def peaks(audio: CallAudio, per_second: int = 20) -> list[list[int]]:
    """For each channel `per_second` whole numbers a second: the peak, 0 (nothing) to 100 (full scale)."""
    return [_peaks(channel, RATE // per_second) for channel in audio.channels]


def _peaks(channel: Samples, width: int) -> list[int]:
    padded = np.pad(np.abs(channel), (0, -len(channel) % width))
    loudest: list[int] = np.rint(padded.reshape(-1, width).max(axis=1) * 100).astype(int).tolist()
    return loudest
