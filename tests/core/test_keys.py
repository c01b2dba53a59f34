"""The master key: Fleur makes it once, keeps it outside database and vault, and nothing ever shows it."""

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contactcenter.core.keys import KeyDamaged, KeyInvalid, KeyMismatch, MasterKey

TEXT = MasterKey.generate()
FLEURS = MasterKey.parse(TEXT)
ANOTHER = MasterKey.parse(MasterKey.generate())
JORIS, PRIYA = b"recording of Joris Jansen", b"recording of Priya Shah"


def test_what_fleur_generates_is_read_back_as_the_same_key() -> None:
    assert TEXT.startswith("ccmk1_")
    assert len(TEXT) == 54
    assert MasterKey.parse(f"  {TEXT}\n").fingerprint == FLEURS.fingerprint
    assert FLEURS.fingerprint != ANOTHER.fingerprint


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "must begin with ccmk1_"),
        ("correct horse battery staple", "must begin with ccmk1_"),
        (TEXT[:-1], "not whole"),
        (TEXT[:-4], "not whole"),
        (TEXT + "AAAA", "not whole"),
        (TEXT[:-1] + "é", "foreign character"),
        (TEXT[:10] + " " + TEXT[11:], "foreign character"),
        (TEXT[:20] + ("A" if TEXT[20] != "A" else "B") + TEXT[21:], "wrong character"),
    ],
    ids=["nothing", "a phrase", "one less", "four less", "four more", "é", "a blank", "a slip"],
)
def test_a_key_that_was_copied_badly_is_refused_with_what_to_do(text: str, sentence: str) -> None:
    with pytest.raises(KeyInvalid, match=sentence) as refused:
        MasterKey.parse(text)
    assert TEXT[6:30] not in str(refused.value)


@settings(deadline=None)
@given(st.integers(6, 53), st.characters(codec="ascii", categories=["L", "N"]))
def test_one_wrong_character_anywhere_never_gives_another_key(place: int, character: str) -> None:
    slipped = TEXT[:place] + character + TEXT[place + 1 :]
    if slipped != TEXT:
        with pytest.raises(KeyInvalid):
            MasterKey.parse(slipped)


def test_a_key_of_another_length_is_no_master_key() -> None:
    with pytest.raises(KeyInvalid, match="32 bytes"):
        MasterKey(b"short")


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=64), st.binary(max_size=64))
def test_a_data_key_comes_back_in_its_own_context_only(data_key: bytes, context: bytes) -> None:
    wrapped = FLEURS.wrap(data_key, context)
    assert FLEURS.unwrap(wrapped, context) == data_key
    assert wrapped != FLEURS.wrap(data_key, context)  # a new nonce each time
    with pytest.raises(KeyDamaged, match="another object"):
        FLEURS.unwrap(wrapped, context + b"!")


def test_a_key_wrapped_by_another_master_key_names_both_and_says_which_to_set() -> None:
    wrapped = ANOTHER.wrap(bytes(32), JORIS)
    with pytest.raises(KeyMismatch, match="CONTACTCENTER_MASTER_KEY") as mismatch:
        FLEURS.unwrap(wrapped, JORIS)
    assert ANOTHER.fingerprint in mismatch.value.sentence
    assert FLEURS.fingerprint in mismatch.value.sentence


@settings(deadline=None)
@given(st.data())
def test_a_flipped_or_cut_wrapped_key_is_noticed(data: st.DataObject) -> None:
    wrapped = bytearray(FLEURS.wrap(bytes(32), JORIS))
    place = data.draw(st.integers(0, len(wrapped) - 1))
    cut = bytes(wrapped[:place])
    wrapped[place] ^= data.draw(st.integers(1, 255))
    for altered in (bytes(wrapped), cut):
        with pytest.raises((KeyDamaged, KeyMismatch)):
            FLEURS.unwrap(altered, JORIS)


def test_the_wrapped_key_of_joris_does_not_open_what_is_priyas() -> None:
    with pytest.raises(KeyDamaged):
        FLEURS.unwrap(FLEURS.wrap(bytes(32), JORIS), PRIYA)


def test_each_use_has_a_key_of_its_own_that_stays_the_same() -> None:
    audit, tokens = FLEURS.derive("audit"), FLEURS.derive("tokens")
    assert len(audit) == 32
    assert audit == MasterKey.parse(TEXT).derive("audit")
    assert len({audit, tokens, ANOTHER.derive("audit")}) == 3


def test_nothing_that_is_printed_or_logged_shows_the_key() -> None:
    shown = f"{FLEURS!r} {FLEURS} {[FLEURS]} {copy.copy(FLEURS)}"
    assert FLEURS.fingerprint in shown
    assert TEXT[6:20] not in shown
    assert not hasattr(FLEURS, "__dict__")
