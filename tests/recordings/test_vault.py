"""The vault in a folder and in memory: what Joris said comes back whole, and is gone when destroyed."""

import hashlib
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contactcenter.core.keys import KeyMismatch, MasterKey
from contactcenter.recordings.vault import (
    Damage,
    S3Access,
    Stored,
    Vault,
    VaultDamaged,
    VaultMisconfigured,
    VaultUnavailable,
)

KEY = MasterKey.parse(MasterKey.generate())
CHUNK = 65536
CANARY = b"Joris Jansen of Bakkerij Jansen says that his invoice is wrong. "
SPOKEN = CANARY * 3000  # three chunks
NOISE = random.Random(2).randbytes(5 * CHUNK)
IN_MEMORY = Vault("memory://", KEY)
BORDERS = [max(0, chunks * CHUNK + more) for chunks in range(4) for more in range(-3, 4)]
sizes = st.sampled_from(BORDERS) | st.integers(0, 4 * CHUNK)
unhurried = settings(deadline=None)  # a busy machine is no failure


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "vault"


@pytest.fixture
def vault(folder: Path) -> Vault:
    return Vault(str(folder), KEY)


@unhurried
@given(sizes, st.sampled_from([1000, CHUNK - 1, CHUNK, CHUNK + 1]) | st.integers(1000, 3 * CHUNK))
def test_any_recording_comes_back_whole_however_it_arrived(size: int, piece: int) -> None:
    spoken = NOISE[:size]
    stored = IN_MEMORY.store("joris", (spoken[i : i + piece] for i in range(0, size, piece)))
    assert (stored.size, stored.sha256) == (size, hashlib.sha256(spoken).hexdigest())
    IN_MEMORY.verify("joris", stored)
    assert IN_MEMORY.open("joris", stored).read_all() == spoken
    IN_MEMORY.destroy(stored.key)


@unhurried
@given(sizes, st.data())
def test_any_range_is_the_slice_of_the_whole(size: int, data: st.DataObject) -> None:
    stored = IN_MEMORY.store("joris", [NOISE[:size]])
    opened = IN_MEMORY.open("joris", stored)
    start = data.draw(st.integers(0, size))
    end = data.draw(st.integers(start, size))
    pieces = list(opened.read(start, end))
    assert b"".join(pieces) == NOISE[start:end]
    assert all(0 < len(piece) <= CHUNK for piece in pieces)
    IN_MEMORY.destroy(stored.key)


@pytest.mark.parametrize(("start", "end"), [(-1, 1), (2, 1), (0, len(SPOKEN) + 1)])
def test_a_range_that_does_not_lie_in_the_recording_is_refused_at_once(start: int, end: int) -> None:
    opened = IN_MEMORY.open("joris", IN_MEMORY.store("joris", [SPOKEN]))
    with pytest.raises(ValueError, match=str(len(SPOKEN))):
        opened.read(start, end)


def test_a_seek_reads_the_chunk_it_needs_and_no_other(folder: Path, vault: Vault) -> None:
    stored = vault.store("joris", [SPOKEN])
    sealed = folder / stored.key
    content = bytearray(sealed.read_bytes())
    content[32:100] = bytes(68)  # the first chunk is ruined
    sealed.write_bytes(content)
    opened = vault.open("joris", stored)
    assert b"".join(opened.read(CHUNK, 2 * CHUNK)) == SPOKEN[CHUNK : 2 * CHUNK]
    with pytest.raises(VaultDamaged):
        list(opened.read(CHUNK - 1, 2 * CHUNK))


