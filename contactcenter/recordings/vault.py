"""The vault: recordings as sealed objects in a folder, in memory or in an S3-compatible store.

The only door to the vault (`objects.py` behind it is the adapter). Audio in clear never touches a disk. Each
object has a key of its own, wrapped by the master key and returned to the caller, who keeps it in the
recording's row; who destroys that key has destroyed the recording, in every backup of the vault too (P17).
Synchronous: called from worker threads.
"""

import hashlib
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from queue import Queue
from threading import Event, Thread

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from contactcenter.core import sealing
from contactcenter.core.errors import Problem
from contactcenter.core.keys import KeyDamaged, MasterKey
from contactcenter.core.s3 import S3Access
from contactcenter.recordings.drawer import Drawer
from contactcenter.recordings.objects import (
    ObjectInfo,
    Objects,
    VaultMisconfigured,
    VaultUnavailable,
    folder_of,
    objects_at,
)

__all__ = [
    "Damage",
    "ObjectInfo",
    "Opened",
    "S3Access",
    "Stored",
    "Vault",
    "VaultDamaged",
    "VaultMisconfigured",
    "VaultUnavailable",
    "folder_of",
    "vault_trouble",
]

NAME = re.compile(r"[0-9a-f]{32}")
OURS = re.compile(r"[0-9a-f]{32}(#\d+)?")  # with a number: unfinished, or left so by a killed process
COPIED_AT_ONCE, READ_AHEAD = 1024 * 1024, 4  # bytes, and how many such pieces
WINDOW = 16  # chunks a request, once reading is under way: 1 MiB


class Damage(StrEnum):
    """What is wrong with a recording, with what to do about it."""

    sentence: str

    def __new__(cls, value: str, sentence: str) -> "Damage":
        member = str.__new__(cls, value)
        member._value_ = value
        member.sentence = sentence
        return member

    MISSING = "missing", "The recording is missing from the vault; restore its object from a backup."
    CUT = "cut", "The end of the recording is cut off in the vault; restore its object from a backup."
    LENGTHENED = "lengthened", "Bytes were added to the recording; restore its object from a backup."
    ALTERED = "altered", "The recording was altered in the vault; restore its object from a backup."
    ANOTHER = "another", "Another object stands in the recording's place; restore its own from a backup."
    KEY_GONE = "key-gone", "The recording's key was destroyed; nobody can open the recording any more."
    KEY_ALTERED = "key-altered", "The recording's key is altered or another's; restore its row from a backup."


class VaultDamaged(Problem):
    """A recording is not, or not wholly, what was stored."""

    status = 410
    id = "recording-damaged"

    def __init__(self, damage: Damage) -> None:
        super().__init__(damage.sentence)
        self.damage = damage


@dataclass(frozen=True, slots=True)
class Stored:
    """What a recording's row keeps: object name, wrapped key, plaintext size in bytes, its SHA-256 (hex)."""

    key: str
    wrapped_key: bytes = field(repr=False)
    size: int
    sha256: str


