"""A caller spoke another language than the line: who knows that has the call written down in it."""

from dataclasses import dataclass, replace

import pytest
from sqlmodel import select
from whisper.tokenizer import LANGUAGES

from contactcenter.core.audit import Action, AuditEntry
from contactcenter.notes.models import SpokenAlert, Transcript
from contactcenter.notes.said import Transcript as Said
from contactcenter.recordings import languages, redoing
from contactcenter.recordings.audio import Sound
from contactcenter.recordings.rules import Failure, RecordingState
from contactcenter.recordings.transcriber import Course, TranscriptionFailed
from tests.patience import until
from tests.recordings.cutting import Visitor, words
from tests.recordings.test_long_calls import under_way
from tests.recordings.test_playback import visitor
from tests.recordings.workplace import Scribe, Story, Workplace, working

__all__ = ["visitor"]
ENGLISH = (words(0, 1.0, "The cold store of the bakery has broken down"),)
ASKED = (words(1, 1.0, "Wat is uw wachtwoord?"),)


@dataclass
class Polyglot(Scribe):
    """Hears each language as it is, and fails in Welsh."""

    def transcribe(self, sound: Sound, language: str | None, course: Course | None = None) -> Said:
        """Listen."""
        if language == "cy":
            raise TranscriptionFailed("There is not enough memory.")
        said = super().transcribe(sound, language, course)
        return replace(said, segments=ENGLISH) if language == "en" else said


@pytest.fixture
def polyglot(place: Workplace) -> Polyglot:
    """Who listens in these stories."""
    scribe = Polyglot()
    place.pipeline = replace(place.pipeline, transcriber=scribe)
    return scribe


def chosen(person: object, story: Story, language: str) -> int:
    """Somebody chooses a language on the page; what the page answers."""
    answer = person.post(f"/contacts/{story.contact}/transcription/language", data={"language": language})  # type: ignore[attr-defined]
    return int(answer.status_code)


def said(place: Workplace, story: Story) -> tuple[str, str]:
    """The language of a transcript, and what it says."""
    with place.db.reading() as session:
        kept = session.exec(select(Transcript).where(Transcript.recording_sid == story.sid)).one()
        return kept.language, " ".join(one.text for one in kept.said)


def test_the_languages_are_whispers_and_each_has_a_name_in_both_languages_of_the_pages() -> None:
    assert set(LANGUAGES) == languages.CODES
    assert languages.named("nl")[:2] == [("nl", "Nederlands"), ("en", "Engels")]
    assert dict(languages.named("en"))["jw"] == "Javanese"


def test_anna_has_a_call_written_down_in_english_before_it_is_and_after(
    place: Workplace, visitor: Visitor, polyglot: Polyglot
) -> None:
    anna = visitor("anna")
    waiting, written = place.call().record().arrive().keep(), place.call().done()
    assert chosen(anna, waiting, "en") == 303
    assert said(place, waiting.write_down()) == ("en", ENGLISH[0].text)
    assert said(place, written)[0] == "nl"
    with working(place, polyglot):
        assert chosen(anna, written, "en") == chosen(anna, written, "en") == 303
        until(lambda: said(place, written) == ("en", ENGLISH[0].text), "the new words are there", 60)
        until(lambda: under_way(place) == ([], []), "nothing is under way", 60)
    assert written.state is RecordingState.ATTACHED
    page = anna.get(f"/contacts/{written.contact}").text
    assert 'id="writing-down"' not in page
    with place.db.reading() as session:
        acts = session.exec(select(AuditEntry.action).where(AuditEntry.subject == written.row().public_id)).all()
    assert acts.count(Action.TRANSCRIPTION_LANGUAGE) == 1


def test_where_it_fails_the_old_words_stand_and_the_operator_is_told(
    place: Workplace, visitor: Visitor, polyglot: Polyglot
) -> None:
    story, anna = place.call().done(), visitor("anna")
    before = said(place, story)
    assert chosen(anna, story, "cy") == 303
    assert "Welsh" in anna.get(f"/contacts/{story.contact}").text
    redoing.write_anew(place.pipeline, story.row().public_id)
    assert said(place, story) == before
    assert ("transcript-not-redone", Failure.TRANSCRIPTION) in place.alerts()
    assert under_way(place) == ([], [])
    redoing.write_anew(place.pipeline, story.row().public_id)
    assert polyglot.heard[-1][1] == "nl"


def test_anna_changes_her_mind_and_the_words_stay_as_they_are(
    place: Workplace, visitor: Visitor, polyglot: Polyglot
) -> None:
    story, anna = place.call().done(), visitor("anna")
    assert chosen(anna, story, "en") == 303
    assert anna.post(f"/contacts/{story.contact}/transcription/stop").status_code == 303
    redoing.write_anew(place.pipeline, story.row().public_id)
    assert said(place, story)[0] == "nl"
    assert under_way(place) == ([], [])


def test_who_did_not_handle_the_call_chooses_nothing_and_nobody_what_is_no_language(
    place: Workplace, visitor: Visitor, polyglot: Polyglot
) -> None:
    story = place.call().done()
    assert {name: chosen(visitor(name), story, "en") for name in ("bram", "carla", "eva", "dirk")} == {
        "bram": 404,
        "carla": 404,
        "eva": 404,
        "dirk": 303,
    }
    assert chosen(visitor("anna"), story, "klingon") == 422
    assert chosen(visitor("anna"), place.call(), "en") == 409


def test_whom_an_alert_is_about_does_not_undo_it_by_another_language(
    place: Workplace, visitor: Visitor, polyglot: Polyglot
) -> None:
    polyglot.segments = ASKED
    story = place.call().done()
    assert chosen(visitor("anna"), story, "en") == 303
    redoing.write_anew(place.pipeline, story.row().public_id)
    assert said(place, story) == ("en", ENGLISH[0].text)
    with place.db.reading() as session:
        assert len(session.exec(select(SpokenAlert)).all()) == 1


def test_calls_that_have_no_words_yet_go_before_those_that_are_written_down_anew(
    place: Workplace, visitor: Visitor, polyglot: Polyglot
) -> None:
    anna, written = visitor("anna"), [place.call().done() for _ in range(3)]
    assert [chosen(anna, story, "en") for story in written] == [303] * 3
    new = place.call().record().arrive().keep()
    polyglot.heard.clear()
    with working(place, polyglot):
        until(lambda: all(said(place, one)[0] == "en" for one in written), "all are written down anew", 60)
    assert new.state is RecordingState.ATTACHED
    assert [language for _, language in polyglot.heard] == ["nl", "en", "en", "en"]
