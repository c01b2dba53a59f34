"""Asking a caller who they are: draw a question, give the answer that was said. Expected answers never leave."""

from starlette.responses import Response

from contactcenter.contacts import service as contacts
from contactcenter.customers.rules import Kind
from contactcenter.staff.access import Visit
from contactcenter.verification import door, service


def draw(visit: Visit) -> Response:
    """Begin where there is no pass yet, and draw the next question when one is needed."""
    with visit.site.db.writing() as session:
        contact = contacts.by_public_id(session, visit.parameter("contact"))
        verification = service.ensure(session, visit.now, visit.member, contact.id)
        service.draw(session, visit.now, verification)
        door.disclose(session, visit.now, visit.member, contact_id=contact.id)
    return visit.done("desk")


def answer(visit: Visit) -> Response:
    """Compare what the caller said, or note that they would rather not say; what that opens, opens at once."""
    declined = visit.form.get("declined") == "1"
    with visit.site.db.writing() as session:
        contact = contacts.by_public_id(session, visit.parameter("contact"))
        typed = None if declined else visit.form.get("typed", "")
        service.answer(session, visit.now, visit.member, visit.form.get("question", ""), typed)
        door.disclose(session, visit.now, visit.member, contact_id=contact.id)
    return visit.done("desk")


def reveal(visit: Visit) -> Response:
    """Open one kind that doesn't open by itself, such as invoices, on the agent's key."""
    kind = visit.choice("kind", Kind, "Choose what to open.")
    with visit.site.db.writing() as session:
        contact = contacts.by_public_id(session, visit.parameter("contact"))
        door.reveal(session, visit.now, visit.member, contact_id=contact.id, kind=kind)
    return visit.done("desk")
