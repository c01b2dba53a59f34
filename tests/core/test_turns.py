"""Writers take turns: many at once, nobody starves, who comes first is served first."""

import threading
import time

import pytest
from sqlalchemy.exc import TimeoutError as WaitedTooLong
from sqlmodel import func, select

from contactcenter.core import turns
from contactcenter.core.inbox import InboxEvent, accept
from contactcenter.core.turns import Turns
from tests.factories import World

WRITERS, EACH = 40, 10


def test_forty_writers_at_once_all_come_to_write(world: World) -> None:
    def write(writer: int) -> None:
        for number in range(EACH):
            with world.db.writing() as session:
                accept(session, world.now, f"{writer}-{number}", "test", "")

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert world.rows(select(func.count()).select_from(InboxEvent)) == [WRITERS * EACH]


def test_who_comes_first_is_served_first() -> None:
    row, served = Turns(), list[int]()

    def take(number: int) -> None:
        with row:
            served.append(number)

    with row:
        threads = [threading.Thread(target=take, args=(number,)) for number in range(8)]
        for waiting, thread in enumerate(threads, start=1):
            thread.start()
            while len(row._waiting) < waiting:  # the next one comes when this one stands in the row
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert served == list(range(8))


def test_who_waits_too_long_leaves_the_row_and_the_next_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE_SECONDS", 0.05)
    row = Turns()

    def impatient() -> None:
        with pytest.raises(WaitedTooLong, match="busy with earlier writers"), row:
            pass

    with row:
        thread = threading.Thread(target=impatient)
        thread.start()
        thread.join()
    with row:
        pass
