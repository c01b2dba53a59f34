"""openai-whisper behind the port: only speech is listened to, and what looks wrong is listened to again.

    channel -> speech ranges -> windows of at most 28 s -> a few windows at once through the model -> segments

Half of a two-channel call is silence, and silence is where Whisper invents text. So the speech ranges of one channel
are put together, with short gaps, into windows that are full of speech; times are mapped back afterwards.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import whisper
from whisper.tokenizer import LANGUAGES, get_tokenizer

from contactcenter.notes.said import Segment, Transcript
from contactcenter.recordings.audio import CallAudio, Samples
from contactcenter.recordings.speech import speech_ranges
from contactcenter.recordings.transcriber import Progress, TranscriptionFailed
from contactcenter.recordings.windows import Window, pack

AT_ONCE = 4  # windows; more is little faster and takes memory
TICK = 0.02  # seconds between two of Whisper's timestamps
REPEATS, UNSURE = 2.4, -1.0  # compression ratio and mean log probability of Whisper's own fallback
TOKENS_A_SECOND, TOKENS_MORE = 10, 12  # nobody speaks faster; a loop does
NO_SPEECH = 0.6
RETRY_TEMPERATURES = (0.2, 0.4, 0.6, 0.8, 1.0)

# What Whisper learnt from subtitles and says into near silence. The first are never said in a call, the second may be.
_CREDITS = re.compile(r"amara\.org|ondertitel(d|s|ing) (door|ingediend)|tv gelderland|subtitles by|subscribe", re.I)
_POLITE = re.compile(r"\W*(bedankt voor het kijken|thanks? (you )?for watching|you|tot de volgende keer)\W*", re.I)


@dataclass(frozen=True)
class _Said:
    """A piece of a window's text, in seconds of the window."""

    start: float
    end: float
    text: str
    log_probability: float
    no_speech: float


def load(model: str | Path, threads: int) -> WhisperTranscriber:
    """Whisper from a checkpoint file, on `threads` processor threads; raises TranscriptionFailed."""
    torch.set_num_threads(threads)
    try:
        loaded = whisper.load_model(str(model), device="cpu")
    except Exception as error:  # whatever torch says about a broken file, the remedy is the same
        raise TranscriptionFailed(
            "The speech recognition model can't be loaded. Get it again: contactcenter models pull."
        ) from error
    return WhisperTranscriber(loaded, Path(model).stem)


