"""Recordings go on time, holds stop them, and nothing of them is left (P17)."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert
from sqlmodel import select

from contactcenter.contacts.models import Contact
from contactcenter.core.errors import Invalid
from contactcenter.notes import summaries
from contactcenter.notes.models import Summary, SummaryState, Transcript
from contactcenter.recordings import overview, retention, service, timers, verifying
from contactcenter.recordings.models import Certificate, Recording, RetentionRule
from contactcenter.recordings.rules import (
    CarrierCopy,
    HoldKind,
    HoldSpan,
    RecordingState,
    due_at,
    retain_until,
    sweep_must_stop,
)
from contactcenter.staff.access import as_member
from tests.raw import raw
from tests.recordings.workplace import NOON, Workplace, hold


def sweep(place: Workplace, **wish: bool) -> retention.Report:
    """Sweep now, as the worker and the command do."""
    return retention.sweep(place.db, place.vault, place.carrier, place.clock(), **wish)


def test_a_recording_outlives_its_last_day_by_nothing(place: Workplace) -> None:
    story = place.call().done()
    place.clock.now = datetime(2026, 12, 2, 22, 59, 59, tzinfo=UTC)
    assert sweep(place).destroyed == 0
    place.clock.now = datetime(2026, 12, 2, 23, 0, tzinfo=UTC)
    assert sweep(place).destroyed == 1
    assert story.state is RecordingState.DESTROYED


def test_audio_key_transcript_draft_and_citations_go_and_no_word_stays_on_disk(place: Workplace) -> None:
    story = place.call().done()
    place.db.clear_log()
    assert b"koelcel" in raw(place.folder)
    wrapped = story.row().wrapped_key
    assert wrapped is not None
    place.clock.travel(days=31)
    assert sweep(place).cleared
    row = story.row()
    assert (row.wrapped_key, row.peaks, row.object_key) == (None, None, None)
    assert list(place.vault.list()) == []
    assert b"koelcel" not in raw(place.folder)
    assert wrapped not in raw(place.folder)
    with place.db.reading() as session:
        assert session.exec(select(Transcript)).first() is None
        assert session.exec(select(Summary)).first() is None


def test_a_confirmed_summary_stays_as_a_note_without_its_citations(place: Workplace) -> None:
    story = place.call().done()
    with place.db.writing() as session:
        anna = as_member(place.staff(session, "anna"), place.clock())
        summaries.confirm(session, place.clock(), story.contact_id, anna, "Monteur komt vanmiddag.")
    place.clock.travel(days=31)
    sweep(place)
    with place.db.reading() as session:
        summary = session.exec(select(Summary)).one()
        assert (summary.state, summary.text) == (SummaryState.CONFIRMED, "Monteur komt vanmiddag.")
        assert summary.draft_lines is None


def test_the_certificate_knows_two_moments_and_no_person(place: Workplace) -> None:
    story = place.call().done()
    place.clock.travel(days=31)
    sweep(place)
    with place.db.reading() as session:
        certificate = session.exec(select(Certificate)).one()
        assert certificate.recording == story.row().public_id
        assert certificate.destroyed_at == certificate.cleared_at == place.clock()
        assert certificate.rule == "recording 2026-11: 30 days"
        assert "carrier-copy" in certificate.parts
        assert story.contact not in str(certificate.model_dump())


def test_remnants_are_cleared_by_a_later_sweep_when_a_reader_is_in_the_way(
    place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "LOG_TRIES", 2)
    story = place.call().done()
    place.clock.travel(days=31)
    with place.db.reading() as reader:
        reader.exec(select(Recording)).all()
        report = sweep(place)
    assert (report.destroyed, report.cleared) == (1, False)
    assert "remnants" in report.sentence
    with place.db.reading() as session:
        assert session.exec(select(Certificate)).one().cleared_at is None
    assert sweep(place).cleared
    with place.db.reading() as session:
        assert session.exec(select(Certificate)).one().cleared_at is not None
    assert story.state is RecordingState.DESTROYED


def test_a_vault_that_is_away_keeps_the_object_until_the_next_sweep(place: Workplace) -> None:
    story = place.call().done()
    place.clock.travel(days=31)
    assert not retention.sweep(place.db, None, place.carrier, place.clock()).cleared
    assert story.row().wrapped_key is None
    assert len(list(place.vault.list())) == 1
    assert sweep(place).cleared
    assert list(place.vault.list()) == []


def test_a_carriers_copy_past_its_timer_goes_even_when_ours_never_came(place: Workplace) -> None:
    story = place.call().record().arrive()
    place.simulator.misbehaviour.set({"media": {"fault": "redirect-foreign", "times": 99}})
    story.keep()
    assert story.state is RecordingState.FAILED
    place.clock.travel(days=31)
    assert sweep(place).destroyed == 1
    assert not story.at_carrier()
    assert story.row().carrier_copy is CarrierCopy.DELETED


def test_a_carrier_that_does_not_delete_is_asked_again(place: Workplace) -> None:
    story = place.call().record().arrive()
    place.simulator.misbehaviour.set({"rest": {"status": 500, "match": story.sid + ".json"}})
    story.keep()
    assert story.row().carrier_copy is CarrierCopy.PRESENT
    assert retention.clear_remnants(place.db, place.vault, place.carrier, place.clock())
    assert story.row().carrier_copy is CarrierCopy.DELETED
    assert story.row().object_key is not None


@pytest.mark.parametrize("kind", list(HoldKind))
def test_a_hold_stops_the_timer_and_its_release_gives_seven_days(place: Workplace, kind: HoldKind) -> None:
    story = place.call().done()
    placed = hold(place, story, kind)
    place.clock.travel(days=90)
    assert sweep(place).due == 0
    with place.db.writing() as session:
        timers.release_hold(session, place.clock(), placed, "eva")
    place.clock.travel(days=6, hours=23)
    assert sweep(place).due == 0
    place.clock.travel(hours=1)
    assert sweep(place).destroyed == 1


def test_a_hold_that_was_released_early_changes_nothing(place: Workplace) -> None:
    story = place.call().done()
    placed = hold(place, story)
    with place.db.writing() as session:
        timers.release_hold(session, place.clock.travel(days=1), placed, "eva")
    place.clock.travel(days=30)
    assert sweep(place).destroyed == 1


def test_a_hold_names_a_number_not_words_and_a_day_to_look_again(place: Workplace) -> None:
    story = place.call()
    with place.db.writing() as session:
        contact = session.get_one(Contact, story.contact_id)

        def placing(reference: str, review_on: date) -> None:
            timers.place_hold(
                session, NOON, contact=contact, owner_id=1, actor="eva", kind=HoldKind.DISPUTE,
                reference=reference, review_on=review_on,
            )  # fmt: skip

        with pytest.raises(Invalid, match="number of the dispute"):
            placing("Joris Jansen is boos", date(2026, 12, 1))
        with pytest.raises(Invalid, match="after today"):
            placing("D-1", NOON.date())
        with pytest.raises(Invalid, match="within a year"):
            placing("D-1", date(2028, 1, 1))


def test_a_dry_run_says_what_is_due_and_destroys_nothing(place: Workplace) -> None:
    story = place.call().done()
    place.clock.travel(days=31)
    report = sweep(place, dry_run=True)
    assert report.sentence == "1 recordings are due; nothing was destroyed."
    assert story.state is RecordingState.ATTACHED


def many(place: Workplace, count: int, until: datetime) -> None:
    """So many recordings that are kept until then; their objects don't matter."""
    rows = [
        {
            "public_id": f"many-{number}", "sid": f"RE-{number}", "state": RecordingState.ATTACHED,
            "carrier_copy": CarrierCopy.NONE, "arrived_at": NOON, "roles": [], "tries": 0,
            "wrapped_key": b"key", "retain_until": until,
        }
        for number in range(count)
    ]  # fmt: skip
    with place.db.writing() as session:
        session.execute(insert(Recording), rows)


