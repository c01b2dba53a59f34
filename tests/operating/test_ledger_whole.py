"""A ledger that lacks something is never taken for whole, and no wrong clock brings anything back (P17)."""

import json
import re
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from contactcenter.compose import migrated as started
from contactcenter.core.audit import Action, Actor, record
from contactcenter.core.db import Database
from contactcenter.core.errors import Problem
from contactcenter.core.ledger import Ledger, LedgerDamaged, LedgerUnavailable
from contactcenter.recordings import destroyed, retention, service, timers
from contactcenter.recordings.models import Recording
from contactcenter.recordings.rules import NotRecorded, RecordingState
from tests.operating.destruction import backed_up, destroy_in_every_way, lose, restored
from tests.raw import database_files
from tests.recordings.workplace import Workplace, hold


def ledger_of(place: Workplace) -> Path:
    """The file beside the database."""
    return place.folder / "contactcenter.db.destroyed"


def readable(place: Workplace) -> list[str]:
    """Recordings whose keys stand in the database."""
    db = Database(place.settings.database_url)
    with db.reading() as session:
        found = [one.sid for one in session.exec(select(Recording)) if one.wrapped_key]
    db.close()
    return found


def forget(place: Workplace) -> None:
    """Away with a database that was restored."""
    for path in database_files(place.folder):
        path.unlink()


def is_cut(text: str) -> str:
    """The last line is missing."""
    return "".join(text.splitlines(keepends=True)[:-1])


def is_rotten(text: str) -> str:
    """A bit of the first line that isn't the beginning flips."""
    return text.replace('"what":"destroyed"', '"what:"destroyed"', 1)


def is_altered(text: str) -> str:
    """A line reads well, but is not what was written."""
    return text.replace('"sid":"', '"sid":"X', 1)


def is_torn_in_the_middle(text: str) -> str:
    """A line ends half way, and others follow."""
    lines = text.splitlines(keepends=True)
    return "".join([lines[0], lines[1][:40], "\n", *lines[2:]])


def has_its_end_rotten(text: str) -> str:
    """The last line is half a line now, though it was committed."""
    return text[:-30]


def is_empty(_text: str) -> str:
    """Nothing is left of it."""
    return ""


LACK_THE_END = (is_empty, is_cut, has_its_end_rotten)
DAMAGES = (*LACK_THE_END, is_rotten, is_altered, is_torn_in_the_middle)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_ledger_that_lacks_something_restores_and_starts_nothing(
    place: Workplace, damage: Callable[[str], str]
) -> None:
    stories = [place.call().done() for _ in range(3)]
    started(place.settings).close()
    destroy_in_every_way(place, stories[:2])
    backed_up(place)
    whole = ledger_of(place).read_text()
    assert len(whole.splitlines()) > 3
    ledger_of(place).write_text(damage(whole))
    with pytest.raises(Problem, match="ledger of what was destroyed"):
        started(place.settings)
    if damage in LACK_THE_END:  # seen also by who was running meanwhile
        with pytest.raises(LedgerUnavailable, match="put the newest copy"), place.db.writing() as session:
            service.refuse(session, place.clock(), stories[2].contact_id, NotRecorded.OBJECTED)
    lose(place)
    with pytest.raises(Problem, match="ledger of what was destroyed"):
        restored(place)
    assert not list(place.folder.glob("contactcenter.db.restoring*"))
    aside = place.folder / "aside"  # nothing better is left: what can be read of it counts
    ledger_of(place).rename(aside)
    report = restored(place, without_ledger=True, ledgers=[aside])
    assert report.recordings == 1
    assert readable(place) == [stories[2].sid]
    started(place.settings).close()


def test_an_older_copy_of_the_ledger_is_seen_when_the_database_knows_more(place: Workplace) -> None:
    story, later = place.call().done(), place.call().done()
    started(place.settings).close()
    destroy_in_every_way(place, [story])
    shutil.copy(ledger_of(place), place.folder / "old")
    destroy_in_every_way(place, [later])
    shutil.copy(place.folder / "old", ledger_of(place))
    with pytest.raises(destroyed.LedgerMissing, match="not the newest: it has 2 lines"):
        started(place.settings)


def test_a_ledger_of_another_installation_is_not_ours(place: Workplace) -> None:
    place.call().done()
    started(place.settings).close()
    backed_up(place)
    lose(place)
    ledger_of(place).unlink()
    started(place.settings).close()  # an empty new start, with a ledger of its own
    forget(place)
    with pytest.raises(destroyed.LedgerMissing, match="another installation's"):
        restored(place)


