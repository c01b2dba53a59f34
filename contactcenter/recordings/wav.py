"""The header of a WAV file, read by our own code, which bounds it: what a recording is, without decoding it.

The web side needs no more than this, and loads no library of sound for it.
"""

import io
import struct
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

from contactcenter.core.errors import Invalid

MAX_SECONDS = 4 * 3600
MAX_BYTES = 512 * 2**20  # four hours of two channels at 8 kHz in 16 bits are 440 MiB

_CODECS = {  # (format tag, bits a sample): decoder
    (1, 8): "pcm_u8",
    (1, 16): "pcm_s16le",
    (1, 24): "pcm_s24le",
    (1, 32): "pcm_s32le",
    (3, 32): "pcm_f32le",
    (3, 64): "pcm_f64le",
    (6, 8): "pcm_alaw",
    (7, 8): "pcm_mulaw",
}
_SILENCE = {"pcm_u8": 0x80, "pcm_alaw": 0xD5, "pcm_mulaw": 0xFF}  # the byte of a sample at rest; in all others 0
_EXTENSIBLE = 0xFFFE  # the real tag stands at the start of the sub-format
_CHUNKS = 64  # more chunks than this before the sound is no recording


class Refusal(StrEnum):
    """Why a recording can't be used."""

    EMPTY = "empty"
    NOT_AUDIO = "not_audio"
    TRUNCATED = "truncated"
    TOO_LONG = "too_long"
    TOO_LARGE = "too_large"
    UNSUPPORTED = "unsupported"


class AudioRefused(Invalid):
    """A recording that can't be used, with the reason as a word for programs and a sentence for people."""

    id = "audio-refused"

    def __init__(self, reason: Refusal, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


@dataclass(frozen=True)
class WavHeader:
    """What a WAV file says about itself, checked against its real length."""

    codec: str
    channels: int
    rate: int  # Hz
    frames: int  # samples of one channel
    frame_bytes: int  # bytes of one sample of all channels
    data_at: int  # offset of the first sample

    @property
    def seconds(self) -> float:
        return self.frames / self.rate

    @property
    def silence(self) -> int:
        """The byte of which silence is made in this form."""
        return _SILENCE.get(self.codec, 0)


def read_header(data: bytes | BinaryIO) -> WavHeader:
    """Check a file's header and length without decoding it; raises AudioRefused."""
    file, size = opened(data)
    if size == 0:
        raise AudioRefused(Refusal.EMPTY, "The recording is empty. Fetch it again from the carrier.")
    if size > MAX_BYTES:
        limit = MAX_BYTES // 2**20
        raise AudioRefused(Refusal.TOO_LARGE, f"The recording is larger than {limit} MiB, which no call is.")
    fmt, at, length = _chunks(file, size)
    return _checked(fmt, at, length)


def opened(data: bytes | BinaryIO) -> tuple[BinaryIO, int]:
    """(a file's bytes, or the file, as a file at its beginning; its size in bytes)."""
    file = io.BytesIO(data) if isinstance(data, bytes) else data
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    return file, size


def _chunks(file: BinaryIO, size: int) -> tuple[bytes, int, int]:
    """The fmt chunk, and where the sound begins and how many bytes of it there are."""
    riff = file.read(12)
    if len(riff) < 12 or riff[:4] != b"RIFF" or riff[8:] != b"WAVE":
        raise AudioRefused(Refusal.NOT_AUDIO, "The recording is not a WAV file. Ask the carrier for the WAV form.")
    fmt = b""
    for _ in range(_CHUNKS):
        head = file.read(8)
        if len(head) < 8:
            break
        name, length = struct.unpack("<4sI", head)
        if length > size - file.tell():
            raise AudioRefused(Refusal.TRUNCATED, "The recording is shorter than its header says. Fetch it again.")
        if name == b"data":
            return fmt, file.tell(), length
        if name == b"fmt ":
            fmt = file.read(min(length, 64))
            length -= len(fmt)
        file.seek(length + (length + len(fmt)) % 2 if name == b"fmt " else length + length % 2, io.SEEK_CUR)
    raise AudioRefused(Refusal.TRUNCATED, "The recording has a header and no sound. Fetch it again.")


def _checked(fmt: bytes, at: int, length: int) -> WavHeader:
    if len(fmt) < 16:
        raise AudioRefused(Refusal.NOT_AUDIO, "The recording does not say how its sound is written.")
    tag, channels, rate, _, _, bits = struct.unpack("<HHIIHH", fmt[:16])
    if tag == _EXTENSIBLE and len(fmt) >= 26:
        tag = int.from_bytes(fmt[24:26], "little")
    codec = _CODECS.get((tag, bits))
    if codec is None or channels not in (1, 2) or not 4_000 <= rate <= 192_000:
        raise AudioRefused(
            Refusal.UNSUPPORTED,
            "The recording is not in a form that is read here: PCM, float, mu-law or A-law, one or two channels, "
            "4,000 to 192,000 samples a second.",
        )
    frame_bytes = channels * bits // 8
    header = WavHeader(codec, channels, rate, length // frame_bytes, frame_bytes, at)
    if header.frames == 0:
        raise AudioRefused(Refusal.EMPTY, "The recording holds no sound. Fetch it again from the carrier.")
    if header.seconds > MAX_SECONDS:
        raise AudioRefused(Refusal.TOO_LONG, f"The recording is longer than {MAX_SECONDS // 3600} hours.")
    return header