def test_a_sweep_of_more_than_a_hundred_stops_and_asks(place: Workplace) -> None:
    many(place, 101, NOON)
    place.clock.travel(minutes=1)
    report = sweep(place)
    assert (report.stopped, report.destroyed) == (True, 0)
    assert "--force" in report.sentence
    sweep(place)
    assert place.alerts() == [("retention-sweep-stopped", "101")]
    assert sweep(place, force=True).destroyed == 101


def test_a_sweep_of_a_hundred_does_not_ask(place: Workplace) -> None:
    many(place, 100, NOON)
    assert sweep(place).destroyed == 100


def test_five_percent_of_many_is_fine_and_more_is_not() -> None:
    assert not sweep_must_stop(due=500, kept=9_500)
    assert sweep_must_stop(due=501, kept=9_499)


def test_a_crash_after_storing_leaves_an_orphan_that_a_sweep_removes(place: Workplace) -> None:
    kept = place.call().done()
    place.vault.store("nobody", [b"sound of a killed worker"])
    now = datetime.now(UTC)
    assert retention.orphans(place.db, place.vault, now) == 0
    assert retention.orphans(place.db, place.vault, now + timedelta(days=2)) == 1
    assert [one.key for one in place.vault.list()] == [kept.row().object_key]


def test_a_database_older_than_its_vault_loses_no_object(place: Workplace) -> None:
    for number in range(101):
        place.vault.store(f"lost-{number}", [b"x"])
    later = datetime.now(UTC) + timedelta(days=2)
    assert retention.orphans(place.db, place.vault, later) == 0
    assert len(list(place.vault.list())) == 101
    assert place.alerts() == [("vault-orphans", "101")]


