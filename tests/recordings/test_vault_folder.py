"""The vault on a disk: what is stored stays stored, and what a disk, a crash or a wrong setting does is told."""

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

from contactcenter.core.keys import MasterKey
from contactcenter.recordings.vault import S3Access, Vault, VaultMisconfigured, VaultUnavailable

KEY = MasterKey.parse(MasterKey.generate())
CANARY = b"Joris Jansen of Bakkerij Jansen says that his invoice is wrong. "
SPOKEN = CANARY * 3000  # three chunks
NOISE = random.Random(2).randbytes(300_000)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "vault"


@pytest.fixture
def vault(folder: Path) -> Vault:
    return Vault(str(folder), KEY)


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


@pytest.mark.parametrize("megabytes", ["64", pytest.param("200", marks=pytest.mark.prove)])
def test_memory_stays_flat_however_long_the_call(folder: Path, megabytes: str) -> None:
    measured = subprocess.run(
        [sys.executable, "-c", MEASURE, str(folder), megabytes], capture_output=True, text=True, check=True
    )
    assert int(measured.stdout) < 24 * 1024 * 1024
