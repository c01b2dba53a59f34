"""Which contacts are reviewed: drawn by rules that anybody may read, once each (P05, P06)."""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from importlib.resources import files

from sqlmodel import Session, col, select

from contactcenter.coaching.facts import seen_of
from contactcenter.coaching.models import Review, SamplingRule
from contactcenter.coaching.rules import Mark, Sample, SampleKind, marks_of, why_sampled
from contactcenter.contacts.models import Contact, Handling
from contactcenter.contacts.rules import Direction
from contactcenter.core.audit import Action, Actor, record
from contactcenter.core.db import Database
from contactcenter.verification.fields import FIELDS
from contactcenter.verification.models import Disclosure, Verification

SEED = files("contactcenter") / "coaching" / "sampling.json"
LOOKED_BACK = timedelta(days=2)  # glass that is broken within a day after a contact still draws it
AT_ONCE = 200  # contacts whose facts are read together
SENSITIVE = frozenset(kind.value for kind, field in FIELDS.items() if not field.by_itself)
REASONS = {Mark.GLASS: SampleKind.GLASS, Mark.APPROVED: SampleKind.APPROVED}


def fill(db: Database, now: datetime) -> int:
    """Draw from the contacts that ended lately what has to be reviewed; how many were new."""
    with db.writing() as session:
        seed(session)
    with db.reading() as session:
        rules = in_force(session, now)
        contacts = _ended(session, now)
        drawn = [
            (contact.id, why)
            for start in range(0, len(contacts), AT_ONCE)
            for contact, sample in _samples(session, contacts[start : start + AT_ONCE])
            if (why := why_sampled(sample, rules)) is not None
        ]
    if not drawn:
        return 0
    with db.writing() as session:
        return sum(_put(session, now, contact_id, why) for contact_id, why in drawn)


def seed(session: Session) -> None:
    """Take over the rules of the package that the database lacks; a version that is there stays as it is."""
    there = set(session.exec(select(SamplingRule.kind, SamplingRule.version)).all())
    for raw in json.loads(SEED.read_text(encoding="utf-8")):
        rule = SamplingRule.model_validate(raw)
        if (rule.kind, rule.version) not in there:
            session.add(rule)
    session.flush()


def in_force(session: Session, now: datetime) -> dict[SampleKind, int]:
    """Of each kind one in so many: what came into force last."""
    rules = session.exec(
        select(SamplingRule)
        .where(col(SamplingRule.in_force_from) <= now)
        .order_by(col(SamplingRule.in_force_from), col(SamplingRule.id))
    )
    return {rule.kind: rule.one_in for rule in rules}


def _ended(session: Session, now: datetime) -> Sequence[Contact]:
    """Contacts that somebody handled, that ended lately, and that are not to be reviewed yet."""
    handled = select(Handling.id).where(Handling.contact_id == Contact.id).exists()
    reviewed = select(Review.id).where(Review.contact_id == Contact.id).exists()
    ended = col(Contact.ended_at).between(now - LOOKED_BACK, now)
    return session.exec(select(Contact).where(ended, handled, ~reviewed).order_by(col(Contact.id))).all()


def _samples(session: Session, contacts: Sequence[Contact]) -> list[tuple[Contact, Sample]]:
    ids = [one.id for one in contacts]
    verifications = session.exec(select(Verification).where(col(Verification.contact_id).in_(ids))).all()
    seen = seen_of(session, verifications)
    reasons: dict[int, set[SampleKind]] = defaultdict(set)
    for one in verifications:
        reasons[one.contact_id] |= {REASONS[mark] for mark in marks_of(seen[one.id]) & REASONS.keys()}
    ours = [one.id for one in contacts if one.direction is Direction.OUTBOUND]
    shown = select(Disclosure.contact_id).where(
        col(Disclosure.contact_id).in_(ours), col(Disclosure.what).in_(SENSITIVE)
    )
    for contact_id in session.exec(shown.distinct()):
        if contact_id is not None:
            reasons[contact_id].add(SampleKind.OUTBOUND)
    return [(one, Sample(frozenset(reasons[one.id]), _number(one.public_id))) for one in contacts]


def _number(public_id: str) -> int:
    """A number that follows from the contact's random name."""
    return int.from_bytes(sha256(public_id.encode()).digest()[:8], "big")


def _put(session: Session, now: datetime, contact_id: int, why: SampleKind) -> bool:
    """Into the queue, unless another worker was faster."""
    if session.exec(select(Review.id).where(Review.contact_id == contact_id)).first() is not None:
        return False
    made = Review(contact_id=contact_id, why=why, drawn_at=now)
    session.add(made)
    session.flush()
    record(session, now, Actor.WORKER, Action.REVIEW_DRAWN, made.public_id, why.value)
    return True
