"""Reviews: a supervisor says how a caller was verified; whoever handled the contact sees it and may answer once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, func, select

from contactcenter.coaching.listing import Line, described
from contactcenter.coaching.models import Review, ReviewReply
from contactcenter.coaching.naming import Naming
from contactcenter.coaching.rules import SampleKind, Verdict, verdict_of
from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact, Handling
from contactcenter.core.audit import Action, record
from contactcenter.core.errors import Conflict, Invalid, NotFound
from contactcenter.recordings import overview
from contactcenter.recordings.overview import Listen
from contactcenter.staff.access import Member
from contactcenter.staff.models import Staff
from contactcenter.staff.rules import Right
from contactcenter.verification.rules import LONGEST_WORDS, SHORTEST_WORDS

LONGEST_LIST = 100


@dataclass(frozen=True)
class Given:
    """What whoever reviews found: was it asked, was it answered, was anything told before; and how it was."""

    asked: bool
    answered: bool
    told_before: bool
    verdict: Verdict
    comment: str


@dataclass(frozen=True)
class Reviewed:
    """A review in a list; `own` says that the viewer handled the contact."""

    public_id: str
    contact: str
    started_at: datetime
    why: SampleKind
    verdict: Verdict | None
    reviewed_at: datetime | None
    own: bool


@dataclass(frozen=True)
class Reply:
    """What somebody who handled the contact says to it; `who` is None where a small team has no name."""

    who: str | None
    words: str
    at: datetime
    own: bool


@dataclass(frozen=True)
class ReviewPage:
    """A review with all that belongs to it. `found` is None while nobody reviewed it, `by` whoever did."""

    review: Reviewed
    who: str | None
    lines: tuple[Line, ...]
    found: Given | None
    by: str | None
    replies: tuple[Reply, ...]
    listens: tuple[Listen, ...]
    may_review: bool
    may_reply: bool


def give(session: Session, now: datetime, viewer: Member, public_id: str, given: Given) -> None:
    """Say how it was, once. Raises `NotFound`, `Conflict` for one's own contact or a second review, `Invalid` without
    a comment where something was not good."""
    review, contact = _review(session, public_id)
    if contacts.handled_by(session, contact.id, viewer.id):
        raise Conflict("You handled this contact yourself; somebody else reviews it.")
    if review.reviewed_at is not None:
        raise Conflict("Somebody reviewed this already.")
    verdict = verdict_of(given.verdict, told_before=given.told_before)
    comment = given.comment.strip()
    if len(comment) > LONGEST_WORDS or (verdict is not Verdict.GOOD and not comment):
        raise Invalid("Say in a sentence what can be better.")
    review.reviewed_by, review.reviewed_at = viewer.id, now
    review.asked, review.answered, review.told_before = given.asked, given.answered, given.told_before
    review.verdict, review.comment = verdict, comment
    session.flush()
    record(session, now, viewer.public_id, Action.REVIEW_GIVEN, public_id, verdict.value)
    contacts.tell(session, now, contact)


def reply(session: Session, now: datetime, viewer: Member, public_id: str, words: str) -> None:
    """Whoever handled the contact answers its review, once. Raises `NotFound` for others and before it was reviewed,
    `Conflict` the second time, `Invalid` for what is no sentence."""
    review, contact = _review(session, public_id)
    if review.reviewed_at is None or not contacts.handled_by(session, contact.id, viewer.id):
        raise NotFound()
    if any(one.own for one in _replies(session, viewer, review, {})):
        raise Conflict("You answered this review already.")
    if not SHORTEST_WORDS <= len(words.strip()) <= LONGEST_WORDS:
        raise Invalid("Say in a sentence how you see it.")
    session.add(ReviewReply(review_id=review.id, staff_id=viewer.id, words=words.strip(), at=now))
    session.flush()
    record(session, now, viewer.public_id, Action.REVIEW_ANSWERED, public_id)
    contacts.tell(session, now, contact)


def waiting(session: Session) -> int:
    """How many contacts wait for their review."""
    return session.exec(select(func.count()).select_from(Review).where(col(Review.reviewed_at).is_(None))).one()


def reviews(session: Session, viewer: Member, *, mine: bool) -> list[Reviewed]:
    """What waits, oldest first, then what was reviewed, newest first.

    Who supervises sees all, or as `mine` what waits in the own team and what they reviewed; others see reviews of
    contacts that they handled.
    """
    own = select(Handling.id).where(Handling.contact_id == Contact.id, Handling.staff_id == viewer.id).exists()
    open_, done = col(Review.reviewed_at).is_(None), col(Review.reviewed_at).is_not(None)
    shown: list[ColumnElement[bool]] = [open_, done]
    if not viewer.may(Right.SUPERVISE):
        shown = [done & own]
    elif mine:
        shown = [open_ & ~own & (col(Contact.team_id) == viewer.team_id), col(Review.reviewed_by) == viewer.id]
    return [
        _line(session, viewer, review, contact)
        for review, contact in session.exec(
            select(Review, Contact)
            .join(Contact, col(Contact.id) == Review.contact_id)
            .where(or_(*shown))
            .order_by(col(Review.reviewed_at).is_not(None), col(Review.reviewed_at).desc(), col(Review.id))
            .limit(LONGEST_LIST)
        )
    ]


def review_page(session: Session, now: datetime, viewer: Member, public_id: str, naming: Naming) -> ReviewPage:
    """One review, for who supervises, and for who handled the contact once it was reviewed. Raises `NotFound`."""
    review, contact = _review(session, public_id)
    line = _line(session, viewer, review, contact)
    if not viewer.may(Right.SUPERVISE) and not (line.own and review.reviewed_at):
        raise NotFound()
    audited = described(session, [contact], naming)[0]
    replies = _replies(session, viewer, review, naming.labels)
    by = session.get(Staff, review.reviewed_by) if review.reviewed_by else None
    return ReviewPage(
        review=line,
        who=audited.who,
        lines=audited.lines,
        found=_given(review),
        by=by.name if by else None,
        replies=replies,
        listens=tuple(overview.recording_view(session, contact.id, now).listens),
        may_review=review.reviewed_at is None and not line.own,
        may_reply=review.reviewed_at is not None and line.own and not any(one.own for one in replies),
    )


def _review(session: Session, public_id: str) -> tuple[Review, Contact]:
    found = session.exec(select(Review).where(Review.public_id == public_id)).first()
    if found is None:
        raise NotFound()
    return found, session.get_one(Contact, found.contact_id)


def _line(session: Session, viewer: Member, review: Review, contact: Contact) -> Reviewed:
    return Reviewed(
        public_id=review.public_id,
        contact=contact.public_id,
        started_at=contact.started_at,
        why=review.why,
        verdict=review.verdict,
        reviewed_at=review.reviewed_at,
        own=contacts.handled_by(session, contact.id, viewer.id),
    )


def _given(review: Review) -> Given | None:
    if review.verdict is None:
        return None
    return Given(bool(review.asked), bool(review.answered), bool(review.told_before), review.verdict, review.comment)


def _replies(session: Session, viewer: Member, review: Review, labels: dict[int, str | None]) -> tuple[Reply, ...]:
    found = session.exec(select(ReviewReply).where(ReviewReply.review_id == review.id).order_by(col(ReviewReply.id)))
    return tuple(Reply(labels.get(one.staff_id), one.words, one.at, one.staff_id == viewer.id) for one in found)
