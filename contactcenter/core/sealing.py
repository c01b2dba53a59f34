"""Sealed streams: AES-256-GCM in chunks, so that any byte range opens by itself and nothing is cut or moved.

STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015): a chunk's nonce is prefix (7) || counter (4) || last (1).
A sealed object is header (32) and chunks of 65,536 bytes plus tag (16), the last one shorter; an empty stream
is one empty chunk. Every chunk is bound to the whole header and to what the object is about. Pure: no I/O.
"""

import secrets
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = b"CCSO"
VERSION = 1
CHUNK = 64 * 1024
TAG = 16
NAME_BYTES = 16
PREFIX_BYTES = 7
_HEADER = struct.Struct(f">4sBI{NAME_BYTES}s{PREFIX_BYTES}s")
HEADER_BYTES = _HEADER.size


class SealBroken(Exception):
    """Bytes are not what was sealed."""


@dataclass(frozen=True, slots=True)
class Header:
    """The first 32 bytes: magic, version, chunk size, the object's own name, the nonce prefix."""

    name: bytes = field(default_factory=lambda: secrets.token_bytes(NAME_BYTES))
    prefix: bytes = field(default_factory=lambda: secrets.token_bytes(PREFIX_BYTES))

    def pack(self) -> bytes:
        """The header as bytes."""
        return _HEADER.pack(MAGIC, VERSION, CHUNK, self.name, self.prefix)

    @classmethod
    def unpack(cls, raw: bytes) -> Self:
        """The header in `raw` (32 bytes), or `SealBroken`."""
        if len(raw) != HEADER_BYTES:
            raise SealBroken
        magic, version, chunk, name, prefix = _HEADER.unpack(raw)
        if (magic, version, chunk) != (MAGIC, VERSION, CHUNK):
            raise SealBroken
        return cls(name, prefix)


@dataclass(frozen=True, slots=True)
class Seal:
    """What opens one object: its data key (32 bytes), header, and what it is about (part of every tag)."""

    key: bytes = field(repr=False)
    header: Header
    about: bytes

    def close(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """The sealed object of a plaintext in `pieces` of any length; holds one chunk at a time."""
        cipher, bound = AESGCM(self.key), self._bound()
        yield self.header.pack()
        for index, (chunk, last) in enumerate(_in_chunks(pieces)):
            yield cipher.encrypt(_nonce(self.header, index, last), chunk, bound)

    def open(self, first: int, sealed: Iterable[memoryview], final: int) -> Iterator[bytes]:
        """Plaintext of the `sealed` chunks from index `first` on; `final` is the index of the last.

        Raises `SealBroken` at the first chunk that is not what was sealed at its place.
        """
        cipher, bound = AESGCM(self.key), self._bound()
        for index, chunk in enumerate(sealed, first):
            try:
                yield cipher.decrypt(_nonce(self.header, index, index == final), chunk, bound)
            except InvalidTag:
                raise SealBroken from None

    def _bound(self) -> bytes:
        return self.header.pack() + self.about


def final_chunk(size: int) -> int:
    """Index of the last chunk of a plaintext of `size` bytes."""
    return max(size - 1, 0) // CHUNK


def offset(index: int) -> int:
    """Where the sealed chunk `index` begins in its object, in bytes."""
    return HEADER_BYTES + index * (CHUNK + TAG)


def sealed_size(size: int) -> int:
    """Bytes of the sealed object of a plaintext of `size` bytes."""
    return HEADER_BYTES + size + (final_chunk(size) + 1) * TAG


def _nonce(header: Header, index: int, last: bool) -> bytes:
    return header.prefix + index.to_bytes(4, "big") + (b"\x01" if last else b"\x00")


def _in_chunks(pieces: Iterable[bytes]) -> Iterator[tuple[bytearray, bool]]:
    """`pieces` as chunks of 65,536 bytes, each with whether it is the last."""
    held = bytearray()
    for piece in pieces:
        rest = memoryview(piece)
        while rest:
            if len(held) == CHUNK:
                yield held, False
                held = bytearray()
            taken = rest[: CHUNK - len(held)]
            held += taken
            rest = rest[len(taken) :]
    yield held, True