def test_lines_without_numbers_stay_readable_and_are_counted_from_then_on(place: Workplace) -> None:
    gone, kept = place.call().done(), place.call().done()
    destroy_in_every_way(place, [gone])
    lines = [json.loads(text) for text in ledger_of(place).read_text().splitlines()]
    old = [{name: line[name] for name in line if name not in ("of", "n", "prev")} for line in lines]
    text = "".join(json.dumps(line) + "\n" for line in old) + '{"at":"2026-11-02T12:00:00+00:00","wh'
    ledger_of(place).write_text(text)
    with place.db.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM ledger_head")
    started(place.settings).close()
    written = Ledger(ledger_of(place)).read()
    assert ledger_of(place).read_text().startswith(text)
    assert (written.head is not None, len(written.lines) - len(written.hashes)) == (True, len(old))
    ledger_of(place).write_text(ledger_of(place).read_text().replace(gone.sid, kept.sid, 1))
    with pytest.raises(LedgerDamaged, match="damaged at line"):
        started(place.settings)


HOSTILE = (
    '{"at":"garbage","what":"destroyed","sid":"x"}',
    '{"at":"2026-11-02T11:00:00+00:00","what":"destroyed"}',
    '{"at":5,"what":"destroyed","sid":"x","object":"y","state":"destroyed"}',
    '{"at":"2027-11-02T11:00:00+00:00","what":"destroyed","sid":"a","state":"odd","object":null,"recording":"y"}',
    '{"at":"2027-11-02T11:00:00+00:00","what":"destroyed","sid":["a"],"state":"destroyed","recording":"y"}',
    '{"at":"2027-11-02T11:00:00","what":"refused","contact":"x","reason":"objected"}',
    '{"at":"2027-11-02T11:00:00+00:00","what":"refused","contact":"x","reason":"zz"}',
    '{"at":"2027-11-02T11:00:00+00:00","what":"refused","contact":"x","reason":"objected","n":"1"}',
    '"\\ud800"',
    "[" * 100_000,
    "5",
)


def test_hostile_lines_end_in_a_sentence(place: Workplace) -> None:
    place.call().done()
    backed_up(place)  # of a database that knows no ledger yet: nothing else refuses these
    lose(place)
    for line in HOSTILE:
        ledger_of(place).write_text('{"at":"2026-11-02T11:00:00+00:00","what":"begun"}\n' + line + "\n")
        with pytest.raises(Problem, match=r"is damaged at line 2|Line 2 of the ledger"):
            restored(place)
    ledger_of(place).write_text('{"at":"2026-11-02T11:00:00+00:00","what":"begun"}\n')
    assert re.search("ledger's last line is of 2026-11-02T", restored(place).sentence)


def test_a_clock_that_was_ahead_forgets_no_objection(place: Workplace) -> None:
    started(place.settings).close()
    story = place.call().record()
    true = place.clock.now
    place.clock.travel(days=3)
    with place.db.writing() as session:
        record(session, place.clock(), Actor.SYSTEM, Action.STAFF_SIGNED_IN, "x")
    place.clock.now = true + timedelta(hours=1)
    backed_up(place)
    with place.db.writing() as session:
        service.refuse(session, place.clock(), story.contact_id, NotRecorded.OBJECTED)
    lose(place)
    restored(place)
    place.db = Database(place.settings.database_url)
    story.arrive()
    assert story.state is RecordingState.UNWANTED


@pytest.mark.parametrize("released", [True, False], ids=["released-before-the-backup", "released-after-it"])
def test_a_hold_of_a_clock_that_was_ahead_brings_nothing_back(place: Workplace, released: bool) -> None:
    started(place.settings).close()
    story, true = place.call().done(), place.clock.now
    place.clock.travel(days=60)
    name = hold(place, story)
    place.clock.now = true + timedelta(hours=1)
    for first in (not released, released):
        if first:
            backed_up(place)
        else:
            with place.db.writing() as session:
                timers.release_hold(session, place.clock(), name, "eva")
    place.clock.now = true + timedelta(days=38)
    retention.sweep(place.db, place.vault, place.carrier, place.clock())
    assert story.row().wrapped_key is None
    lose(place)
    restored(place)
    assert readable(place) == []
