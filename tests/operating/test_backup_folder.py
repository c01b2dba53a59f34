"""A backup never replaces another one by less, and deletes nothing that isn't its own (P17)."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from contactcenter.backup import manifest
from contactcenter.backup.manifest import BackupProblem
from contactcenter.compose import migrated as started
from contactcenter.core.keys import MasterKey
from contactcenter.recordings.vault import Vault
from tests.operating.destruction import backed_up, destroy_in_every_way, folder, lose, restored
from tests.recordings.workplace import Workplace


def contents(where: Path) -> dict[str, bytes]:
    """Every file below, by its path; the claim aside, which every run writes anew."""
    return {
        str(path.relative_to(where)): path.read_bytes()
        for path in where.rglob("*")
        if path.is_file() and path.suffix != ".lock"
    }


@pytest.fixture
def untouched(place: Workplace) -> Iterator[None]:
    """A backup of two recordings stands, and stands as it was when the story ends."""
    for _ in range(2):
        place.call().done()
    started(place.settings).close()
    backed_up(place)
    before = contents(folder(place))
    yield
    assert contents(folder(place)) == before


@pytest.mark.usefixtures("untouched")
def test_an_empty_new_start_does_not_replace_the_backup_of_what_was_lost(place: Workplace) -> None:
    lose(place)
    (place.folder / "contactcenter.db.destroyed").unlink()
    started(place.settings).close()  # on the new disk; then the timer comes
    with pytest.raises(BackupProblem, match="of another installation, or of this one before its database was lost"):
        backed_up(place)


@pytest.mark.usefixtures("untouched")
def test_two_installations_do_not_share_a_folder(place: Workplace) -> None:
    other = place.folder / "other"
    other.mkdir()
    url = f"sqlite:///{other}/contactcenter.db"
    settings: dict[str, Any] = {"database_url": url, "vault_url": str(other / "vault")}
    started(place.settings.model_copy(update=settings)).close()
    for force in (False, True):
        with pytest.raises(BackupProblem, match="of another installation"):
            backed_up(place, force=force, **settings)


@pytest.mark.usefixtures("untouched")
def test_under_another_key_nothing_is_taken_for_damaged(place: Workplace) -> None:
    with pytest.raises(BackupProblem, match="This backup belongs to master key"):
        backed_up(place, verify=True, master_key=SecretStr(MasterKey.generate()))
    with pytest.raises(BackupProblem, match="set CONTACTCENTER_MASTER_KEY_FILE"):
        backed_up(place, master_key=None)


@pytest.mark.usefixtures("untouched")
def test_what_the_ledger_does_not_account_for_is_asked_about_first(place: Workplace) -> None:
    with place.db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE recording SET wrapped_key = NULL")
    with pytest.raises(BackupProblem, match=r"has 2 recordings, this database 0, .* say --force"):
        backed_up(place)


def test_what_was_destroyed_or_is_said_to_be_right_may_go(place: Workplace) -> None:
    stories = [place.call().done() for _ in range(3)]
    backed_up(place)
    destroy_in_every_way(place, stories)
    assert backed_up(place).recordings == 0
    assert not list((folder(place) / "objects").iterdir())
    place.call().done()
    backed_up(place)
    with place.db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE recording SET wrapped_key = NULL")
    assert backed_up(place, force=True).recordings == 0


def test_a_folder_with_something_else_is_left_alone(place: Workplace) -> None:
    place.call().done()
    foreign = folder(place)
    (foreign / "objects").mkdir(parents=True)
    (foreign / "database-of-the-bookkeeper.sql.gz").write_text("x")
    (foreign / "objects" / "family-photo.jpg").write_text("x")
    with pytest.raises(BackupProblem, match="holds something else than a backup"):
        backed_up(place)
    assert set(contents(foreign)) == {"database-of-the-bookkeeper.sql.gz", "objects/family-photo.jpg"}
    assert not list(foreign.glob("*.lock"))


def test_only_what_has_our_own_pattern_goes_from_a_folder_of_ours(place: Workplace) -> None:
    gone = [place.call().done() for _ in range(3)]
    backed_up(place)
    theirs = {"database-of-the-bookkeeper.sql.gz", "objects/family-photo.jpg", "database-20260102.sqlite"}
    for name in theirs:
        (folder(place) / name).write_text("x")
    destroy_in_every_way(place, gone)
    backed_up(place)
    assert theirs <= set(contents(folder(place)))


def test_backup_and_vault_stand_apart_also_through_links(place: Workplace) -> None:
    place.call().done()
    root = place.folder / "srv"
    vault = root / "objects"
    vault.parent.mkdir()
    (place.folder / "vault").rename(vault)
    (place.folder / "link").symlink_to(root)
    elsewhere: dict[str, Any] = {"ledger": place.folder / "elsewhere" / "ledger"}
    before = contents(root)
    nested = (root, vault, vault / "deep", place.folder / "link", place.folder / "no" / ".." / "srv")
    for url in (str(vault), f"file://{vault}", str(place.folder / "link" / "objects")):
        for where in nested:
            with pytest.raises(BackupProblem, match="Neither of backup and vault"):
                backed_up(place, where, vault_url=url, **elsewhere)
    assert contents(root) == before
    (place.folder / "again").symlink_to(place.folder)
    with pytest.raises(BackupProblem, match="may not stand in the backup"):  # the ledger, seen through a link
        backed_up(place, place.folder / "again", vault_url="s3://bucket/prefix")


def test_objects_that_are_a_link_are_refused(place: Workplace) -> None:
    place.call().done()
    outside = place.folder / "outside"
    outside.mkdir()
    (outside / ("ab" * 16)).write_text("precious")
    folder(place).mkdir()
    (folder(place) / "objects").symlink_to(outside)
    with pytest.raises(BackupProblem, match="is a link"):
        backed_up(place)
    assert (outside / ("ab" * 16)).exists()


def test_a_copy_of_a_backup_without_its_claim_goes_on(place: Workplace) -> None:
    place.call().done()
    backed_up(place)
    (folder(place) / "contactcenter-backup.lock").unlink()
    place.call().done()
    assert backed_up(place).copied == 1


def test_a_failed_run_leaves_the_backup_before_and_no_keys_of_its_own(
    place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.call().done()
    backed_up(place)
    before = contents(folder(place))
    place.call().done()

    def full(_vault: Vault, _other: Vault, _key: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Vault, "copy_to", full)
    with pytest.raises(OSError, match="No space"):
        backed_up(place)
    assert contents(folder(place)) == before


def test_the_backup_before_stands_until_the_next_run(place: Workplace) -> None:
    place.call().done()
    started(place.settings).close()
    for _ in range(3):
        backed_up(place)
        place.clock.travel(minutes=1)
    newest, before = (json.loads((folder(place) / name).read_text()) for name in (manifest.NAME, manifest.BEFORE))
    assert {path.name for path in folder(place).glob("database-*")} == {newest["database"], before["database"]}
    (folder(place) / newest["database"]).unlink()  # then the operator takes the one before
    (folder(place) / manifest.BEFORE).replace(folder(place) / manifest.NAME)
    lose(place)
    assert restored(place).recordings == 1


def test_of_two_backups_at_once_one_waits_for_another_time(place: Workplace) -> None:
    for _ in range(3):
        place.call().done()
    refused: list[str] = []

    def run() -> None:
        try:
            backed_up(place)
        except BackupProblem as problem:
            refused.append(problem.sentence)

    for _ in range(10):
        threads = [threading.Thread(target=run) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        manifest.read(folder(place), MasterKey.parse(place.key))
    assert all("Somebody uses this backup's folder just now" in sentence for sentence in refused)


HOSTILE: dict[str, list[Any]] = {
    "database": [5, "a\0b", "objects", "../elsewhere.sqlite", "database-20261102T110000Z.sqlite\n"],
    "objects": [5, [{"a": 1}], ["../../x"]],
    "format": ["2", None],
    "made_at": ["\ud800", 5],
    "mark": [None, "0" * 64, 5],
    "installation": [5, "a b"],
    "more": [1],
}


def test_a_list_that_was_altered_is_refused_with_a_sentence(place: Workplace) -> None:
    place.call().done()
    started(place.settings).close()
    backed_up(place)
    lose(place)
    file = folder(place) / manifest.NAME
    good = json.loads(file.read_text())
    texts = [json.dumps(good | {name: value}) for name, values in HOSTILE.items() for value in values]
    for text in [*texts, "[" * 200_000, "", "5", json.dumps(good | {"sha256": "0" * 64}), json.dumps(good)[:-9]]:
        file.write_text(text)
        with pytest.raises(BackupProblem, match=r"manifest can't be read|was altered"):
            restored(place)
    file.write_text(json.dumps(good | {"format": 3}))
    with pytest.raises(BackupProblem, match="another version"):
        restored(place)
    file.write_text(json.dumps(good | {"fingerprint": None, "mark": None}))
    with pytest.raises(BackupProblem, match="made without a master key"):
        restored(place)
    file.write_text(json.dumps(good))
    assert restored(place).recordings == 1
