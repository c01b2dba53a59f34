"""No backup brings back a passage that was cut since: it is cut again, or nobody can open what it is in (P17)."""

from dataclasses import replace

from sqlmodel import select

from contactcenter.compose import migrated as started
from contactcenter.core.db import Database
from contactcenter.core.keys import MasterKey
from contactcenter.notes.passages import Passage
from contactcenter.recordings import cuts, cutting, destroyed, service
from contactcenter.recordings.models import Cut
from contactcenter.recordings.rules import CutReason, RecordingState
from contactcenter.recordings.vault import Vault
from contactcenter.staff.access import as_member
from tests.operating.destruction import backed_up, lose, restored
from tests.operating.test_ledger import kept_aside, ledger_of, put_back
from tests.raw import raw
from tests.recordings.cutting import CANARY, END, START, loudest, sound_of, sweep, text_of, told
from tests.recordings.workplace import Story, Workplace, hold


def cut(place: Workplace, story: Story, start: float = START, end: float = END) -> None:
    """Dirk cuts the passage."""
    with place.db.writing() as session:
        recording = service.by_public_id(session, story.row().public_id)
        dirk = as_member(place.staff(session, "dirk"), place.clock())
        passage = Passage(start, end)
        cuts.ask(session, place.clock(), place.jobs, dirk, recording, passage, CutReason.CHILD)


def asked(db: Database) -> list[tuple[float, float, bool]]:
    """Every cut: from when to when, and whether its sound is gone."""
    with db.reading() as session:
        return [(one.start, one.end, one.cut_at is not None) for one in session.exec(select(Cut).order_by("id"))]


def test_a_restored_recording_is_unheard_unread_and_cut_again(place: Workplace) -> None:
    story = told(place)
    started(place.settings).close()
    backed_up(place)
    cut(place, story)
    assert sweep(place)
    cut(place, story, 1.0, 2.0)
    lose(place)
    assert restored(place).recordings == 1
    place.db, place.vault = (
        Database(place.settings.database_url),
        Vault(place.settings.vault_url, MasterKey.parse(place.key)),
    )
    assert asked(place.db) == [(START, END, False), (1.0, 2.0, False)]
    assert CANARY not in text_of(place.db)
    assert CANARY.encode() not in raw(place.folder)
    assert loudest(sound_of(place.vault, story.row()), START, END) > 1000  # in the vault, and nobody hears it
    assert cutting.cut_all(place.db, place.vault, place.clock, place.jobs)
    sound = sound_of(place.vault, story.row())
    assert (loudest(sound, START, END), loudest(sound, 1, 2), loudest(sound, 3, 7) > 1000) == (0, 0, True)
    assert len(list(place.vault.list())) == 1
    assert destroyed.again(place.db, place.clock()) == 0


def test_a_database_that_was_put_back_by_hand_can_open_nothing_that_has_the_passage(place: Workplace) -> None:
    story = told(place)
    started(place.settings).close()
    aside = kept_aside(place)
    cut(place, story)
    assert sweep(place)
    place.db = put_back(place, aside)
    assert (asked(place.db), CANARY in text_of(place.db)) == ([(START, END, False)], False)
    assert not place.vault.holds(story.row().object_key or "")
    assert not sweep(place)  # there is nothing to cut it out of, and that stays to be seen


def test_a_new_ledger_names_the_passages_that_the_database_knows(place: Workplace) -> None:
    story = told(place)
    started(place.settings).close()
    cut(place, story)
    assert [line["what"] for line in ledger_of(place).lines()] == ["begun", "cut"]
    ledger_of(place).path.unlink()
    started(place.settings, new_ledger=True).close()
    (_, line) = ledger_of(place).lines()
    assert (line["what"], line["start"], line["end"], line["reason"]) == ("cut", "8.0", "12.0", "child")
    assert not set(str(line).split()) & {CANARY, "Jansen", "Joris"}


def test_a_line_whose_transaction_never_was_is_done_at_the_next_start_unless_a_hold_came_since(
    place: Workplace,
) -> None:
    held, forgotten = told(place), told(place)
    started(place.settings).close()
    for story in (held, forgotten):
        with place.db.reading() as session:  # written down, and then the power failed
            row = Cut(
                recording_sid=story.sid, start=START, end=END, reason=CutReason.CHILD,
                role=place.staff(session, "dirk").role, asked_at=place.clock(),
            )  # fmt: skip
            cuts.on_ledger(session, row)
            assert place.db.ledger is not None
            place.db.ledger.keep(session)
    hold(place, held)
    assert destroyed.again(place.db, place.clock()) == 1
    with place.db.reading() as session:
        assert [one.recording_sid for one in session.exec(select(Cut))] == [forgotten.sid]


def test_a_recording_that_comes_anew_after_the_restore_is_cut_before_anybody_hears_it(place: Workplace) -> None:
    story = place.call().record(20)
    started(place.settings).close()
    aside = kept_aside(place)
    story.arrive(seconds=20)
    assert place.pipeline.run(place.pipeline.fetch_and_store, story.row().public_id)
    cut(place, story)
    place.db = put_back(place, aside)
    place.pipeline = replace(place.pipeline, db=place.db)
    story.arrive(seconds=20).keep().write_down()
    assert story.state is RecordingState.STORED
    assert sweep(place)
    assert loudest(sound_of(place.vault, story.row()), START, END) == 0
    assert story.write_down().state is RecordingState.ATTACHED
