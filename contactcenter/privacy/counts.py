"""All promises as the worker counted them last: one look at them costs the same, however much there is to count."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, select

from contactcenter.core.db import Database
from contactcenter.privacy.models import PromiseCount
from contactcenter.privacy.promises import CHECKS, promises, verdicts
from contactcenter.privacy.rules import Finding, Verdict

TOO_OLD = timedelta(hours=1)  # the worker counts every ten minutes; without one nobody waits for it


def keep(db: Database, now: datetime) -> None:
    """Sweep: count every promise, and keep what was found in place of what was found before."""
    with db.reading() as session:
        rows = [_row(one.promise.id, one.finding, now) for one in verdicts(session, now) if one.finding is not None]
    with db.writing() as session:
        session.execute(delete(PromiseCount))
        session.add_all(rows)


def last(session: Session, now: datetime) -> tuple[list[Verdict], datetime]:
    """What can be said of every promise, without what broke it, and when that was counted.

    Counted now where the last time is over an hour ago, or knew other promises.
    """
    rows = {row.promise: row for row in session.exec(select(PromiseCount))}
    oldest = min((row.counted_at for row in rows.values()), default=now)
    if rows.keys() != CHECKS.keys() or not timedelta() <= now - oldest <= TOO_OLD:
        return verdicts(session, now), now
    return [Verdict(one, _finding(rows[one.id]) if one.id in rows else None) for one in promises()], oldest


def _row(id: str, finding: Finding, now: datetime) -> PromiseCount:
    part, whole = finding.share or (None, None)
    return PromiseCount(
        promise=id,
        count=finding.count,
        checked=finding.checked,
        share_part=part,
        share_whole=whole,
        counted_at=now,
    )


def _finding(row: PromiseCount) -> Finding:
    share = (row.share_part, row.share_whole) if row.share_part is not None and row.share_whole is not None else None
    return Finding(row.count, row.checked, share=share)
