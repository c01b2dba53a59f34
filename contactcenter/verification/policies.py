"""Versions of the verification policy: proposed by one, put in force by another, each text kept for good (P06)."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from contactcenter.core.audit import Action, Actor, record
from contactcenter.core.errors import Conflict, NotAllowed, NotFound
from contactcenter.staff.access import Member, party_of
from contactcenter.staff.models import Staff
from contactcenter.staff.rules import Right, may, not_two_people
from contactcenter.verification.models import PolicyVersion
from contactcenter.verification.policy import Policy
from contactcenter.verification.policy_text import digest, read, shipped
from contactcenter.verification.rules import PolicyState

KNOWN = "policies"  # of a session: those that it read already, by digest


@dataclass(frozen=True)
class Version:
    """A version as people see it, with the names of who proposed and who decided; None for the package, and nobody."""

    public_id: str
    title: str
    digest: str
    state: PolicyState
    text: str
    proposed_by: str | None
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None


def in_force(session: Session) -> Policy:
    """The policy by which a verification that begins now is decided; the shipped one until another was chosen."""
    return read(text_in_force(session))


def text_in_force(session: Session) -> str:
    """The text of `in_force`."""
    found = session.exec(select(PolicyVersion).where(PolicyVersion.state == PolicyState.IN_FORCE)).first()
    return found.text if found else shipped()


def of(session: Session, version: str) -> Policy:
    """The policy with this digest, in force or not. A digest is asked for many times while a page is made."""
    known: dict[str, Policy] = session.info.setdefault(KNOWN, {})
    if version not in known:
        found = session.exec(select(PolicyVersion.text).where(PolicyVersion.digest == version)).first()
        known[version] = read(found or text_in_force(session))
    return known[version]


def kept_in_force(session: Session, now: datetime) -> Policy:
    """`in_force`, and its text is on record from now on: what a verification names can be shown for good."""
    policy = in_force(session)
    if session.exec(select(PolicyVersion.id).where(PolicyVersion.digest == policy.digest)).first() is None:
        session.add(
            PolicyVersion(
                text=shipped(),
                digest=policy.digest,
                state=PolicyState.IN_FORCE,
                proposed_by=Actor.SYSTEM,
                proposed_at=now,
                decided_by=Actor.SYSTEM,
                decided_at=now,
            )
        )
        session.flush()
    return policy


def propose(session: Session, now: datetime, login: str, text: str) -> Version:
    """Put a policy up for a second person, in the name of an account that may decide on policies itself.

    Raises `Invalid` for what is no policy or too weak, `NotAllowed` for who may not, `Conflict` for a text that is in
    force or waits already.
    """
    read(text)
    proposer = session.exec(select(Staff).where(Staff.login == login, col(Staff.disabled_at).is_(None))).first()
    if proposer is None or not may(proposer.role, Right.DECIDE_POLICY):
        raise NotAllowed("Policies are proposed by a supervisor or privacy officer; name the login of one.")
    same = select(PolicyVersion).where(
        PolicyVersion.digest == digest(text), PolicyVersion.state == PolicyState.PROPOSED
    )
    if digest(text) == in_force(session).digest or session.exec(same).first() is not None:
        raise Conflict("This very text is in force already, or waits for a second person.")
    made = PolicyVersion(
        text=text,
        digest=digest(text),
        state=PolicyState.PROPOSED,
        proposed_by=proposer.public_id,
        proposed_at=now,
    )
    session.add(made)
    session.flush()
    record(session, now, proposer.public_id, Action.POLICY_PROPOSED, made.public_id, made.digest[:16])
    return _version(session, made)


def decide(session: Session, now: datetime, viewer: Member, public_id: str, *, accept: bool) -> None:
    """A second person puts a proposal in force, or turns it down; the one before is kept as replaced.

    Raises `NotFound` for what is not proposed, `Conflict` for whom it is not to decide.
    """
    kept_in_force(session, now)
    found = session.exec(select(PolicyVersion).where(PolicyVersion.public_id == public_id)).first()
    if found is None or found.state is not PolicyState.PROPOSED:
        raise NotFound()
    proposer = session.exec(select(Staff).where(Staff.public_id == found.proposed_by)).one()
    decider = session.get_one(Staff, viewer.id)
    if accept and not_two_people(party_of(proposer), party_of(decider), Right.DECIDE_POLICY) is not None:
        raise Conflict("A second person has to put this in force, while whoever proposed it still works here.")
    if accept:
        for before in session.exec(select(PolicyVersion).where(PolicyVersion.state == PolicyState.IN_FORCE)):
            before.state = PolicyState.REPLACED
    found.state = PolicyState.IN_FORCE if accept else PolicyState.REFUSED
    found.decided_by, found.decided_at = viewer.public_id, now
    session.flush()
    action = Action.POLICY_ACTIVATED if accept else Action.POLICY_REFUSED
    record(session, now, viewer.public_id, action, found.public_id, found.digest[:16])


def versions(session: Session) -> list[Version]:
    """All versions that were ever proposed or in force, newest first."""
    newest = select(PolicyVersion).order_by(col(PolicyVersion.id).desc())
    return [_version(session, one) for one in session.exec(newest)]


def _version(session: Session, one: PolicyVersion) -> Version:
    who = select(Staff.public_id, Staff.name).where(col(Staff.public_id).in_([one.proposed_by, one.decided_by]))
    names = dict(session.exec(who).all())
    return Version(
        public_id=one.public_id,
        title=read(one.text).title,
        digest=one.digest,
        state=one.state,
        text=one.text,
        proposed_by=names.get(one.proposed_by),
        proposed_at=one.proposed_at,
        decided_by=names.get(one.decided_by or ""),
        decided_at=one.decided_at,
    )
