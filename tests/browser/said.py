"""What is said in a call of a browser story, where the story has to know each word and its second."""

from sqlmodel import select

from contactcenter.notes import service as notes
from contactcenter.notes.said import Transcript
from contactcenter.recordings.models import Recording
from tests.house import House, Telephone


def is_said(house: House, phone: Telephone, said: Transcript) -> None:
    """Attach these words to the call's recording, before Whisper does."""
    stored = phone.recording_is("stored", "transcribed", "attached")["recording"]["id"]
    with house.parts.db.writing() as session:
        recording = session.exec(select(Recording).where(Recording.public_id == stored)).one()
        assert recording.contact_id is not None
        now, roles = house.clock(), ["caller", "agent"]
        notes.attach_transcript(session, now, recording.contact_id, recording.sid, said, roles)
