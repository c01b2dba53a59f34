"""A passage that is cut is heard and read by nobody from then on, and soon it is nowhere (P17)."""

from dataclasses import replace

import pytest
from sqlmodel import select

from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.core.audit import Action, AuditEntry
from contactcenter.notes.models import Summary
from contactcenter.recordings import playback, retention, service
from contactcenter.recordings.playback import Span
from contactcenter.recordings.rules import RecordingState
from contactcenter.recordings.vault import Vault, VaultUnavailable
from contactcenter.recordings.verifying import stored_of
from contactcenter.staff import service as staff
from contactcenter.staff.rules import Role
from tests.patience import until
from tests.raw import raw
from tests.recordings.cutting import (
    CANARY,
    END,
    SAID,
    SECONDS,
    START,
    Visitor,
    certificates,
    cut_rows,
    cuts,
    loudest,
    opened_by,
    sound_of,
    sweep,
    text_of,
    told,
)
from tests.recordings.test_playback import granted, visitor
from tests.recordings.workplace import NOON, PASSWORD, Story, Workplace, hold, working

__all__ = ["visitor"]


def audited(place: Workplace, story: Story) -> list[tuple[Action, str]]:
    """What the trail says of cuts in this recording."""
    with place.db.reading() as session:
        entries = session.exec(select(AuditEntry).where(AuditEntry.subject == story.row().public_id))
        return [(one.action, one.detail) for one in entries if "cut" in one.action.value]


def test_a_supervisor_cuts_and_only_the_passage_is_silent_under_a_new_key(place: Workplace, visitor: Visitor) -> None:
    story = told(place)
    before = story.row()
    whole = sound_of(place.vault, before)
    assert cuts(opened_by(visitor("dirk"), story), story) == 303
    assert sweep(place)
    after = story.row()
    left = sound_of(place.vault, after)
    assert len(left) == len(whole)
    first, last = (44 + int(at * 8000) * 4 for at in (START, END))
    assert left[first:last] == bytes(last - first)
    assert (left[:first], left[last:]) == (whole[:first], whole[last:])
    assert loudest(whole, START, END) > 1000
    assert (after.object_key != before.object_key, after.wrapped_key != before.wrapped_key) == (True, True)
    assert not place.vault.holds(before.object_key or "")
    assert [one.key for one in place.vault.list()] == [after.object_key]
    place.vault.verify(after.public_id, stored_of(after))
    assert audited(place, story) == [
        (Action.RECORDING_CUT_ASKED, "special-category"),
        (Action.RECORDING_CUT, "special-category"),
    ]


def test_from_the_moment_it_is_asked_for_nobody_hears_or_reads_it(place: Workplace, visitor: Visitor) -> None:
    story = told(place)
    anna, dirk = opened_by(visitor("anna"), story, "replay-by-handler"), opened_by(visitor("dirk"), story)
    path = granted(place)
    assert CANARY in dirk.get(f"/contacts/{story.contact}").text
    assert cuts(dirk, story) == 303
    heard = dirk.get(f"{path}/audio").content
    assert (loudest(heard, START, END), loudest(heard, 0, START) > 1000) == (0, True)
    some = dirk.get(f"{path}/audio", headers={"range": f"bytes={44 + 9 * 32000}-{44 + 10 * 32000 - 1}"}).content
    assert some == bytes(32000)
    peaks = dirk.get(f"{path}/peaks").json()["peaks"]
    assert max(peaks[0][9 * 20 : 11 * 20]) == 0 < max(peaks[0][: 7 * 20])
    for browser in (anna, dirk):
        page = browser.get(f"/contacts/{story.contact}").text
        assert CANARY not in page
        assert "koelcel" in page
    assert cut_rows(place.db)[0].cut_at is None


def test_the_mark_says_when_who_by_role_and_why_and_never_what(place: Workplace, visitor: Visitor) -> None:
    story, eva = told(place), visitor("eva")
    assert cuts(opened_by(eva, story), story, reason="bystander") == 303
    for _ in range(2):
        page = eva.get(f"/contacts/{story.contact}").text
        assert "cut on" in page
        assert "privacy officer" in page
        assert "somebody else was heard" in page
        assert CANARY not in page
        sweep(place)


@pytest.mark.parametrize(
    ("login", "purpose", "status"),
    [("anna", "replay-by-handler", 404), ("carla", "training", 404), ("fleur", None, 404), ("gijs", None, 404)],
)
def test_who_may_not_cut_finds_nothing_to_cut(
    place: Workplace, visitor: Visitor, login: str, purpose: str | None, status: int
) -> None:
    with place.db.writing() as session:
        staff.add(
            session, NOON, login="gijs", name="Gijs", role=Role.SUPERVISOR, password=PASSWORD, language="en",
            trained_on=NOON.date(), team="Elsewhere",
        )  # fmt: skip
    story, browser = told(place), visitor(login)
    if purpose:
        opened_by(browser, story, purpose)
    assert cuts(browser, story) == status
    assert cut_rows(place.db) == []


