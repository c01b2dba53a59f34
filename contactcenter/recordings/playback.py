"""Listening: for a purpose, by who may, for half an hour, and on record; refusals too (P02)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.core.audit import Action, record
from contactcenter.core.clock import AHEAD, lasts
from contactcenter.core.errors import NotFound
from contactcenter.recordings import service, timers
from contactcenter.recordings.left_out import LeftOut, flat, is_left_out, of_cuts, silenced, silences, unheard
from contactcenter.recordings.models import Playback, Recording
from contactcenter.recordings.rules import GRANT_LASTS, HoldKind, Listener, listening_refusal
from contactcenter.recordings.vault import Damage, Opened, Stored, VaultDamaged
from contactcenter.recordings.vault_file import as_file
from contactcenter.recordings.verifying import stored_of
from contactcenter.recordings.wav import read_header
from contactcenter.staff.access import Member
from contactcenter.verification import flags
from contactcenter.verification.rules import Purpose

RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")
ONE_CHUNK = 4096  # bytes; a header is shorter
SENTENCES = {
    "role": "Your role does not listen for this purpose. Choose another purpose, or ask your supervisor.",
    "not-handled": "You replay calls that you handled yourself. Ask your supervisor about this one.",
    "no-open-dispute": "There is no open dispute about this contact. Two people place a hold for it first.",
    "no-open-request": "There is no open privacy request about this contact. Two people place a hold for it first.",
    "other-team": "Training is within the own team; this contact belongs to another one.",
    "untrained": "Your privacy training is not on record. Ask your supervisor to register it.",
    "shut": "Nothing of this customer may be disclosed now; ask the privacy officer.",
    "due": "This recording is past its date and is being destroyed; nobody can listen to it any more.",
}


@dataclass(frozen=True)
class Opening:
    """The answer to "may I listen?": a grant when there is something to hear, or why not (a word of `SENTENCES`)."""

    playback: Playback | None
    refused: str | None

    @property
    def sentence(self) -> str:
        """Why not, for the person who asked."""
        return SENTENCES[self.refused] if self.refused else ""


@dataclass(frozen=True)
class Sound:
    """What a grant opens: the recording's name, how to open it, its waveform, and what of it is silent."""

    recording: str
    stored: Stored
    seconds: float
    peaks: list[list[int]]
    roles: list[str]
    left_out: list[LeftOut]


@dataclass(frozen=True)
class Span:
    """Bytes from `start` up to `end` of `size`."""

    start: int
    end: int
    size: int


def open_contact(
    session: Session, now: datetime, viewer: Member, contact: Contact, purpose: Purpose, which: str = ""
) -> Opening:
    """Ask to hear a contact for a purpose: the recording that `which` names, else the newest. Logged either way; the
    caller commits a refusal as well."""
    recording = _with_key(session, contact.id, which)
    refused = listening_refusal(purpose, _listener(session, viewer, contact))
    if refused is None and _is_shut(session, now, contact.id):
        refused = "shut"
    if refused is None and recording is not None and timers.due(session, recording, now):
        refused = "due"
    playback = None
    if recording is not None:
        playback = _log(session, now, viewer, recording, purpose, refused)
    action = Action.RECORDING_PLAY_REFUSED if refused else Action.RECORDING_PLAYED
    if refused or recording is not None:
        record(session, now, viewer.public_id, action, contact.public_id, refused or purpose.value)
    contacts.tell(session, now, contact)
    return Opening(playback if refused is None else None, refused)


def purposes_open(session: Session, viewer: Member, contact: Contact) -> list[Purpose]:
    """For what this viewer may ask to hear and read the contact; asking itself is `open_contact`."""
    listener = _listener(session, viewer, contact)
    return [purpose for purpose in Purpose if listening_refusal(purpose, listener) is None]


def sound(session: Session, now: datetime, viewer: Member, playback_id: str) -> Sound:
    """What this grant opens, for its own viewer, for thirty minutes, as long as the recording may be heard."""
    playback = session.exec(select(Playback).where(Playback.public_id == playback_id)).first()
    if playback is None or playback.staff_id != viewer.id or playback.refused is not None:
        raise NotFound()
    recording = session.get_one(Recording, playback.recording_id)
    if not _can_be_heard(session, now, recording) or not lasts(playback.at, GRANT_LASTS, now):
        raise NotFound()
    silent = unheard(session, recording, playback.purpose)
    return Sound(
        recording=recording.public_id,
        stored=stored_of(recording),
        seconds=recording.seconds or 0.0,
        peaks=[flat(channel, silent) for channel in recording.peaks or []],
        roles=recording.roles,
        left_out=silent,
    )


def granted(
    session: Session, now: datetime, viewer: Member, contact_id: int, purpose: Purpose | None = None
) -> Playback | None:
    """The newest grant of this viewer for this contact, for any purpose or for one, that still opens something."""
    newest = (
        select(Playback)
        .join(Recording, col(Recording.id) == Playback.recording_id)
        .where(
            Recording.contact_id == contact_id,
            Playback.staff_id == viewer.id,
            col(Playback.refused).is_(None),
            col(Playback.at).between(now - GRANT_LASTS, now + AHEAD),
        )
        .order_by(col(Playback.at).desc(), col(Playback.id).desc())
    )
    if purpose is not None:
        newest = newest.where(Playback.purpose == purpose)
    playback = session.exec(newest).first()
    if playback is None:
        return None
    recording = session.get_one(Recording, playback.recording_id)
    return playback if _can_be_heard(session, now, recording) else None