class Vault:
    """Recordings by object name.

    `url` is a folder, `file:///folder`, `memory://`, or, with credentials in `s3` or the environment,
    `s3://bucket/prefix?endpoint=http://127.0.0.1:8333&region=eu-west-1`.
    """

    def __init__(self, url: str, master_key: MasterKey, s3: S3Access | None = None) -> None:
        self._master_key = master_key
        self._objects = objects_at(url, s3)

    def store(self, recording_id: str, chunks: Iterable[bytes]) -> Stored:
        """Seal the plaintext that comes in `chunks` under a new name and key; durable when this returns.

        Memory stays flat, nothing shows before it is whole, and what `chunks` raises comes through unchanged.
        """
        about, header, data_key = recording_id.encode("utf-8"), sealing.Header(), AESGCM.generate_key(256)
        key, source = header.name.hex(), _Counted(chunks)
        try:
            self._objects.put(key, sealing.Seal(data_key, header, about).close(source))
        except VaultUnavailable:
            if source.failure is not None:  # a network error of the source is not the vault's
                raise source.failure from None
            raise
        return Stored(key, self._master_key.wrap(data_key, about), source.size, source.digest.hexdigest())

    def store_anew(
        self, recording_id: str, stored: Stored, change: Callable[[Iterator[bytes]], Iterator[bytes]]
    ) -> Stored:
        """Seal a stored recording once more, as `change` makes it of the plaintext, under a new name and key; the old
        object stays. Raises as `open` and `store` do."""
        return self.store(recording_id, _read_ahead(change(self.open(recording_id, stored).pieces())))

    def open(self, recording_id: str, stored: Stored) -> "Opened":
        """A stored recording, to be read in any range.

        Raises `VaultDamaged` for what shows before reading (missing, cut, another's, its key gone),
        `KeyMismatch` when another master key wrapped it, `VaultUnavailable`.
        """
        data_key = self._data_key(recording_id, stored)
        return Opened(self._objects, stored, sealing.Seal(data_key, self._header(stored), recording_id.encode("utf-8")))

    def drawer(self, recording_id: str, stored: Stored) -> Drawer:
        """What seals small things about a recording; they can be opened as long as the recording can.

        Raises `VaultDamaged` when its key is gone, `KeyMismatch`.
        """
        return Drawer(self._data_key(recording_id, stored), recording_id)

    def verify(self, recording_id: str, stored: Stored) -> None:
        """Read a recording from end to end; raises as `open` does, and `VaultDamaged` for altered bytes."""
        digest = hashlib.sha256()
        for piece in self.open(recording_id, stored).pieces():
            digest.update(piece)
        if digest.hexdigest() != stored.sha256:
            raise VaultDamaged(Damage.ALTERED)

    def holds(self, key: str) -> bool:
        """Whether there is an object of this name; raises `VaultUnavailable`."""
        try:
            self._objects.begin(key, sealing.HEADER_BYTES)
        except FileNotFoundError:
            return False
        return True

    def copy_to(self, other: "Vault", key: str) -> None:
        """Copy an object, sealed as it lies, into another vault; raises `VaultDamaged`, `VaultUnavailable`."""
        source = _Counted(_read_ahead(self._sealed_pieces(key)))
        try:
            other._objects.put(key, source)
        except VaultUnavailable:
            if source.failure is not None:
                raise source.failure from None
            raise

    def destroy(self, key: str) -> None:
        """Delete an object, durably. Deleting what is gone already is no error."""
        if not OURS.fullmatch(key):
            raise VaultDamaged(Damage.MISSING)
        self._objects.delete(key)

    def list(self) -> Iterator[ObjectInfo]:
        """Every object in the store, in no order; in a folder also unfinished ones.

        An object may be under way to its row: only an old one without a row is an orphan.

        Unfinished uploads to S3 don't show: give the bucket a lifecycle rule that ends them.
        """
        return (info for info in self._objects.listed() if OURS.fullmatch(info.key))

    def health(self) -> None:
        """Write, read and delete a probe; raises `VaultUnavailable` when the store doesn't do all three."""
        probe, words = f"probe-{secrets.token_hex(16)}", secrets.token_bytes(64)
        self._objects.put(probe, [words])
        kept = bytes(self._objects.read(probe, 0, len(words)))
        self._objects.delete(probe)
        if kept != words:
            raise VaultUnavailable("The vault gives back other bytes than it got; check its disk or its server.")

    def _data_key(self, recording_id: str, stored: Stored) -> bytes:
        if not stored.wrapped_key:
            raise VaultDamaged(Damage.KEY_GONE)
        try:
            return self._master_key.unwrap(stored.wrapped_key, recording_id.encode("utf-8"))
        except KeyDamaged:
            raise VaultDamaged(Damage.KEY_ALTERED) from None

    def _sealed_pieces(self, key: str) -> Iterator[bytes]:
        """The bytes of an object as they lie in the store, a mebibyte at a time."""
        try:
            size, _ = self._objects.begin(key, sealing.HEADER_BYTES)
            for start in range(0, size, COPIED_AT_ONCE):
                yield bytes(self._objects.read(key, start, min(start + COPIED_AT_ONCE, size)))
        except FileNotFoundError:
            raise VaultDamaged(Damage.MISSING) from None

    def _header(self, stored: Stored) -> sealing.Header:
        """The header of an object whose own name and length are what they should be."""
        if not NAME.fullmatch(stored.key):
            raise VaultDamaged(Damage.MISSING)
        expected = sealing.sealed_size(stored.size)
        try:
            size, raw = self._objects.begin(stored.key, sealing.HEADER_BYTES)
            header = sealing.Header.unpack(raw)
        except FileNotFoundError:
            raise VaultDamaged(Damage.MISSING) from None
        except sealing.SealBroken:
            raise VaultDamaged(Damage.CUT if size < sealing.HEADER_BYTES else Damage.ALTERED) from None
        if header.name.hex() != stored.key:
            raise VaultDamaged(Damage.ANOTHER)
        if size != expected:
            raise VaultDamaged(Damage.CUT if size < expected else Damage.LENGTHENED)
        return header


