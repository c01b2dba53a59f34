"""Writing about a contact: the note while talking, the wrap-up, the summary."""

from datetime import date

from sqlmodel import Session
from starlette.responses import Response

from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.contacts.rules import ContactKind, ContactState, Direction, Outcome, Topic
from contactcenter.core.errors import Invalid, NotFound
from contactcenter.notes import cuts, service, summaries
from contactcenter.staff.access import Visit
from contactcenter.staff.rules import Right


def write(visit: Visit) -> Response:
    """Keep the note as it stands now; the desk saves it while the agent types."""
    with visit.site.db.writing() as session:
        contact = _own(session, visit)
        _write_note(session, visit, contact.id)
    return visit.done("desk")


def confirm(visit: Visit) -> Response:
    """Confirm the summary, as drafted or edited."""
    with visit.site.db.writing() as session:
        contact = contacts.by_public_id(session, visit.parameter("contact"))
        cuts.require_fresh(session, contact.id, visit.form.get("seen", ""))
        summaries.confirm(session, visit.now, contact.id, visit.member, visit.form.get("text", ""))
    return visit.done("contact", contact=contact.public_id)


def close(visit: Visit) -> Response:
    """Close the wrap-up; or settle a contact that stayed open or was missed, once nothing is owed any more."""
    with visit.site.db.writing() as session:
        contact = contacts.by_public_id(session, visit.parameter("contact"))
        if contact.state in (ContactState.OPEN, ContactState.MISSED):
            _settle(session, visit, contact)
        else:
            _wrap_up(session, visit, _own(session, visit))
    return visit.done("desk")


def _wrap_up(session: Session, visit: Visit, contact: Contact) -> None:
    outcome = visit.choice("outcome", Outcome, "Choose how the conversation ended.")
    kind = visit.choice("kind", ContactKind, "Choose what the conversation was about.")
    if not visit.form.get("question", "").strip():
        raise Invalid("Write in a few words what the customer asked.")
    if contact.direction is Direction.OUTBOUND and not visit.form.get("text", "").strip():
        raise Invalid("Write a note about the call that you made (P14).")
    topic, follow_up_on = _topic(visit), _follow_up(visit)
    _write_note_and_summary(session, visit, contact.id)
    contacts.close(
        session,
        visit.now,
        contact,
        visit.member.id,
        outcome=outcome,
        kind=kind,
        topic=topic,
        follow_up_on=follow_up_on,
    )


def _settle(session: Session, visit: Visit, contact: Contact) -> None:
    of_team = contact.state is ContactState.MISSED and contact.team_id == visit.member.team_id
    handled = contacts.handled_by(session, contact.id, visit.member.id)
    if not (of_team or handled or visit.member.may(Right.OPERATE)):
        raise NotFound()
    if handled and visit.form.get("question", "").strip():
        _write_note_and_summary(session, visit, contact.id)
    kind = visit.choice("kind", ContactKind, "Choose what it was about.") if visit.form.get("kind") else None
    outcome = visit.choice("outcome", Outcome, "Choose how it ended.") if visit.form.get("outcome") else Outcome.SOLVED
    contacts.settle(
        session,
        visit.now,
        contact,
        visit.member.public_id,
        kind=kind,
        topic=_topic(visit),
        outcome=outcome,
        follow_up_on=_follow_up(visit),
    )


def _write_note(session: Session, visit: Visit, contact_id: int) -> None:
    cuts.require_fresh(session, contact_id, visit.form.get("seen", ""))
    note = (visit.form.get("question", ""), visit.form.get("text", ""))
    service.write_note(session, visit.now, contact_id, visit.member.id, *note)


def _write_note_and_summary(session: Session, visit: Visit, contact_id: int) -> None:
    _write_note(session, visit, contact_id)
    if visit.form.get("summary", "").strip():
        summaries.confirm(session, visit.now, contact_id, visit.member, visit.form["summary"])


def _own(session: Session, visit: Visit) -> Contact:
    """The contact, for who may write about it now: its handler, also when the wrap-up ran out of time."""
    contact = contacts.by_public_id(session, visit.parameter("contact"))
    open_now = contacts.open_handling(session, visit.now, contact.id, visit.member.id) is not None
    left_open = contact.state is ContactState.OPEN and contacts.handled_by(session, contact.id, visit.member.id)
    if not (open_now or left_open):
        raise NotFound()
    return contact


def _topic(visit: Visit) -> Topic | None:
    return visit.choice("topic", Topic, "Choose a topic from the list, or none.") if visit.form.get("topic") else None


def _follow_up(visit: Visit) -> date | None:
    written = visit.form.get("follow_up_on", "")
    if not written:
        return None
    try:
        on = date.fromisoformat(written)
    except ValueError:
        raise Invalid("Write the date of the follow-up like 2026-11-30.") from None
    if on < visit.now.astimezone(visit.site.settings.zone).date():
        raise Invalid("The date of the follow-up lies in the past; choose a later one.")
    return on