def test_what_is_silent_for_who_listens_is_not_cut_by_them(place: Workplace, visitor: Visitor) -> None:
    story = told(place, done=False)  # for training it is silent until it is written down
    dirk = opened_by(visitor("dirk"), story, "training")
    assert cuts(dirk, story) == 409
    assert cuts(opened_by(dirk, story), story) == 303


def test_nobody_cuts_out_of_a_call_of_their_own(place: Workplace, visitor: Visitor) -> None:
    story = told(place)
    with place.db.writing() as session:
        contact = session.get_one(Contact, story.contact_id)
        contacts.begin_handling(session, place.clock.now, contact, place.staff(session, "dirk").id)
    dirk = opened_by(visitor("dirk"), story)
    assert cuts(dirk, story) == 404
    assert 'id="cut"' not in dirk.get(f"/contacts/{story.contact}").text
    assert cuts(opened_by(visitor("eva"), story), story, reason="bystander") == 303


def test_nobody_cuts_unheard_untrained_or_while_a_hold_stands(place: Workplace, visitor: Visitor) -> None:
    story, dirk = told(place), visitor("dirk")
    assert cuts(dirk, story) == 409
    opened_by(dirk, story)
    hold(place, story)
    answer = dirk.post(f"/recordings/{story.row().public_id}/cut", data={"start": "8", "end": "12", "reason": "child"})
    assert answer.status_code == 409
    assert "Two people release it first" in answer.text
    with place.db.writing() as session:
        place.staff(session, "dirk").trained_on = None
    assert cuts(dirk, story) == 403
    assert cut_rows(place.db) == []


@pytest.mark.parametrize(
    ("start", "end", "reason"),
    [("12", "8", "child"), ("8", "8", "child"), ("", "8", "child"), ("-1", "8", "child"), ("nan", "8", "child"),
     ("21", "25", "child"), ("8", "1e400", "child"), ("8", "12", "boredom"), ("8", "9", "")],
)  # fmt: skip
def test_what_is_no_passage_is_refused_in_a_sentence(
    place: Workplace, visitor: Visitor, start: str, end: str, reason: str
) -> None:
    story = told(place)
    dirk = opened_by(visitor("dirk"), story)
    form = {"start": start, "end": end, "reason": reason}
    answer = dirk.post(f"/recordings/{story.row().public_id}/cut", data=form)
    assert answer.status_code == 422
    assert cut_rows(place.db) == []


def test_times_are_taken_as_the_player_shows_them(place: Workplace, visitor: Visitor) -> None:
    story = told(place)
    dirk = opened_by(visitor("dirk"), story)
    form = {"start": "0:08,5", "end": "9:59", "reason": "child"}
    assert dirk.post(f"/recordings/{story.row().public_id}/cut", data=form).status_code == 303
    (cut,) = cut_rows(place.db)
    assert (cut.start, cut.end) == (8.5, SECONDS)


def test_an_earlier_recording_of_the_call_is_opened_and_cut_as_well(place: Workplace, visitor: Visitor) -> None:
    place.scribe.segments = SAID
    first = place.call().record(SECONDS).arrive(seconds=SECONDS).keep().write_down()
    later = replace(first, sid="RE" + "f" * 32).record(SECONDS).arrive(seconds=SECONDS).keep()
    dirk = opened_by(visitor("dirk"), first)
    assert cuts(dirk, first) == 409  # the player has the later one
    form = {"purpose": "verification-audit", "recording": first.row().public_id}
    assert dirk.post(f"/contacts/{first.contact}/open", data=form).status_code == 303
    assert f'action="/recordings/{first.row().public_id}/cut"' in dirk.get(f"/contacts/{first.contact}").text
    assert cuts(dirk, first) == 303
    assert sweep(place)
    assert loudest(sound_of(place.vault, first.row()), START, END) == 0
    assert loudest(sound_of(place.vault, later.row()), START, END) > 1000
    page = dirk.get(f"/contacts/{first.contact}").text
    assert "selected>recording 1, 0:20" in page


