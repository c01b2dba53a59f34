"""An engine that is quick and says other words of each sound, where it matters which windows it heard, and when."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np

from contactcenter.recordings.audio import Samples
from contactcenter.recordings.engine import EngineName, Heard, Piece
from tests.recordings.sound import conversation
from tests.simulator.desk import Samples as Pcm

SYLLABLES = ["ba", "de", "ki", "lo", "mu", "na", "pe", "ri", "so", "tu"]


@dataclass
class Scripted:
    """Implements Engine; each batch takes `seconds`, and is noted in a file: one line, the words of its windows."""

    notes: Path
    seconds: float = 0.0
    model: str = "scripted"
    name: EngineName = EngineName.OPENAI
    glossary: str = ""

    def knows(self, language: str) -> bool:
        """The languages of the stories."""
        return language in ("nl", "en", "yue")

    def language_of(self, sound: Samples) -> str:
        """Always the same."""
        return "en"

    def listen(self, sounds: Sequence[Samples], language: str, temperature: float = 0.0) -> list[Heard]:
        """A word for each window, from its sound."""
        said = [f"{language} {_word(sound)}" for sound in sounds]
        time.sleep(self.seconds)
        with self.notes.open("a") as file:
            file.write(" | ".join(said) + "\n")
        return [Heard((Piece(0.0, 1.0, one),), -0.1, 0.0, 1.0, 3) for one in said]

    @property
    def batches(self) -> list[str]:
        """What was listened to so far."""
        return self.notes.read_text().splitlines() if self.notes.exists() else []


def _word(sound: Samples) -> str:
    digits = str(crc32(np.rint(sound * 1_000).astype("<i2").tobytes()))
    return "".join(SYLLABLES[int(digit)] for digit in digits)


def long_talk(times: int) -> tuple[Pcm, Pcm]:
    """A conversation so many times over, each time a little softer: 16-bit samples of both sides, at 8 kHz."""
    audio, _ = conversation("question_en")
    caller, agent = (
        np.concatenate([channel[::2] * np.float32(0.98**time) for time in range(times)]) for channel in audio.channels
    )
    return _pcm(caller), _pcm(agent)


def _pcm(channel: Samples) -> Pcm:
    whole: Pcm = np.rint(channel * 32_767).astype(np.int16)
    return whole
