"""A checkpoint for CTranslate2: the same model, made once, and again when the checkpoint is newer."""

import os
from pathlib import Path

import ctranslate2
import numpy as np
import pytest
import torch
from whisper.model import ModelDimensions, Whisper

from contactcenter.recordings.audio import Samples
from contactcenter.recordings.engine_ctranslate2 import CTranslate2
from contactcenter.recordings.engine_openai import OpenAIWhisper
from contactcenter.recordings.quantised import quantised
from contactcenter.recordings.transcriber import TranscriptionFailed
from tests.recordings.sound import noise, tone

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # Whisper never closes its vocabulary
SMALL = ModelDimensions(
    n_mels=80, n_audio_ctx=1500, n_audio_state=64, n_audio_head=2, n_audio_layer=2,
    n_vocab=51_865, n_text_ctx=448, n_text_state=64, n_text_head=2, n_text_layer=2,
)  # fmt: skip


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """A model that has learnt nothing, with keys that have no bias, as Whisper's have none."""
    torch.manual_seed(7)
    made = Whisper(SMALL)
    path = tmp_path / "small.pt"
    torch.save({"dims": vars(SMALL), "model_state_dict": made.state_dict()}, path)
    return path


def by_both(checkpoint: Path) -> tuple[CTranslate2, OpenAIWhisper]:
    made = ctranslate2.models.Whisper(str(quantised(checkpoint)), device="cpu", compute_type="int8")
    model = Whisper(SMALL)
    model.load_state_dict(torch.load(checkpoint, weights_only=True)["model_state_dict"])
    return CTranslate2(made, "small"), OpenAIWhisper(model, "small", bf16=False)


def alike(one: Samples, other: Samples) -> float:
    """The cosine of the angle between two."""
    return float(np.vdot(one, other) / np.linalg.norm(one) / np.linalg.norm(other))


def test_both_engines_hear_the_same(checkpoint: Path) -> None:
    fast, plain = by_both(checkpoint)
    sounds = [tone(3.0), noise(7.0, -20.0)]
    theirs = plain._encoded(sounds).numpy()
    ours = np.asarray(fast._encoded(sounds))
    assert ours.shape == theirs.shape == (2, 1500, 64)
    assert alike(ours, theirs) > 0.999
    assert [alike(one, theirs[1]) > 0.999 for one in ours] == [False, True]


def test_where_nothing_can_be_written_beside_it_somebody_says_what_helps(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda folder, _: folder != checkpoint.parent)  # root may write anywhere
    with pytest.raises(TranscriptionFailed, match="CONTACTCENTER_WHISPER_ENGINE=openai-whisper"):
        quantised(checkpoint)


def test_it_is_made_once_and_again_for_a_newer_checkpoint(checkpoint: Path) -> None:
    made = quantised(checkpoint) / "model.bin"
    first = made.stat().st_mtime_ns
    quantised(checkpoint)
    assert made.stat().st_mtime_ns == first
    later = made.parent.stat().st_mtime + 10
    os.utime(checkpoint, (later, later))
    quantised(checkpoint)
    assert made.stat().st_mtime_ns > first
    assert [path.name for path in checkpoint.parent.iterdir() if path.name.startswith(".")] == []