class WhisperTranscriber:
    """Implements Transcriber with a loaded model, in this process."""

    engine = "openai-whisper"

    def __init__(self, loaded: Any, model: str) -> None:
        self._model = loaded
        self.model = model

    def transcribe(self, audio: CallAudio, language: str | None, progress: Progress | None = None) -> Transcript:
        """Write down what is said, in order of time; no words where nobody speaks."""
        windows = [w for number, sound in enumerate(audio.channels) for w in pack(number, speech_ranges(sound))]
        windows.sort(key=lambda window: window.ranges[0].start)
        language = self._language(audio, windows, language)
        segments: list[Segment] = []
        for at in range(0, len(windows), AT_ONCE):
            some = windows[at : at + AT_ONCE]
            for window, said in zip(some, self._decoded(audio, some, language), strict=True):
                segments += _placed(window, said)
            if progress:
                progress(min(1.0, (at + AT_ONCE) / len(windows)))
        segments.sort(key=lambda segment: (segment.start, segment.channel))
        return Transcript(language, self.engine, self.model, tuple(segments))

    def close(self) -> None:
        """Nothing runs beside it."""

    def _language(self, audio: CallAudio, windows: list[Window], language: str | None) -> str:
        """The language of the whole call; detected on the first speech unless it is given."""
        if not self._model.is_multilingual:
            return "en"
        if language is not None:
            if language not in LANGUAGES:
                raise TranscriptionFailed("Whisper does not know this language. Name it by its two letters: nl, en.")
            return language
        if not windows:
            return "nl"
        _, likely = self._model.detect_language(self._mel(windows[0].cut(audio.channels[windows[0].channel])))
        return str(max(likely, key=likely.get))

    def _mel(self, sound: Samples) -> torch.Tensor:
        mel: torch.Tensor = whisper.log_mel_spectrogram(sound, self._model.dims.n_mels, padding=whisper.audio.N_SAMPLES)
        padded: torch.Tensor = whisper.pad_or_trim(mel, whisper.audio.N_FRAMES)
        return padded

    def _decoded(self, audio: CallAudio, windows: list[Window], language: str) -> list[list[_Said]]:
        sounds = [window.cut(audio.channels[window.channel]) for window in windows]
        options = whisper.DecodingOptions(language=language, temperature=0.0, fp16=False)
        results = whisper.decode(self._model, torch.stack([self._mel(sound) for sound in sounds]), options)
        return [
            self._again(sound, language)
            if _suspicious(result, window.seconds)
            else self._pieces(result, window.seconds)
            for window, sound, result in zip(windows, sounds, results, strict=True)
        ]

    def _again(self, sound: Samples, language: str) -> list[_Said]:
        """Whisper's own way out of loops and mumbling: higher temperatures, here the same ones each time."""
        torch.manual_seed(0)
        result = whisper.transcribe(
            self._model,
            sound,
            language=language,
            temperature=RETRY_TEMPERATURES,
            condition_on_previous_text=False,
            fp16=False,
        )
        return [
            _Said(part["start"], part["end"], part["text"], part["avg_logprob"], part["no_speech_prob"])
            for part in result["segments"]
        ]

    def _pieces(self, result: Any, seconds: float) -> list[_Said]:
        """The text of a window between its timestamps."""
        if result.no_speech_prob > NO_SPEECH and result.avg_logprob < UNSURE:
            return []
        tokenizer = get_tokenizer(
            self._model.is_multilingual, num_languages=self._model.num_languages, language=result.language
        )
        return [
            _Said(start, end, tokenizer.decode(tokens), result.avg_logprob, result.no_speech_prob)
            for start, end, tokens in between_timestamps(result.tokens, tokenizer.timestamp_begin, seconds)
        ]


def between_timestamps(tokens: list[int], first: int, seconds: float) -> list[tuple[float, float, list[int]]]:
    """(start, end, tokens) of each piece; one that is never closed lasts to the end of the window."""
    pieces: list[tuple[float, float, list[int]]] = []
    start, words = 0.0, list[int]()
    for token in tokens:
        if token < first:
            words.append(token)
            continue
        second = (token - first) * TICK
        if words:
            pieces.append((start, second, words))
        start, words = second, []
    return [*pieces, (start, max(start, seconds), words)] if words else pieces


def _suspicious(result: Any, seconds: float) -> bool:
    return bool(
        result.compression_ratio > REPEATS
        or result.avg_logprob < UNSURE
        or len(result.tokens) > TOKENS_A_SECOND * seconds + TOKENS_MORE
    )


def _placed(window: Window, said: list[_Said]) -> list[Segment]:
    """Pieces of a window as segments of the call; what nobody can have said is left out."""
    segments = []
    for piece in said:
        place = window.place(piece.start, min(piece.end, window.seconds))
        text = piece.text.strip()
        if place is None or not text or invented(text, piece.log_probability, piece.no_speech):
            continue
        confidence = round(math.exp(min(0.0, piece.log_probability)), 3)
        segments.append(Segment(window.channel, round(place.start, 2), round(place.end, 2), text, confidence))
    return segments


def invented(text: str, log_probability: float, no_speech: float) -> bool:
    """Whether this is what Whisper says when it hears next to nothing: the credits of the subtitles it learnt from."""
    unlikely = no_speech > NO_SPEECH / 2 or log_probability < UNSURE
    return bool(_CREDITS.search(text)) or (unlikely and bool(_POLITE.fullmatch(text)))
