"""The vault in a folder and in memory: what Joris said comes back whole, and is gone when destroyed."""

import hashlib
import random
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
    assert b"".join(IN_MEMORY.open("joris", stored).pieces()) == spoken
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
    (folder / ("a" * 32 + ".bak")).write_text("somebody's copy")
    stored = vault.store("joris", [SPOKEN])
    with pytest.raises(VaultDamaged):
        vault.destroy(key)
    with pytest.raises(VaultDamaged):
        vault.open("joris", Stored(key, stored.wrapped_key, stored.size, stored.sha256))
    assert (folder / "README.md").exists()
    assert [info.key for info in vault.list()] == [stored.key]


def test_what_is_logged_of_a_recording_shows_no_key(vault: Vault) -> None:
    stored = vault.store("joris", [SPOKEN])
    opened = vault.open("joris", stored)
    assert repr(stored.wrapped_key) not in repr(stored)
    assert "key=" not in repr(opened._seal)  # the seal is private, but a debugger or logger may meet it
    assert "hush" not in repr(S3Access("id", "hush"))
