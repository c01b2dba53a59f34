"""What a telephone line carries while nobody speaks, all of it made here: tones, machines, music, breath, hands."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from contactcenter.recordings.audio import RATE, Samples

Wave = npt.NDArray[np.float64]

ROWS, COLUMNS = (697, 770, 852, 941), (1209, 1336, 1477)  # Hz, of the keys
CHORDS = ((262, 330, 392), (220, 262, 330), (175, 220, 262), (196, 247, 294))  # Hz


def telephone(wave: Wave, level: float = 1.0) -> Samples:
    """What a telephone leaves of it, louder or softer."""
    heard: Samples = np.clip(band(wave, 300, 3_400) * level, -1, 1).astype(np.float32)
    return heard


def band(wave: Wave, low: float, high: float) -> Wave:
    """The wave without what lies outside a band, in Hz."""
    spectrum, hertz = np.fft.rfft(wave), np.fft.rfftfreq(len(wave), 1 / RATE)
    spectrum[(hertz < low) | (hertz > high)] = 0
    cleared: Wave = np.fft.irfft(spectrum, len(wave))
    return cleared


def tones(seconds: float, *hertz: float, level: float = 0.25) -> Wave:
    """Sines at once."""
    times = np.arange(int(seconds * RATE)) / RATE
    wave: Wave = level * np.sum([np.sin(2 * np.pi * one * times) for one in hertz], axis=0) / len(hertz)
    return wave


def quiet(seconds: float) -> Wave:
    """Digital silence."""
    return np.zeros(int(seconds * RATE))


def hiss(seconds: float, dbfs: float, seed: int = 1) -> Wave:
    """White noise."""
    return np.random.default_rng(seed).standard_normal(int(seconds * RATE)) * 10 ** (dbfs / 20)


def over_and_over(wave: Wave, seconds: float) -> Wave:
    """The same again until the time is over."""
    return np.resize(wave, int(seconds * RATE))


def hum(seconds: float) -> Wave:
    """The mains, with its harmonics."""
    parts = [tones(seconds, 50 * harmonic, level=0.3 / harmonic) for harmonic in (1, 2, 3, 5, 7, 9, 11)]
    return np.asarray(np.sum(parts, axis=0))


def keys(seconds: float, pause: float = 0.1) -> Wave:
    """Somebody presses keys, fast or slowly."""
    drawn = np.random.default_rng(3).integers(0, 3, (40, 2))
    pressed = [np.concatenate([tones(0.12, ROWS[a], COLUMNS[b], level=0.4), quiet(pause)]) for a, b in drawn]
    return over_and_over(np.concatenate(pressed), seconds)


def fax(seconds: float) -> Wave:
    """One machine calls, another answers, they agree, and a page goes over."""
    drawn = np.random.default_rng(4)
    shift = np.where(np.repeat(drawn.integers(0, 2, 900), RATE // 300), 1_650, 1_850)
    agreed = 0.25 * np.sin(2 * np.pi * np.cumsum(shift) / RATE)
    phase = np.repeat(drawn.integers(0, 8, 14_400), 7)[: 6 * RATE] * np.pi / 4
    page = band(0.25 * np.cos(2 * np.pi * 1_800 * np.arange(len(phase)) / RATE + phase), 400, 3_200)
    calling = over_and_over(np.concatenate([tones(0.5, 1_100), quiet(3)]), 10)
    whole = [calling, tones(3, 2_100), quiet(0.1), agreed, quiet(0.2), page, quiet(1)]
    return over_and_over(np.concatenate(whole), seconds)


def _dying(count: int, after: float) -> Wave:
    at = np.arange(count)
    envelope: Wave = np.exp(-at / RATE / after) * np.minimum(1, at / 80)
    return envelope


def music(seconds: float) -> Wave:
    """Hold music: chords, a tune over them, and a drum."""
    drawn, count, bars = np.random.default_rng(5), int(0.4 * RATE), []
    for beat in range(int(seconds / 0.4) + 1):
        chord = CHORDS[beat // 4 % 4]
        tune = chord[drawn.integers(3)] * 2.0
        below = np.sum([tones(0.4, one * harmonic, level=1 / harmonic) for one in chord for harmonic in (1, 2, 3)], 0)
        above = np.sum([tones(0.4, tune * harmonic, level=1 / harmonic) for harmonic in (1, 2, 3, 4)], axis=0)
        drum = drawn.standard_normal(count) * _dying(count, 0.03)
        bars.append(below / 6 * _dying(count, 0.5) + above / 2 * _dying(count, 0.3) + drum / 2)
    return np.asarray(0.15 * np.concatenate(bars)[: int(seconds * RATE)])


def strings(seconds: float) -> Wave:
    """Bowed notes that swell and tremble, which is the most like a voice that music comes."""
    drawn, notes = np.random.default_rng(6), [quiet(0)]
    while sum(map(len, notes)) < seconds * RATE:
        times = np.arange(int(drawn.uniform(0.5, 2.5) * RATE)) / RATE
        hertz = 220 * 2 ** (drawn.integers(0, 16) / 12)
        phase = 2 * np.pi * hertz * times + 0.02 * hertz / 5.5 * np.sin(2 * np.pi * 5.5 * times)
        swell = np.minimum(1, np.minimum(times, times[::-1]) / 0.1)
        notes.append(0.06 * swell * np.sum([np.sin(harmonic * phase) / harmonic for harmonic in range(1, 12)], axis=0))
    return np.concatenate(notes)[: int(seconds * RATE)]


def breath(seconds: float, dbfs: float = -30.0) -> Wave:
    """A caller breathes in, and out, and waits."""
    drawn, breaths = np.random.default_rng(7), [quiet(0)]
    while sum(map(len, breaths)) < seconds * RATE:
        for long, level, high in ((drawn.uniform(0.9, 1.6), dbfs, 3_000), (drawn.uniform(1, 2), dbfs - 4, 1_800)):
            air = band(drawn.standard_normal(int(long * RATE)), 300, high)
            swell = np.sin(np.pi * np.arange(len(air)) / len(air)) ** 0.7
            breaths += [air / np.std(air) * swell * 10 ** (level / 20), quiet(drawn.uniform(0.2, 1.2))]
    return np.concatenate(breaths)[: int(seconds * RATE)]


def clicks(seconds: float) -> Wave:
    """Switches and bad contacts."""
    drawn, wave = np.random.default_rng(9), hiss(seconds, -60)
    for at in drawn.integers(0, len(wave) - 200, int(seconds * 1.5)):
        wave[at : at + drawn.integers(4, 200)] += drawn.uniform(0.2, 0.9) * drawn.choice([-1, 1])
    return wave


def handling(seconds: float) -> Wave:
    """A handset is laid down, pushed and scratched."""
    drawn, wave = np.random.default_rng(10), hiss(seconds, -55)
    for at in drawn.integers(0, int((seconds - 1) * RATE), int(seconds / 2)):
        count = int(drawn.uniform(0.1, 0.6) * RATE)
        rub = band(drawn.standard_normal(count) * drawn.uniform(0.05, 0.3), 80, 1_500)
        wave[at : at + count] += rub * np.exp(-np.arange(count) / RATE * 6)
    return wave


def _beeps(*hertz: float, on: float, off: float) -> Callable[[float], Wave]:
    return lambda seconds: over_and_over(np.concatenate([tones(on, *hertz), quiet(off)]), seconds)


SOUNDS: dict[str, Callable[[float], Wave]] = {
    "silence": quiet,
    "noise": lambda seconds: hiss(seconds, -50),
    "loud noise": lambda seconds: hiss(seconds, -20),
    "hum": hum,
    "ring-back": _beeps(425, on=1, off=4),
    "British ring-back": _beeps(400, 450, on=0.4, off=1.1),
    "busy": _beeps(425, on=0.5, off=0.5),
    "out of service": lambda seconds: over_and_over(
        np.concatenate([*(tones(0.33, hertz) for hertz in (950, 1_400, 1_800)), quiet(1)]), seconds
    ),
    "keys": keys,
    "keys, slowly": lambda seconds: keys(seconds, 0.7),
    "fax": fax,
    "music": music,
    "strings": strings,
    "breath": breath,
    "heavy breath": lambda seconds: breath(seconds, -12),
    "breath on a noisy line": lambda seconds: breath(seconds) + hiss(seconds, -50),
    "clicks": clicks,
    "handling": handling,
}
