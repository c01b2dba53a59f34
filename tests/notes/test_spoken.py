"""Redaction behind speech recognition: values spoken over a telephone, written down by Whisper, and taken out."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from contactcenter.notes.finds import Kind
from contactcenter.recordings import engine_ctranslate2
from contactcenter.recordings.audio import decode_call
from contactcenter.recordings.transcriber import Transcriber
from tests.notes.spoken import CLIPS, from_json, judged
from tests.recordings.speech_model import checkpoint
from tools.voices import voices

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # Whisper never closes its vocabulary

LEAST = 0.85  # of the values
Figures = dict[str, object]
Record = Callable[[str, object], None]


@pytest.fixture(scope="module")
def whisper() -> Iterator[Transcriber]:
    loaded = engine_ctranslate2.load(checkpoint(), threads=2)
    yield loaded
    loaded.close()


def measured(whisper: Transcriber, folder: Path) -> Figures:
    """Of the calls with a value: of how many nothing can be read, and for how many its class is written; of the
    classes that are written: how many belong there; of the calls without a value: how many stay as they are."""
    asked, gone, named, near, untouched, strange = Counter[Kind](), Counter[Kind](), Counter[Kind](), 0, 0, 0
    for path in sorted(folder.glob("*.wav")):
        call = from_json(json.loads(path.with_suffix(".json").read_text()))
        found = judged(call, whisper.transcribe(decode_call(path.read_bytes()), "en").segments)
        strange += len(found.kinds - {call.kind})
        if call.kind is None:
            near, untouched = near + 1, untouched + (not found.kinds)
        else:
            asked[call.kind] += 1
            gone[call.kind] += not found.left
            named[call.kind] += call.kind in found.kinds
    return {
        "calls": asked.total() + near,
        "unreadable": round(gone.total() / asked.total(), 3),
        "class": round(named.total() / asked.total(), 3),
        "precision": round(named.total() / (named.total() + strange), 3),
        "untouched": round(untouched / near, 3),
        **{kind.value: f"{gone[kind]} and {named[kind]} of {asked[kind]}" for kind in Kind},
    }


def told(record_property: Record, figures: Figures) -> None:
    for name, value in figures.items():
        record_property(name, value)


def test_of_twenty_spoken_calls_hardly_a_value_can_be_read(whisper: Transcriber, record_property: Record) -> None:
    figures = measured(whisper, CLIPS)
    told(record_property, figures)
    assert figures["calls"] == 20
    assert float(str(figures["unreadable"])) >= LEAST, figures
    assert figures["untouched"] == 1.0, figures


@pytest.mark.prove
def test_of_five_hundred_spoken_calls(whisper: Transcriber, record_property: Record) -> None:
    made = ROOT / ".proved" / "spoken"
    making = [sys.executable, "-m", "tools.make_spoken", str(made), "--voices", str(voices(ROOT / ".venv" / "voices"))]
    subprocess.run([*making, "--count", "500", "--seed", "11"], cwd=ROOT, check=True)  # ours
    figures = measured(whisper, made)
    told(record_property, figures)
    assert figures["calls"] == 500
    assert float(str(figures["unreadable"])) >= LEAST, figures
