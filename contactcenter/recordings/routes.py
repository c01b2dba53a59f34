"""What staff do with recordings: ask to listen, listen, hold, try again."""

import math
import re
from datetime import date

from starlette.responses import JSONResponse, Response, StreamingResponse

from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.core.errors import Conflict, Invalid, Unavailable
from contactcenter.core.web import Part, Site
from contactcenter.notes.passages import Passage
from contactcenter.recordings import cuts, holds, playback, service, steering
from contactcenter.recordings.playback import Sound
from contactcenter.recordings.rules import PEAKS_PER_SECOND, CutReason, HoldKind
from contactcenter.recordings.vault import Vault
from contactcenter.staff.access import Visit
from contactcenter.staff.models import Staff
from contactcenter.verification import door
from contactcenter.verification.rules import Purpose

VAULT: Part[Vault | None] = Part()
CLOCK = re.compile(r"(?:(?:(\d{1,2}):)?(\d{1,3}):)?(\d{1,5}(?:\.\d{1,3})?)")  # h:mm:ss.s, of which the seconds suffice
PRIVATE = {"Cache-Control": "no-store", "Accept-Ranges": "bytes"}


def open_contact(visit: Visit) -> Response:
    """Open the recording and the words of a contact for a purpose, for half an hour."""
    purpose = visit.choice("purpose", Purpose, "Say for which purpose you want to listen.")
    open_for(visit, visit.parameter("contact"), purpose, visit.form.get("recording", ""))
    return visit.done("contact", contact=visit.parameter("contact"))


def open_for(visit: Visit, public_id: str, purpose: Purpose, which: str = "") -> None:
    """Open a contact for a purpose, and of its recordings the newest or `which`; or keep the refusal and raise it as
    `Invalid`."""
    with visit.site.db.writing() as session:
        contact = contacts.by_public_id(session, public_id)
        opening = playback.open_contact(session, visit.now, visit.member, contact, purpose, which)
        if opening.refused is None:
            door.open_words(session, visit.now, visit.member, contact.id, purpose)
    if opening.refused is not None:
        raise Invalid(opening.sentence)


def audio(visit: Visit) -> Response:
    """The sound as WAV, any range of it, decrypted on its way; nothing is kept by anybody.

    No validator is sent, since no copy is kept: each grant has its own address, and what it leaves out.
    """
    name = visit.parameter("playback")
    found = _sound(visit)
    opened = vault_of(visit.site).open(found.recording, found.stored)
    span = playback.span_of(visit.request.headers.get("range"), opened.size)
    if span is None:
        return Response(status_code=416, headers={**PRIVATE, "Content-Range": f"bytes */{opened.size}"})
    headers = {**PRIVATE, "Content-Length": str(span.end - span.start)}
    part = span.end - span.start < span.size
    if part:
        headers["Content-Range"] = f"bytes {span.start}-{span.end - 1}/{span.size}"
    status = 206 if part else 200
    if visit.request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type="audio/wav")
    with visit.site.db.writing() as session:
        playback.streamed(session, visit.now, name)
    sound = playback.to_its_end(playback.bytes_of(opened, span, found.left_out), span)
    return StreamingResponse(sound, status, headers, media_type="audio/wav")


def peaks(visit: Visit) -> Response:
    """The waveform: for each channel the loudest moment of each twentieth of a second, 0..100."""
    found = _sound(visit)
    body = {
        "seconds": found.seconds,
        "per_second": PEAKS_PER_SECOND,
        "channels": len(found.peaks),
        "roles": found.roles,
        "peaks": found.peaks,
    }
    return JSONResponse(body, headers={"Cache-Control": "no-store"})


def place_hold(visit: Visit) -> Response:
    """Stop the timer of a contact's recordings, for a dispute or a privacy request; a second person confirms it."""
    kind = visit.choice("kind", HoldKind, "Say whether it is a dispute or a privacy request.")
    review_on = _date(visit.form.get("review_on", ""))
    with visit.site.db.writing() as session:
        contact = contacts.by_public_id(session, visit.parameter("contact"))
        holds.place(
            session,
            visit.now,
            contact=contact,
            owner=session.get_one(Staff, visit.member.id),
            kind=kind,
            reference=visit.form.get("reference", "").strip(),
            review_on=review_on,
        )
    return visit.done("contact", contact=contact.public_id)


