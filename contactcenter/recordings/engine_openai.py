"""openai-whisper as an engine: its encoder in bf16 where the processor is made for that, all else in fp32."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from timeit import Timer
from typing import Any

import torch
import whisper
from whisper.model import disable_sdpa
from whisper.timing import dtw, median_filter
from whisper.tokenizer import Tokenizer

from contactcenter.recordings.alignment import Alignment, alignment_of
from contactcenter.recordings.audio import Samples
from contactcenter.recordings.engine import EngineName, Heard
from contactcenter.recordings.transcription import WindowTranscriber
from contactcenter.recordings.whisper import WhisperEngine, loading, picture, pieces_of, text_of, ticks

AT_ONCE = 4  # windows; more is little faster and takes memory

TRIES = 5  # at either number format, to see which is faster
SMOOTHED = 7  # ticks over which attention is smoothed by its median


def load(model: str | Path, threads: int, glossary: str = "") -> WindowTranscriber:
    """Whisper from a checkpoint file, on `threads` processor threads; raises TranscriptionFailed."""
    torch.set_num_threads(threads)
    with loading():
        loaded = whisper.load_model(str(model), device="cuda" if torch.cuda.is_available() else "cpu")
    return WindowTranscriber(OpenAIWhisper(loaded, Path(model).stem, glossary), AT_ONCE)


class OpenAIWhisper(WhisperEngine):
    """Implements Engine with a loaded model, in this process."""

    name = EngineName.OPENAI

    def __init__(self, loaded: Any, model: str, glossary: str = "", *, bf16: bool | None = None) -> None:
        super().__init__(loaded, model, glossary)
        self._bf16 = made_for_bf16() if bf16 is None else bf16

    def language_of(self, sound: Samples) -> str:
        """The likeliest language of a window."""
        if not self._model.is_multilingual:
            return "en"
        _, (likely,) = self._model.detect_language(self._encoded([sound]))
        return str(max(likely, key=likely.get))

    def listen(self, sounds: Sequence[Samples], language: str, temperature: float = 0.0) -> list[Heard]:
        """What is said in each window; the same again at the same temperature."""
        torch.manual_seed(0)
        language = language if self._model.is_multilingual else "en"
        options = whisper.DecodingOptions(
            language=language, temperature=temperature, prompt=self.glossary or None, fp16=False
        )
        tokenizer = self._tokenizer(language)
        encoded = self._encoded(sounds)
        results = whisper.decode(self._model, encoded, options)
        aligned = self._aligned(encoded, results, tokenizer, sounds)
        return [
            _heard(result, way, tokenizer, len(sound))
            for result, way, sound in zip(results, aligned, sounds, strict=True)
        ]

    def _aligned(
        self, encoded: torch.Tensor, results: Sequence[Any], tokenizer: Tokenizer, sounds: Sequence[Samples]
    ) -> list[Alignment]:
        """When each token of these texts is said, in what the encoder made of their windows; as whisper/timing.py."""
        texts = [text_of(result.tokens, tokenizer) for result in results]
        start = [*tokenizer.sot_sequence, tokenizer.no_timestamps]
        longest = max(map(len, texts))
        # What comes behind a text changes nothing in it, so all go through the decoder at once.
        padded = [[*start, *text, *[tokenizer.eot] * (longest - len(text) + 1)] for text in texts]
        tokens = torch.tensor(padded, device=self._model.device)
        with torch.inference_mode(), _attention(self._model) as attended:
            written = self._model.decoder(tokens, encoded)[:, len(start) - 1 :, : tokenizer.eot]
        heads = torch.stack(
            [attended[layer][:, head] for layer, head in self._model.alignment_heads.indices().T.tolist()]
        )
        found = []
        for at, (text, sound) in enumerate(zip(texts, sounds, strict=True)):
            chosen = written[at, range(len(text)), text] - written[at, : len(text)].logsumexp(-1)
            rows = heads[:, at, : len(start) + len(text) + 1, : ticks(len(sound))]
            found.append(alignment_of(_way(rows, len(start)), chosen.exp().tolist()))
        return found

    def _encoded(self, sounds: Sequence[Samples]) -> torch.Tensor:
        """What the encoder makes of windows: (windows, 1500, width), fp32."""
        mels = torch.stack([picture(sound, self._model.dims.n_mels) for sound in sounds]).to(self._model.device)
        kind = self._model.device.type
        with torch.inference_mode(), torch.autocast(kind, torch.bfloat16, enabled=self._bf16):
            encoded: torch.Tensor = self._model.encoder(mels)
        return encoded.float()


def made_for_bf16() -> bool:
    """Whether bf16 is faster than fp32 here: without instructions of its own, and with some, it is slower."""
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    has_instructions = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return has_instructions and _fastest(torch.bfloat16) < _fastest(torch.float32)


def _fastest(kind: torch.dtype) -> float:
    """Seconds of a layer of the encoder on one window, at best."""
    sound, weights = torch.ones(1500, 512, dtype=kind), torch.ones(2048, 512, dtype=kind)
    linear = torch.nn.functional.linear
    return min(Timer("linear(sound, weights)", globals=locals()).repeat(TRIES, 1))


@contextmanager
def _attention(model: Any) -> Iterator[dict[int, torch.Tensor]]:
    """While it lasts, the model keeps what its decoder attends to: by layer (windows, heads, tokens, ticks)."""
    attended: dict[int, torch.Tensor] = {}

    def keeper(layer: int) -> Callable[..., None]:
        return lambda _module, _given, made: attended.__setitem__(layer, made[-1])

    hooks = [block.cross_attn.register_forward_hook(keeper(at)) for at, block in enumerate(model.decoder.blocks)]
    try:
        with disable_sdpa():
            yield attended
    finally:
        for hook in hooks:
            hook.remove()


def _way(heads: torch.Tensor, start: int) -> list[tuple[int, int]]:
    """The way through (token, tick) that these heads (heads, tokens, ticks) attended to most, from the text on."""
    weights = heads.float().softmax(dim=-1)
    std, mean = torch.std_mean(weights, dim=-2, keepdim=True, unbiased=False)
    smooth = median_filter((weights - mean) / std, SMOOTHED)
    tokens, columns = dtw(-smooth.mean(dim=0)[start - 1 : -1])
    return [*zip(tokens.tolist(), columns.tolist(), strict=True)]


def _heard(result: Any, aligned: Alignment, tokenizer: Tokenizer, samples: int) -> Heard:
    return Heard(
        pieces=pieces_of(result.tokens, aligned, tokenizer, samples),
        log_probability=result.avg_logprob,
        no_speech=result.no_speech_prob,
        repetition=result.compression_ratio,
        tokens=len(result.tokens),
    )
