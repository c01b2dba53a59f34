"""openai-whisper as an engine: its encoder in bf16 where the processor is made for that, all else in fp32."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
import whisper
from whisper.tokenizer import Tokenizer

from contactcenter.recordings.audio import Samples
from contactcenter.recordings.engine import EngineName, Heard
from contactcenter.recordings.transcription import WindowTranscriber
from contactcenter.recordings.whisper import WhisperEngine, loading, picture, pieces_of

AT_ONCE = 4  # windows; more is little faster and takes memory


def load(model: str | Path, threads: int) -> WindowTranscriber:
    """Whisper from a checkpoint file, on `threads` processor threads; raises TranscriptionFailed."""
    torch.set_num_threads(threads)
    with loading():
        loaded = whisper.load_model(str(model), device="cuda" if torch.cuda.is_available() else "cpu")
    return WindowTranscriber(OpenAIWhisper(loaded, Path(model).stem), AT_ONCE)


class OpenAIWhisper(WhisperEngine):
    """Implements Engine with a loaded model, in this process."""

    name = EngineName.OPENAI

    def __init__(self, loaded: Any, model: str, *, bf16: bool | None = None) -> None:
        super().__init__(loaded, model)
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
        options = whisper.DecodingOptions(language=language, temperature=temperature, fp16=False)
        tokenizer = self._tokenizer(language)
        results = whisper.decode(self._model, self._encoded(sounds), options)
        return [_heard(result, tokenizer, len(sound)) for result, sound in zip(results, sounds, strict=True)]

    def _encoded(self, sounds: Sequence[Samples]) -> torch.Tensor:
        """What the encoder makes of windows: (windows, 1500, width), fp32."""
        mels = torch.stack([picture(sound, self._model.dims.n_mels) for sound in sounds]).to(self._model.device)
        kind = self._model.device.type
        with torch.inference_mode(), torch.autocast(kind, torch.bfloat16, enabled=self._bf16):
            encoded: torch.Tensor = self._model.encoder(mels)
        return encoded.float()


def made_for_bf16() -> bool:
    """Whether the processor multiplies bf16 in its own instructions; in emulation it is slower than fp32."""
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def _heard(result: Any, tokenizer: Tokenizer, samples: int) -> Heard:
    return Heard(
        pieces=pieces_of(result.tokens, tokenizer, samples),
        log_probability=result.avg_logprob,
        no_speech=result.no_speech_prob,
        repetition=result.compression_ratio,
        tokens=len(result.tokens),
    )