def test_the_folder_holds_no_word_that_was_said_and_no_name(folder: Path, vault: Vault) -> None:
    stored = vault.store("recording-of-joris", [SPOKEN])
    kept = b"".join(path.name.encode() + path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert len(kept) > len(SPOKEN)
    for secret in (CANARY[:12], CANARY[20:30], b"joris", stored.wrapped_key, stored.wrapped_key[-48:]):
        assert secret not in kept


def test_the_same_words_twice_look_like_nothing_of_each_other(vault: Vault, folder: Path) -> None:
    one, two = (vault.store("joris", [SPOKEN]) for _ in range(2))
    assert one.key != two.key
    assert not set(_blocks(folder / one.key)) & set(_blocks(folder / two.key))


def _blocks(path: Path) -> list[bytes]:
    content = path.read_bytes()[32:]
    return [content[i : i + 16] for i in range(0, len(content), 16)]


def test_another_master_key_opens_nothing_and_says_so(folder: Path, vault: Vault) -> None:
    stored = vault.store("joris", [SPOKEN])
    stranger = Vault(str(folder), MasterKey.parse(MasterKey.generate()))
    for act in (stranger.open, stranger.verify):
        with pytest.raises(KeyMismatch, match="CONTACTCENTER_MASTER_KEY"):
            act("joris", stored)


def test_without_its_key_a_recording_is_gone_for_good(vault: Vault) -> None:
    stored = vault.store("joris", [SPOKEN])
    shredded = Stored(stored.key, b"", stored.size, stored.sha256)
    with pytest.raises(VaultDamaged, match="key was destroyed") as noticed:
        vault.verify("joris", shredded)
    assert noticed.value.damage is Damage.KEY_GONE


def test_what_is_destroyed_is_gone_and_destroying_again_is_no_error(folder: Path, vault: Vault) -> None:
    joris, priya = vault.store("joris", [SPOKEN]), vault.store("priya", [SPOKEN])
    for _ in range(2):
        vault.destroy(joris.key)
    assert [info.key for info in vault.list()] == [priya.key]
    with pytest.raises(VaultDamaged) as noticed:
        vault.open("joris", joris)
    assert noticed.value.damage is Damage.MISSING
    vault.verify("priya", priya)


def test_a_recording_destroyed_while_it_plays_stops_as_missing() -> None:
    stored = IN_MEMORY.store("joris", [SPOKEN])
    playing = IN_MEMORY.open("joris", stored).read(0, len(SPOKEN))
    next(playing)
    IN_MEMORY.destroy(stored.key)
    with pytest.raises(VaultDamaged, match="missing"):
        list(playing)


@pytest.mark.parametrize("key", ["../secrets", "/etc/passwd", "README.md", "", "A" * 32, "a" * 32 + "/.."])
def test_a_name_that_is_no_object_opens_and_destroys_nothing(folder: Path, vault: Vault, key: str) -> None:
    (folder / "README.md").write_text("The local vault")
    stored = vault.store("joris", [SPOKEN])
    with pytest.raises(VaultDamaged):
        vault.destroy(key)
    with pytest.raises(VaultDamaged):
        vault.open("joris", Stored(key, stored.wrapped_key, stored.size, stored.sha256))
    assert (folder / "README.md").exists()
    assert [info.key for info in vault.list()] == [stored.key]


def test_bytes_and_name_of_a_file_are_on_the_disk_when_store_returns(
    folder: Path, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[int] = []
    really = os.fsync

    def watched(handle: int) -> None:
        flushed.append(os.fstat(handle).st_ino)
        really(handle)

    monkeypatch.setattr(os, "fsync", watched)
    stored = vault.store("joris", [SPOKEN])
    assert flushed == [(folder / stored.key).stat().st_ino, folder.stat().st_ino]
    vault.destroy(stored.key)
    assert flushed[2:] == [folder.stat().st_ino]


def test_a_source_that_breaks_leaves_nothing_and_is_told_as_it_is(folder: Path, vault: Vault) -> None:
    def breaking(error: Exception) -> Iterator[bytes]:
        yield NOISE
        raise error

    for error in (ConnectionError("the carrier hung up"), FileNotFoundError("gone"), ValueError("no audio")):
        with pytest.raises(type(error), match=str(error)):
            vault.store("joris", breaking(error))
    assert list(folder.iterdir()) == []


def test_a_worker_killed_while_storing_leaves_only_ciphertext_that_a_sweep_finds(folder: Path) -> None:
    endless = (
        "import itertools, sys; from contactcenter.core.keys import MasterKey;"
        "from contactcenter.recordings.vault import Vault; key = MasterKey.parse(MasterKey.generate());"
        "Vault(sys.argv[1], key).store('joris', itertools.repeat(sys.argv[2].encode() * 1000))"
    )
    process = subprocess.Popen([sys.executable, "-c", endless, str(folder), CANARY.decode()])
    try:
        _until(lambda: folder.is_dir() and any(path.stat().st_size > 10_000_000 for path in folder.iterdir()))
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    vault = Vault(str(folder), KEY)
    (left,) = vault.list()
    with (folder / left.key).open("rb") as file:
        assert CANARY[:12] not in file.read(10_000_000)
    vault.destroy(left.key)
    assert list(folder.iterdir()) == []


def _until(reached: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not reached():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_disk_that_takes_no_more_is_told_and_leaves_nothing(folder: Path, vault: Vault) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(VaultUnavailable, match="can't store a recording"):
            vault.store("joris", [SPOKEN])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(folder.iterdir()) == []
    vault.health()


def test_a_folder_that_is_not_mounted_is_no_lost_recording(folder: Path, vault: Vault) -> None:
    stored = vault.store("joris", [SPOKEN])
    shutil.move(folder, folder.with_name("unmounted"))
    for act in (
        lambda: vault.store("joris", [SPOKEN]),
        lambda: vault.verify("joris", stored),
        lambda: vault.destroy(stored.key),
        lambda: list(vault.list()),
        vault.health,
    ):
        with pytest.raises(VaultUnavailable, match="folder is gone"):
            act()
    assert not folder.exists()
    shutil.move(folder.with_name("unmounted"), folder)
    vault.verify("joris", stored)


@pytest.mark.parametrize("form", ["{}", "file://{}", "file://localhost{}"])
def test_a_folder_can_be_named_in_several_ways_and_is_for_its_owner_only(tmp_path: Path, form: str) -> None:
    folder = tmp_path / "de kluis"
    Vault(form.format(folder).replace(" ", "%20" if form != "{}" else " "), KEY).health()
    assert folder.stat().st_mode & 0o077 == 0
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("ftp://somewhere/else", "can't begin with ftp://"),
        ("file://server/folder", "three strokes"),
        ("s3://", "needs a bucket"),
        ("s3://key:secret@bucket", "no credentials"),
        ("s3://bucket?secret=hush", "endpoint= and region= only"),
        ("/dev/null/vault", "can't be made or opened"),
    ],
)
def test_an_address_that_can_be_no_vault_is_told_without_its_secrets(url: str, sentence: str) -> None:
    with pytest.raises(VaultMisconfigured, match=sentence) as told:
        Vault(url, KEY, S3Access("id", "hush"))
    assert "hush" not in str(told.value)
    assert "secret@" not in str(told.value)


def test_what_is_logged_of_a_recording_shows_no_key(vault: Vault) -> None:
    stored = vault.store("joris", [SPOKEN])
    opened = vault.open("joris", stored)
    assert repr(stored.wrapped_key) not in repr(stored)
    assert "key=" not in repr(opened._seal)  # the seal is private, but a debugger or logger may meet it
    assert "hush" not in repr(S3Access("id", "hush"))


MEASURE = """
import resource, sys
from pathlib import Path
from contactcenter.core.keys import MasterKey
from contactcenter.recordings.vault import Vault
vault, megabytes = Vault(sys.argv[1], MasterKey.parse(MasterKey.generate())), int(sys.argv[2])
def peak():
    status = Path("/proc/self/status")  # Linux: unlike ru_maxrss it does not count the parent's
    if status.exists():
        return int(status.read_text().split("VmHWM:")[1].split()[0]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
vault.verify("warm", vault.store("warm", [bytes(1024 * 1024)] * 12))
before = peak()
stored = vault.store("joris", (bytes(1024 * 1024) for _ in range(megabytes)))
vault.verify("joris", stored)
print(peak() - before)
"""


def test_memory_stays_flat_however_long_the_call(folder: Path) -> None:
    measured = subprocess.run(
        [sys.executable, "-c", MEASURE, str(folder), "64"], capture_output=True, text=True, check=True
    )
    assert int(measured.stdout) < 24 * 1024 * 1024
