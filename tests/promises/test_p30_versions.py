"""P30: contacts record which versions applied; what the versions in force don't name doesn't run."""

from sqlmodel import select

from contactcenter.calls.models import Call, NoticePlay
from contactcenter.calls.prompts import catalogue
from contactcenter.contacts.models import Contact
from contactcenter.notes.models import Transcript
from contactcenter.recordings.models import Expected, Recording
from tests.house import House


def test_the_shipped_notices_name_recording_and_transcription_in_both_languages(house: House) -> None:
    assert catalogue().names == {"recording", "transcription"}
    for language in ("nl", "en"):
        assert catalogue().of("notice", language).milliseconds > 5_000


def test_a_contact_keeps_the_versions_of_its_day(house: House) -> None:
    phone = house.ring()
    phone.is_("waiting")
    phone.hang_up()
    phone.is_("ended")
    with house.look() as session:
        call = session.exec(select(Call).where(Call.sid == phone.sid)).one()
        assert session.get_one(Contact, call.contact_id).statement_version == catalogue().statement_version
        play = session.exec(select(NoticePlay).where(NoticePlay.call_id == call.id)).one()
    assert (play.version, play.statement_version) == (catalogue().version, catalogue().statement_version)


def test_a_call_under_a_version_that_does_not_name_transcription_is_kept_but_not_written_down(house: House) -> None:
    phone = house.ring(hangup="after-audio")
    phone.is_("waiting")
    with house.parts.db.writing() as session:  # as if an older version of the texts had been in force at its start
        session.exec(select(Expected).where(Expected.call_sid == phone.sid)).one().transcription_named = False
    house.agent("anna").handles(phone)
    outcome = phone.recording_is("attached")
    assert outcome["recording"]["seconds"] > 5
    with house.look() as session:
        recording = session.exec(select(Recording).where(Recording.public_id == outcome["recording"]["id"])).one()
        assert session.exec(select(Transcript).where(Transcript.recording_sid == recording.sid)).all() == []