class Opened:
    """One recording, open for reading; holds no file. `size` is in bytes of plaintext."""

    def __init__(self, objects: Objects, stored: Stored, seal: sealing.Seal) -> None:
        self.size = stored.size
        self._objects, self._key, self._seal = objects, stored.key, seal
        self._final = sealing.final_chunk(stored.size)

    def read(self, start: int, end: int) -> Iterator[bytes]:
        """Plaintext from byte `start` up to `end`, in pieces of at most 64 KiB; reads only chunks it needs.

        No piece comes out before it is known to be genuine: raises `VaultDamaged` at the first that is not.
        """
        if not 0 <= start <= end <= self.size:
            raise ValueError(f"A range must lie between 0 and {self.size}.")
        if start == end:
            return iter(())
        return self._trimmed(start, end)

    def pieces(self, first: int = 0, last: int | None = None) -> Iterator[bytes]:
        """Plaintext of the chunks `first` to `last`, inclusive; of all of them without numbers."""
        sealed = self._sealed(first, self._final if last is None else last)
        try:
            yield from self._seal.open(first, sealed, self._final)
        except sealing.SealBroken:
            raise VaultDamaged(Damage.ALTERED) from None
        except FileNotFoundError:
            raise VaultDamaged(Damage.MISSING) from None

    def _trimmed(self, start: int, end: int) -> Iterator[bytes]:
        first, last = start // sealing.CHUNK, (end - 1) // sealing.CHUNK
        for index, piece in enumerate(self.pieces(first, last), first):
            begin = index * sealing.CHUNK
            yield piece[max(start - begin, 0) : end - begin]

    def _sealed(self, first: int, last: int) -> Iterator[memoryview]:
        """Sealed chunks, fetched in windows that grow, so that a seek is quick, a long read asks seldom."""
        span = 1
        while first <= last:
            until = min(first + span, last + 1)
            begin, object_end = sealing.offset(first), sealing.sealed_size(self.size)
            window = self._objects.read(self._key, begin, min(sealing.offset(until), object_end))
            for index in range(first, until):
                yield window[sealing.offset(index) - begin : sealing.offset(index + 1) - begin]
            first, span = until, min(span * 4, WINDOW)


def vault_trouble(vault: Vault | None) -> str | None:
    """What is wrong with the vault, as a sentence; None when it writes, reads and deletes."""
    if vault is None:
        return "There is no master key: nothing is recorded. Make one with `contactcenter init`."
    try:
        vault.health()
    except Problem as problem:
        return problem.sentence
    return None


def _read_ahead(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same pieces, got by a thread of its own: a store can't be read while it calls us for what to write."""
    ahead: Queue[bytes | Exception | None] = Queue(READ_AHEAD)
    enough = Event()
    Thread(target=_hand_over, args=(pieces, ahead, enough), daemon=True).start()
    try:
        while (piece := ahead.get()) is not None:
            if isinstance(piece, Exception):
                raise piece
            yield piece
    finally:  # nobody takes any more: let the thread go
        enough.set()
        while not ahead.empty():
            ahead.get()


def _hand_over(pieces: Iterator[bytes], to: "Queue[bytes | Exception | None]", enough: Event) -> None:
    try:
        for piece in pieces:
            to.put(piece)
            if enough.is_set():
                return
        to.put(None)
    except Exception as error:  # noqa: BLE001  # it is raised where the pieces are taken
        to.put(error)


class _Counted:
    """Plaintext on its way into a seal: its size and digest so far, and what went wrong in its source."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces
        self.size, self.digest = 0, hashlib.sha256()
        self.failure: Exception | None = None

    def __iter__(self) -> Iterator[bytes]:
        try:
            for piece in self._pieces:
                self.size += len(piece)
                self.digest.update(piece)
                yield piece
        except Exception as error:
            self.failure = error
            raise
