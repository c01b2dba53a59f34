"""The mother of mortal processes, seen from a test."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0


class Mother:
    """Starts children; see `mortal.py`."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.mortal"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(timeout=20)
        self._process.stdout.close()

    def child(self, **order: Any) -> "Child":
        """A child that lives as ordered."""
        return Child(self, self.ask({"fork": order})["pid"])

    def ask(self, order: dict[str, Any]) -> dict[str, Any]:
        """One order, and its answer."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


@dataclass
class Child:
    """One process. Leaving its block ends it."""

    mother: Mother
    pid: int
    status: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.lives():
            os.kill(self.pid, signal.SIGKILL)
            self.dies()

    def lives(self) -> bool:
        """Whether it still runs."""
        if self.status is None:
            self.status = self.mother.ask({"wait": self.pid})["status"]
        return self.status is None

    def dies(self) -> int:
        """Wait for its end: the signal that killed it, as a negative number, or its status."""
        deadline = time.monotonic() + PATIENCE
        while self.lives():
            assert time.monotonic() < deadline, "it lives on"
            time.sleep(0.01)
        assert self.status is not None
        return self.status