def release_hold(visit: Visit) -> Response:
    """Propose that the timer goes on; a second person confirms it."""
    with visit.site.db.writing() as session:
        me = session.get_one(Staff, visit.member.id)
        contact = holds.ask_release(session, visit.now, visit.parameter("hold"), me)
    return visit.done("contact", contact=contact.public_id)


def review_hold(visit: Visit) -> Response:
    """Propose a later day of review; a second person confirms it."""
    review_on = _date(visit.form.get("review_on", ""))
    with visit.site.db.writing() as session:
        me = session.get_one(Staff, visit.member.id)
        contact = holds.ask_review(session, visit.now, visit.parameter("hold"), me, review_on)
    return visit.done("contact", contact=contact.public_id)


def decide_hold(visit: Visit) -> Response:
    """Confirm what somebody else proposed about a hold, or turn it down."""
    accept = visit.form.get("accept") == "1"
    with visit.site.db.writing() as session:
        me = session.get_one(Staff, visit.member.id)
        contact = holds.decide(session, visit.now, visit.parameter("proposal"), me, accept=accept)
    return visit.done("contact", contact=contact.public_id)


def cut(visit: Visit) -> Response:
    """Cut a passage out of a recording for good; by who has the player open, so that nobody cuts unheard (P17)."""
    visit.for_trained()
    reason = visit.choice("reason", CutReason, "Choose why this passage is cut.")
    passage = Passage(_seconds(visit.form.get("start", "")), _seconds(visit.form.get("end", "")))
    with visit.site.db.writing() as session:
        recording = cuts.to_cut(session, visit.now, visit.member, visit.parameter("recording"))
        if not playback.hears(session, visit.now, visit.member, recording, passage.start, passage.end):
            raise Conflict("Open the player first, for a purpose for which you hear all of what you cut.")
        cuts.ask(session, visit.now, visit.site.jobs, visit.member, recording, passage, reason)
        contact = session.get_one(Contact, recording.contact_id)
    return visit.done("contact", contact=contact.public_id)


def retry(visit: Visit) -> Response:
    """Try a recording that failed once more."""
    with visit.site.db.writing() as session:
        jobs, actor = visit.site.jobs, visit.member.public_id
        service.retry(session, visit.now, jobs, visit.parameter("recording"), actor)
    return visit.done("operations")


def stop_writing(visit: Visit) -> Response:
    """Let the writing down of a contact rest."""
    visit.for_trained()
    with visit.site.db.writing() as session:
        contact = contacts.by_public_id(session, visit.parameter("contact"))
        steering.stop(session, visit.now, visit.member, contact)
    return visit.done("contact", contact=contact.public_id)


def go_on_writing(visit: Visit) -> Response:
    """Let it go on."""
    visit.for_trained()
    with visit.site.db.writing() as session:
        contact = contacts.by_public_id(session, visit.parameter("contact"))
        steering.go_on(session, visit.now, visit.site.jobs, visit.member, contact)
    return visit.done("contact", contact=contact.public_id)


def write_in_language(visit: Visit) -> Response:
    """Have a contact written down in another language."""
    visit.for_trained()
    with visit.site.db.writing() as session:
        contact = contacts.by_public_id(session, visit.parameter("contact"))
        language = visit.form.get("language", "")
        steering.in_language(session, visit.now, visit.site.jobs, visit.member, contact, language)
    return visit.done("contact", contact=contact.public_id)


def vault_of(site: Site) -> Vault:
    """The vault, or a sentence that says why there is none."""
    vault = VAULT.of(site)
    if vault is None:
        raise Unavailable("There is no master key, so no recording can be opened; set CONTACTCENTER_MASTER_KEY.")
    return vault


def _sound(visit: Visit) -> Sound:
    with visit.site.db.reading() as session:
        return playback.sound(session, visit.now, visit.member, visit.parameter("playback"))


def _seconds(text: str) -> float:
    """`1:23.5`, `1:02:03` or `83.5` as seconds; not a number for anything else, which no passage takes."""
    written = CLOCK.fullmatch(text.strip().replace(",", "."))
    hours, minutes, seconds = (float(part or 0) for part in written.groups()) if written else (0, 0, math.nan)
    return hours * 3600 + minutes * 60 + seconds


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid("Give the day of review as year-month-day.") from None
