"""Sound for tests: made here, or one of the demo's conversations with what is said in it."""

import io
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

import av
import numpy as np
import numpy.typing as npt

import contactcenter.demo
from contactcenter.recordings.audio import CallAudio, Samples, decode_call

CONVERSATIONS = Path(contactcenter.demo.__file__).parent / "conversations"


@dataclass(frozen=True)
class Turn:
    """Something in a conversation; `text` is None for hold music."""

    channel: int
    start: float
    end: float
    text: str | None


@cache
def conversation(name: str) -> tuple[CallAudio, tuple[Turn, ...]]:
    """A demo conversation and its turns."""
    told = json.loads((CONVERSATIONS / f"{name}.json").read_text())
    turns = tuple(Turn(t["channel"], t["start"], t["end"], t["text"]) for t in told["segments"])
    return decode_call((CONVERSATIONS / f"{name}.wav").read_bytes()), turns


def cut(audio: CallAudio, start: float, end: float) -> CallAudio:
    """Some seconds of a call."""
    places = slice(int(start * 16_000), int(end * 16_000))
    return CallAudio(tuple(channel[places] for channel in audio.channels), end - start, audio.rate)


def tone(seconds: float, hertz: float = 440.0, rate: int = 16_000, level: float = 0.25) -> Samples:
    """A sine."""
    times = np.arange(int(seconds * rate)) / rate
    wave: Samples = (level * np.sin(2 * np.pi * hertz * times)).astype(np.float32)
    return wave


def noise(seconds: float, dbfs: float, seed: int = 1) -> Samples:
    """White noise at 16 kHz."""
    drawn = np.random.default_rng(seed).standard_normal(int(seconds * 16_000))
    hiss: Samples = (drawn * 10 ** (dbfs / 20)).astype(np.float32)
    return hiss


def wav(channels: npt.NDArray[np.float32], rate: int, codec: str = "pcm_s16le") -> bytes:
    """A WAV file as FFmpeg writes it, from (channels, samples)."""
    file = io.BytesIO()
    layout = "mono" if len(channels) == 1 else "stereo"
    with av.open(file, "w", format="wav") as container:
        stream = cast(av.AudioStream, container.add_stream(codec, rate=rate, layout=layout))
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(channels), format="fltp", layout=layout)
        frame.sample_rate = rate
        resampler = av.AudioResampler(format=stream.codec_context.format, layout=layout, rate=rate)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    return file.getvalue()
