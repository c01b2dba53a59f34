"""The lines of one transcript, to be corrected by who heard the call."""

from sqlmodel import Session
from starlette.responses import Response

from contactcenter.contacts.models import Contact
from contactcenter.core.errors import NotFound
from contactcenter.notes import corrections
from contactcenter.notes.models import Transcript
from contactcenter.recordings import overview
from contactcenter.staff.access import Visit

AT_ONCE = 100  # lines of a page: a call of four hours has thousands


def page(visit: Visit) -> Response:
    """The lines with what each said before, a hundred a page."""
    with visit.site.db.reading() as session:
        transcript = _to_correct(session, visit)
        lines = corrections.lines(session, transcript)
        contact = session.get_one(Contact, transcript.contact_id).public_id
    asked = visit.request.query_params.get("page", "")
    last = max(0, (len(lines) - 1) // AT_ONCE)
    number = min(int(asked), last) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 0
    return visit.page(
        "transcript_lines.html",
        transcript=visit.parameter("transcript"),
        contact=contact,
        lines=lines[number * AT_ONCE : (number + 1) * AT_ONCE],
        number=number,
        last=last,
    )


def correct(visit: Visit) -> Response:
    """Other words in one line; nobody else waits while a long call is redacted anew."""
    with visit.site.db.reading() as session:
        transcript = _to_correct(session, visit)
    wanted = corrections.reworded(transcript, visit.form.get("seen", ""), visit.form.get("text", ""))
    with visit.site.db.writing() as session:
        transcript = _to_correct(session, visit)
        corrections.correct(session, visit.now, visit.member, transcript, wanted, visit.site.settings.zone)
    return visit.done("transcript", transcript=visit.parameter("transcript"))


def _to_correct(session: Session, visit: Visit) -> Transcript:
    """The transcript, unless its recording's time is over: then nobody reads it, swept or not (P17)."""
    found = corrections.to_correct(session, visit.now, visit.member, visit.parameter("transcript"))
    if found.recording_sid in overview.past_sids(session, found.contact_id, visit.now):
        raise NotFound()
    return found
