"""What is kept of the notice that a caller hears: text and version, language, how much of it, and how we know (P01)."""

from datetime import datetime

from sqlmodel import Session, col, func, select

from contactcenter.calls.models import Call, NoticePlay
from contactcenter.calls.prompts import catalogue
from contactcenter.calls.rules import NoticeBasis, PlayNotice, played_milliseconds
from contactcenter.core.audit import Action, Actor, record
from contactcenter.core.db import insert


def begin(session: Session, now: datetime, call_id: int, step: PlayNotice) -> None:
    """The notice begins to play."""
    insert(
        session,
        NoticePlay,
        call_id=call_id,
        attempt=step.attempt,
        notice=step.notice,
        version=catalogue().version,
        statement_version=catalogue().statement_version,
        language=step.language,
        began_at=now,
        whole=False,
    )


def close(session: Session, now: datetime, call: Call, basis: NoticeBasis, *, whole: bool) -> None:
    """The notice that plays, if one does, ends: whole, or after as long as can be told."""
    play = session.exec(
        select(NoticePlay).where(NoticePlay.call_id == call.id, col(NoticePlay.ended_at).is_(None))
    ).first()
    if play is None:
        return
    length = catalogue().of(play.notice, play.language).milliseconds
    play.ended_at, play.whole, play.basis = now, whole, basis
    play.milliseconds = length if whole else played_milliseconds(length, play.began_at, now)
    record(session, now, Actor.CARRIER, Action.CALL_NOTICE_PLAYED, call.public_id, "whole" if whole else "not-whole")


def played(session: Session, call: Call, attempt: int) -> NoticePlay | None:
    """What is kept of this attempt to play it."""
    return session.exec(select(NoticePlay).where(NoticePlay.call_id == call.id, NoticePlay.attempt == attempt)).first()


def last(session: Session, call: Call) -> NoticePlay | None:
    """What is kept of the newest attempt to play it; None before the first."""
    plays = select(NoticePlay).where(NoticePlay.call_id == call.id).order_by(col(NoticePlay.attempt).desc())
    return session.exec(plays).first()


def attempts(session: Session, call: Call) -> int:
    """How often the notice has begun in this call."""
    return session.exec(select(func.max(NoticePlay.attempt)).where(NoticePlay.call_id == call.id)).one() or 0
