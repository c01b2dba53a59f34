"""A second person vouches for a caller, now and with a reason: it counts, is never enough, and is reviewed (P05)."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.core.audit import Action, record
from contactcenter.core.errors import Conflict, Invalid, NotFound
from contactcenter.core.live import announce, queue_topic
from contactcenter.staff.access import Member, party_of
from contactcenter.staff.models import Staff
from contactcenter.staff.rules import Party, Right, not_two_people
from contactcenter.verification import asking, passes
from contactcenter.verification.models import Approval, Verification
from contactcenter.verification.rules import (
    APPROVAL_LASTS,
    LONGEST_WORDS,
    SHORTEST_WORDS,
    ApprovalReason,
    EvidenceKind,
    EvidenceOutcome,
)


@dataclass(frozen=True)
class Asked:
    """A request as it waits for a second person, on the page of those who may decide."""

    public_id: str
    contact: str
    agent: str
    reason: ApprovalReason
    words: str
    asked_at: datetime


def ask(session: Session, now: datetime, verification: Verification, reason: ApprovalReason, words: str) -> None:
    """The handler asks for a second person. Raises `Invalid` without words, `Conflict` while a request waits."""
    if not SHORTEST_WORDS <= len(words.strip()) <= LONGEST_WORDS:
        raise Invalid("Say in a sentence why a colleague should vouch for this caller.")
    asking.refuse_outbound(session, verification)
    if open_one(session, now, verification) is not None:
        raise Conflict("A second person was asked already.")
    made = Approval(verification_id=verification.id, reason=reason, words=words.strip(), asked_at=now)
    session.add(made)
    session.flush()
    contact = session.get_one(Contact, verification.contact_id)
    asker = session.get_one(Staff, verification.staff_id)
    record(session, now, asker.public_id, Action.APPROVAL_ASKED, made.public_id, reason.value)
    announce(session, now, queue_topic(contact.team_id), made.public_id)
    contacts.tell(session, now, contact)


def decide(session: Session, now: datetime, viewer: Member, public_id: str, *, grant: bool) -> None:
    """A second person grants or refuses. Raises `NotFound` for another team's, `Conflict` for one's own or too late."""
    found = session.exec(select(Approval).where(Approval.public_id == public_id)).first()
    if found is None:
        raise NotFound()
    verification = session.get_one(Verification, found.verification_id)
    contact, asker = session.get_one(Contact, verification.contact_id), session.get_one(Staff, verification.staff_id)
    if contact.team_id != viewer.team_id:
        raise NotFound()
    decider = Party(viewer.id, viewer.role, enabled=True)
    if not_two_people(party_of(asker), decider, Right.APPROVE) is not None:
        raise Conflict("Somebody else than who asked has to decide this.")
    standing = open_one(session, now, verification)
    if standing is None or standing.id != found.id or passes.is_over(session, verification, now):
        raise Conflict("It is too late: the request or the verification is over.")
    found.decided_by, found.decided_at, found.granted = viewer.id, now, grant
    session.flush()
    action = Action.APPROVAL_GRANTED if grant else Action.APPROVAL_REFUSED
    record(session, now, viewer.public_id, action, found.public_id)
    announce(session, now, queue_topic(contact.team_id), found.public_id)
    if grant:
        kind = EvidenceKind.APPROVAL
        asking.add_evidence(session, now, verification, kind, kind.value, EvidenceOutcome.HOLDS)
    contacts.tell(session, now, contact)


def open_one(session: Session, now: datetime, verification: Verification) -> Approval | None:
    """The request that waits for this verification; None after ten minutes."""
    return session.exec(
        select(Approval).where(
            Approval.verification_id == verification.id,
            col(Approval.decided_at).is_(None),
            col(Approval.asked_at) > now - APPROVAL_LASTS,
        )
    ).first()


def asked_of(session: Session, now: datetime, viewer: Member) -> list[Asked]:
    """What waits for this member to decide: of their team, by others; oldest first."""
    found = session.exec(
        select(Approval, Contact.public_id, Staff.name)
        .join(Verification, col(Verification.id) == Approval.verification_id)
        .join(Contact, col(Contact.id) == Verification.contact_id)
        .join(Staff, col(Staff.id) == Verification.staff_id)
        .where(
            Contact.team_id == viewer.team_id,
            Verification.staff_id != viewer.id,
            col(Verification.ended_at).is_(None),
            col(Approval.decided_at).is_(None),
            col(Approval.asked_at) > now - APPROVAL_LASTS,
        )
        .order_by(col(Approval.id))
    )
    return [Asked(one.public_id, contact, agent, one.reason, one.words, one.asked_at) for one, contact, agent in found]
