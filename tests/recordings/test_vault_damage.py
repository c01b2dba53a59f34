"""Whatever is done to the files of the vault is noticed: by `verify` and by reading what was touched."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contactcenter.core.keys import MasterKey
from contactcenter.recordings.vault import Damage, Stored, Vault, VaultDamaged

KEY = MasterKey.parse(MasterKey.generate())
HEADER, CHUNK, SEALED = 32, 65536, 65552
SIZE = 2 * CHUNK + 1000  # two whole chunks and a short one
JORIS_SAID, PRIYA_SAID = (random.Random(seed).randbytes(SIZE) for seed in (3, 4))
OBJECT = HEADER + SIZE + 3 * 16


@dataclass(frozen=True)
class Desk:
    """A vault with one recording of Joris and one of Priya, equally long, and their files."""

    vault: Vault
    folder: Path
    joris: Stored
    priya: Stored
    whole: bytes
    other: bytes

    def put(self, content: bytes) -> None:
        """Put `content` in the place of Joris's object, behind the vault's back."""
        (self.folder / self.joris.key).write_bytes(content)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder = tmp_path_factory.mktemp("damage")
    vault = Vault(str(folder), KEY)
    joris, priya = vault.store("joris", [JORIS_SAID]), vault.store("priya", [PRIYA_SAID])
    return Desk(vault, folder, joris, priya, *((folder / one.key).read_bytes() for one in (joris, priya)))


@pytest.fixture(autouse=True)
def mended(desk: Desk) -> Iterator[None]:
    yield
    desk.put(desk.whole)
    desk.vault.verify("joris", desk.joris)


def _noticed(desk: Desk, content: bytes, touched: int = 0, stored: Stored | None = None) -> set[Damage]:
    """What verifying, and reading just the plaintext byte `touched`, say of `content` in Joris's place."""
    desk.put(content)
    stored = stored or desk.joris
    with pytest.raises(VaultDamaged) as verified:
        desk.vault.verify("joris", stored)
    with pytest.raises(VaultDamaged) as read:
        b"".join(desk.vault.open("joris", stored).read(touched, touched + 1))
    return {verified.value.damage, read.value.damage}


def _chunks(content: bytes) -> list[bytes]:
    return [content[i : i + SEALED] for i in range(HEADER, OBJECT, SEALED)]


@settings(deadline=None)
@given(place=st.integers(0, OBJECT - 1), change=st.integers(1, 255))
def test_a_flipped_byte_anywhere(desk: Desk, place: int, change: int) -> None:
    content = bytearray(desk.whole)
    content[place] ^= change
    touched = max(place - HEADER, 0) // SEALED * CHUNK
    expected = Damage.ANOTHER if 9 <= place < 25 else Damage.ALTERED  # the object's own name stands there
    assert _noticed(desk, bytes(content), touched) == {expected}


@settings(deadline=None)
@given(left=st.integers(0, OBJECT - 1) | st.sampled_from([0, 1, 31, 32, 33, HEADER + SEALED, HEADER + 2 * SEALED]))
def test_a_cut_anywhere(desk: Desk, left: int) -> None:
    assert _noticed(desk, desk.whole[:left]) == {Damage.CUT}


@settings(deadline=None)
@given(more=st.binary(min_size=1, max_size=100) | st.sampled_from([bytes(16), bytes(SEALED)]))
def test_something_added(desk: Desk, more: bytes) -> None:
    assert _noticed(desk, desk.whole + more) == {Damage.LENGTHENED}


@pytest.mark.parametrize("kept", [1, 2])
def test_a_cut_between_chunks_even_when_the_row_was_made_to_agree(desk: Desk, kept: int) -> None:
    shorter = replace(desk.joris, size=kept * CHUNK)
    content, last = desk.whole[: HEADER + kept * SEALED], kept * CHUNK - 1
    assert _noticed(desk, content, last, shorter) == {Damage.ALTERED}


@pytest.mark.parametrize(("order", "touched"), [((1, 0, 2), 0), ((0, 0, 2), CHUNK), ((1, 1, 2), 0)])
def test_chunks_in_another_order_or_twice(desk: Desk, order: tuple[int, ...], touched: int) -> None:
    chunks = _chunks(desk.whole)
    content = desk.whole[:HEADER] + b"".join(chunks[index] for index in order)
    assert _noticed(desk, content, touched) == {Damage.ALTERED}


@pytest.mark.parametrize("index", [0, 1, 2])
def test_a_chunk_of_another_recording_in_its_place(desk: Desk, index: int) -> None:
    chunks = _chunks(desk.whole)
    chunks[index] = _chunks(desk.other)[index]
    content = desk.whole[:HEADER] + b"".join(chunks)
    assert _noticed(desk, content, index * CHUNK) == {Damage.ALTERED}


def test_another_recordings_file_moved_over_it(desk: Desk) -> None:
    assert _noticed(desk, desk.other) == {Damage.ANOTHER}


def test_another_recordings_file_with_its_header_made_to_fit(desk: Desk) -> None:
    assert _noticed(desk, desk.whole[:HEADER] + desk.other[HEADER:]) == {Damage.ALTERED}
    assert _noticed(desk, desk.whole[:25] + desk.other[25:]) == {Damage.ALTERED}


def test_an_older_recording_of_the_same_call_moved_over_it(desk: Desk) -> None:
    again = desk.vault.store("joris", [JORIS_SAID])
    content = (desk.folder / again.key).read_bytes()
    desk.vault.destroy(again.key)
    assert _noticed(desk, content) == {Damage.ANOTHER}


def test_a_row_that_points_to_somebody_elses_recording(desk: Desk) -> None:
    for act in (desk.vault.open, desk.vault.verify):
        with pytest.raises(VaultDamaged) as noticed:
            act("joris", desk.priya)
        assert noticed.value.damage is Damage.KEY_ALTERED


def test_a_row_with_somebody_elses_object_under_its_own_key(desk: Desk) -> None:
    assert _noticed(desk, desk.whole, 0, replace(desk.joris, key=desk.priya.key)) == {Damage.ALTERED}


def test_a_digest_in_the_row_that_does_not_fit(desk: Desk) -> None:
    with pytest.raises(VaultDamaged, match="altered"):
        desk.vault.verify("joris", replace(desk.joris, sha256="0" * 64))


@settings(deadline=None)
@given(place=st.integers(9, 68), change=st.integers(1, 255))
def test_a_flipped_byte_of_the_wrapped_key(desk: Desk, place: int, change: int) -> None:
    wrapped = bytearray(desk.joris.wrapped_key)
    wrapped[place] ^= change
    with pytest.raises(VaultDamaged) as noticed:
        desk.vault.open("joris", replace(desk.joris, wrapped_key=bytes(wrapped)))
    assert noticed.value.damage is Damage.KEY_ALTERED


def test_no_sentence_of_damage_names_whom_it_is_about_or_where_it_lies(desk: Desk) -> None:
    for damage in Damage:
        sentence = str(VaultDamaged(damage))
        assert sentence.endswith(".")
        assert "joris" not in sentence
        assert desk.joris.key not in sentence
