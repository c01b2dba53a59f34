"""How the conversation of a contact went, for its coach and for who handled it: off until that was agreed (P02)."""

from sqlmodel import Session

from contactcenter.coaching.rules import may_name
from contactcenter.coaching.talk import Span, Talk, talk
from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.pages.contact_words import ContactWords
from contactcenter.recordings.player import gaps_of
from contactcenter.recordings.service import by_public_id, recording_by_sid
from contactcenter.staff.access import Visit
from contactcenter.staff.rules import Role
from contactcenter.verification.rules import Purpose

COACHES = frozenset({Role.COACH, Role.SUPERVISOR})


def talk_of(session: Session, visit: Visit, contact: Contact, words_of: ContactWords) -> Talk | None:
    """Figures of the recording that plays, else of the newest, whose words this viewer reads now.

    None for whom they are shut, and while no consent of the works council and no assessment is on record."""
    settings = visit.site.settings
    today = visit.now.astimezone(settings.zone).date()
    for_them = visit.member.role in COACHES or contacts.handled_by(session, contact.id, visit.member.id)
    if words_of.words is None or not for_them or not may_name(settings.works_council, settings.assessment, today):
        return None
    playing = by_public_id(session, words_of.player.recording).sid if words_of.player else None
    transcript = words_of.words.transcript
    transcript = next((one for one in words_of.words.transcripts if one.recording_sid == playing), transcript)
    heard = recording_by_sid(session, transcript.recording_sid) if transcript else None
    if transcript is None or heard is None:
        return None
    gaps = gaps_of(session, heard, Purpose.TRAINING)
    return talk(transcript.said, transcript.roles, [Span(gap.start, gap.end) for gap in gaps])