def hears(session: Session, now: datetime, viewer: Member, recording: Recording, start: float, end: float) -> bool:
    """Whether this viewer has a player of this recording open in which these seconds sound, but for what was cut."""
    grants = select(Playback.purpose).where(
        Playback.recording_id == recording.id,
        Playback.staff_id == viewer.id,
        col(Playback.refused).is_(None),
        col(Playback.at).between(now - GRANT_LASTS, now + AHEAD),
    )
    cut = of_cuts(session, recording)
    for purpose in session.exec(grants).all():
        silent = [one for one in unheard(session, recording, Purpose(purpose)) if one not in cut]
        if not is_left_out(silent, start, end):
            return _can_be_heard(session, now, recording)
    return False


def streamed(session: Session, now: datetime, playback_id: str) -> None:
    """Note when a grant was first used, and tell who reads the contact; later ranges of it add nothing."""
    playback = session.exec(select(Playback).where(Playback.public_id == playback_id)).one()
    if playback.first_streamed_at is not None:
        return
    playback.first_streamed_at = now
    recording = session.get_one(Recording, playback.recording_id)
    contact = session.get(Contact, recording.contact_id) if recording.contact_id else None
    if contact is not None:
        contacts.tell(session, now, contact)


def span_of(header: str | None, size: int) -> Span | None:
    """The bytes that a Range header (RFC 9110) asks for; all of them without one that we serve.

    None when it asks for what isn't there. Several ranges at once are not served: the whole is answered.
    """
    asked = RANGE.fullmatch(header.strip()) if header else None
    if asked is None or asked.group(0) == "bytes=-":
        return Span(0, size, size)
    first, last = asked.groups()
    if not first:
        length = min(int(last), size)
        return Span(size - length, size, size) if length else None
    start, end = int(first), min(int(last) + 1 if last else size, size)
    if last and int(last) < int(first):
        return Span(0, size, size)
    return Span(start, end, size) if start < size else None


def bytes_of(opened: Opened, span: Span, spans: Sequence[LeftOut]) -> Iterator[bytes]:
    """The plaintext of a span, piece by piece, with silence of the same length in the place of what is left out.

    Raises `AudioRefused` when it can't be told which bytes those are.
    """
    pieces = opened.read(span.start, span.end)
    if not spans:
        return pieces
    header = read_header(as_file(opened, ONE_CHUNK))
    return silenced(pieces, span.start, silences(header, spans))


def to_its_end(pieces: Iterator[bytes], span: Span) -> Iterator[bytes]:
    """The pieces of a span, and silence from where their object is gone: cut or destroyed while somebody listened.

    So the answer stays as long as it said it would be; who goes on listening gets what took its place, or nothing.
    """
    left = span.end - span.start
    try:
        for piece in pieces:
            left -= len(piece)
            yield piece
    except VaultDamaged as damage:
        if damage.damage is not Damage.MISSING:
            raise
        yield from (bytes(min(left - at, ONE_CHUNK)) for at in range(0, left, ONE_CHUNK))


def _can_be_heard(session: Session, now: datetime, recording: Recording) -> bool:
    if recording.wrapped_key is None or timers.due(session, recording, now):
        return False
    if recording.contact_id is None:
        return True
    return service.is_allowed(session, recording.contact_id) and not _is_shut(session, now, recording.contact_id)


def _is_shut(session: Session, now: datetime, contact_id: int) -> bool:
    """Whether a mark says that nothing of the contact's customer is disclosed: that wins over every purpose."""
    link = contacts.active_link(session, contact_id)
    return link is not None and flags.shuts(session, now, link.customer_id)


def _with_key(session: Session, contact_id: int, which: str) -> Recording | None:
    with_key = [one for one in service.recordings_of(session, contact_id) if one.wrapped_key is not None]
    newest = with_key[-1] if with_key else None
    return next((one for one in with_key if one.public_id == which), newest)


def _listener(session: Session, viewer: Member, contact: Contact) -> Listener:
    holds = timers.holds_of(session, contact.id)
    standing = {hold.kind for hold in holds if hold.confirmed_at is not None and hold.released_at is None}
    return Listener(
        role=viewer.role.value,
        handled=contacts.handled_by(session, contact.id, viewer.id),
        same_team=viewer.team_id == contact.team_id,
        open_dispute=HoldKind.DISPUTE in standing,
        open_privacy_request=HoldKind.PRIVACY_REQUEST in standing,
        trained=viewer.trained,
    )


def _log(
    session: Session,
    now: datetime,
    viewer: Member,
    recording: Recording,
    purpose: Purpose,
    refused: str | None,
) -> Playback:
    playback = Playback(
        recording_id=recording.id,
        staff_id=viewer.id,
        role=viewer.role.value,
        purpose=purpose,
        at=now,
        refused=refused,
    )
    session.add(playback)
    return playback
