"""Measures the vault against raw AES-256-GCM of the same library on the same buffers.

A case gives a rate in MB/s (more is better) or a time in ms (less is better): the best of runs taken in turn,
so that what else the machine does hits both sides. References: `raw` is encryption alone, memory to memory;
`same duties` adds by hand what a safe store can't leave out: the digest, and a file flushed to the disk.
"""

import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from contactcenter.core.keys import MasterKey
from contactcenter.recordings.vault import Stored, Vault

CHUNK = 64 * 1024
SECOND = 8000 * 2 * 2  # bytes of a second of telephone audio, two channels
MINUTE, FOUR_HOURS = 60 * SECOND, 4 * 3600 * SECOND
CHUNKS = 1600  # 105 MB
RUNS = 7
SEEKS = 200
Case = dict[str, object]


def bench_vault() -> Iterator[Case]:
    """One `{case, unit, ours, reference, ratio}` after the other."""
    key = MasterKey.parse(MasterKey.generate())
    audio = [os.urandom(CHUNK) for _ in range(CHUNKS)]
    cipher = AESGCM(AESGCM.generate_key(256))
    with tempfile.TemporaryDirectory(prefix="bench-vault-") as folder:
        for place, vault in (("memory", Vault("memory://", key)), ("folder", Vault(f"{folder}/vault", key))):
            yield from _writing(place, vault, audio, cipher, Path(folder) / "plain")
            yield from _reading(place, vault, audio, cipher, Path(folder) / "sealed")
        yield from _seeking(Vault(f"{folder}/vault", key))


def _writing(place: str, vault: Vault, audio: list[bytes], cipher: AESGCM, file: Path) -> Iterator[Case]:
    def ours() -> None:
        vault.destroy(vault.store("bench", audio).key)

    yield _rates(f"write {place}, raw", ours, lambda: _encrypted(cipher, audio))
    duties = _digested if place == "memory" else _written
    yield _rates(f"write {place}, same duties", ours, lambda: duties(cipher, audio, file))


def _reading(place: str, vault: Vault, audio: list[bytes], cipher: AESGCM, file: Path) -> Iterator[Case]:
    stored = vault.store("bench", audio)
    sealed = [cipher.encrypt(_nonce(index), chunk, b"bench") for index, chunk in enumerate(audio)]
    file.write_bytes(b"".join(sealed))

    def ours() -> None:
        for _ in vault.open("bench", stored).read(0, stored.size):
            pass

    yield _rates(f"read {place}, raw", ours, lambda: _decrypted(cipher, sealed))
    if place == "folder":
        yield _rates("read folder, same duties", ours, lambda: _decrypted(cipher, _chunks(file)))
    vault.destroy(stored.key)


def _seeking(vault: Vault) -> Iterator[Case]:
    """First byte of a seek in four hours of audio, against the same in one minute."""
    long, short = (_stored(vault, size) for size in (FOUR_HOURS, MINUTE))
    times = _in_turn(lambda: _seek(vault, long), lambda: _seek(vault, short))
    yield _case("seek 4 h against 1 min", "ms", *(value * 1000 / SEEKS for value in times))


def _stored(vault: Vault, size: int) -> Stored:
    return vault.store("bench", (bytes(CHUNK) for _ in range(size // CHUNK)))


def _seek(vault: Vault, stored: Stored) -> None:
    for number in range(SEEKS):
        start = stored.size * number // SEEKS
        next(vault.open("bench", stored).read(start, stored.size))


def _encrypted(cipher: AESGCM, audio: list[bytes]) -> None:
    for index, chunk in enumerate(audio):
        cipher.encrypt(_nonce(index), chunk, b"bench")


def _digested(cipher: AESGCM, audio: list[bytes], _: Path) -> None:
    digest, kept = hashlib.sha256(), []
    for index, chunk in enumerate(audio):
        digest.update(chunk)
        kept.append(cipher.encrypt(_nonce(index), chunk, b"bench"))


def _written(cipher: AESGCM, audio: list[bytes], file: Path) -> None:
    digest = hashlib.sha256()
    with file.open("wb", buffering=0) as out:
        for index, chunk in enumerate(audio):
            digest.update(chunk)
            out.write(cipher.encrypt(_nonce(index), chunk, b"bench"))
        os.fsync(out.fileno())
    file.unlink()


def _decrypted(cipher: AESGCM, sealed: "list[bytes] | Iterator[bytes]") -> None:
    for index, chunk in enumerate(sealed):
        cipher.decrypt(_nonce(index), chunk, b"bench")


def _chunks(file: Path) -> Iterator[bytes]:
    with file.open("rb", buffering=0) as source:
        while chunk := source.read(CHUNK + 16):
            yield chunk


def _nonce(index: int) -> bytes:
    return index.to_bytes(12, "big")


def _rates(case: str, ours: Callable[[], None], reference: Callable[[], None]) -> Case:
    seconds = _in_turn(ours, reference)
    return _case(case, "MB/s", *(CHUNK * CHUNKS / 1e6 / value for value in seconds))


def _in_turn(*acts: Callable[[], None]) -> list[float]:
    """Best seconds of each act, taken in turn."""
    rounds = [[_seconds(act) for act in acts] for _ in range(RUNS)]
    return [min(values) for values in zip(*rounds, strict=True)]


def _seconds(act: Callable[[], None]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def _case(case: str, unit: str, ours: float, reference: float) -> Case:
    figures = {"ours": round(ours, 3), "reference": round(reference, 3), "ratio": round(ours / reference, 3)}
    return {"case": f"vault: {case}", "unit": unit, **figures}
