"""A restore has the database alone, leaves nothing half done behind, and mends what the vault has lost (P17)."""

from pathlib import Path

import pytest

from contactcenter.backup.manifest import BackupProblem
from contactcenter.compose import migrated as started
from contactcenter.core.db import Database
from contactcenter.core.errors import Unavailable
from contactcenter.core.gate import gate
from contactcenter.doctor import examine
from tests.operating.destruction import backed_up, folder, lose, restored
from tests.operating.test_backup import spoil
from tests.raw import database_files
from tests.recordings.workplace import Story, Workplace


@pytest.fixture
def story(place: Workplace) -> Story:
    """One recording, and a backup of it; then the disk died."""
    made = place.call().done()
    started(place.settings).close()
    backed_up(place)
    lose(place)
    return made


@pytest.mark.usefixtures("story")
def test_nothing_starts_while_a_restore_runs(place: Workplace) -> None:
    refused: list[str] = []

    def start(_share: float) -> None:
        for begin in (lambda: started(place.settings).close(), lambda: restored(place)):
            with pytest.raises((Unavailable, BackupProblem)) as problem:
                begin()
            refused.append(problem.value.sentence)

    assert restored(place, progress=start).recordings == 1
    assert "A backup is being restored" in refused[0]
    assert "Somebody starts just now, or restores" in refused[1]
    started(place.settings).close()


@pytest.mark.usefixtures("story")
def test_nothing_is_restored_while_somebody_starts(place: Workplace) -> None:
    db = Database(place.settings.database_url)
    with gate(db) as free, gate(db) as another:
        assert free and another
        with pytest.raises(BackupProblem, match="Somebody starts just now"):
            restored(place)
    db.close()


@pytest.mark.usefixtures("story")
def test_what_came_into_being_meanwhile_is_not_overwritten(place: Workplace) -> None:
    database = place.folder / "contactcenter.db"

    def write(_share: float) -> None:
        database.write_bytes(b"acknowledged")

    with pytest.raises(BackupProblem, match="There is a database already"):
        restored(place, progress=write)
    assert database.read_bytes() == b"acknowledged"
    assert database_files(place.folder) == [database]


@pytest.mark.usefixtures("story")
def test_a_restore_that_is_broken_off_leaves_no_keys(place: Workplace) -> None:
    def break_off(_share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restored(place, progress=break_off)
    assert [path.stat().st_size for path in database_files(place.folder)] == [0]
    killed = place.folder / "contactcenter.db.restoring"
    killed.write_bytes(b"keys")
    started(place.settings).close()
    assert not killed.exists()


def test_what_is_damaged_in_the_vault_comes_from_the_backup(place: Workplace) -> None:
    mended, lost = place.call().done(), place.call().done()
    started(place.settings).close()
    backed_up(place)
    vault, names = place.folder / "vault", [str(one.row().object_key) for one in (mended, lost)]
    row = lost.row()
    place.close()
    for path in database_files(place.folder):
        path.unlink()
    for name in names:
        spoil(vault / name)
    spoil(folder(place) / "objects" / names[1])
    altered = (vault / names[1]).read_bytes()
    report = restored(place)
    assert (report.recordings, report.copied, len(report.problems)) == (1, 1, 1)
    assert report.problems[0].startswith(f"{row.public_id} (object {names[1]}): The recording was altered")
    assert (vault / names[0]).read_bytes() == (folder(place) / "objects" / names[0]).read_bytes()
    assert (vault / names[1]).read_bytes() == altered, "no better one is there"


@pytest.mark.usefixtures("story")
def test_a_missing_folder_of_the_database_is_named(place: Workplace) -> None:
    with pytest.raises(Unavailable, match="is not there; make it"):
        restored(place, database_url=f"sqlite:///{place.folder}/missing/contactcenter.db")


def test_the_doctor_says_what_comes_first_on_a_new_machine(place: Workplace) -> None:
    def said(database: Path) -> str:
        settings = place.settings.model_copy(update={"database_url": f"sqlite:///{database}"})
        return next(one.sentence for one in examine(settings) if one.name == "database")

    assert "contactcenter restore FOLDER` first, without migrating" in said(place.folder / "none.db")
    assert "is not there; make it" in said(place.folder / "missing" / "none.db")
