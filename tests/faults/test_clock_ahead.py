"""The clock is ahead for a moment and then right: what was opened or shut meanwhile lasts no longer for that."""

from datetime import timedelta

import pytest
from sqlmodel import select

from contactcenter.contacts.models import Contact
from contactcenter.core.errors import NotFound, TooMany
from contactcenter.recordings import playback
from contactcenter.staff import service as staff
from contactcenter.staff.access import as_member, visitor_for
from contactcenter.staff.models import SignInFailure, StaffSession
from contactcenter.staff.rules import FAILURES_ALLOWED, Demand
from contactcenter.verification import door
from contactcenter.verification.rules import Purpose
from tests.recordings.workplace import PASSWORD, Workplace

AHEAD = {"hours": 20 * 24}


def test_who_signed_in_under_the_wrong_clock_is_out_and_who_was_locked_out_is_let_in(place: Workplace) -> None:
    true = place.clock.now
    place.clock.travel(**AHEAD)
    token = staff.sign_in(place.db, place.clock(), "dirk", PASSWORD, "192.0.2.1")
    assert token is not None
    for _ in range(FAILURES_ALLOWED):
        assert staff.sign_in(place.db, place.clock(), "anna", "wrong", "192.0.2.1") is None
    with pytest.raises(TooMany):
        staff.sign_in(place.db, place.clock(), "anna", PASSWORD, "192.0.2.1")
    place.clock.now = true
    assert visitor_for(place.db, token, place.clock(), Demand.PRIVILEGED) is None
    assert staff.sign_in(place.db, place.clock(), "anna", PASSWORD, "192.0.2.1")
    staff.sign_in(place.db, place.clock(), "bram", "wrong", "192.0.2.1")
    with place.db.writing() as session:
        staff.purge(session, place.clock())
        assert len(session.exec(select(StaffSession)).all()) == 1  # Anna's
        assert len(session.exec(select(SignInFailure)).all()) == 1  # Bram's


def test_what_was_opened_under_the_wrong_clock_is_closed(place: Workplace) -> None:
    story = place.call().done()
    true = place.clock.now
    place.clock.travel(**AHEAD)
    with place.db.writing() as session:
        dirk = as_member(place.staff(session, "dirk"), place.clock())
        contact = session.get_one(Contact, story.contact_id)
        grant = playback.open_contact(session, place.clock(), dirk, contact, Purpose.TRAINING).playback
        assert grant is not None
        heard = grant.public_id
        door.open_words(session, place.clock(), dirk, story.contact_id, Purpose.TRAINING)
    wrong = place.clock.now
    for moment, opens in ((wrong - timedelta(seconds=30), True), (true + timedelta(days=10), False), (true, False)):
        place.clock.now = moment  # half a minute is what two machines may differ
        with place.db.reading() as session:
            assert door.words_open(session, place.clock(), dirk, story.contact_id) is opens
            assert (playback.granted(session, place.clock(), dirk, story.contact_id) is not None) is opens
            if not opens:
                with pytest.raises(NotFound):
                    playback.sound(session, place.clock(), dirk, heard)
