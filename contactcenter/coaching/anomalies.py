"""How often patterns stood out lately, for whoever begins the day on the page Supervision (P05)."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from contactcenter.coaching import facts
from contactcenter.coaching.rules import ANOMALIES, MANY_AGENTS, NEAR, TOO_FAST, Mark, marks_of
from contactcenter.contacts.models import Contact, Handling
from contactcenter.recordings.models import Pause
from contactcenter.verification.models import Evidence, Verification
from contactcenter.verification.rules import EvidenceOutcome, Level

LOOKED_BACK = timedelta(days=1)  # yesterday and today


@dataclass(frozen=True)
class Anomalies:
    """Since the beginning of a day: contacts by what stands out in them, and people who browsed."""

    since: date
    contacts: Mapping[Mark, int]
    browsing: int

    @property
    def any(self) -> bool:
        """Whether there is anything to look at."""
        return bool(self.contacts or self.browsing)


def anomalies(session: Session, now: datetime, zone: ZoneInfo) -> Anomalies:
    """What stood out since yesterday, counted anew: as many contacts as the list shows under the same filters."""
    day = now.astimezone(zone).date() - LOOKED_BACK
    since = datetime.combine(day, time.min, zone)
    found: dict[Mark, set[int]] = defaultdict(set)
    suspects = session.exec(select(Verification).where(col(Verification.id).in_(_suspects(session, since)))).all()
    seen = facts.seen_of(session, suspects)
    for one in suspects:
        for mark in marks_of(seen[one.id]) & set(ANOMALIES):
            found[mark].add(one.contact_id)
    paused = _paused(session, since)
    if paused:
        found[Mark.PAUSED] = paused
    counts = {mark: len(found[mark]) for mark in ANOMALIES if mark in found}
    return Anomalies(day, counts, len(facts.browsing(session, since, zone)))


def _suspects(session: Session, since: datetime) -> set[int]:
    """Verifications in which a pattern may show, found by columns that cost little: of most nothing more is read."""
    of_contact = col(Contact.id) == Verification.contact_id
    agents: dict[int, set[int]] = defaultdict(set)
    pairs = select(Verification.customer_id, Verification.staff_id).join(Contact, of_contact)
    for customer_id, staff_id in session.exec(pairs.where(col(Contact.started_at) >= since - NEAR).distinct()):
        agents[customer_id].add(staff_id)
    many = [customer_id for customer_id, found in agents.items() if len(found) >= MANY_AGENTS]
    lately = select(Verification.id).join(Contact, of_contact).where(col(Contact.started_at) >= since)
    several = lately.where(col(Verification.customer_id).in_(many))
    failed = lately.join(Evidence, col(Evidence.verification_id) == Verification.id).where(
        Evidence.outcome == EvidenceOutcome.FAILS
    )
    moments = select(Verification.id, Verification.began_at, Verification.reached_at).join(Contact, of_contact)
    verified = moments.where(
        col(Contact.started_at) >= since, col(Verification.level).in_([one for one in Level if one >= Level.VERIFIED])
    )
    fast = {key for key, began_at, reached_at in session.exec(verified) if reached_at - began_at < TOO_FAST}
    return {*session.exec(several), *session.exec(failed), *fast}


def _paused(session: Session, since: datetime) -> set[int]:
    """Contacts since then that somebody handled, and whose recording was paused for long."""
    handled = select(Handling.id).where(Handling.contact_id == Contact.id).exists()
    query = select(Pause.contact_id).join(Contact, col(Contact.id) == Pause.contact_id)
    return facts.paused(session, set(session.exec(query.where(col(Contact.started_at) >= since, handled))))
