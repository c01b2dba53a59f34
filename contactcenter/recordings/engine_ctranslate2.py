"""CTranslate2 as an engine, where it is installed (the extra `fast`): whole numbers of 8 bits, one thread pool.

Made from the very checkpoint that openai-whisper loads, whatever model that is, so there is one file to get and to
trust. The result lies beside it and is made again when the checkpoint changes.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
import torch
import whisper
from whisper.tokenizer import LANGUAGES, Tokenizer, get_tokenizer

from contactcenter.recordings.audio import RATE, Samples
from contactcenter.recordings.engine import EngineName, Heard, Piece, between_timestamps
from contactcenter.recordings.quantised import PRECISION, quantised
from contactcenter.recordings.transcriber import TranscriptionFailed
from contactcenter.recordings.transcription import WindowTranscriber

AT_ONCE = 16  # windows
LONGEST = 448  # tokens of one window, the prompt with it
FIRST_WITHIN = 50  # ticks of 20 ms in which speech has to begin, as openai-whisper has it


def load(model: str | Path, threads: int) -> WindowTranscriber:
    """Whisper by CTranslate2 from a checkpoint file of openai-whisper; raises TranscriptionFailed."""
    try:
        folder = quantised(Path(model))
        loaded = ctranslate2.models.Whisper(str(folder), device="auto", compute_type=PRECISION, intra_threads=threads)
    except Exception as error:  # whatever is wrong with the file, the remedy is the same
        raise TranscriptionFailed(
            "The speech recognition model can't be loaded. Get it again: contactcenter models pull."
        ) from error
    torch.set_num_threads(threads)
    return WindowTranscriber(CTranslate2(loaded, Path(model).stem), AT_ONCE)


class CTranslate2:
    """Implements Engine with a loaded model, in this process."""

    name = EngineName.CTRANSLATE2

    def __init__(self, loaded: Any, model: str) -> None:
        self._model = loaded
        self.model = model

    def knows(self, language: str) -> bool:
        """Whether it can write down this language; a model of English alone writes everything in English."""
        return language in LANGUAGES

    def language_of(self, sound: Samples) -> str:
        """The likeliest language of a window."""
        if not self._model.is_multilingual:
            return "en"
        ((likeliest, _), *_rest) = self._model.detect_language(self._encoded([sound]))[0]
        return str(likeliest).strip("<|>")

    def listen(self, sounds: Sequence[Samples], language: str, temperature: float = 0.0) -> list[Heard]:
        """What is said in each window; the same again at the same temperature."""
        ctranslate2.set_random_seed(0)
        tokenizer = get_tokenizer(
            self._model.is_multilingual, num_languages=self._model.num_languages, language=language, task="transcribe"
        )
        results = self._model.generate(
            self._encoded(sounds),
            [list(tokenizer.sot_sequence)] * len(sounds),
            beam_size=1,
            sampling_temperature=temperature or 1.0,
            sampling_topk=0 if temperature else 1,
            max_length=LONGEST,
            max_initial_timestamp_index=FIRST_WITHIN,
            return_scores=True,
            return_no_speech_prob=True,
        )
        return [_heard(result, tokenizer, len(sound)) for result, sound in zip(results, sounds, strict=True)]

    def _encoded(self, sounds: Sequence[Samples]) -> Any:
        """What the encoder makes of windows; one at a time, since a batch of them takes longer than they do alone."""
        one_by_one = [self._model.encode(_view(_mel(sound, self._model.n_mels)), to_cpu=True) for sound in sounds]
        return _view(np.concatenate([np.asarray(encoded) for encoded in one_by_one]))


def _view(values: Any) -> Any:
    return ctranslate2.StorageView.from_array(np.ascontiguousarray(values, np.float32))


def _mel(sound: Samples, bands: int) -> Any:
    mel = whisper.log_mel_spectrogram(sound, bands, padding=whisper.audio.N_SAMPLES)
    return whisper.pad_or_trim(mel, whisper.audio.N_FRAMES).numpy()[None]


def _heard(result: Any, tokenizer: Tokenizer, samples: int) -> Heard:
    tokens = [token for token in result.sequences_ids[0] if token != tokenizer.eot]
    pieces = [
        Piece(start, end, tokenizer.decode(words))
        for start, end, words in between_timestamps(tokens, tokenizer.timestamp_begin, samples / RATE)
    ]
    text = "".join(piece.text for piece in pieces).strip().encode()
    return Heard(
        pieces=tuple(pieces),
        log_probability=result.scores[0] * len(tokens) / (len(tokens) + 1),
        no_speech=result.no_speech_prob,
        repetition=len(text) / len(zlib.compress(text)),
        tokens=len(tokens),
    )