def test_verify_names_what_is_damaged_exchanged_or_nobodys(place: Workplace) -> None:
    stories = [place.call().done() for _ in range(3)]
    done: list[float] = []
    assert verifying.verify_all(place.db, place.vault, done.append) == []
    assert done[-1] == 1.0
    files = [place.folder / "vault" / (story.row().object_key or "") for story in stories]
    sealed = files[0].read_bytes()
    files[0].write_bytes(sealed[:500] + bytes([sealed[500] ^ 1]) + sealed[501:])
    files[2].write_bytes(files[1].read_bytes())
    orphan = place.vault.store("nobody", [b"x"])
    problems = verifying.verify_all(place.db, place.vault, done.append)
    assert [problem.partition(":")[0] for problem in problems] == [
        stories[0].row().public_id,
        stories[2].row().public_id,
        orphan.key,
    ]


def test_a_newer_rule_counts_from_the_day_it_is_in_force(place: Workplace) -> None:
    with place.db.writing() as session:
        timers.seed(session, NOON)
        timers.seed(session, NOON)
        tomorrow = NOON + timedelta(days=1)
        session.add(
            RetentionRule(data_class="recording", days=14, source="decided", version="2", in_force_from=tomorrow)
        )
        session.flush()
        assert len(session.exec(select(RetentionRule)).all()) == 2
        assert timers.rule_in_force(session, NOON).days == 30
        assert timers.rule_in_force(session, tomorrow).days == 14


def test_the_calendar_shows_what_ends_when_and_what_is_held(place: Workplace) -> None:
    place.call().done()
    held = place.call().done()
    hold(place, held)
    with place.db.reading() as session:
        assert overview.upcoming(session, NOON, 40, place.settings.zone) == [overview.Day(date(2026, 12, 2), 1, 1)]
        assert overview.upcoming(session, NOON, 10, place.settings.zone) == []


def test_a_contact_shows_its_recording_holds_and_carrier_copy(place: Workplace) -> None:
    story = place.call().done()
    hold(place, story)
    with place.db.reading() as session:
        view = overview.recording_view(session, story.contact_id, NOON)
        assert (view.state, view.playable, view.due_at) == (RecordingState.ATTACHED, True, None)
        assert view.carrier_copy is CarrierCopy.DELETED
        assert [(one.kind, one.owner) for one in view.holds] == [(HoldKind.DISPUTE, "Eva")]
        assert not overview.recording_view(session, 999, NOON).playable
    assert story.row().retain_until == datetime(2026, 12, 2, 23, 0, tzinfo=UTC)


def test_a_due_date_never_moves_forward_by_itself() -> None:
    chance = random.Random(17)
    for _ in range(500):
        ends = NOON + timedelta(days=chance.randint(-60, 60))
        released = [NOON + timedelta(days=chance.randint(-60, 60)) for _ in range(chance.randint(0, 3))]
        due = due_at(ends, [HoldSpan(one) for one in released])
        assert due == max([ends, *(one + timedelta(days=7) for one in released)])
        assert due_at(ends, [HoldSpan(None), *(HoldSpan(one) for one in released)]) is None


@pytest.mark.parametrize(
    ("stored", "ends"),
    [
        (datetime(2026, 2, 28, 12, tzinfo=UTC), datetime(2026, 3, 30, 22, tzinfo=UTC)),  # summer time begins between
        (datetime(2026, 10, 1, 12, tzinfo=UTC), datetime(2026, 10, 31, 23, tzinfo=UTC)),  # and ends between
        (datetime(2028, 1, 30, 12, tzinfo=UTC), datetime(2028, 2, 29, 23, tzinfo=UTC)),  # a leap day
        (datetime(2026, 11, 1, 23, 30, tzinfo=UTC), datetime(2026, 12, 2, 23, tzinfo=UTC)),  # past local midnight
    ],
)
def test_the_last_day_is_a_whole_local_day(place: Workplace, stored: datetime, ends: datetime) -> None:
    assert retain_until(stored, 30, place.settings.zone) == ends


def test_turning_away_twice_is_once(place: Workplace) -> None:
    story = place.call().done()
    with place.db.writing() as session:
        recording = service.by_public_id(session, story.row().public_id)
        service.turn_away(session, NOON, recording)
        service.turn_away(session, NOON, recording)
    assert story.state is RecordingState.UNWANTED
