"""The file that whisper.cpp is measured with holds the very model that ours are: read back by its layout alone."""

import io
import struct

import numpy as np
import pytest
import torch
from whisper.tokenizer import get_tokenizer

from tools.ggml import DIMENSIONS, MAGIC, write

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # Whisper never closes its vocabulary

DIMS = dict.fromkeys(DIMENSIONS, 4) | {"n_vocab": 51865, "n_mels": 80}
STATE = {
    "encoder.conv1.weight": torch.arange(24.0).reshape(2, 4, 3),
    "encoder.conv1.bias": torch.tensor([0.5, -0.25]),
    "decoder.positional_embedding": torch.linspace(0, 1, 6).reshape(2, 3),
    "decoder.ln.weight": torch.tensor([1.0, 2.0]),
}


def test_a_checkpoint_in_whisper_cpps_layout_reads_back_as_itself() -> None:
    file = io.BytesIO()
    write({"dims": DIMS, "model_state_dict": STATE}, file)
    file.seek(0)
    magic, *dims, _ = _numbers(file, 12)
    assert magic == MAGIC
    assert dict(zip(DIMENSIONS, dims, strict=True)) == DIMS
    bands, bins = _numbers(file, 2)
    assert (bands, bins) == (80, 201)
    file.seek(4 * bands * bins, io.SEEK_CUR)
    (count,) = _numbers(file, 1)
    tokens = [file.read(_numbers(file, 1)[0]) for _ in range(count)]
    assert tokens[:300] == [get_tokenizer(True).encoding.decode_single_token_bytes(token) for token in range(300)]
    read = {}
    while start := file.read(12):
        ranks, length, half = struct.unpack("<3i", start)
        shape = tuple(reversed(_numbers(file, ranks)))
        name, size = file.read(length).decode(), int(np.prod(shape))
        read[name] = np.frombuffer(file.read(size * (2 if half else 4)), "<f2" if half else "<f4").reshape(shape)
    assert {name: values.ravel().tolist() for name, values in read.items()} == {
        name: values.to(torch.float16 if name == "encoder.conv1.weight" else torch.float32).ravel().tolist()
        for name, values in STATE.items()
    }
    assert read["encoder.conv1.bias"].shape == (2, 1)


def _numbers(file: io.BytesIO, count: int) -> tuple[int, ...]:
    return struct.unpack(f"<{count}i", file.read(4 * count))
