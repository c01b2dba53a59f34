"""When the caller proved in a contact who they are, by speaking: from each question or code to its result (P02).

What was said then would let whoever hears it pass for the caller. Moments alone: what was said is not kept.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from contactcenter.contacts.models import Contact
from contactcenter.verification.models import CallBack, Evidence, OneTimeCode, Question, Verification
from contactcenter.verification.rules import CODE_LASTS, POSSESSION, SAID


@dataclass(frozen=True)
class Proof:
    """From when to when something was asked or read out; `end` is None where nothing came after it."""

    start: datetime
    end: datetime | None


def proofs(session: Session, contact_id: int) -> list[Proof]:
    """Each question of a contact from when it was drawn to its result, each code from when it was sent, and each word
    for a call-back from when it was drawn to be said.

    What never got a result lasts until the next thing that the caller did, or the end of the contact.
    """
    begun = session.exec(select(Verification).where(Verification.contact_id == contact_id)).all()
    if not begun:
        return []
    ids = [one.id for one in begun]
    asked = session.exec(select(Question).where(col(Question.verification_id).in_(ids))).all()
    evidence = session.exec(select(Evidence).where(col(Evidence.verification_id).in_(ids))).all()
    codes = _codes(session, begun)
    told = session.exec(select(CallBack.made_at).where(col(CallBack.verification_id).in_(ids))).all()
    ended = [session.get_one(Contact, contact_id).ended_at, *(one.ended_at for one in begun)]
    happened = [
        *(one.drawn_at for one in asked),
        *(one.at for one in evidence if one.kind in SAID),  # a second person may vouch while the caller speaks
        *told,
        *(one.sent_at for one in codes if one.sent_at is not None),
        *(moment for moment in ended if moment is not None),
    ]
    found = [Proof(one.drawn_at, one.answered_at or _next(happened, one.drawn_at)) for one in asked]
    found += [Proof(at, _next(happened, at)) for at in told]
    found += _read_out(begun, evidence, codes)
    sent = [one for one in codes if one.contact_id == contact_id]
    return sorted([*found, *_never_read_out(sent, evidence, happened)], key=lambda one: one.start)


def _codes(session: Session, begun: Sequence[Verification]) -> Sequence[OneTimeCode]:
    """Codes of the persons of these verifications that could be read out since the first of them began."""
    return session.exec(
        select(OneTimeCode).where(
            col(OneTimeCode.person_id).in_({one.person_id for one in begun if one.person_id is not None}),
            col(OneTimeCode.made_at) > min(one.began_at for one in begun) - CODE_LASTS,
            col(OneTimeCode.sent_at).is_not(None),
        )
    ).all()


def _read_out(
    begun: Sequence[Verification], evidence: Sequence[Evidence], codes: Sequence[OneTimeCode]
) -> Iterator[Proof]:
    """Until each reading of a code: since the oldest that could be meant was sent; nobody knows when it was asked."""
    began = {one.id: one.began_at for one in begun}
    for one in evidence:
        if one.kind in POSSESSION:
            since = began[one.verification_id]
            sent = [
                code.sent_at for code in codes if code.sent_at and code.sent_at <= one.at < code.made_at + CODE_LASTS
            ]
            yield Proof(max(since, min(sent, default=since)), one.at)


def _never_read_out(
    sent: Sequence[OneTimeCode], evidence: Sequence[Evidence], happened: Sequence[datetime]
) -> Iterator[Proof]:
    read = [one.at for one in evidence if one.kind in POSSESSION]
    for code in sent:
        if code.sent_at is not None and not any(code.sent_at <= at < code.made_at + CODE_LASTS for at in read):
            yield Proof(code.sent_at, _next(happened, code.sent_at))


def _next(moments: Sequence[datetime], after: datetime) -> datetime | None:
    return min((moment for moment in moments if moment > after), default=None)
