"""Where a stream of live events goes on: after the id that the browser saw last, if it is one of ours."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from contactcenter.core.db import Database, metadata
from contactcenter.core.live import MOST_MISSED, MOST_STREAMS, TOO_MANY, Event, LiveHub, announce
from contactcenter.pages.live import event_id

NOON = datetime(2026, 11, 2, 11, tzinfo=UTC)


def test_a_browser_that_comes_back_goes_on_after_what_it_saw() -> None:
    assert event_id("1207") == 1207


@pytest.mark.parametrize("sent", ["", "²", "١٢", "1.5", "-1", "+1", "1 2", "9" * 5000])
def test_anything_else_begins_with_now(sent: str) -> None:
    assert event_id(sent) is None


def test_who_opens_too_many_windows_loses_the_oldest_and_nobody_elses(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'live.db'}")
    metadata.create_all(db.engine)

    async def story() -> list[Event]:
        hub = LiveHub(db)
        hub.start()
        heard: dict[str, list[Event]] = {}

        async def window(name: str, owner: str) -> None:
            async for event in hub.stream({"queue:1"}, None, owner):
                heard.setdefault(name, []).append(event)

        names = [("bram", "bram"), *((f"anna-{number}", "anna") for number in range(MOST_STREAMS + 1))]
        windows = []
        for name, owner in names:
            windows.append(asyncio.create_task(window(name, owner)))
            await asyncio.sleep(0)
        await asyncio.wait_for(windows[1], 5)
        assert hub.watching == len(names) - 1
        await asyncio.to_thread(hub.stop)
        await asyncio.gather(*windows)
        assert list(heard) == ["anna-0"]
        return heard["anna-0"]

    assert asyncio.run(story()) == [TOO_MANY]
    db.close()


def test_who_asks_for_everything_since_the_beginning_gets_the_newest_few_hundred(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'live.db'}")
    metadata.create_all(db.engine)
    with db.writing() as session:
        for number in range(MOST_MISSED + 100):
            announce(session, NOON, "queue:1", f"call-{number}")
    missed = LiveHub(db)._missed(0)
    assert [missed[0].subject, missed[-1].subject] == ["call-100", f"call-{MOST_MISSED + 99}"]
    assert len(missed) == MOST_MISSED
    db.close()
