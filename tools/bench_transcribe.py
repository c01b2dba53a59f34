"""Measures transcription against the engines that people would pick instead, as they come.

The same calls, the same two threads, the same base model, each engine alone in a process of its own (`listen_once.py`),
one after the other. Calls are the demo's spoken conversations, or with `--audio` a folder of yours: WAV files of two
channels whose names say `nl` or `en` (`call_nl_1`), each with a JSON file of what is said, {"segments": [{"channel",
"start", "end", "text"}]}, where a text of null is music. Per language they are put one after the other until there are
five minutes.

`wer` is the word error rate over both channels, `outside` how many words stand where nobody speaks on that channel.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import contactcenter.demo
from contactcenter.recordings.audio import RATE, decode_call
from contactcenter.recordings.quantised import quantised
from contactcenter.recordings.weights import ensure
from tools import limit
from tools.figures import Case
from tools.wer import errors, words

CONVERSATIONS = Path(contactcenter.demo.__file__).parent / "conversations"
LONG_ENOUGH = 300.0  # seconds
THREADS = 2
PLAIN = "openai-whisper"
ENGINES = (
    "ours-openai-fp32",
    "ours-openai",
    "ours-ctranslate2",
    PLAIN,
    "faster-whisper",
    "faster-whisper-batched",
    "faster-whisper-tuned",
    "whisper.cpp",
)

FORMATS = {  # of encoder and decoder; on a machine without bf16 `ours-openai` is fp32 as well
    "ours-openai-fp32": ("fp32", "fp32"),
    "ours-openai": ("bf16", "fp32"),
    "ours-ctranslate2": ("int8", "int8"),
}


@dataclass(frozen=True)
class Turn:
    """Something said in a call, in seconds."""

    channel: int
    start: float
    end: float
    text: str


@dataclass(frozen=True)
class Calls:
    """Calls of one language, one after the other: both channels, and what is said."""

    language: str
    channels: Any  # float32, (2, samples), 16 kHz
    turns: tuple[Turn, ...]

    @property
    def seconds(self) -> float:
        return float(self.channels.shape[1]) / RATE


def bench_transcribe(audio: Path = CONVERSATIONS, engines: Sequence[str] = ENGINES) -> Iterator[Case]:
    """A line for each language and engine; `ratio` is the speed against plain openai-whisper, where it was measured."""
    checkpoint = ensure("base", Path("models"))
    quantised(checkpoint)
    peaks = limit.measured(THREADS)
    yield {"case": "transcribe, what the machine can do", **_peaks(peaks)}
    for calls in by_language(audio):
        measured = {engine: _measured(engine, checkpoint, calls) for engine in engines}
        for engine, found in measured.items():
            plain = measured.get(PLAIN)
            ratio = {"ratio": round(plain["seconds"] / found["seconds"], 2)} if plain else {}
            yield {"case": f"transcribe {calls.language}, {engine}"} | _figures(calls, found) | ratio
        for engine in FORMATS.keys() & measured.keys():
            yield {"case": f"where the time goes, {calls.language}, {engine}"} | _where(measured[engine], peaks, engine)


def _peaks(peaks: limit.Peaks) -> Case:
    giga = {f"GFLOP/s {name}": round(getattr(peaks, name) / 1e9) for name in ("fp32", "bf16", "int8")}
    return {**giga, "GB/s": round(peaks.memory / 1e9, 1)}


def _where(found: dict[str, Any], peaks: limit.Peaks, engine: str) -> Case:
    """Seconds of each part, and the least that this machine needs for as many windows and tokens."""
    parts = found["parts"]
    least = peaks.seconds(parts["windows"], parts["tokens"], *FORMATS[engine])
    decoder = parts["engine"] - parts["encoder"] - parts["times of words"]
    return {
        "windows": parts["windows"],
        "tokens": parts["tokens"],
        "finding speech s": round(parts["finding speech"], 2),
        "encoder s": round(parts["encoder"], 2),
        "decoder s": round(decoder, 2),
        "times of words s": round(parts["times of words"], 2),
        "the rest s": round(found["seconds"] - parts["engine"] - parts["finding speech"], 2),
        "all s": round(found["seconds"], 2),
        "least s": round(least, 2),
        "times the least": round(found["seconds"] / least, 2),
    }


def by_language(folder: Path) -> Iterator[Calls]:
    """The calls of a folder, one after the other."""
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.glob("*.wav")):
        language = next((part for part in path.stem.split("_") if part in ("nl", "en")), None)
        if language is not None:
            found.setdefault(language, []).append(path)
    if not found:
        raise SystemExit(f"There is no call in {folder}: WAV files whose names say nl or en, each with its JSON file.")
    for language, paths in found.items():
        yield _one_after_the_other(language, paths)


def _one_after_the_other(language: str, paths: Sequence[Path]) -> Calls:
    sounds: list[Any] = []
    turns: list[Turn] = []
    at = 0.0
    while at < LONG_ENOUGH:
        path = paths[len(sounds) % len(paths)]
        sounds.append(np.stack(decode_call(path.read_bytes()).channels))
        for turn in _said(path.with_suffix(".json")):
            if turn["text"]:
                turns.append(Turn(turn["channel"], turn["start"] + at, turn["end"] + at, turn["text"]))
        at += sounds[-1].shape[1] / RATE
    return Calls(language, np.concatenate(sounds, axis=1), tuple(turns))


def _said(path: Path) -> list[dict[str, Any]]:
    found = json.loads(path.read_text(encoding="utf-8"))
    segments: list[dict[str, Any]] = found["segments"] if isinstance(found, dict) else found
    return segments


def _measured(engine: str, checkpoint: Path, calls: Calls) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="bench-transcribe-") as folder:
        sound = Path(folder) / "call.npy"
        np.save(sound, calls.channels)
        listener = [sys.executable, "-m", "tools.listen_once", engine, str(checkpoint), str(sound), calls.language]
        threads = {"OMP_NUM_THREADS": str(THREADS), "OMP_WAIT_POLICY": "passive"}  # as our own child runs
        done = subprocess.run(listener, env=os.environ | threads, stdout=subprocess.PIPE, check=True)  # ours
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _figures(calls: Calls, found: dict[str, Any]) -> Case:
    said, wrong, outside = 0, np.zeros(3, int), 0
    for channel in (0, 1):
        turns = [turn for turn in calls.turns if turn.channel == channel]
        heard = [one for one in found["segments"] if one["channel"] == channel]
        reference = [word for turn in turns for word in words(turn.text)]
        wrong += errors(reference, [word for one in heard for word in words(one["text"])])
        said += len(reference)
        outside += sum(len(words(one["text"])) for one in heard if not _spoken(one, turns))
    substituted, deleted, inserted = (int(number) for number in wrong)
    return {
        "unit": "x real time",
        "ours": round(calls.seconds / found["seconds"], 1),
        "cpu s": round(found["cpu"], 1),
        "MB": round(found["mb"]),
        "wer": round(int(wrong.sum()) / said, 3),
        "S/D/I": f"{substituted}/{deleted}/{inserted}",
        "outside": outside,
        "seconds": round(calls.seconds),
    }


def _spoken(heard: dict[str, Any], turns: Sequence[Turn]) -> bool:
    """Whether somebody speaks at any moment of what was heard."""
    return any(turn.start < heard["end"] and heard["start"] < turn.end for turn in turns)
