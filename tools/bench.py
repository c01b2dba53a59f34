"""Measures and prints one JSON line a case: ours and a reference in the same run, and their ratio.

`./run.sh bench` runs every case, `./run.sh bench startup` one.
Absolute times depend on the machine, ratios hardly.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from tools.bench_asked import bench_asked
from tools.bench_audit import bench_audit
from tools.bench_beside import bench_beside
from tools.bench_disclose import bench_disclose
from tools.bench_pages import bench_history, bench_pages
from tools.bench_retention import bench_retention
from tools.bench_ring import bench_ring
from tools.bench_transcribe import CONVERSATIONS, ENGINES, bench_transcribe
from tools.bench_vault import bench_vault
from tools.bench_webhooks import bench_webhooks
from tools.figures import compared

REPETITIONS = 7
BARE_APP = """
import typer
app = typer.Typer()
@app.command()
def hello() -> None: ...
@app.command()
def goodbye() -> None: ...
app()
"""


def startup() -> Iterator[dict[str, object]]:
    """Seconds until `contactcenter --help` is done, against a typer program of two empty commands."""
    ours = [sys.executable, "-m", "contactcenter", "--help"]
    reference = [sys.executable, "-c", BARE_APP, "--help"]
    # In turn, so that noise hits both.
    pairs = [(_seconds(ours), _seconds(reference)) for _ in range(REPETITIONS)]
    ours_took, reference_took = (statistics.median(took) for took in zip(*pairs, strict=True))
    yield compared("startup", "s", ours_took, reference_took, digits=4)


def _seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


CASES: dict[str, Callable[[], Iterator[dict[str, object]]]] = {
    "startup": startup,
    "vault": bench_vault,
    "webhooks": bench_webhooks,
    "beside": bench_beside,
    "ring": bench_ring,
    "pages": bench_pages,
    "history": bench_history,
    "retention": bench_retention,
    "audit": bench_audit,
    "disclose": bench_disclose,
    "asked": bench_asked,
    "transcribe": bench_transcribe,
}


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="./run.sh bench")
    parser.add_argument("case", nargs="*", help=f"one of {', '.join(CASES)}; all by default")
    parser.add_argument("--audio", type=Path, default=CONVERSATIONS, help="calls for transcribe, with what is said")
    parser.add_argument("--engines", nargs="+", default=ENGINES, choices=ENGINES, help="engines for transcribe")
    asked = parser.parse_args(arguments)
    if unknown := set(asked.case) - set(CASES):
        raise SystemExit(f"There is no case {', '.join(sorted(unknown))}. There are: {', '.join(CASES)}.")
    cases = CASES | {"transcribe": partial(bench_transcribe, asked.audio, asked.engines)}
    for name in asked.case or CASES:
        for measured in cases[name]():
            print(json.dumps(measured), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
