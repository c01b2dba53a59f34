"""Speaks made English calls, as two channels of a telephone, for measuring redaction behind speech recognition.

    python -m tools.make_spoken --voices VOICES FOLDER [--count 20] [--seed 7]

What it needs, and VOICES, are those of `make_audio.py`. Each call becomes a WAV file and a JSON file beside it.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from tests.notes.spoken import Spoken, as_json, calls
from tools.make_audio import NOISE_RMS, RATE, SEED, VOICES, Samples, Speaker, mu_law_wav

CALLERS = ("en-michael", "en-heart", "en-george", "en-puck")
AGENT = "en-emma"
PAUSE = 0.5  # seconds between two lines


def main() -> None:
    """Make the clips."""
    options = argparse.ArgumentParser(description="Speaks made English calls.")
    options.add_argument("folder", type=Path)
    options.add_argument("--voices", type=Path, required=True, help="folder package/voices of npm's kokoro-js")
    options.add_argument("--count", type=int, default=20)
    options.add_argument("--seed", type=int, default=7)
    chosen = options.parse_args()
    speaker = Speaker(chosen.voices)
    speaker.restart()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    for number, call in enumerate(calls(chosen.count, chosen.seed)):
        path = chosen.folder / f"call_{number:03}.wav"
        if not path.exists():
            path.with_suffix(".json").write_text(json.dumps(as_json(call), indent=1) + "\n")
            path.write_bytes(mu_law_wav(spoken(speaker, call, CALLERS[number % len(CALLERS)])))
            print(path.name, flush=True)


def spoken(speaker: Speaker, call: Spoken, caller: str) -> Samples:
    """The sound of a call: (frames, 2) at 8 kHz, with the noise of a line on the side that speaks."""
    sides: list[list[Samples]] = [[], []]
    for channel, text in call.lines:
        said = speaker.say(text, VOICES[AGENT if channel else caller])
        padded = np.concatenate([np.zeros(int(PAUSE * RATE)), said])
        sides[channel].append(padded)
        sides[1 - channel].append(np.zeros(len(padded)))
    sound = np.stack([np.concatenate(side) for side in sides], axis=1)
    noise = np.random.default_rng(SEED).normal(0, NOISE_RMS, sound.shape)
    return np.asarray(np.where(np.any(sound, axis=0), sound + noise, sound))


if __name__ == "__main__":
    main()
