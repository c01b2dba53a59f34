"""What the rules of looking back are given: of each verification, and of what happened around it."""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from contactcenter.coaching.rules import NEAR, Elsewhere, Found, Seen, Span, browsed, is_long_pause
from contactcenter.contacts.models import Contact, Handling
from contactcenter.core.audit import Action, AuditEntry
from contactcenter.recordings.models import Pause
from contactcenter.staff.models import Staff
from contactcenter.verification.models import Approval, BreakGlass, Evidence, Verification
from contactcenter.verification.rules import Ended, EvidenceKind, EvidenceOutcome

Row = TypeVar("Row", Evidence, Approval)
Key = TypeVar("Key", bound=Hashable)
LONGEST_HANDLING = timedelta(days=1)  # before what is looked at; a contact that is still in hand began within it


def seen_of(session: Session, verifications: Sequence[Verification]) -> dict[int, Seen]:
    """These verifications as the rules see them, by id."""
    if not verifications:
        return {}
    ids = [one.id for one in verifications]
    evidence = _by(session, select(Evidence).where(col(Evidence.verification_id).in_(ids)).order_by(col(Evidence.id)))
    approved = _by(
        session, select(Approval).where(col(Approval.verification_id).in_(ids), col(Approval.granted).is_(True))
    )
    broken = _broken(session, {one.customer_id for one in verifications})
    agents = _agents(session, verifications)
    numbers = _numbers(session, {one.contact_id for one in verifications})
    from_number, by_agent = _wrong(session, verifications)
    return {
        one.id: Seen(
            level=one.level,
            began_at=one.began_at,
            reached_at=one.reached_at,
            revoked=one.ended is Ended.REVOKED,
            evidence=[Found(key_of(each), each.outcome) for each in evidence[one.id]],
            approved=bool(approved[one.id]),
            broken=broken[one.customer_id, one.staff_id],
            agents=agents.get(one.customer_id, {}),
            wrong_from=from_number.get(numbers.get(one.contact_id), {}),
            wrong_by=by_agent.get(one.staff_id, {}),
        )
        for one in verifications
    }


def key_of(one: Evidence) -> str:
    """How a policy calls it."""
    return one.fact if one.kind is EvidenceKind.ASKED or one.outcome is EvidenceOutcome.DOUBTFUL else one.kind.value


def paused(session: Session, contact_ids: Collection[int]) -> set[int]:
    """The contacts among these whose recording was paused unusually long."""
    pauses = session.exec(
        select(Pause, Contact.ended_at)
        .join(Contact, col(Contact.id) == Pause.contact_id)
        .where(col(Pause.contact_id).in_(contact_ids))
    )
    return {one.contact_id for one, over in pauses if is_long_pause(one.why, one.began_at, one.ended_at or over)}


def browsing(session: Session, since: datetime, zone: ZoneInfo) -> dict[int, int]:
    """Who opened many customers with no contact in hand on a day since then, and how many on the worst of them."""
    views: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    seen = select(AuditEntry.actor, AuditEntry.at, AuditEntry.subject).where(
        AuditEntry.action == Action.CUSTOMER_VIEWED, col(AuditEntry.at) >= since
    )
    for actor, at, customer in session.exec(seen):
        views[actor].append((at, customer))
    people = session.exec(select(Staff).where(col(Staff.public_id).in_(views))).all()
    hands: dict[int, list[Span]] = defaultdict(list)
    handled = select(Handling).where(
        col(Handling.staff_id).in_([one.id for one in people]), col(Handling.started_at) >= since - LONGEST_HANDLING
    )
    for one in session.exec(handled):
        hands[one.staff_id].append(Span(one.started_at, one.closed_at))
    days = {one.id: browsed(views[one.public_id], hands[one.id], zone) for one in people}
    return {staff_id: max(found.values()) for staff_id, found in days.items() if found}


def _broken(session: Session, customers: Collection[int]) -> dict[tuple[int, int], list[datetime]]:
    """When the glass of these customers was broken, by customer and agent."""
    broken: dict[tuple[int, int], list[datetime]] = defaultdict(list)
    for one in session.exec(select(BreakGlass).where(col(BreakGlass.customer_id).in_(customers))):
        broken[one.customer_id, one.staff_id].append(one.at)
    return broken


def _agents(session: Session, verifications: Sequence[Verification]) -> dict[int, Elsewhere]:
    """Who verified for the customers of these, around them."""
    first, last = _around(verifications)
    found = session.exec(
        select(Verification.customer_id, Verification.staff_id, Verification.began_at).where(
            col(Verification.customer_id).in_({one.customer_id for one in verifications}),
            col(Verification.began_at).between(first, last),
        )
    )
    return _elsewhere(found)


def _wrong(
    session: Session, verifications: Sequence[Verification]
) -> tuple[dict[str | None, Elsewhere], dict[int, Elsewhere]]:
    """(customers about whom answers were wrong by the number that they came from, the same by agent)."""
    first, last = _around(verifications)
    found = session.exec(
        select(Evidence.at, Evidence.customer_id, Verification.staff_id, Contact.came_from)
        .join(Verification, col(Verification.id) == Evidence.verification_id)
        .join(Contact, col(Contact.id) == Verification.contact_id)
        .where(Evidence.outcome == EvidenceOutcome.FAILS, col(Evidence.at).between(first, last))
    )
    wrong = found.all()
    from_number = ((number, customer_id, at) for at, customer_id, _, number in wrong if number is not None)
    return _elsewhere(from_number), _elsewhere((staff_id, customer_id, at) for at, customer_id, staff_id, _ in wrong)


def _elsewhere(found: Iterable[tuple[Key, int, datetime]]) -> dict[Key, Elsewhere]:
    """Moments by whom they were about, of each (of what, about whom, when)."""
    grouped: dict[Key, dict[int, list[datetime]]] = defaultdict(lambda: defaultdict(list))
    for key, whom, at in found:
        grouped[key][whom].append(at)
    return dict(grouped)


def _numbers(session: Session, contact_ids: Collection[int]) -> dict[int, str]:
    """From where these contacts came, those without a number left out."""
    found = session.exec(select(Contact.id, Contact.came_from).where(col(Contact.id).in_(contact_ids)))
    return {contact_id: number for contact_id, number in found if number is not None}


def _around(verifications: Sequence[Verification]) -> tuple[datetime, datetime]:
    began = [one.began_at for one in verifications]
    return min(began) - NEAR, max(began) + NEAR


def _by(session: Session, query: SelectOfScalar[Row]) -> dict[int, list[Row]]:
    """Rows by the verification that they belong to."""
    found: dict[int, list[Row]] = defaultdict(list)
    for row in session.exec(query):
        found[row.verification_id].append(row)
    return found
