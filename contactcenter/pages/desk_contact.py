"""The contact in an agent's hands: its call, how sure we are of the caller, what that opens, what is written."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from contactcenter.calls import lookup as calls
from contactcenter.calls.models import Line
from contactcenter.calls.rules import CallState, Verb
from contactcenter.contacts import lists
from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact, ContactLink
from contactcenter.contacts.rules import ContactKind, ContactState, Direction, Topic
from contactcenter.core.i18n import translations
from contactcenter.core.telephone import CallerKind
from contactcenter.customers.models import Customer, KnownNumber
from contactcenter.customers.rules import Kind
from contactcenter.notes import cuts, repeats
from contactcenter.notes import service as notes
from contactcenter.notes.acts import Act
from contactcenter.notes.drafting import DraftLine, owed
from contactcenter.notes.models import Note
from contactcenter.notes.proposing import Proposal, lines_of_caller, propose
from contactcenter.pages.candidates import Choice, candidates, contradicting
from contactcenter.pages.rows import Row, history_rows
from contactcenter.recordings import overview
from contactcenter.recordings.rules import NotRecorded
from contactcenter.staff.access import Visit
from contactcenter.verification import call_backs, corrections, door, flags
from contactcenter.verification import service as verification
from contactcenter.verification.call_backs import Answering
from contactcenter.verification.corrections import Offers
from contactcenter.verification.flags import Raised
from contactcenter.verification.rules import Level
from contactcenter.verification.service import Progress
from contactcenter.verification.showing import CustomerCard

EARLIER_SHOWN = 8
CALL_US = (  # read out on calls that we make (P12)
    "When we call you, we ask you nothing and change nothing. For anything else, please call us on our usual number."
)


@dataclass(frozen=True)
class DeskCall:
    """The telephony of the contact in hand. `number` is E.164, None when withheld, or when we called (`ours`).

    `rings`: nobody there has answered yet; `joins`: they have, and wait for the agent's own telephone to join.
    """

    id: str
    line: str
    number: str | None
    connected_at: datetime | None
    seconds: float | None
    held: bool
    paused: bool
    not_recorded: NotRecorded | None
    ours: bool
    rings: bool
    joins: bool


@dataclass(frozen=True)
class DeskContact:
    """All that the place of work shows. `stage` is live or wrap-up."""

    id: str
    stage: str
    ended_at: datetime | None
    call: DeskCall | None
    customer_name: str | None
    card: CustomerCard | None
    progress: Progress
    number: KnownNumber | None
    offers: Offers | None
    choices: list[Choice]
    earlier: list[Row]
    repeats: list[Row]
    marks: list[Raised]
    kind: ContactKind | None
    topic: Topic | None
    proposal: Proposal
    note: Note | None
    words: notes.Words | None
    owed: DraftLine | None
    language: str
    call_back_for: tuple[Kind, ...]
    ours: bool
    answering: Answering | None
    seen: str

    @property
    def read_out(self) -> str:
        """The drawn question in the language of the call, whatever the page's."""
        text = self.progress.question.text if self.progress.question else ""
        return translations(self.language).gettext(text) if text else ""

    @property
    def call_us(self) -> str:
        """What is said about everything that a call of ours may not tell or ask, in the language of the call."""
        return translations(self.language).gettext(CALL_US)

    @property
    def title(self) -> str | None:
        """The customer's name, with a question mark until the caller is verified."""
        if self.customer_name is None:
            return None
        return self.customer_name if self.progress.level >= Level.VERIFIED else f"{self.customer_name}?"


def desk_contact(session: Session, visit: Visit) -> DeskContact | None:
    """The live contact of this member, else the newest that they wrap up."""
    in_hand = contacts.in_hand(session, visit.now, visit.member.id)
    return _view(session, visit, in_hand[0]) if in_hand else None


