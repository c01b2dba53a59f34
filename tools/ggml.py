"""A checkpoint of openai-whisper in the layout that whisper.cpp loads, so that every engine is measured on one model.

The layout is that of whisper.cpp's `models/convert-pt-to-ggml.py`: eleven numbers, the mel filters, the words that
tokens stand for, and each tensor by its name; matrices in half precision, as the models are that it publishes.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import IO, Any

import numpy as np
import torch

MAGIC = 0x67676D6C
HALF = 1
DIMENSIONS = (
    "n_vocab",
    "n_audio_ctx",
    "n_audio_state",
    "n_audio_head",
    "n_audio_layer",
    "n_text_ctx",
    "n_text_state",
    "n_text_head",
    "n_text_layer",
    "n_mels",
)
WHOLE = {  # in single precision though they are matrices
    "encoder.conv1.bias",
    "encoder.conv2.bias",
    "encoder.positional_embedding",
    "decoder.positional_embedding",
}
MULTILINGUAL = 51865  # from as many tokens on


def ggml(checkpoint: Path) -> Path:
    """The checkpoint in whisper.cpp's layout, beside it; made when it is missing or older."""
    made = checkpoint.with_suffix(".ggml")
    if not made.exists() or made.stat().st_mtime < checkpoint.stat().st_mtime:
        unfinished = made.with_suffix(".ggml.unfinished")
        with unfinished.open("wb") as file:
            write(torch.load(checkpoint, map_location="cpu", weights_only=True), file)
        unfinished.replace(made)
    return made


def write(checkpoint: dict[str, Any], file: IO[bytes]) -> None:
    """Write `{"dims", "model_state_dict"}` of openai-whisper."""
    dims, state = checkpoint["dims"], checkpoint["model_state_dict"]
    file.write(struct.pack("<12i", MAGIC, *(dims[name] for name in DIMENSIONS), HALF))
    filters = _mel_filters(dims["n_mels"])
    file.write(struct.pack("<2i", *filters.shape) + filters.tobytes())
    tokens = list(_tokens("multilingual" if dims["n_vocab"] >= MULTILINGUAL else "gpt2"))
    file.write(struct.pack("<i", len(tokens)))
    for token in tokens:
        file.write(struct.pack("<i", len(token)) + token)
    for name, tensor in state.items():
        file.write(_tensor(name, tensor.numpy()))


def _mel_filters(bands: int) -> Any:
    with (files("whisper") / "assets" / "mel_filters.npz").open("rb") as file, np.load(file) as filters:
        return filters[f"mel_{bands}"].astype("<f4")


def _tokens(name: str) -> Iterator[bytes]:
    lines = (files("whisper") / "assets" / f"{name}.tiktoken").read_bytes().splitlines()
    ranked = sorted((int(rank), base64.b64decode(token)) for token, rank in (line.split() for line in lines if line))
    return (token for _, token in ranked)


def _tensor(name: str, values: Any) -> bytes:
    if name in ("encoder.conv1.bias", "encoder.conv2.bias"):
        values = values.reshape(-1, 1)
    half = values.ndim > 1 and name not in WHOLE
    values = np.ascontiguousarray(values, "<f2" if half else "<f4")
    shape = struct.pack(f"<{values.ndim}i", *reversed(values.shape))
    begins = struct.pack("<3i", values.ndim, len(name), int(half)) + shape + name.encode()
    return begins + bytes(values.tobytes())
