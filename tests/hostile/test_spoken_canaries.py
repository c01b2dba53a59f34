"""Values that a caller says aloud: once real Whisper wrote them down, they can be read nowhere in the data folder."""

import json
import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from sqlmodel import select

from contactcenter.contacts.models import Contact
from contactcenter.notes import corrections
from contactcenter.notes.corrected import token_of
from contactcenter.notes.models import LineCorrection, Summary, Transcript
from contactcenter.notes.said import Segment
from contactcenter.notes.said import Transcript as Heard
from contactcenter.recordings import engine_ctranslate2, listening
from contactcenter.recordings.audio import Sound, decode_call
from contactcenter.recordings.models import TranscriptionPart
from contactcenter.recordings.rules import RecordingState
from contactcenter.recordings.transcriber import Course, Finished, Task, Transcriber, TranscriptionFailed
from contactcenter.staff.access import as_member
from tests.canaries import TELLTALE, left_in, readings
from tests.hostile.test_canaries import logged
from tests.recordings.speech_model import checkpoint
from tests.recordings.workplace import Story, Workplace

__all__ = ["logged"]
pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # Whisper never closes its vocabulary

CLIP = Path(__file__).parents[1] / "recordings" / "clips" / "canaries.wav"
SAID = ["0417164300", "02079460123", "4111111111111111", "marmalade77", "marigold", "SW1A 2AA", "Wisteria"]
TYPED = ["NL02ABNA0123456789", "+31670839201", "4012 8888 8888 1881", "kanarie@elsewhere.example", "1013 KN 7"]
CORRECTED = (
    "My account is NL02 ABNA 0123 4567 89 and my card four zero one two 8888 8888 1881",
    "Call me at +31 6 7083 9201 or write to kanarie@elsewhere.example, I live at Kanariestraat 7, 1013 KN.",
)


class Broken(Course):
    """Follows a transcription that breaks off behind its first window."""

    def __init__(self, followed: Course) -> None:
        self.followed = followed

    def begun(self, task: Task) -> Finished:
        """As it is."""
        return self.followed.begun(task)

    def went_on(self, windows: int, segments: Sequence[Segment]) -> None:
        """Keep what is finished, and fail."""
        self.followed.went_on(windows, segments)
        raise TranscriptionFailed("It broke off.")


@dataclass
class BreaksOff:
    """Implements Transcriber with one that breaks off."""

    whisper: Transcriber

    def transcribe(self, sound: Sound, language: str | None, course: Course | None = None) -> Heard:
        """Begin, and fail."""
        assert course is not None
        return self.whisper.transcribe(sound, language, Broken(course))

    def close(self) -> None:
        """Nothing is running."""


def spoken(place: Workplace) -> Story:
    """Somebody tells Anna too much, in English; the sound is in the vault."""
    sound = [np.rint(channel[::2] * 32_767).astype(np.int16) for channel in decode_call(CLIP.read_bytes()).channels]
    story = place.call().record(sound=sound)
    with place.db.writing() as session:
        session.get_one(Contact, story.contact_id).language = "en"
    return story.arrive(seconds=None).keep()


def corrected(place: Workplace, text: str) -> None:
    """Dirk puts these words in the longest line that is still as it was heard."""
    with place.db.writing() as session:
        transcript = session.exec(select(Transcript)).one()
        heard = [one for one in transcript.said if one.confidence < 1]
        line = max(heard, key=lambda one: len(one.text))
        dirk = as_member(place.staff(session, "dirk"), place.clock())
        wanted = corrections.reworded(transcript, token_of(line), text)
        corrections.correct(session, place.clock(), dirk, transcript, wanted, place.settings.zone)


def test_what_was_said_aloud_or_typed_into_a_transcript_can_be_read_nowhere(
    place: Workplace, monkeypatch: pytest.MonkeyPatch, logged: Callable[[], list[str]]
) -> None:
    temporary = place.folder / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setattr(listening, "KEEP_EVERY", 0.0)
    monkeypatch.setattr(engine_ctranslate2, "AT_ONCE", 1)
    whisper = engine_ctranslate2.load(checkpoint(), threads=2)
    heard = whisper.transcribe(decode_call(CLIP.read_bytes()), "en")
    (place.folder / "heard").write_text(" ".join(one.text for one in heard.segments))
    assert {found.partition(": ")[2] for found in left_in(place.folder, SAID)} == {*SAID}, "or the search is blind"
    (place.folder / "heard").unlink()
    story = spoken(place)
    place.pipeline = replace(place.pipeline, transcriber=BreaksOff(whisper))
    story.write_down()
    with place.db.reading() as session:
        assert session.exec(select(TranscriptionPart)).all(), "something is finished, and lies sealed"
    assert left_in(place.folder, SAID) == []
    place.pipeline = replace(place.pipeline, transcriber=whisper)
    story.write_down()
    assert story.state is RecordingState.ATTACHED
    for text in CORRECTED:
        corrected(place, text)
    with place.db.reading() as session:
        kept = session.exec(select(Transcript)).one()
        assert {"[IBAN]", "[card]", "[phone]", "[password]", "[address]", "[e-mail]"} <= {
            *" ".join(one.text for one in kept.said).replace(".", "").replace(",", "").split()
        }
        assert session.exec(select(Summary)).one().lines
        assert len(session.exec(select(LineCorrection)).all()) == len(CORRECTED)
    (place.folder / "log").write_text("\n".join(logged()))
    assert left_in(place.folder, [*SAID, *TYPED]) == []


PLANTED: dict[str, Callable[[Path], object]] = {
    "in a temporary file, with spaces": lambda at: at.with_suffix(".tmp").write_text("card 4111 1111 1111 1111"),
    "in a log, in words": lambda at: at.with_suffix(".log").write_text("he said " + "four " + "one " * 15),
    "in Dutch": lambda at: at.with_suffix(".txt").write_text("het is vier-" + "een, " * 15),
    "in a list": lambda at: at.with_suffix(".json").write_text(json.dumps([["4111", "1111"], ["1111", "1111"]])),
}


@pytest.mark.parametrize("form", PLANTED)
def test_the_search_finds_a_value_in_any_form(tmp_path: Path, form: str) -> None:
    assert left_in(tmp_path, ["4111111111111111"]) == []
    PLANTED[form](tmp_path / "planted")
    assert len(left_in(tmp_path, ["4111 1111-1111 1111"])) == 1


def test_the_search_finds_words_that_lie_one_by_one_in_a_table_in_its_log_and_deleted(tmp_path: Path) -> None:
    value = "4111111111111111"
    words = [{"start": at / 7, "text": text, "confidence": 0.9} for at, text in enumerate(["4111", *"1" * 12])]
    with closing(sqlite3.connect(tmp_path / "a.db")) as database:
        for pragma in ("journal_mode = wal", "secure_delete = off"):
            database.execute(f"PRAGMA {pragma}")
        database.execute("CREATE TABLE told (segments JSON)")
        database.execute("INSERT INTO told VALUES (?)", [json.dumps([{"words": words}])])
        database.commit()
        assert left_in(tmp_path, [value]) == [f"a.db-wal: {value}", f"a.db: {value}"]
        database.execute("DELETE FROM told")
        database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert left_in(tmp_path, [value]) == [f"a.db: {value}"]
        database.execute("VACUUM")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert left_in(tmp_path, [value]) == []
    assert [bool(TELLTALE.search(each)) for each in readings(b'[{"text": "NL91"}, {"text": "ABNA"}]')] == [False, True]
