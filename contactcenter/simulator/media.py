"""Sound in memory: 16-bit samples at the telephone's 8 kHz."""

import io
import math
import struct
from functools import lru_cache
from typing import TypeAlias

import av
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

RATE = 8000
FRAME = 160
FRAME_BYTES = 2 * FRAME
SECONDS_OF_TEXT = 1 / 14
MAX_UPLOAD = 128 * 1024 * 1024

Samples: TypeAlias = NDArray[np.int16]

_FORMATS = ((b"RIFF", "wav"), (b"fLaC", "flac"), (b"OggS", "ogg"), (b"ID3", "mp3"), (b"\xff", "mp3"))


class NotAudio(ValueError):
    """Bytes that hold no audio this simulator can play; the text says what was expected."""


def silence(length: int) -> Samples:
    """`length` samples of nothing."""
    return np.zeros(length, dtype=np.int16)


def decode(data: bytes) -> Samples:
    """WAV (also mu-law), FLAC, Ogg or MP3 to an array [channels, samples] of one or two channels at 8 kHz."""
    name = next((name for magic, name in _FORMATS if data.startswith(magic)), None)
    if name is None or len(data) > MAX_UPLOAD:
        raise NotAudio("This is not a WAV, FLAC, Ogg or MP3 file of at most 128 MiB.")
    try:
        return _decoded(data, name)
    except FFmpegError as error:
        raise NotAudio("The audio file is damaged. Save it again, as 16-bit WAV for example.") from error


def _decoded(data: bytes, name: str) -> Samples:
    with av.open(io.BytesIO(data), mode="r", format=name) as container:
        if not container.streams.audio:
            raise NotAudio("The file has no audio in it.")
        channels = 2 if container.streams.audio[0].channels == 2 else 1
        resampler = av.AudioResampler(format="s16", layout="stereo" if channels == 2 else "mono", rate=RATE)
        pieces = [
            piece.to_ndarray().reshape(-1, channels)
            for frame in [*container.decode(audio=0), None]
            for piece in resampler.resample(frame)
        ]
    if not pieces:
        raise NotAudio("The audio file is empty.")
    return np.ascontiguousarray(np.concatenate(pieces).T.astype(np.int16))


def mono(audio: Samples) -> Samples:
    """All channels of `audio` in one."""
    return audio[0] if len(audio) == 1 else mix(list(audio), audio.shape[1])


def mix(voices: list[Samples], length: int) -> Samples:
    """The sum of `voices`, clipped to 16 bits."""
    if len(voices) == 1:
        return voices[0]
    total = np.zeros(length, dtype=np.int32)
    for voice in voices:
        total += voice
    return np.clip(total, -32768, 32767).astype(np.int16)


def wav(channels: Samples) -> bytes:
    """A 16-bit PCM WAV file of an array [channels, samples]."""
    body = np.ascontiguousarray(channels.T).astype("<i2").tobytes()
    count = len(channels)
    layout = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, count, RATE, RATE * 2 * count, 2 * count, 16)
    head = b"WAVE" + layout + struct.pack("<4sI", b"data", len(body))
    return struct.pack("<4sI", b"RIFF", len(head) + len(body)) + head + body


def trimmed(channels: Samples, threshold: int = 64) -> Samples:
    """`channels` without the silence at both ends, as the carrier's trim-silence does."""
    loud = np.flatnonzero(np.abs(channels.astype(np.int32)).max(axis=0) > threshold)
    return channels[:, loud[0] : loud[-1] + 1] if len(loud) else channels[:, :0]


def murmur(text: str) -> Samples:
    """As long as the text takes to say, and audible as somebody speaking; it holds no words."""
    length = max(FRAME, int(len(text) * SECONDS_OF_TEXT * RATE))
    time = np.arange(length) / RATE
    voice = np.sin(2 * math.pi * 170 * time) * (0.5 + 0.5 * np.sin(2 * math.pi * 4 * time))
    return (voice * 2500).astype(np.int16)


@lru_cache(maxsize=1)
def music() -> Samples:
    """Eight seconds of quiet broken chords, the carrier's music for who waits."""
    notes = [262, 330, 392, 523, 220, 262, 330, 440, 175, 220, 262, 349, 196, 247, 294, 392]
    length = RATE // 2
    time = np.arange(length) / RATE
    tones = [np.sin(2 * math.pi * note * time) * np.exp(-3 * time) for note in notes]
    return np.asarray(np.concatenate(tones) * 4000, dtype=np.int16)


def looped(audio: Samples, start: int, length: int) -> Samples:
    """`length` samples of `audio` from `start`, over and over."""
    return np.take(audio, np.arange(start, start + length), mode="wrap")
