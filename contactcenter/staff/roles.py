"""Who gets which role: everything above agent is proposed by one and confirmed by another; less takes one."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from contactcenter.core.audit import Action, Actor, record
from contactcenter.core.clock import lasts
from contactcenter.core.errors import Conflict, NotFound
from contactcenter.staff import service, sessions
from contactcenter.staff.access import by_two_people
from contactcenter.staff.models import RoleProposal, Staff
from contactcenter.staff.rules import FIRST_ALONE, PROPOSAL_LASTS, RIGHTS, Right, Role, takes_two

MANAGERS = [role for role in Role if Right.MANAGE_STAFF in RIGHTS[role]]


@dataclass(frozen=True)
class Waiting:
    """A role that waits for a second person; `proposer` is None for the operator."""

    public_id: str
    subject: Staff
    role: Role
    proposer: Staff | None
    at: datetime


def waiting(session: Session, now: datetime) -> list[Waiting]:
    """What can be confirmed now, the oldest first."""
    return [
        Waiting(one.public_id, session.get_one(Staff, one.staff_id), one.role, _proposer(session, one), one.proposed_at)
        for one in _open(session, now)
    ]


def change(session: Session, now: datetime, actor: Staff, public_id: str, role: Role) -> None:
    """Somebody with the right gives another role: at once when it is no more than agent, else a second one confirms.

    Raises `NotFound`, and `Conflict` for an account that ended or has this role, or one's own account.
    """
    subject = _by_public_id(session, public_id)
    if subject.id == actor.id:
        raise Conflict("Somebody else proposes another role for you.")
    if takes_two(role):
        _propose(session, now, subject, role, actor)
    else:
        _require_change(subject, role)
        _set(session, now, subject, role, actor.public_id)


def decide(session: Session, now: datetime, actor: Staff, public_id: str, *, accept: bool) -> None:
    """Confirm a proposal, or turn it down, which its proposer may do too.

    Raises `NotFound` for one that is decided or lapsed, `Conflict` for whom it is not to confirm.
    """
    found = next((one for one in _open(session, now) if one.public_id == public_id), None)
    if found is None:
        raise NotFound()
    subject, proposer = session.get_one(Staff, found.staff_id), _proposer(session, found)
    if accept:
        if actor.id == subject.id:
            raise Conflict("Somebody else confirms your role.")
        if proposer is not None:
            by_two_people(proposer, actor, Right.MANAGE_STAFF)
        _require_change(subject, found.role)
        _set(session, now, subject, found.role, actor.public_id)
    else:
        record(session, now, actor.public_id, Action.STAFF_ROLE_REFUSED, subject.public_id, found.role.value)
    found.decided_by, found.decided_at, found.accepted = actor.id, now, accept


def by_operator(session: Session, now: datetime, login: str, role: Role) -> bool:
    """The operator gives a role; whether it took effect, or waits for somebody with the right to confirm it.

    The first two privileged accounts need nobody else, nor does any when nobody is left who could confirm: an
    installation begins somehow, and must not end by a resignation. Both are on record as what they are.
    """
    subject = service.by_login(session, login)
    _require_change(subject, role)
    alone = not takes_two(role) or _privileged(session) < FIRST_ALONE or not _confirmers(session, subject)
    if alone:
        _set(session, now, subject, role, Actor.OPERATOR, "alone" if takes_two(role) else "")
    else:
        _propose(session, now, subject, role, None)
    return alone


def add_by_operator(
    session: Session,
    now: datetime,
    *,
    login: str,
    name: str,
    role: Role,
    password: str,
    team: str = service.DEFAULT_TEAM,
    language: str = "nl",
    telephone: str | None = None,
    trained_on: date | None = None,
) -> bool:
    """Add an account; with a role above agent as `by_operator` gives it, until then as an agent. Raises as `add`."""
    service.add(
        session, now, login=login, name=name, role=Role.AGENT, password=password, team=team, language=language,
        telephone=telephone, trained_on=trained_on,
    )  # fmt: skip
    return role is Role.AGENT or by_operator(session, now, login, role)


def _propose(session: Session, now: datetime, subject: Staff, role: Role, proposer: Staff | None) -> None:
    _require_change(subject, role)
    for before in _open(session, now):
        if before.staff_id == subject.id:
            raise Conflict("Another role is proposed for this account already; it is confirmed or turned down first.")
    proposal = RoleProposal(
        staff_id=subject.id, role=role, proposed_by=proposer.id if proposer else None, proposed_at=now
    )
    session.add(proposal)
    actor = proposer.public_id if proposer else Actor.OPERATOR
    record(session, now, actor, Action.STAFF_ROLE_PROPOSED, subject.public_id, role.value)


def _set(session: Session, now: datetime, subject: Staff, role: Role, actor: str, how: str = "") -> None:
    """The role holds from the next request on, in which whoever has it signs in anew."""
    subject.role, subject.available = role, False
    sessions.end_all(session, now, subject)
    record(session, now, actor, Action.STAFF_ROLE_SET, subject.public_id, f"{role.value} {how}".rstrip())


def _require_change(subject: Staff, role: Role) -> None:
    if subject.disabled_at is not None:
        raise Conflict("This account has ended; add a new one.")
    if subject.role is role:
        raise Conflict("This account has that role already.")


def _open(session: Session, now: datetime) -> list[RoleProposal]:
    undecided = select(RoleProposal).where(col(RoleProposal.decided_at).is_(None)).order_by(col(RoleProposal.id))
    return [one for one in session.exec(undecided) if lasts(one.proposed_at, PROPOSAL_LASTS, now)]


def _proposer(session: Session, proposal: RoleProposal) -> Staff | None:
    return session.get_one(Staff, proposal.proposed_by) if proposal.proposed_by is not None else None


def _privileged(session: Session) -> int:
    enabled = col(Staff.disabled_at).is_(None)
    return session.exec(select(func.count()).where(enabled, Staff.role != Role.AGENT)).one()


def _confirmers(session: Session, subject: Staff) -> int:
    """How many could confirm a role for this account."""
    could = col(Staff.disabled_at).is_(None), col(Staff.role).in_(MANAGERS), Staff.id != subject.id
    return session.exec(select(func.count()).where(*could)).one()


def _by_public_id(session: Session, public_id: str) -> Staff:
    found = session.exec(select(Staff).where(Staff.public_id == public_id)).first()
    if found is None:
        raise NotFound()
    return found
