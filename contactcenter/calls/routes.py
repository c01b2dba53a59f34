"""What an agent does with a call from the desk: answer, hold, pause, stop and destroy, hand on, end; softphone."""

from dataclasses import asdict

from sqlmodel import Session
from starlette.responses import JSONResponse, Response

from contactcenter.calls import commands, outbound, queue, service
from contactcenter.calls.models import Call
from contactcenter.calls.rules import CallState, Verb
from contactcenter.carrier.port import CarrierProblem
from contactcenter.core.audit import Action, record
from contactcenter.core.errors import Conflict, Unavailable
from contactcenter.recordings import refusals
from contactcenter.recordings.rules import NotRecorded
from contactcenter.staff.access import Visit


def answer(visit: Visit) -> Response:
    """Claim a ringing call; the browser's softphone, or the member's telephone, then joins it."""
    with visit.site.db.writing() as session:
        call = service.by_public_id(session, visit.parameter("call"))
        queue.claim(session, visit.now, visit.member, call)
    return _done(visit)


def call_back(visit: Visit) -> Response:
    """Call a customer who asked for it; the browser or the member's telephone joins once somebody answered."""
    visit.for_trained()
    with visit.site.db.writing() as session:
        outbound.call_back(session, visit.now, visit.member, visit.parameter("call_back"))
    done = _done(visit)
    outbound.give_up(visit.site.db, visit.now)
    return done


def end(visit: Visit) -> Response:
    """Hang up."""
    return _command(visit, Verb.END)


def hand_on(visit: Visit) -> Response:
    """Let a colleague take the call over; the caller waits on hold meanwhile."""
    with visit.site.db.writing() as session:
        call = queue.held_by(session, visit.member, visit.parameter("call"))
        queue.hand_on(session, visit.now, visit.member, call)
    return _done(visit)


def hold(visit: Visit) -> Response:
    """The caller hears music, and nothing is captured meanwhile."""
    return _command(visit, Verb.HOLD, Action.CALL_HELD)


def unhold(visit: Visit) -> Response:
    """Back from hold."""
    return _command(visit, Verb.UNHOLD, Action.CALL_RESUMED)


def pause(visit: Visit) -> Response:
    """Nothing is captured from now on, for card data and the like."""
    return _command(visit, Verb.PAUSE_RECORDING, Action.RECORDING_PAUSED)


def resume(visit: Visit) -> Response:
    """Capture again."""
    return _command(visit, Verb.RESUME_RECORDING, Action.RECORDING_RESUMED)


def stop_recording(visit: Visit) -> Response:
    """Stop and destroy: the caller objects, by key or aloud, at any second (P01)."""
    with visit.site.db.writing() as session:
        call = queue.held_by(session, visit.member, visit.parameter("call"))
        if call.objected_at is None:
            call.objected_at = visit.now
            refusals.objected(session, visit.now, call.contact_id, NotRecorded.STOPPED)
            record(session, visit.now, visit.member.public_id, Action.CALL_OBJECTED, call.public_id)
            commands.ask(session, visit.now, call, Verb.STOP_RECORDING, visit.member)
        queue.tell_desks(session, visit.now, call)
    return _done(visit)


def softphone_token(visit: Visit) -> Response:
    """What this browser needs to be a telephone."""
    try:
        token = commands.CARRIER.of(visit.site).softphone_token(visit.member.softphone_identity)
    except CarrierProblem as problem:
        raise Unavailable(problem.sentence) from None
    return JSONResponse(asdict(token), headers={"Cache-Control": "no-store"})


def _command(visit: Visit, verb: Verb, action: Action | None = None) -> Response:
    with visit.site.db.writing() as session:
        call = queue.held_by(session, visit.member, visit.parameter("call"))
        _refuse_too_early(session, call, verb)
        commands.ask(session, visit.now, call, verb, visit.member)
        if action is not None:
            record(session, visit.now, visit.member.public_id, action, call.public_id)
        queue.tell_desks(session, visit.now, call)
    return _done(visit)


def _refuse_too_early(session: Session, call: Call, verb: Verb) -> None:
    if call.state is not CallState.CONNECTED and verb is not Verb.END:
        raise Conflict("The call is not connected yet.")


def _done(visit: Visit) -> Response:
    """After the commit, make the REST calls at once: an agent waits for them."""
    commands.commander_of(visit.site).perform_all()
    return visit.done("desk")
