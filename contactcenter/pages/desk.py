"""The desk: what rings, the call in hand, and after it its wrap-up. Panels refresh themselves on live events."""

from typing import Any

from sqlmodel import Session
from starlette.responses import Response

from contactcenter.calls import queue
from contactcenter.contacts import topics
from contactcenter.contacts.rules import ContactKind, Outcome, Topic
from contactcenter.pages.desk_contact import DeskContact, desk_contact
from contactcenter.pages.desk_side import today, waiting_calls
from contactcenter.staff import service as staff
from contactcenter.staff.access import Visit
from contactcenter.staff.rules import Right
from contactcenter.verification import approvals, call_backs, served
from contactcenter.verification.messages import MESSENGERS
from contactcenter.verification.rules import ApprovalReason


def page(visit: Visit) -> Response:
    """The whole desk."""
    with visit.site.db.reading() as session:
        context = _side(session, visit) | _place(session, visit)
    _note_served(visit, context["desk_contact"])
    return visit.page("desk.html", **context)


def ringing(visit: Visit) -> Response:
    """The left column: who rings, my availability, the queue, my day."""
    with visit.site.db.reading() as session:
        context = _side(session, visit)
    return visit.page("desk_ringing.html", **context)


def call(visit: Visit) -> Response:
    """The place of work: the live call, or its wrap-up, or nothing."""
    with visit.site.db.reading() as session:
        context = _place(session, visit)
    _note_served(visit, context["desk_contact"])
    return visit.page("desk_call.html", **context)


def _side(session: Session, visit: Visit) -> dict[str, Any]:
    return {
        "waiting": waiting_calls(session, visit),
        "busy": queue.active_call(session, visit.member.id) is not None,
        "colleagues": staff.available_colleagues(session, visit.member.team_id, visit.member.id),
        "today": today(session, visit),
        "rushes": topics.rushes(session, visit.now),
        "call_backs": call_backs.asked_of(session, visit.now, visit.member),
        "asked": approvals.asked_of(session, visit.now, visit.member) if visit.member.may(Right.APPROVE) else [],
    }


def _place(session: Session, visit: Visit) -> dict[str, Any]:
    found = desk_contact(session, visit)
    return {
        "stage": found.stage if found else "idle",
        "desk_contact": found,
        "kinds": list(ContactKind),
        "topics": list(Topic),
        "outcomes": list(Outcome),
        "reasons": list(ApprovalReason),
        "mail": MESSENGERS.of(visit.site).post.present,
    }


def _note_served(visit: Visit, found: DeskContact | None) -> None:
    served.note(visit.site.db, visit.now, visit.member, found.card if found else None)
