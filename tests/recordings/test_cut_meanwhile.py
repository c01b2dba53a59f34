"""A passage that is cut while its call is written down, or while somebody writes about it, comes back by no way."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from sqlmodel import Session, select
from starlette.testclient import TestClient

from contactcenter.core.audit import Action, AuditEntry
from contactcenter.notes import service as notes
from contactcenter.notes.models import Note, Summary, SummaryState, SummaryVersion, Transcript
from contactcenter.notes.said import Transcript as Said
from contactcenter.recordings.audio import Sound
from contactcenter.recordings.rules import RecordingState
from contactcenter.recordings.transcriber import Course
from tests.patience import until
from tests.recordings.cutting import CANARY, SAID, Visitor, cuts, opened_by, sweep, text_of, told
from tests.recordings.test_playback import visitor
from tests.recordings.workplace import Scribe, Story, Workplace, working

__all__ = ["visitor"]
REPEATS = f"Joris vertelde van zijn vrouw en {CANARY}."
CLEAN = "De koelcel is gemaakt."


@dataclass
class Meanwhile(Scribe):
    """A listener during whose work something happens, once, before a word is heard or after the last one."""

    act: Callable[[], None] = lambda: None
    after: bool = False
    listened: list[bytes] = field(default_factory=list)

    def transcribe(self, sound: Sound, language: str | None, course: Course | None = None) -> Said:
        """Listen, and let it happen."""
        act, self.act = self.act, lambda: None
        if not self.after:
            act()
        pieces = list(sound.pieces())
        self.listened.append(b"".join(piece.tobytes() for piece in pieces))
        if self.after:
            act()
        return super().transcribe(sound, language, course)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("swept", [False, True])
def test_what_is_heard_of_the_old_sound_is_never_kept(
    place: Workplace, visitor: Visitor, *, after: bool, swept: bool
) -> None:
    story = told(place, done=False)
    dirk = opened_by(visitor("dirk"), story)

    def cut() -> None:
        assert cuts(dirk, story) == 303
        if swept:
            assert sweep(place)

    scribe = Meanwhile(segments=SAID, act=cut, after=after)
    place.pipeline = replace(place.pipeline, transcriber=scribe)
    story.write_down()
    assert story.state is RecordingState.STORED
    assert text_of(place.db) == ""
    assert sweep(place)
    scribe.segments = SAID[:1]  # nobody says the rest any more
    story.write_down()
    assert story.row().state is RecordingState.ATTACHED
    assert CANARY not in text_of(place.db)


def test_the_worker_writes_down_what_is_left_by_itself(place: Workplace, visitor: Visitor) -> None:
    story = told(place, done=False)
    dirk = opened_by(visitor("dirk"), story)
    assert cuts(dirk, story) == 303
    story.write_down()
    assert story.state is RecordingState.STORED
    with working(place):
        until(lambda: story.state is RecordingState.ATTACHED, "it is cut and written down")


def confirmed(browser: TestClient, story: Story, text: str, seen: str = "") -> int:
    """Confirm the summary with a form that carries this; the answer's status."""
    return browser.post(f"/contacts/{story.contact}/summary", data={"text": text, "seen": seen}).status_code


def seen_on(browser: TestClient, story: Story) -> str:
    """What the forms of the contact's page carry now."""
    page = browser.get(f"/contacts/{story.contact}").text
    return page.split('data-cuts="')[1].split('"')[0]


def test_a_form_that_was_opened_before_the_cut_is_refused_and_one_of_after_it_taken(
    place: Workplace, visitor: Visitor
) -> None:
    story = told(place).end()
    anna, dirk = visitor("anna"), visitor("dirk")
    opened_by(anna, story, "replay-by-handler")
    before = seen_on(anna, story)
    assert cuts(opened_by(dirk, story), story) == 303
    assert confirmed(anna, story, REPEATS, before) == 409
    note = {"question": "De koelcel", "text": REPEATS, "seen": before}
    assert anna.post(f"/contacts/{story.contact}/note", data=note).status_code == 409
    closing = note | {"outcome": "solved", "kind": "question", "summary": REPEATS}
    assert anna.post(f"/contacts/{story.contact}/close", data=closing).status_code == 409
    with place.db.reading() as session:
        assert (session.exec(select(Note)).first(), session.exec(select(Summary)).one().text) == (None, "")
    place.clock.travel(minutes=1)
    assert confirmed(anna, story, CLEAN, seen_on(anna, story)) == 303
    assert confirmed(anna, story, REPEATS, before) == 409


