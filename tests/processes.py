"""Processes that stories start: whether one answers, and how it is ended."""

import subprocess
from contextlib import suppress

import httpx2


def answers(url: str, patience: float = 5) -> bool:
    """Whether somebody answers there, and says that all is well; within so many seconds."""
    with suppress(httpx2.TransportError):
        return httpx2.get(url, timeout=patience).status_code == 200
    return False


def stopped(*processes: "subprocess.Popen[bytes]", patience: float = 15) -> None:
    """End them as a supervisor does: they may end by themselves, and are killed after so many seconds each."""
    for process in processes:
        if process.poll() is None:
            process.terminate()
    for process in processes:
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
