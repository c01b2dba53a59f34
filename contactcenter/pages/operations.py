"""Operations: what needs a look, what failed for good, what is at work, what is to be destroyed, how all is."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlmodel import Session
from starlette.responses import Response

from contactcenter.calls import lookup as calls
from contactcenter.core import alerts, audit_chain
from contactcenter.core.i18n import translations
from contactcenter.notes import summaries
from contactcenter.recordings import overview
from contactcenter.recordings.routes import VAULT
from contactcenter.recordings.rules import UNFINISHED, RecordingState
from contactcenter.recordings.vault import vault_trouble
from contactcenter.staff.access import Visit

CALENDAR_DAYS = 35
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Drafts:
    """What came of asking a machine for drafts, in a day: how many were used, and why others were not."""

    model: str
    used: int
    not_used: dict[str, int]

    @property
    def bad(self) -> bool:
        """Whether nothing of it was used, so that somebody should look."""
        return bool(self.not_used) and not self.used


def page(visit: Visit) -> Response:
    """The operator's page."""
    settings = visit.site.settings
    with visit.site.db.reading() as session:
        context: dict[str, Any] = {
            "alerts": alerts.unseen(session),
            "failed": overview.work(session, {RecordingState.FAILED}),
            "at_work": overview.work(session, UNFINISHED),
            "calendar": overview.upcoming(session, visit.now, CALENDAR_DAYS, settings.zone),
            "drafts": _drafts(session, visit),
            "last_call": calls.last_arrival(session),
            "sealed": audit_chain.last(session),
            "unsealed": audit_chain.unsealed(session),
        }
    trouble = vault_trouble(VAULT.of(visit.site))
    said = translations(visit.language).gettext(trouble) if trouble else None
    today = visit.now.astimezone(settings.zone).date()
    carrier = settings.twilio_account_sid is not None and settings.twilio_auth_token is not None
    return visit.page("operations.html", vault_trouble=said, carrier=carrier, today=today, **context)


def _drafts(session: Session, visit: Visit) -> Drafts | None:
    """None where no machine is asked."""
    model = visit.site.settings.draft_model
    if model is None:
        return None
    answers = summaries.machine_answers(session, visit.now - DAY)
    return Drafts(model, answers.pop(summaries.ANSWERED, 0), answers)


def alert_seen(visit: Visit) -> Response:
    """Somebody looked at an alert."""
    with visit.site.db.writing() as session:
        alerts.see(session, visit.now, visit.parameter("alert"), visit.member.public_id)
    return visit.done("operations")
