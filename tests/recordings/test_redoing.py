"""What is written down already is written down anew, by another model: persons' words stay, what was cut stays cut."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

import pytest
from sqlmodel import select

from contactcenter.cli import cli
from contactcenter.core.audit import Action, Actor, AuditEntry
from contactcenter.notes import corrections
from contactcenter.notes.corrected import token_of
from contactcenter.notes.drafting import DraftLine
from contactcenter.notes.models import Summary, SummaryState, Transcript
from contactcenter.notes.said import Segment
from contactcenter.notes.said import Transcript as Said
from contactcenter.recordings import listening, redoing, service
from contactcenter.recordings.audio import Sound
from contactcenter.recordings.redoing import Outcome, Wish
from contactcenter.recordings.rules import Failure, NotRecorded
from contactcenter.recordings.transcriber import Course
from contactcenter.recordings.transcription import WindowTranscriber
from contactcenter.settings import SettingsError
from contactcenter.staff.access import as_member
from tests.recordings.cutting import CANARY, Visitor, cuts, opened_by, sweep, told, words
from tests.recordings.cutting import SAID as TOLD
from tests.recordings.scripted import long_talk
from tests.recordings.speech_model import checkpoint
from tests.recordings.test_long_calls import Interrupted, fails, under_way
from tests.recordings.test_playback import visitor
from tests.recordings.workplace import Scribe, Story, Workplace

__all__ = ["visitor"]
BETTER = (words(0, 1.0, "De koelcel van bakkerij Jansen heeft storing"), *TOLD[1:])
LARGE = Wish("scribe", "large")
JORIS_NUMBER = words(0, 1.0, "Mijn nummer is 06 12345678 voor de koelcel")


@dataclass
class Larger(Scribe):
    """A larger model; something happens while it listens."""

    model: str = "large"
    segments: tuple[Segment, ...] = BETTER
    act: Callable[[], object] = lambda: None

    def transcribe(self, sound: Sound, language: str | None, course: Course | None = None) -> Said:
        """Listen, while that happens."""
        self.act()
        return super().transcribe(sound, language, course)


def by(place: Workplace, larger: object) -> Workplace:
    """From now on this one listens."""
    place.pipeline = replace(place.pipeline, transcriber=larger)  # type: ignore[arg-type]  # each implements it
    return place


def redone(place: Workplace, story: Story, wish: Wish = LARGE) -> Outcome:
    """Somebody asks for it; what came of it."""
    return redoing.redo(place.pipeline, story.row().public_id, wish, Actor.OPERATOR)


def kept(place: Workplace) -> Transcript:
    """The transcript as it stands."""
    with place.db.reading() as session:
        (found,) = session.exec(select(Transcript)).all()
        return Transcript(**found.model_dump())


def texts(place: Workplace) -> list[str]:
    """What its lines say."""
    return [one.text for one in kept(place).said]


def corrected(place: Workplace, story: Story, line: int, text: str) -> None:
    """Anna corrects a line by hand."""
    with place.db.writing() as session:
        anna = place.staff(session, "anna")
        transcript = session.exec(select(Transcript).where(Transcript.recording_sid == story.sid)).one()
        wanted = corrections.reworded(transcript, token_of(transcript.said[line]), text)
        member = as_member(anna, place.clock())
        corrections.correct(session, place.clock(), member, transcript, wanted, place.settings.zone)


def test_a_larger_model_writes_a_call_down_anew_and_a_second_time_does_nothing(place: Workplace) -> None:
    story = told(place)
    by(place, Larger())
    assert [redone(place, story), redone(place, story)] == [Outcome.REDONE, Outcome.SO_ALREADY]
    assert (kept(place).engine, kept(place).model, texts(place)[0]) == ("scribe", "large", BETTER[0].text)
    with place.db.reading() as session:
        acts = session.exec(select(AuditEntry.action).where(AuditEntry.actor == Actor.OPERATOR)).all()
    assert acts.count(Action.TRANSCRIPT_REDONE) == 1
    assert under_way(place) == ([], [])
    assert story.state is story.state.ATTACHED


def test_what_persons_corrected_stays(place: Workplace) -> None:
    story = told(place)
    corrected(place, story, 2, "Wij sturen vanavond een monteur naar de bakkerij.")
    by(place, Larger())
    assert redone(place, story) is Outcome.REDONE
    assert texts(place)[0] == BETTER[0].text
    assert texts(place)[-1] == "Wij sturen vanavond een monteur naar de bakkerij."


def test_what_a_confirmed_summary_cites_is_found_where_it_stands_now(place: Workplace) -> None:
    story = told(place)
    before = kept(place).said
    places = [(one.channel, one.start) for one in before]
    with place.db.writing() as session:
        summary = session.exec(select(Summary)).one()
        summary.state = SummaryState.CONFIRMED
        line = DraftLine("Iemand komt.", before[0].start, before[0].channel, cites=(places[0], places[-1]))
        summary.draft_lines = [asdict(line)]
    by(place, Larger(segments=tuple(replace(one, start=one.start + 0.125) for one in TOLD)))
    assert redone(place, story) is Outcome.REDONE
    with place.db.reading() as session:
        (moved,) = session.exec(select(Summary)).one().lines
    assert moved.start == before[0].start + 0.125
    assert moved.cites == tuple((channel, start + 0.125) for channel, start in (places[0], places[-1]))


def test_what_a_better_model_hears_of_a_value_is_taken_out_and_silent(place: Workplace) -> None:
    story = told(place)
    by(place, Larger(segments=(JORIS_NUMBER, *BETTER[1:])))
    redone(place, story)
    assert "[phone]" in texts(place)[0]
    assert kept(place).values
    with place.db.reading() as session:
        assert "12345678" not in repr([row.segments for row in session.exec(select(Transcript))])


@pytest.mark.parametrize("swept", [False, True])
def test_what_was_cut_before_comes_back_by_no_model(place: Workplace, visitor: Visitor, *, swept: bool) -> None:
    story = told(place)
    assert cuts(opened_by(visitor("dirk"), story), story) == 303
    if swept:
        sweep(place)
    by(place, Larger())
    assert redone(place, story) is (Outcome.REDONE if swept else Outcome.NOT_NOW)
    assert CANARY not in " ".join(texts(place))


@pytest.mark.parametrize("swept", [False, True])
def test_what_is_cut_meanwhile_comes_back_by_no_model(place: Workplace, visitor: Visitor, *, swept: bool) -> None:
    story = told(place)
    dirk = opened_by(visitor("dirk"), story)

    def cut() -> None:
        assert cuts(dirk, story) == 303
        if swept:
            sweep(place)

    by(place, Larger(act=cut))
    assert redone(place, story) is Outcome.NOT_NOW
    assert kept(place).model == "fixed"
    assert CANARY not in " ".join(texts(place))


def test_a_correction_meanwhile_stays(place: Workplace) -> None:
    story = told(place)
    by(place, Larger(act=lambda: corrected(place, story, 0, "De koelcel van bakkerij Jansen is warm.")))
    assert redone(place, story) is Outcome.REDONE
    assert texts(place)[0] == "De koelcel van bakkerij Jansen is warm."


def test_what_was_objected_to_or_is_over_is_left_as_it_is(place: Workplace) -> None:
    story, late = told(place), told(place)
    by(place, Larger())
    with place.db.writing() as session:
        service.refuse(session, place.clock(), story.contact_id, NotRecorded.OBJECTED)
    assert redone(place, story) is Outcome.NOT_NOW
    place.clock.travel(days=31)
    assert redone(place, late) is Outcome.NOT_NOW


def test_where_it_fails_the_old_words_stand_and_it_goes_on_at_the_last_window(
    place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "KEEP_EVERY", 0.0)
    place.call().record(sound=long_talk(3)).arrive(seconds=None).keep().write_down()
    before, engine = texts(place), Interrupted(place.folder / "heard", model="large")
    engine.happens = fails
    by(place, WindowTranscriber(engine, 1))
    with place.db.reading() as session:
        chosen = redoing.of_days(session, None, None)
    wish, progress = Wish("openai-whisper", "large"), list[float]()
    assert redoing.redo_all(place.pipeline, chosen, wish, Actor.OPERATOR, progress.append) == {Failure.TRANSCRIPTION: 1}
    assert texts(place) == before
    engine.happens = lambda: None
    assert redoing.redo_all(place.pipeline, chosen, wish, Actor.OPERATOR, progress.append) == {"redone": 1}
    assert engine.batches.count(engine.batches[0]) == 1
    assert kept(place).model == "large"
    assert progress[-1] == chosen[0].seconds > progress[0] > 0
    assert under_way(place) == ([], [])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "Name either a contact, or days"),
        (["abc", "--since", "2026-11-01"], "Name either a contact, or days"),
        (["--since", "2026-11-01", "--language", "xx"], "Whisper does not know this language"),
        (["abc"], "No contact or recording of this id is written down"),
    ],
)
def test_what_is_not_clear_is_said_before_anything_is_done(
    place: Workplace, monkeypatch: pytest.MonkeyPatch, arguments: list[str], sentence: str
) -> None:
    monkeypatch.setenv("CONTACTCENTER_DATABASE_URL", place.settings.database_url)
    with pytest.raises(SettingsError, match=sentence):
        cli(["transcripts", "redo", *arguments], standalone_mode=False)


def test_real_whisper_writes_the_calls_of_some_days_down_anew_by_command(
    place: Workplace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place.call().record(sound=long_talk(1)).arrive(seconds=None).keep().write_down()
    settings = place.settings
    for name in ("database_url", "vault_url", "models_dir"):
        monkeypatch.setenv(f"CONTACTCENTER_{name.upper()}", str(getattr(settings, name)))
    monkeypatch.setenv("CONTACTCENTER_MASTER_KEY", place.key)
    for said in ("1 written down anew", "1 had been written down so already"):
        cli(["transcripts", "redo", "--since", "2026-11-01", "--model", str(checkpoint())], standalone_mode=False)
        assert said in capsys.readouterr().out
    assert kept(place).model == checkpoint().stem
    assert len(kept(place).said) > 2
