"""What stories of backups share: ways of destroying, of losing a disk, of backing up and restoring."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import SecretStr

from contactcenter.backup import making, restoring
from contactcenter.recordings import retention, service
from contactcenter.recordings.rules import NotRecorded
from contactcenter.settings import Settings
from tests.raw import database_files
from tests.recordings.workplace import Story, Workplace
from tools.ports import free_port

BACKUP = "backup"


def destroy_in_every_way(place: Workplace, stories: list[Story]) -> None:
    """By the timer, by an objection, by stopping and destroying: a third each."""
    for number, story in enumerate(stories[: 2 * len(stories) // 3]):
        reason = NotRecorded.OBJECTED if number % 2 else NotRecorded.STOPPED
        with place.db.writing() as session:
            service.refuse(session, place.clock(), story.contact_id, reason)
    overdue = stories[2 * len(stories) // 3 :]
    with place.db.writing() as session:
        for story in overdue:
            recording = service.recording_by_sid(session, story.sid)
            assert recording is not None
            recording.retain_until = place.clock()
    report = retention.sweep(place.db, place.vault, place.carrier, place.clock())
    assert (report.destroyed, report.cleared) == (len(overdue), True)


def lose(place: Workplace) -> None:
    """The disk dies: database and vault are gone; the ledger stands elsewhere."""
    place.close()
    for path in database_files(place.folder):
        path.unlink()
    shutil.rmtree(place.folder / "vault")


def backed_up(
    place: Workplace, to: Path | None = None, *, verify: bool = False, force: bool = False, **other: object
) -> making.Report:
    """`contactcenter backup`, without a process of its own."""
    settings, where = keyed(place, **other), to or folder(place)
    return making.make(settings, where, place.clock(), verify=verify, force=force, progress=lambda _: None)


def restored(
    place: Workplace,
    *,
    without_ledger: bool = False,
    ledgers: Sequence[Path] = (),
    progress: Callable[[float], None] = lambda _: None,
    **other: object,
) -> restoring.Report:
    """`contactcenter restore`, without a process of its own."""
    return restoring.restore(
        keyed(place, **other),
        folder(place),
        place.clock(),
        without_ledger=without_ledger,
        verify=True,
        ledgers=ledgers,
        progress=progress,
    )


def keyed(place: Workplace, **other: object) -> Settings:
    """The workplace's settings with its key."""
    return place.settings.model_copy(update={"master_key": SecretStr(place.key), "port": free_port(), **other})


def folder(place: Workplace) -> Path:
    """Where backups stand."""
    return place.folder / BACKUP
