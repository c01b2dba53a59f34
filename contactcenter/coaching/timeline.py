"""One verification as it went: what was asked, what it showed, what was opened and corrected; never an answer."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session, col, select

from contactcenter.coaching.facts import key_of
from contactcenter.coaching.listing import described
from contactcenter.coaching.naming import Naming
from contactcenter.coaching.rules import Result, position
from contactcenter.contacts.models import Contact
from contactcenter.core.errors import NotFound
from contactcenter.recordings import overview, playback
from contactcenter.recordings.models import Recording
from contactcenter.recordings.overview import RecordingView
from contactcenter.recordings.player import Player, player_of
from contactcenter.recordings.service import recordings_of
from contactcenter.staff.access import Member
from contactcenter.verification.models import (
    Approval,
    Correction,
    Disclosure,
    Evidence,
    OneTimeCode,
    Question,
    Verification,
)
from contactcenter.verification.rules import Ended, EvidenceKind, EvidenceOutcome, Level, Purpose


class What(StrEnum):
    """What happened at a moment of a verification."""

    BEGAN = "began"
    ASKED = "asked"
    FOUND = "found"
    CODE_SENT = "code-sent"
    CODE_FETCHED = "code-fetched"
    APPROVAL_ASKED = "approval-asked"
    APPROVAL_GRANTED = "approval-granted"
    APPROVAL_REFUSED = "approval-refused"
    REACHED = "reached"
    SHOWN = "shown"
    CORRECTED = "corrected"
    ENDED = "ended"


@dataclass(frozen=True)
class Moment:
    """One thing that happened. `about` are words of a vocabulary, such as what was asked; `start` its second in the
    recording, None outside of it."""

    at: datetime
    what: What
    about: tuple[str, ...] = ()
    outcome: EvidenceOutcome | None = None
    level: Level | None = None
    start: float | None = None


@dataclass(frozen=True)
class Detail:
    """A verification for whoever looks back at it; `may_listen` says that its recording can be opened for that."""

    public_id: str
    contact: str
    started_at: datetime
    who: str | None
    level: Level
    result: Result
    policy: str
    moments: tuple[Moment, ...]
    player: Player | None
    recording: RecordingView
    may_listen: bool


def by_public_id(session: Session, public_id: str) -> tuple[Verification, Contact]:
    """A verification and its contact; raises `NotFound`."""
    found = session.exec(select(Verification).where(Verification.public_id == public_id)).first()
    if found is None:
        raise NotFound()
    return found, session.get_one(Contact, found.contact_id)


def detail(session: Session, now: datetime, viewer: Member, public_id: str, naming: Naming) -> Detail:
    """All that is on record of a verification, laid over the recording. Raises `NotFound`."""
    verification, contact = by_public_id(session, public_id)
    line = next(one for one in described(session, [contact], naming)[0].lines if one.public_id == public_id)
    player = player_of(session, now, viewer, contact.id, Purpose.AUDIT)
    heard = next((one for one in reversed(recordings_of(session, contact.id)) if one.started_at), None)
    began_at, seconds = _span(player, heard)
    view = overview.recording_view(session, contact.id, now)
    return Detail(
        public_id=public_id,
        contact=contact.public_id,
        started_at=contact.started_at,
        who=line.who,
        level=line.level,
        result=line.result,
        policy=verification.policy,
        moments=tuple(
            Moment(one.at, one.what, one.about, one.outcome, one.level, position(one.at, began_at, seconds))
            for one in sorted(moments(session, verification), key=lambda one: one.at)
        ),
        player=player,
        recording=view,
        may_listen=view.playable and Purpose.AUDIT in playback.purposes_open(session, viewer, contact),
    )


def _span(player: Player | None, heard: Recording | None) -> tuple[datetime | None, float]:
    """(when the recording that moments are laid over began, its seconds); None when nothing was recorded."""
    if player is not None:
        return player.started_at, player.seconds
    return (heard.started_at, heard.seconds or 0.0) if heard is not None else (None, 0.0)


def moments(session: Session, verification: Verification) -> Iterator[Moment]:
    """What happened in a verification; at one moment in the order in which it comes about."""
    yield Moment(verification.began_at, What.BEGAN)
    for question in session.exec(select(Question).where(Question.verification_id == verification.id)):
        yield Moment(question.drawn_at, What.ASKED, (question.fact,))
    yield from _codes(session, verification)
    yield from _approvals(session, verification)
    rows = select(Evidence).where(Evidence.verification_id == verification.id).order_by(col(Evidence.id))
    for one in session.exec(rows):
        yield Moment(one.at, What.FOUND, (key_of(one),), one.outcome)
    if verification.level > Level.UNKNOWN:
        yield Moment(verification.reached_at, What.REACHED, level=verification.level)
    yield from _shown(session, verification)
    for made in session.exec(select(Correction).where(Correction.verification_id == verification.id)):
        yield Moment(made.at, What.CORRECTED, (made.kind,))
    if verification.ended_at is not None:
        yield Moment(verification.ended_at, What.ENDED, (verification.ended or Ended.CALL_OVER,))


def _codes(session: Session, verification: Verification) -> Iterator[Moment]:
    """Codes that were sent in this verification, and those of the application that were read out in it."""
    codes = select(OneTimeCode).where(
        OneTimeCode.contact_id == verification.contact_id, OneTimeCode.person_id == verification.person_id
    )
    for code in session.exec(codes.order_by(col(OneTimeCode.id))):
        fetched = code.kind is EvidenceKind.PORTAL_CODE
        at = code.sent_at or code.made_at
        of_here = code.used_at if fetched and code.used_at else at
        if verification.began_at <= of_here and (verification.ended_at is None or of_here <= verification.ended_at):
            yield Moment(at, What.CODE_FETCHED if fetched else What.CODE_SENT, (code.kind,))


def _approvals(session: Session, verification: Verification) -> Iterator[Moment]:
    for one in session.exec(select(Approval).where(Approval.verification_id == verification.id)):
        yield Moment(one.asked_at, What.APPROVAL_ASKED, (one.reason,))
        if one.decided_at is not None:
            yield Moment(one.decided_at, What.APPROVAL_GRANTED if one.granted else What.APPROVAL_REFUSED)


def _shown(session: Session, verification: Verification) -> Iterator[Moment]:
    """What was opened, all of one moment together."""
    shown: dict[tuple[datetime, Level], list[str]] = defaultdict(list)
    rows = select(Disclosure).where(Disclosure.verification_id == verification.id).order_by(col(Disclosure.id))
    for one in session.exec(rows):
        shown[one.at, one.level].append(one.what)
    for (at, level), kinds in shown.items():
        yield Moment(at, What.SHOWN, tuple(kinds), level=level)
