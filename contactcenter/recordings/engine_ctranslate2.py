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
from whisper.tokenizer import Tokenizer

from contactcenter.recordings.alignment import Alignment, alignment_of
from contactcenter.recordings.audio import Samples
from contactcenter.recordings.engine import EngineName, Heard
from contactcenter.recordings.quantised import PRECISION, quantised
from contactcenter.recordings.transcription import WindowTranscriber
from contactcenter.recordings.whisper import WhisperEngine, loading, picture, pieces_of, text_of, ticks

AT_ONCE = 16  # windows
LONGEST = 448  # tokens of one window, the prompt with it
FIRST_WITHIN = 50  # ticks of 20 ms in which speech has to begin, as openai-whisper has it


def load(model: str | Path, threads: int, glossary: str = "") -> WindowTranscriber:
    """Whisper by CTranslate2 from a checkpoint file of openai-whisper; raises TranscriptionFailed."""
    torch.set_num_threads(threads)  # for the spectrograms
    with loading():
        folder = str(quantised(Path(model)))
        loaded = ctranslate2.models.Whisper(folder, device="auto", compute_type=PRECISION, intra_threads=threads)
    return WindowTranscriber(CTranslate2(loaded, Path(model).stem, glossary), AT_ONCE)


class CTranslate2(WhisperEngine):
    """Implements Engine with a loaded model, in this process."""

    name = EngineName.CTRANSLATE2

    def language_of(self, sound: Samples) -> str:
        """The likeliest language of a window."""
        if not self._model.is_multilingual:
            return "en"
        ((likeliest, _), *_rest) = self._model.detect_language(self._encoded([sound]))[0]
        return str(likeliest).strip("<|>")

    def listen(self, sounds: Sequence[Samples], language: str, temperature: float = 0.0) -> list[Heard]:
        """What is said in each window; the same again at the same temperature."""
        ctranslate2.set_random_seed(0)
        tokenizer = self._tokenizer(language)
        encoded = self._encoded(sounds)
        results = self._model.generate(
            encoded,
            [self._prompt(tokenizer)] * len(sounds),
            beam_size=1,
            sampling_temperature=temperature or 1.0,
            sampling_topk=0 if temperature else 1,
            max_length=LONGEST,
            max_initial_timestamp_index=FIRST_WITHIN,
            return_scores=True,
            return_no_speech_prob=True,
        )
        aligned = self._aligned(encoded, results, tokenizer, sounds)
        return [
            _heard(result, way, tokenizer, len(sound))
            for result, way, sound in zip(results, aligned, sounds, strict=True)
        ]

    def _prompt(self, tokenizer: Tokenizer) -> list[int]:
        """What comes before a window's words: as openai-whisper has it, with the end of the glossary in front."""
        if not self.glossary:
            return list(tokenizer.sot_sequence)
        names = tokenizer.encode(f" {self.glossary.strip()}")[-(LONGEST // 2 - 1) :]
        return [tokenizer.sot_prev, *names, *tokenizer.sot_sequence]

    def _aligned(
        self, encoded: Any, results: Sequence[Any], tokenizer: Tokenizer, sounds: Sequence[Samples]
    ) -> list[Alignment]:
        """When each token of these texts is said, in what the encoder made of their windows."""
        texts = [text_of(result.sequences_ids[0], tokenizer) for result in results]
        columns = [2 * ticks(len(sound)) for sound in sounds]
        found = self._model.align(encoded, list(tokenizer.sot_sequence), texts, columns)
        return [alignment_of(one.alignments, one.text_token_probs) for one in found]

    def _encoded(self, sounds: Sequence[Samples]) -> Any:
        """What the encoder makes of windows; one at a time, since a batch of them takes longer than they do alone."""
        pictures = (picture(sound, self._model.n_mels).numpy()[None] for sound in sounds)
        one_by_one = [self._model.encode(_view(one), to_cpu=True) for one in pictures]
        return _view(np.concatenate([np.asarray(encoded) for encoded in one_by_one]))


def _view(values: Any) -> Any:
    return ctranslate2.StorageView.from_array(np.ascontiguousarray(values, np.float32))


def _heard(result: Any, aligned: Alignment, tokenizer: Tokenizer, samples: int) -> Heard:
    tokens = [token for token in result.sequences_ids[0] if token != tokenizer.eot]
    pieces = pieces_of(tokens, aligned, tokenizer, samples)
    text = "".join(piece.text for piece in pieces).strip().encode()
    return Heard(
        pieces=pieces,
        log_probability=result.scores[0] * len(tokens) / (len(tokens) + 1),
        no_speech=result.no_speech_prob,
        repetition=len(text) / len(zlib.compress(text)),
        tokens=len(tokens),
    )
