"""Named objects in a folder, in memory or in an S3-compatible store: what the vault writes ciphertext to.

Used by `vault.py` alone. Failures come out as sentences; never a credential, a path or a byte of content.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError, GenericError
from obstore.store import LocalStore, MemoryStore, S3Store

from contactcenter.core.disk import flush
from contactcenter.core.errors import Invalid, Unavailable
from contactcenter.core.s3 import FORM, S3Access, bucket

PART_BYTES = 5 * 1024 * 1024  # the least that S3 takes as a part
PARTS_AT_ONCE = 2  # what a write holds in memory: some 15 MiB, however long the object
FORMS = f"write a folder, or {FORM}"
MENDS = {  # what a failure says of itself, and what to do about it
    "No space left": "its disk is full; make room on it, then try again",
    "SignatureDoesNotMatch": "it refuses the credentials; correct AWS_SECRET_ACCESS_KEY",
    "InvalidAccessKeyId": "it refuses the credentials; correct AWS_ACCESS_KEY_ID",
    "NoSuchBucket": "its bucket does not exist; make it, or correct CONTACTCENTER_VAULT_URL",
    "No such file or directory": "its folder is gone; mount or make it, or correct CONTACTCENTER_VAULT_URL",
    "Permission denied": "it is not allowed to; correct the rights of its folder",
    "privileges": "it is not allowed to; give the credentials the right to read, write, list and delete",
    "error sending request": "its server does not answer; see whether it runs and is reached, then try again",
}


class VaultMisconfigured(Invalid):
    """CONTACTCENTER_VAULT_URL names no place that can be a vault."""

    id = "vault-misconfigured"


class VaultUnavailable(Unavailable):
    """The store does not do what it is asked; nothing is known to be lost."""

    id = "vault-unavailable"


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """One object as it lies in the store: its name, sealed size in bytes, time of its last change (UTC)."""

    key: str
    size: int
    modified: datetime


class Objects:
    """A store of objects. Safe to share between threads."""

    def __init__(self, store: LocalStore | MemoryStore | S3Store) -> None:
        self._store = store

    def put(self, key: str, pieces: Iterable[bytes]) -> None:
        """Write an object from `pieces`; it shows when it is whole, and is durable when this returns."""
        try:
            with self._told("store"):
                obstore.put(self._store, key, pieces, chunk_size=PART_BYTES, max_concurrency=PARTS_AT_ONCE)
        except FileNotFoundError as error:
            raise _unavailable("store", error) from None

    def begin(self, key: str, length: int) -> tuple[int, bytes]:
        """Size of an object in bytes and its first `length` bytes, in one request; else as `read`."""
        with self._told("read"):
            try:
                got = obstore.get(self._store, key, options={"range": (0, length)})
                return got.meta["size"], bytes(got.bytes())
            except GenericError:
                if obstore.head(self._store, key)["size"]:
                    raise
                return 0, b""  # an empty object has no range to give

    def read(self, key: str, start: int, end: int) -> memoryview:
        """Bytes of an object from `start` up to `end`, fewer at its end; `FileNotFoundError`: none."""
        with self._told("read"):
            return memoryview(obstore.get_range(self._store, key, start=start, end=end))

    def delete(self, key: str) -> None:
        """Delete an object, durably; one that is gone already is fine."""
        with suppress(FileNotFoundError), self._told("delete"):
            obstore.delete(self._store, key)

    def listed(self) -> Iterator[ObjectInfo]:
        """Everything in the store, in no order, asked for page by page."""
        pages = iter(obstore.list(self._store, chunk_size=1000))
        while True:
            with self._told("list"):
                page = next(pages, None)
            if page is None:
                return
            for meta in page:
                yield ObjectInfo(meta["path"], meta["size"], meta["last_modified"])

    def _gone(self, error: FileNotFoundError) -> bool:
        """Whether not one object but the whole store is missing: then nothing may be called lost."""
        return "NoSuchBucket" in str(error)

    @contextmanager
    def _told(self, doing: str) -> Iterator[None]:
        """Tell a failure of the store as `VaultUnavailable`; a missing object stays a `FileNotFoundError`."""
        try:
            yield
        except (BaseError, OSError) as error:
            if isinstance(error, FileNotFoundError) and not self._gone(error):
                raise FileNotFoundError("The store has no such object.") from None
            raise _unavailable(doing, error) from None


class Folder(Objects):
    """Objects as files in a local folder. obstore renames but does not flush, so durability is made here."""

    def __init__(self, folder: Path) -> None:
        try:
            if not folder.is_dir():
                folder.mkdir(mode=0o700, parents=True)
                flush(folder.parent)
            super().__init__(LocalStore(folder))
        except (BaseError, OSError) as error:
            raise VaultMisconfigured(
                f"The vault's folder can't be made or opened ({type(error).__name__}); "
                "correct CONTACTCENTER_VAULT_URL or the rights of the folder above it."
            ) from None
        self._folder = folder

    def put(self, key: str, pieces: Iterable[bytes]) -> None:
        """Write a file; its bytes and its name are on the disk when this returns."""
        self._stands()  # else the folder of a disk that is not mounted would be made anew
        super().put(key, pieces)
        with self._told("store"):
            flush(self._folder / key)
            flush(self._folder)

    def read(self, key: str, start: int, end: int) -> memoryview:
        """Bytes of a file, as `Objects.read`; a system call instead of a task of obstore, which a reader waits for."""
        with self._told("read"):
            file = os.open(self._folder / key, os.O_RDONLY)
            try:
                return memoryview(os.pread(file, end - start, start))
            finally:
                os.close(file)

    def delete(self, key: str) -> None:
        """Delete a file, also an unfinished one; gone from the disk when this returns."""
        self._stands()
        with self._told("delete"):
            (self._folder / key).unlink(missing_ok=True)
            flush(self._folder)

    def listed(self) -> Iterator[ObjectInfo]:
        """Every file of the folder itself, unfinished ones too (obstore hides those)."""
        with self._told("list"), os.scandir(self._folder) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):  # somebody destroyed it since
                    if entry.is_file(follow_symlinks=False):
                        yield _info(entry)

    def _stands(self) -> None:
        if not self._folder.is_dir():
            raise _unavailable("reach", FileNotFoundError("No such file or directory"))

    def _gone(self, error: FileNotFoundError) -> bool:
        return not self._folder.is_dir()


def objects_at(url: str, s3: S3Access | None) -> Objects:
    """The store that `url` names; makes a folder that is not there yet."""
    if (folder := folder_of(url)) is not None:
        return Folder(folder)
    scheme = url.partition("://")[0]
    if scheme == "memory":
        return Objects(MemoryStore())
    if scheme == "s3":
        return Objects(_bucket(url, s3))
    raise VaultMisconfigured(f"CONTACTCENTER_VAULT_URL can't begin with {scheme}://; {FORMS}.")


def folder_of(url: str) -> Path | None:
    """The folder that `url` names; None for a store that is none."""
    scheme, separator, _ = url.partition("://")
    if not separator:
        return Path(url).absolute()
    return _file_path(url) if scheme == "file" else None


def _file_path(url: str) -> Path:
    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost"):
        raise VaultMisconfigured("CONTACTCENTER_VAULT_URL needs three strokes: file:///folder.")
    return Path(unquote(parts.path))


def _bucket(url: str, s3: S3Access | None) -> S3Store:
    try:
        return bucket(url, "CONTACTCENTER_VAULT_URL", FORMS, s3)
    except Invalid as wrong:
        raise VaultMisconfigured(wrong.sentence) from None


def _unavailable(doing: str, error: Exception) -> VaultUnavailable:
    """The sentence of a failure. Its own text stays inside: it holds addresses and names of objects."""
    unknown = f"{type(error).__name__}; see its disk or its server, and CONTACTCENTER_VAULT_URL"
    mend = next((mend for sign, mend in MENDS.items() if sign in str(error)), unknown)
    return VaultUnavailable(f"The vault can't {doing} a recording: {mend}.")


def _info(entry: os.DirEntry[str]) -> ObjectInfo:
    stat = entry.stat(follow_symlinks=False)
    return ObjectInfo(entry.name, stat.st_size, datetime.fromtimestamp(stat.st_mtime, UTC))
