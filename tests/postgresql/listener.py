"""Another process of the product that watches live events: `python -m tests.postgresql.listener URL TOPIC ...`.

Says "ready" when it watches, then the subject of each event as it comes; ends when its input ends.
"""

import asyncio
import sys

from contactcenter.core import logs
from contactcenter.core.db import Database
from contactcenter.core.live import LiveHub


def say(word: str) -> None:
    """One line, at once."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


async def watch(url: str, topics: set[str]) -> None:
    """Print what comes until nobody reads any more."""
    db = Database(url)
    hub = LiveHub(db)
    hub.start()

    async def tell() -> None:
        async for event in hub.stream(topics, None):
            say(event.subject)

    telling = asyncio.create_task(tell())
    say("ready")
    await asyncio.to_thread(sys.stdin.read)
    await asyncio.to_thread(hub.stop)
    await telling
    db.close()


if __name__ == "__main__":
    logs.set_up()
    asyncio.run(watch(sys.argv[1], set(sys.argv[2:])))
