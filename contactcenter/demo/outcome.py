"""What came of a simulated call, as one JSON object: for `contactcenter simulate call --json` and the tests.

It exists in the demo only. Words are read through the door, as the agent who handled the call may read them.
"""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from contactcenter.calls import queue
from contactcenter.calls.models import Call, NoticePlay
from contactcenter.contacts.models import Contact
from contactcenter.core.errors import NotFound
from contactcenter.core.web import Site, site_of
from contactcenter.notes import service as notes
from contactcenter.recordings.models import Recording
from contactcenter.staff.access import Member, as_member
from contactcenter.staff.models import Staff
from contactcenter.verification import service as verification


def outcome_route() -> Route:
    """`GET /telephone/calls/{sid}/outcome`."""
    return Route("/telephone/calls/{sid}/outcome", outcome, name="demo-outcome")


async def outcome(request: Request) -> Response:
    """The outcome so far of the call with this CallSid."""
    site, sid = site_of(request), request.path_params["sid"]
    return JSONResponse(await run_in_threadpool(_look, site, sid), headers={"Cache-Control": "no-store"})


def _look(site: Site, sid: str) -> dict[str, Any]:
    now = site.clock()
    with site.db.reading() as session:
        call = session.exec(select(Call).where(Call.sid == sid)).first()
        if call is None:
            raise NotFound()
        contact = session.get_one(Contact, call.contact_id)
        staff = session.get(Staff, call.claimed_by) if call.claimed_by else None
        viewer = as_member(staff, now) if staff else None
        recording = session.exec(select(Recording).where(Recording.contact_id == contact.id)).first()
        return {
            "contact": {"id": contact.public_id, "state": contact.state.value, "language": call.language},
            "call": _call(call, staff),
            "match": _match(session, now, call),
            "notice": _notice(session, call),
            "verification": {"level": int(verification.level_reached(session, call.contact_id))},
            "recording": _recording(recording),
            **_words(session, now, viewer, contact),
            "seconds": _seconds(call, recording, now),
        }


def _call(call: Call, staff: Staff | None) -> dict[str, Any]:
    return {
        "id": call.public_id,
        "sid": call.sid,
        "from": call.caller or call.caller_kind.value,
        "status": call.state.value,
        "ending": call.ending.value if call.ending else None,
        "answered_by": staff.login if staff else None,
    }


def _match(session: Session, now: datetime, call: Call) -> dict[str, Any]:
    candidates = queue.match_of_call(session, now, call).candidates
    return {"kind": call.match.value, "relation_numbers": sorted({one.relation_number for one in candidates})}


def _notice(session: Session, call: Call) -> dict[str, Any] | None:
    play = session.exec(
        select(NoticePlay).where(NoticePlay.call_id == call.id).order_by(col(NoticePlay.attempt).desc())
    ).first()
    if play is None:
        return None
    return {
        "language": play.language,
        "version": play.version,
        "played_ms": play.milliseconds,
        "basis": play.basis.value if play.basis else None,
        "whole": play.whole,
        "choice": "objected" if call.objected_at else None,
    }


def _recording(recording: Recording | None) -> dict[str, Any] | None:
    if recording is None:
        return None
    return {
        "id": recording.public_id,
        "state": recording.state.value,
        "seconds": recording.seconds,
        "channels": recording.channels,
        "retain_until": recording.retain_until.isoformat() if recording.retain_until else None,
        "carrier_copy": recording.carrier_copy.value,
        "object": recording.object_key,
        "failure": recording.failure,
    }


def _words(session: Session, now: datetime, viewer: Member | None, contact: Contact) -> dict[str, Any]:
    words = notes.read(session, now, viewer, contact.id) if viewer else None
    transcript, summary = (words.transcript, words.summary) if words else (None, None)
    return {
        "transcript": {
            "language": transcript.language,
            "engine": transcript.engine,
            "model": transcript.model,
            "segments": transcript.segments,
        }
        if transcript
        else None,
        "summary": {"state": summary.state.value, "lines": summary.draft_lines or []} if summary else None,
    }


def _seconds(call: Call, recording: Recording | None, now: datetime) -> dict[str, float | None]:
    def between(start: datetime | None, end: datetime | None) -> float | None:
        return round((end - start).total_seconds(), 2) if start and end else None

    return {
        "to_queue": between(call.arrived_at, call.queued_at),
        "to_answer": between(call.queued_at, call.connected_at),
        "talked": between(call.connected_at, call.ended_at),
        "to_stored": between(call.ended_at, recording.stored_at if recording else None),
        "since_end": between(call.ended_at, now),
    }
