"""From a Whisper model in CTranslate2's binary layout to the checkpoint that openai-whisper loads.

The layout is that of CTranslate2's model specification (`ctranslate2/specs/model_spec.py`, binary version 6); the names
on the other side are those of `whisper/model.py`. Everything is bounds checked, and every variable has to be used:
half a model would transcribe, badly.
"""

from __future__ import annotations

import math
import re
import struct
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.generic]
Checkpoint = tuple[dict[str, int], dict[str, Array]]

_DTYPES = {0: "<f4", 1: "<i1", 2: "<i2", 3: "<i4", 4: "<f2"}
_HEADER = (6, "WhisperSpec", 3)
_MOST = 10_000  # variables; base has 212, large-v3 some 1,000
_IGNORED = re.compile(
    r"decoder/(activation|alibi|alignment_heads|alignment_layer|pre_norm|scale_embeddings|start_from_zero_embedding)"
    r"|(en|de)coder/num_heads"
)
_NORM = {"gamma": "weight", "beta": "bias"}


class BadModel(ValueError):
    """The file is not a Whisper model in this layout."""


def convert(data: bytes) -> Checkpoint:
    """Dimensions and tensors of an OpenAI checkpoint; raises BadModel."""
    variables = read_variables(data)
    heads = {side: _scalar(variables, f"{side}/num_heads") for side in ("encoder", "decoder")}
    state: dict[str, Array] = {}
    for name, value in variables.items():
        if not _IGNORED.fullmatch(name):
            state.update(_renamed(name, value))
    return _dimensions(state, heads), state


def _scalar(variables: dict[str, Array], name: str) -> int:
    if name not in variables or variables[name].size != 1:
        raise BadModel("The model lacks parts that Whisper needs.")
    return int(variables[name].item())


def read_variables(data: bytes) -> dict[str, Array]:
    """The variables of a CTranslate2 file by name, aliases left out; raises BadModel."""
    reader = _Reader(data)
    header = (reader.number("I"), reader.text(), reader.number("I"))
    if header != _HEADER:
        raise BadModel(f"This is not a Whisper model of the known layout: it begins with {header!r}.")
    variables = dict(reader.variable() for _ in range(reader.count()))
    for _ in range(reader.count()):
        reader.text()
        if reader.text() not in variables:
            raise BadModel("An alias in the model names nothing.")
    if reader.at != len(data):
        raise BadModel("The model goes on after its end.")
    return variables


@dataclass
class _Reader:
    data: bytes
    at: int = field(default=0)

    def bytes(self, length: int) -> memoryview:
        if self.at + length > len(self.data):
            raise BadModel("The model breaks off.")
        self.at += length
        return memoryview(self.data)[self.at - length : self.at]

    def number(self, code: str) -> int:
        """One unsigned little-endian number: B, H or I as in `struct`."""
        return int(struct.unpack("<" + code, self.bytes(struct.calcsize("<" + code)))[0])

    def count(self) -> int:
        count = self.number("I")
        if count > _MOST:
            raise BadModel("The model lists more parts than any Whisper model has.")
        return count

    def text(self) -> str:
        """A string with its length in front, which counts the NUL at its end."""
        raw = bytes(self.bytes(self.number("H")))
        if not raw.endswith(b"\0") or not raw.isascii():
            raise BadModel("A name in the model is garbled.")
        return raw[:-1].decode("ascii")

    def variable(self) -> tuple[str, Array]:
        name = self.text()
        shape = tuple(self.number("I") for _ in range(self.number("B")))
        dtype = _DTYPES.get(self.number("B"))
        if dtype is None:
            raise BadModel("The model holds numbers of an unknown type.")
        raw = self.bytes(self.number("I"))
        if len(raw) != np.dtype(dtype).itemsize * math.prod(shape):
            raise BadModel("A part of the model does not fit its shape.")
        return name, np.frombuffer(raw, dtype).reshape(shape)


_SIMPLE = {
    "position_encodings/encodings": "positional_embedding",
    "embeddings/weight": "token_embedding.weight",
}
_PLACES = {  # below S/layer_i/: what openai-whisper calls it
    "self_attention/layer_norm": ("attn_ln",),
    "self_attention/linear_0": ("attn.query", "attn.key", "attn.value"),
    "self_attention/linear_1": ("attn.out",),
    "attention/layer_norm": ("cross_attn_ln",),
    "attention/linear_0": ("cross_attn.query",),
    "attention/linear_1": ("cross_attn.key", "cross_attn.value"),
    "attention/linear_2": ("cross_attn.out",),
    "ffn/layer_norm": ("mlp_ln",),
    "ffn/linear_0": ("mlp.0",),
    "ffn/linear_1": ("mlp.2",),
}


def _renamed(name: str, value: Array) -> dict[str, Array]:
    side, _, rest = name.partition("/")
    if side not in ("encoder", "decoder"):
        raise BadModel("The model has parts that Whisper has not.")
    if rest in _SIMPLE:
        return {f"{side}.{_SIMPLE[rest]}": value}
    place, _, kind = rest.rpartition("/")
    kind = _NORM.get(kind, kind)
    if place == "layer_norm":
        return {f"{side}.{'ln_post' if side == 'encoder' else 'ln'}.{kind}": value}
    if side == "encoder" and place in ("conv1", "conv2"):
        return {f"{side}.{place}.{kind}": value}
    return _of_layer(side, place, kind, value)


def _of_layer(side: str, place: str, kind: str, value: Array) -> dict[str, Array]:
    layer = re.fullmatch(r"layer_(\d+)/(.+)", place)
    if layer is None or layer[2] not in _PLACES or kind not in ("weight", "bias"):
        raise BadModel("The model has parts that Whisper has not.")
    targets = _PLACES[layer[2]]
    if value.shape[0] % len(targets):
        raise BadModel("A part of the model can't be divided as it should.")
    parts = zip(targets, np.split(value, len(targets)), strict=True)
    named = {f"{side}.blocks.{layer[1]}.{target}.{kind}": part for target, part in parts}
    for key in [name for name in named if name.endswith(".key.bias")]:
        if named.pop(key).any():  # Whisper's keys have no bias
            raise BadModel("The model has a bias where Whisper has none.")
    return named


def _dimensions(state: dict[str, Array], heads: dict[str, int]) -> dict[str, int]:
    try:
        audio, text = state["encoder.positional_embedding"].shape, state["decoder.token_embedding.weight"].shape
        return {
            "n_mels": state["encoder.conv1.weight"].shape[1],
            "n_audio_ctx": audio[0],
            "n_audio_state": audio[1],
            "n_audio_head": heads["encoder"],
            "n_audio_layer": _layers(state, "encoder"),
            "n_vocab": text[0],
            "n_text_ctx": state["decoder.positional_embedding"].shape[0],
            "n_text_state": text[1],
            "n_text_head": heads["decoder"],
            "n_text_layer": _layers(state, "decoder"),
        }
    except (KeyError, IndexError) as error:
        raise BadModel("The model lacks parts that Whisper needs.") from error


def _layers(state: dict[str, Array], side: str) -> int:
    return len({name.split(".")[2] for name in state if name.startswith(f"{side}.blocks.")})
