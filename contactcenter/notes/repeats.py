"""Whether a customer asked the same before: earlier contacts compared by words that the viewer may read (P04)."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from contactcenter.notes.asked import likeliest
from contactcenter.notes.models import Note, Summary, SummaryState
from contactcenter.staff.access import Member
from contactcenter.verification import door

MOST_COMPARED = 200  # of the newest contacts


def likely(
    session: Session, now: datetime, viewer: Member, question: str, earlier: Sequence[int], language: str
) -> list[int]:
    """Ids of the contacts that were probably about this question, the likeliest first; `earlier` has the newest first.

    Words that are shut to the viewer don't take part: what came first would tell what they say.
    """
    asked = question.strip()
    opened = door.words_open_among(session, now, viewer, earlier[:MOST_COMPARED]) if asked else ()
    texts = {contact_id: "" for contact_id in earlier if contact_id in opened}
    notes = select(Note.contact_id, Note.question).where(col(Note.contact_id).in_(texts))
    confirmed = select(Summary.contact_id, Summary.text).where(
        col(Summary.contact_id).in_(texts), Summary.state == SummaryState.CONFIRMED
    )
    for contact_id, text in [*session.exec(notes), *session.exec(confirmed)]:
        texts[contact_id] += f"{text} "
    return likeliest(asked, texts, language)
