"""Alerts on what employees said: a person who did not handle the call judges each; who handled it may answer once.

P05, P08, P12. The words around are read through the door, for a purpose; of the judgement none of them are kept.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, true
from sqlmodel import Session, col, func, select

from contactcenter.coaching.naming import Naming
from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact, Handling
from contactcenter.core.audit import Action, record
from contactcenter.core.errors import Conflict, Invalid, NotFound
from contactcenter.core.live import OPERATIONS, announce
from contactcenter.customers.rules import Kind
from contactcenter.notes import service as notes
from contactcenter.notes.alerting import Judgement, SpokenKind
from contactcenter.notes.models import CallReading, SpokenAlert, Transcript
from contactcenter.notes.redaction import redact
from contactcenter.notes.said import Segment
from contactcenter.recordings import overview, playback
from contactcenter.recordings.player import Player, player_of
from contactcenter.staff.access import Member
from contactcenter.staff.models import Staff
from contactcenter.staff.rules import Right
from contactcenter.verification import door
from contactcenter.verification.rules import LONGEST_WORDS, SHORTEST_WORDS, Purpose

LONGEST_LIST = 100
AROUND = 20.0  # seconds before and after that are shown with it


@dataclass(frozen=True)
class Wanted:
    """Filters of the list; `waiting` alone, or what was judged so."""

    kind: SpokenKind | None = None
    judgement: Judgement | None = None
    waiting: bool = False


@dataclass(frozen=True)
class Line:
    """One alert in a list. `who` handled the call then, None where a small team has no name; `own` says that the viewer
    did."""

    public_id: str
    contact: str
    kind: SpokenKind
    about: Kind | None
    start: float
    found_at: datetime
    who: str | None
    own: bool
    judgement: Judgement | None
    judged_at: datetime | None


@dataclass(frozen=True)
class Around:
    """One line of what was said around it: its role, its redacted text, and whether it is the one."""

    start: float
    role: str
    text: str
    is_it: bool


@dataclass(frozen=True)
class AlertPage:
    """An alert with all that belongs to it. `words` are None while they are shut, empty where they are gone."""

    line: Line
    words: tuple[Around, ...] | None
    player: Player | None
    may_open: bool
    may_judge: bool
    may_answer: bool
    by: str | None
    comment: str
    answered_by: str | None
    answered_at: datetime | None
    answer: str


def listed(session: Session, viewer: Member, wanted: Wanted, naming: Naming) -> list[Line]:
    """What waits first, oldest first, then what was judged, newest first; agents see what was judged of their own."""
    rows = session.exec(
        select(SpokenAlert, Contact)
        .join(Contact, col(Contact.id) == SpokenAlert.contact_id)
        .where(*_shown_to(viewer), *_asked(wanted))
        .order_by(
            col(SpokenAlert.judged_at).is_not(None),
            col(SpokenAlert.judged_at).desc(),
            col(SpokenAlert.found_at),
            col(SpokenAlert.id),
        )
        .limit(LONGEST_LIST)
    ).all()
    own = contacts.handled_among(session, [contact.id for _, contact in rows], viewer.id)
    return [_line(session, alert, contact, naming, own=contact.id in own) for alert, contact in rows]


def waiting(session: Session) -> int:
    """How many nobody judged yet."""
    return session.exec(select(func.count()).select_from(SpokenAlert).where(col(SpokenAlert.judged_at).is_(None))).one()


def alert_page(session: Session, now: datetime, viewer: Member, public_id: str, naming: Naming) -> AlertPage:
    """One alert, for who supervises, and for who handled the call once it was judged. Raises `NotFound`."""
    alert, contact = seen_by(session, viewer, public_id)
    own = contacts.handled_by(session, contact.id, viewer.id)
    supervises = viewer.may(Right.SUPERVISE)
    view = overview.recording_view(session, contact.id, now)
    by = session.get_one(Staff, alert.judged_by).name if alert.judged_by is not None else None
    return AlertPage(
        line=_line(session, alert, contact, naming, own=own),
        words=_words(session, now, viewer, alert),
        player=player_of(session, now, viewer, contact.id),
        may_open=view.playable and Purpose.AUDIT in playback.purposes_open(session, viewer, contact),
        may_judge=supervises and not own and viewer.trained and alert.judged_at is None,
        may_answer=own and alert.judged_at is not None and alert.answered_at is None,
        by=by,
        comment=alert.comment,
        answered_by=naming.labels.get(alert.answered_by) if alert.answered_by is not None else None,
        answered_at=alert.answered_at,
        answer=alert.answer,
    )


def judge(session: Session, now: datetime, viewer: Member, public_id: str, judgement: Judgement, comment: str) -> None:
    """Say what it was, once. Raises `NotFound`; `Conflict` for one's own call, for a second judgement and for words
    that were never looked at; `Invalid` for a breach without a sentence."""
    alert, contact = seen_by(session, viewer, public_id)
    if not viewer.trained:
        raise NotFound()
    if contacts.handled_by(session, contact.id, viewer.id):
        raise Conflict("You handled this call yourself; somebody else judges it.")
    if alert.judged_at is not None:
        raise Conflict("Somebody judged this already.")
    if _words(session, now, viewer, alert) is None:
        raise Conflict("Open what was said first, and judge by that.")
    comment = redact(comment.strip(), contact.language).text
    if len(comment) > LONGEST_WORDS or (judgement is Judgement.BREACH and len(comment) < SHORTEST_WORDS):
        raise Invalid("Say in a sentence what was done and what is to be done about it.")
    alert.judged_by, alert.judged_at, alert.judgement, alert.comment = viewer.id, now, judgement, comment
    _recorded(session, now, viewer, Action.SPOKEN_ALERT_JUDGED, alert, contact, judgement.value)


def answer(session: Session, now: datetime, viewer: Member, public_id: str, words: str) -> None:
    """Who handled the call answers, once. Raises `NotFound` for others and before it was judged, `Conflict` for a
    second answer, `Invalid` for what is no sentence."""
    alert, contact = seen_by(session, viewer, public_id)
    if alert.judged_at is None or not contacts.handled_by(session, contact.id, viewer.id):
        raise NotFound()
    if alert.answered_at is not None:
        raise Conflict("This was answered already.")
    words = redact(words.strip(), contact.language).text
    if not SHORTEST_WORDS <= len(words) <= LONGEST_WORDS:
        raise Invalid("Say in a sentence how you see it.")
    alert.answered_by, alert.answered_at, alert.answer = viewer.id, now, words
    _recorded(session, now, viewer, Action.SPOKEN_ALERT_ANSWERED, alert, contact)


def seen_by(session: Session, viewer: Member, public_id: str) -> tuple[SpokenAlert, Contact]:
    """An alert that this viewer may know of, and its contact. Raises `NotFound`."""
    found = session.exec(
        select(SpokenAlert, Contact)
        .join(Contact, col(Contact.id) == SpokenAlert.contact_id)
        .where(SpokenAlert.public_id == public_id, *_shown_to(viewer))
    ).first()
    if found is None:
        raise NotFound()
    return found[0], found[1]


def _shown_to(viewer: Member) -> list[ColumnElement[bool]]:
    if viewer.may(Right.SUPERVISE):
        return [true()]
    own = select(Handling.id).where(Handling.contact_id == Contact.id, Handling.staff_id == viewer.id)
    return [col(SpokenAlert.judged_at).is_not(None), own.exists()]


def _asked(wanted: Wanted) -> list[ColumnElement[bool]]:
    asked: list[ColumnElement[bool]] = []
    if wanted.kind is not None:
        asked.append(col(SpokenAlert.kind) == wanted.kind)
    if wanted.judgement is not None:
        asked.append(col(SpokenAlert.judgement) == wanted.judgement)
    if wanted.waiting:
        asked.append(col(SpokenAlert.judged_at).is_(None))
    return asked


def _line(session: Session, alert: SpokenAlert, contact: Contact, naming: Naming, *, own: bool) -> Line:
    return Line(
        public_id=alert.public_id,
        contact=contact.public_id,
        kind=alert.kind,
        about=alert.about,
        start=alert.start,
        found_at=alert.found_at,
        who=naming.labels.get(_handler(session, alert) or 0),
        own=own,
        judgement=alert.judgement,
        judged_at=alert.judged_at,
    )


def _handler(session: Session, alert: SpokenAlert) -> int | None:
    """Who had the call in hand at that second; who had it first where nobody knows when that was."""
    rows = select(Handling).where(Handling.contact_id == alert.contact_id).order_by(col(Handling.id))
    handlings = session.exec(rows).all()
    began = session.exec(select(CallReading.began_at).where(CallReading.recording_sid == alert.recording_sid)).first()
    then = began + timedelta(seconds=alert.start) if began else None
    had = [one for one in handlings if then is None or one.started_at <= then]
    found = (had[-1] if then else had[0]) if had else next(iter(handlings), None)
    return found.staff_id if found else None


def _words(session: Session, now: datetime, viewer: Member, alert: SpokenAlert) -> tuple[Around, ...] | None:
    """What was said around it, for whom the door opens the whole of the words: training leaves out what proves."""
    if not door.words_open_for(session, now, viewer, alert.contact_id) - {Purpose.TRAINING}:
        return None
    words = notes.read(session, now, viewer, alert.contact_id)
    if words is None:
        return None
    kept = words.without(overview.past_sids(session, alert.contact_id, now)).transcripts
    transcript = next((one for one in kept if one.recording_sid == alert.recording_sid), None)
    return tuple(_around(alert, transcript)) if transcript else ()


def _around(alert: SpokenAlert, transcript: Transcript) -> list[Around]:
    def near(one: Segment) -> bool:
        return one.end >= alert.start - AROUND and one.start <= alert.start + AROUND

    roles = dict(enumerate(transcript.roles))
    return [
        Around(round(one.start, 1), roles.get(one.channel, str(one.channel + 1)), one.text, one.start == alert.start)
        for one in transcript.said
        if near(one)
    ]


def _recorded(
    session: Session,
    now: datetime,
    viewer: Member,
    action: Action,
    alert: SpokenAlert,
    contact: Contact,
    word: str = "",
) -> None:
    session.flush()
    record(session, now, viewer.public_id, action, alert.public_id, word)
    announce(session, now, OPERATIONS, alert.public_id)
    contacts.tell(session, now, contact)