def test_passages_that_overlap_are_cut_whichever_comes_first_and_twice_changes_nothing(
    place: Workplace, visitor: Visitor
) -> None:
    story = told(place)
    dirk = opened_by(visitor("dirk"), story)
    assert [cuts(dirk, story, 8, 10), cuts(dirk, story, 9, 12), cuts(dirk, story, 9, 9.5)] == [303] * 3
    assert len(cut_rows(place.db)) == 2
    assert sweep(place)
    name = story.row().object_key
    assert sweep(place)
    assert story.row().object_key == name
    assert cuts(dirk, story, 11, 14) == 303
    assert sweep(place)
    sound = sound_of(place.vault, story.row())
    assert (loudest(sound, 8, 14), loudest(sound, 7, 8) > 1000, loudest(sound, 14, 15) > 1000) == (0, True, True)
    assert len(list(place.vault.list())) == 1
    assert len(certificates(place.db)) == 3


def test_the_draft_loses_what_cites_the_passage_and_keeps_the_rest(place: Workplace, visitor: Visitor) -> None:
    story = told(place)
    with place.db.reading() as session:
        assert CANARY in session.exec(select(Summary)).one().draft_text
    assert cuts(opened_by(visitor("dirk"), story), story) == 303
    with place.db.reading() as session:
        left = session.exec(select(Summary)).one().draft_text
    assert CANARY not in left
    assert "monteur" in left
    assert CANARY not in text_of(place.db)


def test_nothing_of_it_is_left_in_database_log_and_vault_once_the_certificate_says_so(
    place: Workplace, visitor: Visitor
) -> None:
    story = told(place)
    assert cuts(opened_by(visitor("dirk"), story), story) == 303
    place.clock.travel(minutes=1)
    assert sweep(place)
    assert [(one.rule, one.cleared_at) for one in certificates(place.db)] == [("cut: special-category", None)]
    assert retention.clear_remnants(place.db, place.vault, place.carrier, place.clock())
    (certificate,) = certificates(place.db)
    assert (certificate.due_at, certificate.cleared_at) == (NOON, place.clock())
    assert CANARY.encode() not in raw(place.folder)
    for path in place.folder.rglob("*"):
        assert not path.is_file() or CANARY.encode() not in path.read_bytes()


def test_a_vault_that_does_not_answer_keeps_the_passage_unheard_until_it_does(
    place: Workplace, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = told(place)
    dirk = opened_by(visitor("dirk"), story)
    path, whole = granted(place), sound_of(place.vault, story.row())
    assert cuts(dirk, story) == 303

    def away(*_: object) -> None:
        raise VaultUnavailable("The vault does not answer.")

    with monkeypatch.context() as broken:
        broken.setattr(Vault, "store", away)
        assert not sweep(place)
        broken.setattr(Vault, "destroy", away)
        assert not sweep(place)
    assert sound_of(place.vault, story.row()) == whole
    assert loudest(dirk.get(f"{path}/audio").content, START, END) == 0
    monkeypatch.setattr(Vault, "destroy", away)
    assert not sweep(place)
    retention.clear_remnants(place.db, place.vault, place.carrier, place.clock())
    assert certificates(place.db)[0].cleared_at is None
    monkeypatch.undo()
    assert sweep(place)
    assert len(list(place.vault.list())) == 1


def test_the_worker_does_it_by_itself_within_seconds(place: Workplace, visitor: Visitor) -> None:
    story = told(place)
    dirk = opened_by(visitor("dirk"), story)
    with working(place):
        assert cuts(dirk, story) == 303
        until(lambda: cut_rows(place.db)[0].cut_at is not None, "it is cut")
        until(lambda: len(list(place.vault.list())) == 1, "the old object is gone")
    assert loudest(sound_of(place.vault, story.row()), START, END) == 0


def test_who_listens_while_the_old_object_goes_hears_silence_from_there(place: Workplace) -> None:
    row = place.call().record(60).arrive(seconds=60).keep().row()
    opened = place.vault.open(row.public_id, stored_of(row))
    span = Span(100, opened.size, opened.size)
    heard = playback.to_its_end(playback.bytes_of(opened, span, []), span)
    first = next(heard)
    place.vault.destroy(row.object_key or "")
    rest = b"".join(heard)
    assert len(first) + len(rest) == opened.size - 100
    assert rest[-100_000:] == bytes(100_000)


def test_a_recording_that_is_destroyed_first_is_not_cut_any_more(place: Workplace, visitor: Visitor) -> None:
    story = told(place)
    assert cuts(opened_by(visitor("dirk"), story), story) == 303
    with place.db.writing() as session:
        service.turn_away(session, place.clock(), service.by_public_id(session, story.row().public_id))
    assert sweep(place)
    assert story.state is RecordingState.UNWANTED
    assert retention.clear_remnants(place.db, place.vault, place.carrier, place.clock())
    assert list(place.vault.list()) == []
