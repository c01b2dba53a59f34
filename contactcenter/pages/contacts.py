"""Lists of contacts: all with filters in the address, those that belong to nobody, those without a summary."""

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import TypeVar

from sqlmodel import Session
from starlette.responses import Response

from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.contacts.rules import ContactKind, ContactState
from contactcenter.notes import service as notes
from contactcenter.pages.rows import rows
from contactcenter.staff.access import Visit

Word = TypeVar("Word", bound=StrEnum)
LONGEST_LIST = 200


@dataclass(frozen=True)
class Filters:
    """What the address asks for; what can't be read asks for nothing."""

    state: ContactState | None
    kind: ContactKind | None
    since: date | None
    mine: bool
    awaiting: bool

    @property
    def any(self) -> bool:
        """Whether anything is filtered at all."""
        return bool(self.state or self.kind or self.since or self.mine or self.awaiting)


def page(visit: Visit) -> Response:
    """Contacts, newest first; or those that still await a confirmed summary."""
    chosen = _filters(visit)
    with visit.site.db.reading() as session:
        found = rows(session, _found(session, visit, chosen))
    return visit.page(
        "contacts.html",
        rows=found,
        chosen=chosen,
        unmatched=False,
        states=list(ContactState),
        kinds=list(ContactKind),
    )


def unmatched(visit: Visit) -> Response:
    """Contacts that fit nobody yet, oldest first (P03)."""
    with visit.site.db.reading() as session:
        found = rows(session, contacts.unmatched(session))
    return visit.page("contacts.html", rows=found, unmatched=True)


def word(of: type[Word], text: str | None) -> Word | None:
    """The member that a filter names; None for nothing and for nonsense."""
    return of(text) if text in list(of) else None


def _filters(visit: Visit) -> Filters:
    asked = visit.request.query_params
    return Filters(
        state=word(ContactState, asked.get("state")),
        kind=word(ContactKind, asked.get("kind")),
        since=_day(asked.get("since", "")),
        mine=asked.get("mine") == "1",
        awaiting=asked.get("awaiting") == "summary",
    )


def _found(session: Session, visit: Visit, chosen: Filters) -> list[Contact]:
    handler = visit.member.id if chosen.mine else None
    if chosen.awaiting:
        found = [one for one in notes.awaiting_summary(session, handler) if _fits(one, chosen)]
    else:
        found = contacts.recent(session, state=chosen.state, kind=chosen.kind, handler_id=handler, limit=LONGEST_LIST)
    if chosen.since is None:
        return found
    first = datetime.combine(chosen.since, time.min, visit.site.settings.zone)
    return [one for one in found if one.started_at >= first]


def _fits(contact: Contact, chosen: Filters) -> bool:
    return chosen.state in (None, contact.state) and chosen.kind in (None, contact.kind)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
