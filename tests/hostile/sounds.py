"""Files that a broken line, a strange recorder or an attacker may serve as a recording. All are made here."""

import struct

import numpy as np

from contactcenter.recordings.audio import Samples
from tests.recordings.sound import conversation, cut, wav

SPOKEN_SECONDS = 5.0
SUBFORMAT = b"\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"  # what follows the tag in an extensible one
M3U8 = b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nhttp://127.0.0.1:9/secret.ts\n#EXT-X-ENDLIST\n"
CONCAT = b"ffconcat version 1.0\nfile '/etc/passwd'\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><image href="http://127.0.0.1:9/x"/></svg>'


def speech() -> Samples:
    """The beginning of a conversation: (2 channels, samples) at 16 kHz."""
    audio, _ = conversation("question_en")
    return np.stack(cut(audio, 0, SPOKEN_SECONDS).channels)


def fmt(tag: int = 1, channels: int = 2, rate: int = 8_000, bits: int = 16, more: bytes = b"") -> bytes:
    """The chunk that says how the sound is written; it may say anything."""
    block = max(channels * bits // 8, 1) & 0xFFFF
    body = struct.pack("<HHIIHH", tag, channels, rate, rate * block & 0xFFFFFFFF, block, bits) + more
    return b"fmt " + struct.pack("<I", len(body)) + body


def chunk(name: bytes, body: bytes, length: int | None = None) -> bytes:
    """A chunk whose length may be a lie."""
    return name + struct.pack("<I", len(body) if length is None else length) + body + b"\0" * (len(body) % 2)


def riff(*chunks: bytes, size: int | None = None) -> bytes:
    """A file of these chunks."""
    body = b"WAVE" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body) if size is None else size) + body


def pcm(seconds: float = 1.0) -> bytes:
    """Speech as 16-bit samples of two channels at 16 kHz."""
    return np.ascontiguousarray((speech() * 32_000).astype("<i2").T).tobytes()[: int(seconds * 64_000)]


def junk() -> bytes:
    """A recording with everything between header and sound that RIFF allows, one thing inside another."""
    nested = chunk(b"LIST", b"INFO" + chunk(b"LIST", b"INFO" + riff(fmt(), chunk(b"data", b"\1\2\3\4"))))
    between = [
        chunk(b"JUNK", b"\xff" * 1_000_001),
        nested,
        chunk(b"id3 ", b"ID3" + b"\0" * 99),
        chunk(b"atad", b""),
    ]
    return riff(*between, fmt(rate=16_000), *between, chunk(b"data", pcm(5)), chunk(b"JUNK", b"\0" * 7))


def extensible() -> bytes:
    """A recording whose real format stands in an extension."""
    more = struct.pack("<HHI", 22, 16, 3) + struct.pack("<H", 1) + SUBFORMAT
    return riff(fmt(0xFFFE, rate=16_000, more=more), chunk(b"data", pcm(5)))


def wild() -> Samples:
    """Speech with infinities and what is no number in it."""
    sound = speech().copy()
    sound[:, 100:140] = np.array([np.inf, -np.inf, np.nan, 1e30] * 10)
    return sound


def big() -> bytes:
    """Speech in the form for more than 4 GB, as some recorders write every file."""
    sizes = chunk(b"ds64", struct.pack("<QQQI", 0, len(pcm()), len(pcm()) // 4, 0))
    return b"RF64" + riff(sizes, fmt(rate=16_000), chunk(b"data", pcm(), 0xFFFFFFFF), size=0xFFFFFFFF)[4:]


def spoken() -> dict[str, bytes]:
    """Strange forms of real speech: each must end in words."""
    return {
        "24-bit mono": wav(speech()[:1], 16_000, "pcm_s24le"),
        "A-law": wav(speech()[:, ::2], 8_000, "pcm_alaw"),
        "extensible": extensible(),
        "float with infinities": wav(wild(), 16_000, "pcm_f32le"),
        "unsigned 8-bit": wav(speech()[:, ::2], 8_000, "pcm_u8"),
        "junk between the chunks": junk(),
        "mu-law": wav(speech()[:, ::2], 8_000, "pcm_mulaw"),
        "float at 48 kHz": wav(np.repeat(speech(), 3, axis=1), 48_000, "pcm_f32le"),
    }


def refused() -> dict[str, bytes]:
    """Files that are no recording of a call: each must end with a reason."""
    data = chunk(b"data", pcm())
    whole = riff(fmt(rate=16_000), data)
    return {
        "empty": b"",
        "header only": riff(fmt()),
        "no sound": riff(fmt(), chunk(b"data", b"")),
        "rate 0": riff(fmt(rate=0), data),
        "rate 1": riff(fmt(rate=1), data),
        "highest rate": riff(fmt(rate=0xFFFFFFFF), data),
        "no channel": riff(fmt(channels=0), data),
        "8 channels": riff(fmt(channels=8), data),
        "65535 channels": riff(fmt(channels=0xFFFF), data),
        "no bits": riff(fmt(bits=0), data),
        "4 GB announced": riff(fmt(), chunk(b"data", pcm(), 0xFFFFFFF0)),
        "negative length": riff(fmt(), chunk(b"data", pcm(), 0x80000000), size=0xFFFFFFFF),
        "huge format chunk": b"RIFF\xff\xff\xff\xffWAVEfmt \xf0\xff\xff\xff" + b"\1\0\2\0" * 4_096,
        "sound before its format": riff(data, fmt()),
        "a hundred chunks": riff(*[chunk(b"JUNK", b"")] * 100, fmt(), data),
        "truncated": whole[: len(whole) // 2],
        "big-endian": b"RIFX" + whole[4:],
        "64-bit RIFF": big(),
        "MP3 in a WAV": riff(fmt(0x55, bits=0), data),
        "ADPCM": riff(fmt(0x11, bits=4), data),
        "MP3 without a tag": b"\xff\xfb\x90\x64" + b"\0" * 20_000,
        "floats that are no numbers": riff(fmt(3, bits=32), chunk(b"data", b"\xff" * 64_000)),
        "MP3": b"ID3\x04\0\0\0\0\0\0\xff\xfb\x90\x64" + b"\0" * 20_000,
        "Ogg": b"OggS\0\x02" + b"\0" * 20_000,
        "text": b"This is no recording.\n" * 500,
        "HTML": b"<!doctype html><title>Sign in</title>" * 50,
        "SVG": SVG,
        "playlist": M3U8,
        "list of files": CONCAT,
        "playlist behind RIFF": b"RIFF" + M3U8 * 20,
        "list of files as sound": riff(fmt(), chunk(b"LIST", CONCAT), chunk(b"dat ", CONCAT)),
        "5 minutes of silence": riff(fmt(rate=8_000), chunk(b"data", b"\0" * (300 * 32_000))),
    }
