"""The short summary of a contact: drafted by the machine, confirmed or written by a person (P10)."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from contactcenter.contacts import service as contacts
from contactcenter.contacts.lists import LONGEST_LIST
from contactcenter.contacts.models import Contact, Handling
from contactcenter.contacts.rules import Channel, ContactState
from contactcenter.core.audit import Action, Actor, AuditEntry, record
from contactcenter.core.errors import Conflict, Invalid, NotFound
from contactcenter.notes import cuts
from contactcenter.notes.drafter import Origin
from contactcenter.notes.drafting import DraftLine
from contactcenter.notes.models import Summary, SummaryState, SummaryVersion
from contactcenter.staff.access import Member
from contactcenter.staff.models import Staff
from contactcenter.staff.rules import Role
from contactcenter.verification import door

ANSWERED = "answered"  # what came of asking a machine, when its draft was used
LONGEST = 4_000  # characters; the sentence below names it in words that have their Dutch


@dataclass(frozen=True)
class Earlier:
    """What a confirmed summary said before it was changed, with the name of whose it was."""

    by: str
    text: str
    confirmed_at: datetime


def attach_draft(
    session: Session, now: datetime, contact_id: int, lines: Sequence[DraftLine], origin: Origin | None = None
) -> None:
    """Offer a summary to confirm, with what a machine was asked for it. A confirmed one is a person's and stays as it
    is (P10)."""
    summary = of_contact(session, contact_id)
    if not lines or (summary is not None and summary.state is SummaryState.CONFIRMED):
        return
    summary = summary or Summary(contact_id=contact_id, state=SummaryState.DRAFT)
    summary.draft_lines = [asdict(line) for line in lines]
    summary.draft_origin = asdict(origin) if origin else None
    session.add(summary)
    recorded(session, now, contact_id, Actor.WORKER, Action.SUMMARY_DRAFTED)


def machine_asked(session: Session, now: datetime, contact_id: int, origin: Origin) -> None:
    """Keep on record that a machine was asked for a draft, and what came of it, whether the draft is kept or not."""
    contact = session.get_one(Contact, contact_id)
    came = origin.failure.value if origin.failure else ANSWERED
    record(session, now, Actor.WORKER, Action.SUMMARY_ASKED, contact.public_id, came)


def machine_answers(session: Session, since: datetime) -> dict[str, int]:
    """How often a machine was asked since then, by what came of it: `ANSWERED`, or why its draft was not used."""
    asked = select(AuditEntry.detail, func.count()).where(
        AuditEntry.action == Action.SUMMARY_ASKED, col(AuditEntry.at) >= since
    )
    return dict(session.exec(asked.group_by(AuditEntry.detail)).all())


def confirm(session: Session, now: datetime, contact_id: int, viewer: Member, text: str) -> Summary:
    """Who handled the contact makes the summary theirs, as drafted or edited; `edited` says which (P10).

    A confirmed one is changed by who handled the contact last, or by a supervisor to whom its words are open; what
    it said before stays as a version, unless a passage was cut since, which it may repeat. Raises `Conflict` for an
    earlier handler, `NotFound` for anybody else, `Invalid` for an empty or overlong text.
    """
    summary = of_contact(session, contact_id) or Summary(contact_id=contact_id, state=SummaryState.DRAFT)
    confirmed = summary.state is SummaryState.CONFIRMED
    text = text.replace("\r\n", "\n").strip()
    handled = contacts.handled_by(session, contact_id, viewer.id)
    if not handled and not may_confirm(session, now, contact_id, viewer):
        raise NotFound()
    if not 0 < len(text) <= LONGEST:
        raise Invalid("A summary needs some words, and at most 4000 characters.")
    repeats = confirmed and cuts.written_before(session, contact_id, summary.confirmed_at)
    if confirmed and text == summary.text and not repeats:
        return summary
    if not may_confirm(session, now, contact_id, viewer):
        raise Conflict("A summary is changed by who handled the contact last; ask them, or a supervisor.")
    if repeats:
        cuts.forget_versions(session, summary)
    elif confirmed:
        _keep_version(session, summary)
    summary.edited = summary.edited or text != (summary.text if confirmed else summary.draft_text)
    summary.state, summary.text = SummaryState.CONFIRMED, text
    summary.confirmed_by, summary.confirmed_at = viewer.id, now
    session.add(summary)
    recorded(session, now, contact_id, viewer.public_id, Action.SUMMARY_CONFIRMED)
    return summary


def may_confirm(session: Session, now: datetime, contact_id: int, viewer: Member) -> bool:
    """Whether `confirm` takes a text of this member now."""
    summary = of_contact(session, contact_id)
    if summary is None or summary.state is SummaryState.DRAFT:
        return contacts.handled_by(session, contact_id, viewer.id)
    if contacts.last_handler(session, contact_id) == viewer.id:
        return True
    return viewer.role is Role.SUPERVISOR and door.words_open(session, now, viewer, contact_id)


def of_contact(session: Session, contact_id: int) -> Summary | None:
    """The summary row itself, for its state; its words are for `read`."""
    return session.exec(select(Summary).where(Summary.contact_id == contact_id)).first()


def is_confirmed(session: Session, contact_id: int | None) -> bool:
    """Whether a person made the summary of this contact theirs."""
    confirmed = select(Summary.id).where(Summary.contact_id == contact_id, Summary.state == SummaryState.CONFIRMED)
    return session.exec(confirmed).first() is not None


def states(session: Session, contact_ids: Iterable[int]) -> dict[int, SummaryState]:
    """The state of the summary of each of these contacts that has one: no words."""
    query = select(Summary.contact_id, Summary.state).where(col(Summary.contact_id).in_(list(contact_ids)))
    return {contact_id: SummaryState(state) for contact_id, state in session.exec(query)}


def awaited(session: Session, staff_id: int | None) -> list[Contact]:
    """Handled calls that are over and have no confirmed summary yet, oldest first; one handler's, or everybody's."""
    confirmed = select(Summary.id).where(Summary.contact_id == Contact.id, Summary.state == SummaryState.CONFIRMED)
    handled = select(Handling.contact_id)
    if staff_id is not None:
        handled = handled.where(Handling.staff_id == staff_id)
    found = session.exec(
        select(Contact)
        .where(
            Contact.channel == Channel.PHONE,
            col(Contact.state).not_in([ContactState.LIVE, ContactState.MISSED]),
            col(Contact.id).in_(handled),
            ~confirmed.exists(),
        )
        .order_by(col(Contact.started_at))
        .limit(LONGEST_LIST)
    )
    return list(found)


def confirmed_unedited(session: Session, since: datetime) -> tuple[int, int]:
    """(confirmed as drafted, confirmed at all) since a moment: the share that P10 wants shown."""
    query = select(func.count()).where(Summary.state == SummaryState.CONFIRMED, col(Summary.confirmed_at) >= since)
    return session.exec(query.where(col(Summary.edited).is_(False))).one(), session.exec(query).one()


def earlier(session: Session, summary_id: int) -> tuple[Earlier, ...]:
    """What it said before each change, the last one first."""
    found = session.exec(
        select(SummaryVersion, Staff.name)
        .join(Staff, col(Staff.id) == SummaryVersion.confirmed_by)
        .where(SummaryVersion.summary_id == summary_id)
        .order_by(col(SummaryVersion.id).desc())
    )
    return tuple(Earlier(name, version.text, version.confirmed_at) for version, name in found)


def recorded(session: Session, now: datetime, contact_id: int, actor: str, action: Action) -> None:
    """Keep an act on a contact's words in the trail, and tell who looks at the contact."""
    contact = session.get_one(Contact, contact_id)
    session.flush()
    record(session, now, actor, action, contact.public_id)
    contacts.tell(session, now, contact)


def _keep_version(session: Session, summary: Summary) -> None:
    assert summary.confirmed_by is not None and summary.confirmed_at is not None
    session.add(
        SummaryVersion(
            summary_id=summary.id,
            text=summary.text,
            confirmed_by=summary.confirmed_by,
            confirmed_at=summary.confirmed_at,
        )
    )