def _view(session: Session, visit: Visit, contact: Contact) -> DeskContact:
    words = notes.read(session, visit.now, visit.member, contact.id)
    note = notes.note_of(session, contact.id, visit.member.id)
    link = contacts.active_link(session, contact.id)
    named = link if visit.member.trained else None  # whose contact it is says nothing to the untrained (P29)
    earlier = _earlier(session, visit, contact.id, named)
    return DeskContact(
        id=contact.public_id,
        stage="live" if contact.state is ContactState.LIVE else "wrap-up",
        ended_at=contact.ended_at,
        call=_call(session, visit.now, contact.id),
        customer_name=session.get_one(Customer, named.customer_id).name if named else None,
        card=door.card(session, visit.now, visit.member, contact.id),
        progress=verification.progress(session, visit.now, visit.member, contact.id),
        number=_known_number(session, contact.id, named),
        offers=corrections.offered(session, visit.now, visit.member, contact.id),
        choices=contradicting(session, visit, link) if link else candidates(session, visit, contact.id),
        earlier=history_rows(session, visit.now, visit.member, earlier[:EARLIER_SHOWN]),
        repeats=_repeats(session, visit, contact, _asked(note, words), earlier),
        marks=flags.in_force(session, visit.now, named.customer_id) if named else [],
        kind=contact.kind,
        topic=contact.topic,
        proposal=_proposal(contact, note, words),
        note=note,
        words=words,
        owed=owed(words.draft, visit.now.astimezone(visit.site.settings.zone).date()) if words else None,
        language=contact.language,
        ours=contact.direction is Direction.OUTBOUND,
        answering=call_backs.answering(session, visit.now, visit.member, contact),
        call_back_for=call_backs.offered(session, visit.now, visit.member, contact),
        seen=cuts.token_of(session, contact.id),
    )


def _proposal(contact: Contact, note: Note | None, words: notes.Words | None) -> Proposal:
    """What it is probably about, once the conversation is over; what a person chose is never overwritten."""
    if contact.state is ContactState.LIVE or contact.kind is not None:
        return Proposal()
    lines = [line for one in (words.transcripts if words else ()) for line in lines_of_caller(one.said, one.roles)]
    return propose(note.question if note else "", lines)


def _call(session: Session, now: datetime, contact_id: int) -> DeskCall | None:
    call = calls.of_contact(session, contact_id)
    if call is None:
        return None
    recording = overview.recording_view(session, contact_id, now)
    open_gaps = {pause.why for pause in recording.pauses if pause.ended_at is None}
    return DeskCall(
        id=call.public_id,
        line=session.get_one(Line, call.line_id).name,
        number=call.caller,
        connected_at=call.connected_at,
        seconds=calls.talk_seconds(call),
        held=Verb.HOLD in open_gaps,
        paused=bool(open_gaps),
        not_recorded=None if recording.allowed else recording.reason,
        ours=call.caller_kind is CallerKind.CALLED,
        rings=call.state is CallState.DIALLED,
        joins=call.caller_kind is CallerKind.CALLED and call.state is CallState.CLAIMED,
    )


def _known_number(session: Session, contact_id: int, link: ContactLink | None) -> KnownNumber | None:
    if link is None or link.person_id is None:
        return None
    number_id = contacts.offered_number(session, contact_id, link.person_id)
    return session.get(KnownNumber, number_id) if number_id is not None else None


def _earlier(session: Session, visit: Visit, contact_id: int, link: ContactLink | None) -> list[Contact]:
    if link is None or not door.history_open(session, visit.now, visit.member, link.customer_id):
        return []
    return [one for one in lists.history(session, link.customer_id) if one.id != contact_id]


def _asked(note: Note | None, words: notes.Words | None) -> str:
    """What the agent wrote as the question, else what the draft has as one."""
    if note and note.question:
        return note.question
    return " ".join(line.text for line in (words.draft if words else ()) if line.act is Act.QUESTION)


def _repeats(session: Session, visit: Visit, contact: Contact, asked: str, earlier: list[Contact]) -> list[Row]:
    """Earlier contacts with probably the same question, the likeliest first; else one that is still open (P04)."""
    by_id = {one.id: one for one in earlier}
    newest = sorted(by_id, key=lambda one: by_id[one].started_at, reverse=True)
    likely = [by_id[one] for one in repeats.likely(session, visit.now, visit.member, asked, newest, contact.language)]
    left_open = [one for one in earlier if one.state is ContactState.OPEN][:1]
    return history_rows(session, visit.now, visit.member, likely or left_open)
