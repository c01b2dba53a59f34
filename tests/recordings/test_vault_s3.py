"""The vault on a real S3 server: the same story as in a folder, and what only a server can do wrong."""

import random
from collections.abc import Iterator

import obstore
import pytest

from contactcenter.core.keys import MasterKey
from contactcenter.recordings.vault import Damage, S3Access, Vault, VaultDamaged, VaultMisconfigured, VaultUnavailable
from tests.recordings.s3_server import S3Server, s3_server

KEY = MasterKey.parse(MasterKey.generate())
CHUNK = 65536
CANARY = b"Joris Jansen of Bakkerij Jansen says that his invoice is wrong. "
SPOKEN = CANARY * 3000  # three chunks
LONG = random.Random(1).randbytes(12 * 1024 * 1024)  # three parts of a multipart upload


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with s3_server(tmp_path_factory.mktemp("s3")) as running:
        yield running


@pytest.fixture
def vault(server: S3Server) -> Vault:
    return Vault(server.url(), KEY, server.access)


def test_joris_is_kept_and_heard_again_in_any_range(vault: Vault) -> None:
    stored = vault.store("joris", [SPOKEN])
    vault.verify("joris", stored)
    opened = vault.open("joris", stored)
    assert b"".join(opened.pieces()) == SPOKEN
    for start, end in ((0, 1), (CHUNK - 1, CHUNK + 1), (100, len(SPOKEN)), (len(SPOKEN) - 1, len(SPOKEN))):
        assert b"".join(opened.read(start, end)) == SPOKEN[start:end]


def test_an_hour_goes_up_in_parts_and_comes_back_whole(vault: Vault) -> None:
    stored = vault.store("priya", (LONG[i : i + 50_000] for i in range(0, len(LONG), 50_000)))
    vault.verify("priya", stored)
    middle = len(LONG) // 2
    assert b"".join(vault.open("priya", stored).read(middle, middle + 3 * CHUNK)) == LONG[middle:][: 3 * CHUNK]


def test_an_empty_recording_is_one_too(vault: Vault) -> None:
    stored = vault.store("silence", [])
    vault.verify("silence", stored)
    assert b"".join(vault.open("silence", stored).pieces()) == b""


def test_the_server_holds_nothing_in_clear(server: S3Server, vault: Vault) -> None:
    stored = vault.store("joris", [SPOKEN])
    kept = bytes(obstore.get(server.raw(), stored.key).bytes())
    assert len(kept) > len(SPOKEN)
    assert CANARY[:12] not in kept


def test_what_was_done_to_objects_on_the_server_is_noticed(server: S3Server, vault: Vault) -> None:
    raw, joris, priya = server.raw(), vault.store("joris", [SPOKEN]), vault.store("priya", [SPOKEN])
    whole = bytes(obstore.get(raw, joris.key).bytes())
    flipped = whole[:-40] + bytes([whole[-40] ^ 1]) + whole[-39:]
    mischief = {
        flipped: Damage.ALTERED,
        whole[:-1]: Damage.CUT,
        whole[:10]: Damage.CUT,
        b"": Damage.CUT,
        whole + b"!": Damage.LENGTHENED,
        bytes(obstore.get(raw, priya.key).bytes()): Damage.ANOTHER,
    }
    for content, damage in mischief.items():
        obstore.put(raw, joris.key, content)
        with pytest.raises(VaultDamaged) as noticed:
            vault.verify("joris", joris)
        assert noticed.value.damage is damage
    vault.verify("priya", priya)


def test_destroying_twice_is_no_error_and_leaves_the_others(vault: Vault) -> None:
    joris, priya = vault.store("joris", [SPOKEN]), vault.store("priya", [SPOKEN])
    for _ in range(2):
        vault.destroy(joris.key)
    with pytest.raises(VaultDamaged) as noticed:
        vault.open("joris", joris)
    assert noticed.value.damage is Damage.MISSING
    names = {info.key: info for info in vault.list()}
    assert joris.key not in names
    assert names[priya.key].size > len(SPOKEN)


def test_a_source_that_breaks_leaves_no_object(server: S3Server) -> None:
    vault = Vault(server.url("broken"), KEY, server.access)
    vault.health()

    def breaking() -> Iterator[bytes]:
        yield LONG
        raise ConnectionError("the carrier hung up")

    with pytest.raises(ConnectionError, match="hung up"):
        vault.store("joris", breaking())
    assert list(vault.list()) == []


def test_health_leaves_nothing_behind(server: S3Server) -> None:
    Vault(server.url("healthy"), KEY, server.access).health()
    assert [meta for page in obstore.list(server.raw("healthy")) for meta in page] == []


def test_credentials_come_from_the_environment_too(server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", server.access.key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", server.access.secret)
    Vault(server.url(), KEY).health()


def test_without_credentials_nobody_is_asked_for_some(server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY", raising=False)
    with pytest.raises(VaultMisconfigured, match="set AWS_ACCESS_KEY_ID"):
        Vault(server.url(), KEY)


def test_wrong_credentials_are_told_without_showing_them(server: S3Server) -> None:
    for access, name in (
        (S3Access(server.access.key_id, "wrong-secret"), "AWS_SECRET_ACCESS_KEY"),
        (S3Access("nobody", server.access.secret), "AWS_ACCESS_KEY_ID"),
    ):
        with pytest.raises(VaultUnavailable, match=name) as told:
            Vault(server.url(), KEY, access).health()
        assert access.secret not in f"{told.value} {access!r}"


def test_a_bucket_that_is_not_there_is_no_lost_recording(server: S3Server, vault: Vault) -> None:
    stored = vault.store("joris", [SPOKEN])
    nowhere = Vault(server.url("nowhere"), KEY, server.access)
    with pytest.raises(VaultUnavailable, match="bucket does not exist"):
        nowhere.verify("joris", stored)


def test_a_server_that_is_down_is_told_soon(tmp_path_factory: pytest.TempPathFactory) -> None:
    with s3_server(tmp_path_factory.mktemp("down")) as short_lived:
        vault = Vault(short_lived.url(), KEY, short_lived.access)
        stored = vault.store("joris", [SPOKEN])
        short_lived.stop()
        for act in (
            lambda: vault.store("joris", [SPOKEN]),
            lambda: vault.open("joris", stored),
            lambda: vault.destroy(stored.key),
            lambda: list(vault.list()),
            vault.health,
        ):
            with pytest.raises(VaultUnavailable, match="does not answer"):
                act()
