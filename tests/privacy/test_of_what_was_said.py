"""P08, P12: alerts that nobody judged in time, and how many calls could be checked for what employees say at all."""

from datetime import timedelta

import pytest
from sqlmodel import select

from contactcenter.calls.rules import Verb
from contactcenter.coaching.checked import Unchecked, coverage
from contactcenter.contacts.models import Contact
from contactcenter.notes import alerts
from contactcenter.notes.alerting import Judgement, SpokenKind
from contactcenter.notes.models import SpokenAlert, Transcript
from contactcenter.recordings import service as recordings
from contactcenter.recordings.models import Pause
from tests.coaching.said import AGENT, ASKS, said
from tests.desks import signed_in
from tests.factories import World
from tests.privacy.line import Line


def id_of(world: World, contact: str) -> int:
    """The row of a contact."""
    return world.rows(select(Contact.id).where(Contact.public_id == contact))[0]


def spoken(line: Line, *lines: tuple[int, float, str], roles: tuple[str, ...] = ("caller", "agent")) -> str:
    """A whole call in which this was said; the public id of its contact."""
    contact, recording = line.whole()
    with line.world.writing() as session:
        recordings.by_public_id(session, recording).roles = list(roles)
    said(line.world, id_of(line.world, contact), *lines)
    return contact


def test_an_alert_may_wait_for_seven_days_and_a_judgement_ends_that(line: Line) -> None:
    contact = spoken(line, (AGENT, 20, ASKS))
    line.keeps("P08", checked=1)
    line.world.travel(days=7, minutes=1)
    line.breaks("P08", contact)
    with line.world.writing() as session:
        alert = session.exec(select(SpokenAlert)).one()
        alert.judged_by, alert.judged_at = line.world.members["Dirk"].id, line.world.now
        alert.judgement = Judgement.BREACH
    line.keeps("P08", checked=1)


def test_an_account_number_that_nobody_looked_at_breaks_the_promise_about_our_calls(line: Line) -> None:
    contact = spoken(line)
    with line.world.writing() as session:
        session.add(
            SpokenAlert(
                contact_id=id_of(line.world, contact),
                recording_sid="RE1",
                kind=SpokenKind.ACCOUNT_ASKED,
                start=4.0,
                found_at=line.world.now,
            )
        )
    line.world.travel(days=8)
    line.breaks("P12", contact)


def test_calls_that_could_not_be_checked_are_said_with_their_reason(line: Line) -> None:
    spoken(line)
    spoken(line, roles=())
    paused, german = id_of(line.world, spoken(line)), id_of(line.world, spoken(line))
    line.whole()
    silent, _ = line.talk()
    line.hang_up(silent)
    now = line.world.now
    with line.world.writing() as session:
        began = now - timedelta(minutes=2)
        session.add(Pause(contact_id=paused, why=Verb.PAUSE_RECORDING, began_at=began, ended_at=now))
        (transcript,) = session.exec(select(Transcript).where(Transcript.contact_id == german))
        transcript.language = "de"
        session.flush()
        alerts.read_again(session, now, transcript.recording_sid, ())
    with line.world.reading() as session:
        found = coverage(session, line.world.now)
    assert found.checked == 1
    assert found.unchecked == dict.fromkeys(Unchecked, 1)
    assert line.finding("P08").share == (1, 6)
    dirk = signed_in(line.world, "Dirk")
    dirk.cookies.set("language", "en")
    assert "1 of 6 calls of 30 days could be checked whole" in dirk.get("/spoken-alerts").text
    assert "1 of 6 calls" in dirk.get("/promises/P08").text


def test_holding_the_line_is_no_pause_and_old_calls_are_not_counted(line: Line) -> None:
    held = id_of(line.world, spoken(line))
    with line.world.writing() as session:
        session.add(Pause(contact_id=held, why=Verb.HOLD, began_at=line.world.now, ended_at=line.world.now))
    with line.world.reading() as session:
        assert coverage(session, line.world.now).share == (1, 1)
        assert coverage(session, line.world.now + timedelta(days=31)).share == (0, 0)


@pytest.mark.parametrize("query", ["", "?kind=told-early"])
def test_who_supervises_nobody_sees_no_share(line: Line, query: str) -> None:
    spoken(line)
    assert "checked whole" not in signed_in(line.world, "Anna").get(f"/spoken-alerts{query}").text