def summary_of(session: Session) -> tuple[str, list[str]]:
    """What the summary says, and what it said before."""
    return session.exec(select(Summary)).one().text, [one.text for one in session.exec(select(SummaryVersion))]


def test_a_confirmed_summary_is_looked_at_again_and_keeps_no_version_of_before(
    place: Workplace, visitor: Visitor
) -> None:
    story = told(place).end()
    anna, dirk = opened_by(visitor("anna"), story, "replay-by-handler"), opened_by(visitor("dirk"), story)
    assert confirmed(anna, story, f"Eerst: {REPEATS}") == 303
    assert confirmed(anna, story, REPEATS) == 303
    assert "Look whether it repeats" not in anna.get(f"/contacts/{story.contact}").text
    place.clock.travel(minutes=1)
    assert cuts(dirk, story) == 303
    page = dirk.get(f"/contacts/{story.contact}").text
    assert "Look whether it repeats" in page
    place.clock.travel(minutes=1)
    assert confirmed(dirk, story, CLEAN, seen_on(dirk, story)) == 303
    with place.db.reading() as session:
        assert summary_of(session) == (CLEAN, [])
    assert "Look whether it repeats" not in dirk.get(f"/contacts/{story.contact}").text
    assert confirmed(dirk, story, "De koelcel is nu echt gemaakt.", seen_on(dirk, story)) == 303
    with place.db.reading() as session:
        assert summary_of(session)[1] == [CLEAN]


def test_a_summary_that_repeats_nothing_is_confirmed_as_it_is(place: Workplace, visitor: Visitor) -> None:
    story = told(place).end()
    anna, dirk = opened_by(visitor("anna"), story, "replay-by-handler"), opened_by(visitor("dirk"), story)
    assert confirmed(anna, story, CLEAN) == 303
    place.clock.travel(minutes=1)
    assert cuts(dirk, story) == 303
    place.clock.travel(minutes=1)
    assert confirmed(anna, story, CLEAN, seen_on(anna, story)) == 303
    assert "Look whether it repeats" not in anna.get(f"/contacts/{story.contact}").text
    with place.db.reading() as session:
        summary = session.exec(select(Summary)).one()
        confirmations = select(AuditEntry).where(AuditEntry.action == Action.SUMMARY_CONFIRMED)
        assert len(session.exec(confirmations).all()) == 2
    assert summary.state is SummaryState.CONFIRMED


def test_a_note_from_before_says_that_a_passage_was_cut_since(place: Workplace, visitor: Visitor) -> None:
    story = told(place)
    with place.db.writing() as session:
        anna_id = place.staff(session, "anna").id
        notes.write_note(session, place.clock(), story.contact_id, anna_id, "De koelcel", REPEATS)
    place.clock.travel(minutes=1)
    anna = opened_by(visitor("anna"), story, "replay-by-handler")
    assert cuts(opened_by(visitor("dirk"), story), story) == 303
    assert "a passage was cut since" in anna.get(f"/contacts/{story.contact}").text
    place.clock.travel(minutes=1)
    with place.db.writing() as session:
        notes.write_note(session, place.clock(), story.contact_id, anna_id, "De koelcel", REPEATS)
    assert "a passage was cut since" not in anna.get(f"/contacts/{story.contact}").text


def test_a_transcript_of_another_recording_of_the_call_stays_whole(place: Workplace, visitor: Visitor) -> None:
    story = told(place)
    with place.db.writing() as session:
        said = session.exec(select(Transcript)).one()
        other = Said("nl", "by hand", "none", SAID)
        notes.attach_transcript(session, place.clock(), said.contact_id, "RE" + "9" * 32, other, ["caller", "agent"])
    assert cuts(opened_by(visitor("dirk"), story), story) == 303
    assert text_of(place.db).count(CANARY) == 1
