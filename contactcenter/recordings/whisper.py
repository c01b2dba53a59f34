"""What engines that run Whisper's models have in common: its languages, its picture of sound, its words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
import whisper
from whisper.tokenizer import Tokenizer, get_tokenizer

from contactcenter.recordings.alignment import TICK, Alignment, words_of
from contactcenter.recordings.audio import RATE, Samples
from contactcenter.recordings.engine import Piece, between_timestamps
from contactcenter.recordings.languages import is_language
from contactcenter.recordings.transcriber import TranscriptionFailed


class WhisperEngine:
    """The half of an Engine that does not depend on what multiplies; `loaded` says how many languages it knows."""

    def __init__(self, loaded: Any, model: str, glossary: str = "") -> None:
        self._model = loaded
        self.model = model
        self.glossary = glossary

    def knows(self, language: str) -> bool:
        """Whether it can write down this language; a model of English alone writes everything in English."""
        return is_language(language)

    def _tokenizer(self, language: str) -> Tokenizer:
        return get_tokenizer(
            self._model.is_multilingual, num_languages=self._model.num_languages, language=language, task="transcribe"
        )


@contextmanager
def loading() -> Iterator[None]:
    """A model is loaded; raises TranscriptionFailed with what helps."""
    try:
        yield
    except TranscriptionFailed:
        raise
    except Exception as error:  # whatever a library says about a broken file, the remedy is the same
        raise TranscriptionFailed(
            "The speech recognition model can't be loaded. Get it again: contactcenter models pull."
        ) from error


def picture(sound: Samples, bands: int) -> torch.Tensor:
    """The log-mel spectrogram of a window, padded to 30 seconds: (bands, 3000)."""
    mel: torch.Tensor = whisper.log_mel_spectrogram(sound, bands, padding=whisper.audio.N_SAMPLES)
    padded: torch.Tensor = whisper.pad_or_trim(mel, whisper.audio.N_FRAMES)
    return padded


def text_of(tokens: Sequence[int], tokenizer: Tokenizer) -> list[int]:
    """The tokens that are text: those of an `Alignment`."""
    return [token for token in tokens if token < tokenizer.eot]


def ticks(samples: int) -> int:
    """How many columns of the attention a window of so many samples fills."""
    return min(int(whisper.audio.N_FRAMES) // 2, math.ceil(samples / RATE / TICK))


def pieces_of(tokens: Sequence[int], aligned: Alignment, tokenizer: Tokenizer, samples: int) -> tuple[Piece, ...]:
    """What the tokens of a window of so many samples say, between their timestamps, word by word."""
    pieces, at = [], 0
    for start, end, said in between_timestamps(tokens, tokenizer.timestamp_begin, samples / RATE):
        text = text_of(said, tokenizer)
        letters = [tokenizer.encoding.decode_single_token_bytes(token) for token in text]
        words = words_of(letters, aligned.part(at, at + len(text)))
        pieces.append(Piece(start, end, tokenizer.decode(said), words))
        at += len(text)
    return tuple(pieces)
