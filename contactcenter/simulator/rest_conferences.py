"""REST resources of conferences and their participants."""

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from contactcenter.simulator import wire
from contactcenter.simulator.conference import Conference, Participation
from contactcenter.simulator.legs import Leg
from contactcenter.simulator.rest import Ask, RestError, missing, page, resource, within
from contactcenter.simulator.rest_calls import hook_of
from contactcenter.simulator.simulator import Outgoing
from contactcenter.simulator.twiml import Document, Verb

_TWIML_NAMES = {
    "StartConferenceOnEnter": "startConferenceOnEnter",
    "EndConferenceOnExit": "endConferenceOnExit",
    "Muted": "muted",
    "WaitUrl": "waitUrl",
    "WaitMethod": "waitMethod",
    "Label": "participantLabel",
    "ConferenceRecord": "record",
    "ConferenceTrim": "trim",
    "ConferenceStatusCallback": "statusCallback",
    "ConferenceStatusCallbackMethod": "statusCallbackMethod",
    "ConferenceRecordingStatusCallback": "recordingStatusCallback",
}
_LISTS = {
    "ConferenceStatusCallbackEvent": "statusCallbackEvent",
    "ConferenceRecordingStatusCallbackEvent": "recordingStatusCallbackEvent",
}


def resources() -> list[Route]:
    """Conferences and Participants."""
    return [
        resource("/Conferences.json", get=_list),
        resource("/Conferences/{sid}.json", get=_fetch, post=_update),
        resource("/Conferences/{sid}/Participants.json", get=_participants, post=_invite),
        resource("/Conferences/{sid}/Participants/{call}.json", get=_person, post=_change, delete=_remove),
    ]


def conference_of(ask: Ask) -> Conference:
    """The conference that the path names by its SID; 404 otherwise."""
    room = ask.carrier.conferences.get(ask.part("sid"))
    if room is None:
        raise missing(ask)
    return room


def _list(ask: Ask) -> Response:
    rooms = [room for room in reversed(ask.carrier.conferences.values()) if _wanted(ask, room)]
    return page(ask, "conferences", (wire.conference(room, ask.base) for room in rooms))


def _wanted(ask: Ask, room: Conference) -> bool:
    facts = {"Status": room.status, "FriendlyName": room.name}
    fits = all(ask.get(name, value) == value for name, value in facts.items())
    return fits and within(ask, "DateCreated", room.created) and within(ask, "DateUpdated", room.updated)


def _fetch(ask: Ask) -> Response:
    return JSONResponse(wire.conference(conference_of(ask), ask.base))


def _update(ask: Ask) -> Response:
    room = conference_of(ask)
    if ask.get("Status") == "completed":
        room.end("conference-ended-via-api")
    return JSONResponse(wire.conference(room, ask.base))


def _participants(ask: Ask) -> Response:
    people = [one for one in conference_of(ask).participants.values() if _shown(ask, one)]
    return page(ask, "participants", (wire.participant(one, ask.base) for one in people))


def _shown(ask: Ask, one: Participation) -> bool:
    state = {"Muted": one.options.muted, "Hold": one.options.hold, "Coaching": bool(one.options.coach)}
    return all(ask.flag(name, value) == value for name, value in state.items())


def _invite(ask: Ask) -> Response:
    """Ring somebody and let them into the conference, which the path names by SID or by its own name."""
    room = ask.carrier.conferences.get(ask.part("sid")) or ask.carrier.conference_named(ask.part("sid"))
    if room.status == "completed":
        raise RestError(400, 20001, "The conference has ended")
    if ask.get("Label") and _named(room, ask.get("Label")):
        raise RestError(400, 16025, "Participant label is already in use in this conference")
    outgoing = Outgoing(
        caller=ask.need("From", 21213),
        called=ask.need("To", 21201),
        hook=hook_of(ask),
        timeout=float(ask.get("Timeout", "60")),
    )
    leg = ask.carrier.call_out(outgoing, Document("", (Verb("Dial", {}, "", (_room_verb(ask, room),)),)))
    return JSONResponse(wire.invited(leg, room.sid, ask.get("Label"), ask.base), 201)


def _room_verb(ask: Ask, room: Conference) -> Verb:
    sent = ask.values
    attributes = {twiml: ask.get(name) for name, twiml in _TWIML_NAMES.items() if name in sent}
    lists = {twiml: " ".join(sent.getlist(name)) for name, twiml in _LISTS.items() if name in sent}
    coach = {"coach": ask.get("CallSidToCoach")} if ask.flag("Coaching") else {}
    return Verb("Conference", {**attributes, **lists, **coach}, room.name)


def _named(room: Conference, name: str) -> Participation | None:
    """The participant with that call SID or label."""
    by_label = (one for one in room.participants.values() if one.options.label == name)
    return room.participants.get(name) or next(by_label, None)


def _participation(ask: Ask) -> Participation:
    found = _named(conference_of(ask), ask.part("call"))
    if found is None:
        raise missing(ask)
    return found


def _person(ask: Ask) -> Response:
    return JSONResponse(wire.participant(_participation(ask), ask.base))


def _change(ask: Ask) -> Response:
    one = _participation(ask)
    changes: dict[str, object] = {}
    for name, field in (("Muted", "muted"), ("EndConferenceOnExit", "end_on_exit"), ("Hold", "hold")):
        if ask.get(name):
            changes[field] = ask.flag(name)
    if ask.get("Coaching") or ask.get("CallSidToCoach"):
        changes["coach"] = _coached(ask, one)
    if ask.flag("Hold"):
        one.hold_music(ask.values.get("HoldUrl"), ask.get("HoldMethod", "POST"))
    one.conference.modify(one, **changes)
    return JSONResponse(wire.participant(one, ask.base))


def _coached(ask: Ask, one: Participation) -> str:
    if not ask.flag("Coaching", default=True):
        return ""
    coached = ask.get("CallSidToCoach", one.options.coach)
    if coached not in one.conference.participants or coached == one.leg.sid:
        raise RestError(400, 20001, "CallSidToCoach must be another participant of this conference")
    return coached


def _remove(ask: Ask) -> Response:
    """Take somebody out; their leg goes on with its own TwiML, which mostly ends it."""
    room = conference_of(ask)
    ringing = ask.carrier.legs.get(ask.part("call"))
    if _named(room, ask.part("call")) is None and ringing is not None and _still_rings(ringing):
        ringing.end("canceled")
    else:
        _participation(ask).leave("participant_updated_via_api")
    return Response(status_code=204)


def _still_rings(leg: Leg) -> bool:
    return leg.answered is None and not leg.over and leg.party.direction == "outbound-api"
