"""A checkpoint of openai-whisper as CTranslate2 reads it: the same weights in whole numbers of 8 bits."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import whisper
from ctranslate2.specs import WhisperSpec
from whisper.tokenizer import Tokenizer, get_tokenizer

from contactcenter.recordings.transcriber import TranscriptionFailed

PRECISION = "int8"


def quantised(checkpoint: Path) -> Path:
    """The folder with this checkpoint's weights for CTranslate2, made beside it if it is older or not there.

    It takes its name when it is complete, so whoever looks meanwhile finds none, and two who make it make the same.
    Raises TranscriptionFailed where nothing may be written beside the checkpoint.
    """
    folder = checkpoint.with_suffix(f".{PRECISION}")
    if folder.is_dir() and folder.stat().st_mtime >= checkpoint.stat().st_mtime:
        return folder
    if not os.access(checkpoint.parent, os.W_OK):
        raise TranscriptionFailed(
            "The folder of the speech recognition model can't be written to, as CTranslate2 needs once. "
            "Allow it, or set CONTACTCENTER_WHISPER_ENGINE=openai-whisper."
        )
    with tempfile.TemporaryDirectory(dir=checkpoint.parent, prefix=".quantising-") as room:
        _write(whisper.load_model(str(checkpoint), device="cpu"), made := Path(room) / "model")
        if folder.exists():
            shutil.rmtree(folder)
        made.rename(folder)
    return folder


def _write(model: Any, folder: Path) -> None:
    dims = model.dims
    spec = WhisperSpec(dims.n_audio_layer, dims.n_audio_head, dims.n_text_layer, dims.n_text_head)
    _encoder(spec.encoder, model.encoder)
    _decoder(spec.decoder, model.decoder)
    tokenizer = get_tokenizer(model.is_multilingual, num_languages=model.num_languages)
    spec.register_vocabulary(_vocabulary(tokenizer, dims.n_vocab))
    _configure(spec.config, tokenizer, model.alignment_heads.indices().T.tolist())
    spec.validate()
    spec.optimize(quantization=PRECISION)
    folder.mkdir()
    spec.save(str(folder))


def _encoder(spec: Any, encoder: Any) -> None:
    for name in ("conv1", "conv2"):
        _weights(getattr(spec, name), getattr(encoder, name))
    spec.position_encodings.encodings = _numbers(encoder.positional_embedding)
    _norm(spec.layer_norm, encoder.ln_post)
    for layer, block in zip(spec.layer, encoder.blocks, strict=True):
        _attention(layer.self_attention, block.attn, block.attn_ln)
        _feed_forward(layer.ffn, block)


def _decoder(spec: Any, decoder: Any) -> None:
    spec.embeddings.weight = spec.projection.weight = _numbers(decoder.token_embedding.weight)
    spec.position_encodings.encodings = _numbers(decoder.positional_embedding)
    _norm(spec.layer_norm, decoder.ln)
    for layer, block in zip(spec.layer, decoder.blocks, strict=True):
        _attention(layer.self_attention, block.attn, block.attn_ln)
        _attention(layer.attention, block.cross_attn, block.cross_attn_ln)
        _feed_forward(layer.ffn, block)


def _attention(spec: Any, attention: Any, norm: Any) -> None:
    """Query, key and value are one matrix; where another sequence is attended to, only key and value are."""
    _norm(spec.layer_norm, norm)
    parts = [attention.query, attention.key, attention.value]
    *fused, out = spec.linear
    groups = [parts] if len(fused) == 1 else [parts[:1], parts[1:]]
    for linear, group in zip(fused, groups, strict=True):
        linear.weight = np.concatenate([_numbers(part.weight) for part in group])
        linear.bias = np.concatenate([_bias(part) for part in group])
    _weights(out, attention.out)


def _feed_forward(spec: Any, block: Any) -> None:
    _norm(spec.layer_norm, block.mlp_ln)
    _weights(spec.linear_0, block.mlp[0])
    _weights(spec.linear_1, block.mlp[2])


def _norm(spec: Any, norm: Any) -> None:
    spec.gamma, spec.beta = _numbers(norm.weight), _numbers(norm.bias)


def _weights(spec: Any, module: Any) -> None:
    spec.weight, spec.bias = _numbers(module.weight), _numbers(module.bias)


def _bias(module: Any) -> Any:
    """Whisper's keys have none."""
    return np.zeros(module.weight.shape[0], np.float32) if module.bias is None else _numbers(module.bias)


def _numbers(tensor: Any) -> Any:
    return tensor.detach().float().cpu().numpy()


def _vocabulary(tokenizer: Tokenizer, size: int) -> list[str]:
    """A name for each token: only those of the special ones are ever looked up, the others must be different."""
    known = [
        tokenizer.encoding.decode_single_token_bytes(id).decode("latin-1") for id in range(tokenizer.encoding.n_vocab)
    ]
    return [*known, *(f"<|unused{number}|>" for number in range(size - len(known)))]


def _configure(config: Any, tokenizer: Tokenizer, alignment_heads: list[list[int]]) -> None:
    """What must never be said, as openai-whisper has it by default."""
    specials = (tokenizer.transcribe, tokenizer.translate, tokenizer.sot, tokenizer.sot_prev, tokenizer.sot_lm)
    config.suppress_ids = sorted({*tokenizer.non_speech_tokens, *specials, tokenizer.no_speech})
    config.suppress_ids_begin = [*tokenizer.encode(" "), tokenizer.eot]
    config.lang_ids = sorted(tokenizer.all_language_tokens)
    config.alignment_heads = alignment_heads
