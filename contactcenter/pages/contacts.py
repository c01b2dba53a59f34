"""Lists of contacts: all with filters in the address, those that belong to nobody, those without a summary."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from sqlmodel import Session
from starlette.responses import Response

from contactcenter.contacts import lists
from contactcenter.contacts.models import Contact
from contactcenter.contacts.rules import ContactKind, ContactState
from contactcenter.notes import summaries
from contactcenter.pages.rows import Row, rows
from contactcenter.staff.access import Visit

FIRST_DAY = date(2000, 1, 1)  # before any contact
Word = TypeVar("Word", bound=StrEnum)


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
        older=_older(visit, found) if len(found) == lists.LONGEST_LIST and not chosen.awaiting else None,
        chosen=chosen,
        unmatched=False,
        states=list(ContactState),
        kinds=list(ContactKind),
    )


def unmatched(visit: Visit) -> Response:
    """Contacts that fit nobody yet, oldest first (P03)."""
    with visit.site.db.reading() as session:
        found = rows(session, lists.unmatched(session))
    return visit.page("contacts.html", rows=found, older=None, unmatched=True)


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
    since = datetime.combine(chosen.since, time.min, visit.site.settings.zone) if chosen.since else None
    if not chosen.awaiting:
        after = visit.request.query_params.get("after")
        return lists.recent(session, state=chosen.state, kind=chosen.kind, since=since, handler_id=handler, after=after)
    return [
        one
        for one in summaries.awaited(session, handler)
        if chosen.state in (None, one.state)
        and chosen.kind in (None, one.kind)
        and (since is None or one.started_at >= since)
    ]


def _older(visit: Visit, found: Sequence[Row]) -> str:
    """The address of the contacts that come after these, under the same filters."""
    return "?" + urlencode({**visit.request.query_params, "after": found[-1].id})


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day >= FIRST_DAY else None
