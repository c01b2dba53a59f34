"""P17: a recording is kept no longer than its timer says, and then nothing of it is left."""

import re
from datetime import timedelta

from sqlmodel import col, select

from contactcenter.notes.models import Summary, Transcript
from contactcenter.recordings import retention
from contactcenter.recordings.models import Certificate, Recording
from tests.house import JORIS_KNOWS, House, Telephone
from tests.raw import raw


def talked(house: House, conversation: str = "question_en") -> Telephone:
    """A call that was answered, kept and written down."""
    phone = house.ring(says=house.beginning(conversation), hangup="after-audio")
    house.agent("anna").handles(phone)
    phone.recording_is("attached")
    return phone


def sweep(house: House) -> retention.Report:
    """What the worker does every ten minutes."""
    parts = house.parts
    return retention.sweep(parts.db, parts.vault, parts.carrier, house.clock(), force=True)


def test_a_stored_recording_says_when_it_will_be_destroyed(house: House) -> None:
    outcome = talked(house).outcome()
    assert outcome["recording"]["retain_until"] is not None
    assert outcome["recording"]["carrier_copy"] == "deleted"


def test_when_the_timer_is_over_no_word_and_no_sound_is_left(house: House) -> None:
    phone = talked(house, "outage_en")  # words that no other call of this house has
    outcome = phone.outcome()
    words = [segment["text"] for segment in outcome["transcript"]["segments"]]
    assert words
    assert all(word.encode() in raw(house.folder) for word in words)
    stored = house.folder / "recordings" / outcome["recording"]["object"]
    assert b"RIFF" not in stored.read_bytes()[:4096]

    house.clock.travel(days=32)
    assert sweep(house).destroyed >= 1
    assert not stored.exists()
    assert [word for word in words if word.encode() in raw(house.folder)] == []
    with house.look() as session:
        name = outcome["recording"]["id"]
        recording = session.exec(select(Recording).where(Recording.public_id == name)).one()
        assert recording.wrapped_key is None
        assert recording.peaks is None
        assert session.exec(select(Transcript).where(Transcript.recording_sid == recording.sid)).all() == []
        drafts = session.exec(select(Summary).where(Summary.contact_id == recording.contact_id)).all()
        assert [one.draft_lines for one in drafts] in ([], [None])
        certificate = session.exec(select(Certificate).where(Certificate.recording == name)).one()
    assert certificate.cleared_at is not None


def test_a_hold_stops_the_timer_and_seven_days_follow_its_release(house: House) -> None:
    phone = talked(house)
    recording = phone.outcome()["recording"]["id"]
    dirk = house.agent("dirk")
    review = (house.clock() + timedelta(days=20)).date().isoformat()
    dirk.post(f"/contacts/{phone.contact}/hold", kind="dispute", reference="D-2026-7", review_on=review)
    house.agent("eva").confirms(phone)
    house.clock.travel(days=32)
    sweep(house)
    assert phone.outcome()["recording"]["state"] == "attached"
    dirk = house.agent("dirk")
    page = dirk.get(f"/contacts/{phone.contact}")
    hold = re.search(r"/holds/([\w-]{22})/release", page)
    assert hold is not None
    dirk.post(f"/holds/{hold.group(1)}/release")
    house.agent("eva").confirms(phone)
    sweep(house)
    assert phone.outcome()["recording"]["state"] == "attached"
    house.clock.travel(days=8)
    sweep(house)
    with house.look() as session:
        gone = session.exec(select(Recording).where(Recording.public_id == recording)).one()
        assert gone.destroyed_at is not None


def test_what_is_due_is_unplayable_even_before_the_sweep(house: House) -> None:
    phone = talked(house)
    house.clock.travel(days=32)
    anna = house.agent("anna")
    anna.post(f"/contacts/{phone.contact}/open", (404, 422), purpose="replay-by-handler")


def test_what_is_due_is_unreadable_even_before_the_sweep_to_who_may_read_the_rest(house: House) -> None:
    phone = talked(house)
    house.clock.travel(days=32)
    bram, again = house.agent("bram"), house.ring(speed=1)
    with bram.on_the_line(again):
        bram.verifies(again.contact, JORIS_KNOWS)
        page = bram.get(f"/contacts/{phone.contact}")
        with house.look() as session:
            transcript = session.exec(select(Transcript).order_by(col(Transcript.id).desc())).first()
            draft = session.exec(select(Summary).order_by(col(Summary.id).desc())).first()
        assert transcript and draft and draft.draft_lines, "no sweep ran"
        assert 'id="summary-title"' in page, "the contact is open"
        assert not [one for one in transcript.segments if one["text"] in page]
        assert not [one for one in draft.draft_lines if one["text"] in page]


def test_the_carriers_copy_goes_only_after_ours_is_durable(house: House) -> None:
    phone = talked(house)
    assert house.carrier_keeps(phone) == []
    with house.look() as session:
        stored = session.exec(select(Recording).where(Recording.stored_at != None)).all()  # noqa: E711  # SQL
    assert stored
