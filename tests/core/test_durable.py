"""Commits share a flush: all that waited are on the disk, with fewer flushes than commits."""

import threading
from pathlib import Path

import pytest

from contactcenter.core.db import DATABASE_AWAY
from contactcenter.core.durable import SharedFlush
from contactcenter.core.inbox import accept
from tests.factories import World

COMMITS = 30


class SlowDisk(SharedFlush):
    """A disk whose first flush lasts until everybody else has come."""

    def __init__(self, file: Path) -> None:
        super().__init__(file)
        self.flushes, self.may_end = 0, threading.Event()

    def _flush(self) -> None:
        self.flushes += 1
        self.may_end.wait(20)
        super()._flush()


def test_who_comes_during_a_flush_shares_the_next_one(tmp_path: Path) -> None:
    (tmp_path / "db-wal").write_bytes(b"frames")
    disk = SlowDisk(tmp_path / "db-wal")
    waiting = [threading.Thread(target=disk.wait) for _ in range(COMMITS)]
    for thread in waiting:
        thread.start()
    while disk._asked < COMMITS:
        pass
    disk.may_end.set()
    for thread in waiting:
        thread.join()
    assert disk.flushes == 2
    disk.wait()
    assert disk.flushes == 3


def test_nobody_is_told_that_all_is_well_when_the_disk_fails(tmp_path: Path) -> None:
    told: list[str] = []

    class FailingDisk(SlowDisk):
        def _flush(self) -> None:
            super()._flush()
            if self.flushes == 1:
                raise OSError("no space left")

    def commit() -> None:
        try:
            disk.wait()
        except OSError as error:
            told.append(str(error))

    disk = FailingDisk(tmp_path / "db-wal")
    first = threading.Thread(target=commit)
    first.start()
    while not disk.flushes:
        pass
    disk.may_end.set()
    first.join()
    assert told == ["no space left"]
    disk.wait()
    assert disk.flushes == 2


def test_who_shared_a_flush_that_failed_hears_of_it(tmp_path: Path) -> None:
    disk = SharedFlush(tmp_path / ("x" * 300))
    disk._asked = 1  # somebody stands in line behind a flush that takes both along
    with pytest.raises(OSError, match="name too long"):
        disk.wait()
    disk._asked = 0
    with pytest.raises(OSError, match="while this commit was written"):
        disk.wait()


def test_a_disk_that_fails_is_a_database_that_is_away(world: World) -> None:
    """So that a caller hears the apology, and a callback is answered with 503."""
    world.db._flush = SharedFlush(Path("x" * 300))
    with pytest.raises(DATABASE_AWAY), world.db.writing() as session:
        accept(session, world.now, "webhook", "test", "")


def test_without_a_log_there_is_nothing_to_flush(tmp_path: Path) -> None:
    SharedFlush(tmp_path / "none-wal").wait()
