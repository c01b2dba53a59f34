"""Work in the background that belongs to somebody, who can end it."""

import asyncio
from collections.abc import Coroutine
from typing import Generic, TypeVar

T = TypeVar("T")


class Tasks(Generic[T]):
    """Background tasks that are held while they run and cancelled together."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[T]] = set()

    def spawn(self, work: Coroutine[None, None, T]) -> asyncio.Task[T]:
        """Run `work` in the background of the current event loop."""
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[T]) -> None:
        self._running.discard(task)

    async def aclose(self, grace: float = 0.0) -> None:
        """Let everything that runs go on for `grace` seconds at most, then cancel it and wait for it.

        What is cancelled may start something else on its way out; that is cancelled too.
        """
        if self._running and grace:
            await asyncio.wait(list(self._running), timeout=grace)
        while running := list(self._running):
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
