"""Operations: what needs a look, what failed for good, what is at work, what is to be destroyed, how all is."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select
from starlette.responses import Response

from contactcenter.calls.models import Call
from contactcenter.contacts.models import Contact
from contactcenter.core import alerts
from contactcenter.core.i18n import translations
from contactcenter.recordings import overview
from contactcenter.recordings.models import Recording
from contactcenter.recordings.routes import VAULT
from contactcenter.recordings.rules import UNFINISHED, CarrierCopy, Failure, RecordingState
from contactcenter.recordings.vault import vault_trouble
from contactcenter.staff.access import Visit

CALENDAR_DAYS = 35
LONGEST_LIST = 50


@dataclass(frozen=True)
class Work:
    """One recording in the pipeline, or fallen out of it. Ids are public."""

    id: str
    contact: str | None
    state: RecordingState
    failure: Failure | None
    carrier_copy: CarrierCopy
    arrived_at: datetime
    next_try_at: datetime | None

    @property
    def can_retry(self) -> bool:
        """What the carrier itself failed to make can't be fetched again."""
        return self.failure is not Failure.CARRIER_FAILED


def page(visit: Visit) -> Response:
    """The operator's page."""
    settings = visit.site.settings
    with visit.site.db.reading() as session:
        context: dict[str, Any] = {
            "alerts": alerts.unseen(session),
            "failed": _work(session, {RecordingState.FAILED}),
            "at_work": _work(session, UNFINISHED),
            "calendar": overview.upcoming(session, visit.now, CALENDAR_DAYS, settings.zone),
            "last_call": _last_call(session),
        }
    trouble = vault_trouble(VAULT.of(visit.site))
    said = translations(visit.language).gettext(trouble) if trouble else None
    today = visit.now.astimezone(settings.zone).date()
    carrier = settings.twilio_account_sid is not None and settings.twilio_auth_token is not None
    return visit.page("operations.html", vault_trouble=said, carrier=carrier, today=today, **context)


def alert_seen(visit: Visit) -> Response:
    """Somebody looked at an alert."""
    with visit.site.db.writing() as session:
        alerts.see(session, visit.now, visit.parameter("alert"), visit.member.public_id)
    return visit.done("operations")


def _work(session: Session, states: Set[RecordingState]) -> list[Work]:
    found = session.exec(
        select(Recording, Contact.public_id)
        .outerjoin(Contact, col(Contact.id) == Recording.contact_id)
        .where(col(Recording.state).in_(states))
        .order_by(col(Recording.id).desc())
        .limit(LONGEST_LIST)
    )
    return [
        Work(
            id=one.public_id,
            contact=contact,
            state=one.state,
            failure=one.failure,
            carrier_copy=one.carrier_copy,
            arrived_at=one.arrived_at,
            next_try_at=one.next_try_at,
        )
        for one, contact in found
    ]


def _last_call(session: Session) -> datetime | None:
    return session.exec(select(Call.arrived_at).order_by(col(Call.id).desc())).first()
