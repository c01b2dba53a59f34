"""REST resources of calls, and the error log beside them."""

from urllib.parse import urlsplit

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from contactcenter.simulator import wire
from contactcenter.simulator.legs import Goto, Leg
from contactcenter.simulator.rest import Ask, RestError, missing, page, resource, within
from contactcenter.simulator.simulator import Outgoing
from contactcenter.simulator.twiml import CarrierError, Document, parse
from contactcenter.simulator.webhooks import Hook

NOT_IN_PROGRESS = 21220
INVALID_URL = 21205


def resources() -> list[Route]:
    """Calls, Notifications and the account itself."""
    return [
        resource(".json", get=_account),
        resource("/Calls.json", get=_list, post=_create),
        resource("/Calls/{sid}.json", get=_fetch, post=_update, delete=_delete),
        resource("/Notifications.json", get=_notifications),
    ]


def leg_of(ask: Ask, name: str = "sid") -> Leg:
    """The leg that the path names; 404 otherwise."""
    leg = ask.carrier.legs.get(ask.part(name))
    if leg is None or leg.deleted:
        raise missing(ask)
    return leg


def hook_of(ask: Ask) -> Hook:
    """The status callback that a request asks for; without events only the end is told."""
    events = ask.values.getlist("StatusCallbackEvent") or ["completed"]
    words = frozenset(word for text in events for word in text.split())
    return Hook(ask.get("StatusCallback"), words, ask.get("StatusCallbackMethod", "POST"))


def _account(ask: Ask) -> Response:
    body = {
        "sid": ask.carrier.config.account_sid,
        "friendly_name": "Simulated account",
        "status": "active",
        "type": "Full",
        "uri": f"{ask.base}.json",
        "subresource_uris": {},
    }
    return JSONResponse(body)


def _list(ask: Ask) -> Response:
    legs = [leg for leg in reversed(ask.carrier.legs.values()) if not leg.deleted and _wanted(ask, leg)]
    return page(ask, "calls", (wire.call(leg, ask.base) for leg in legs))


def _wanted(ask: Ask, leg: Leg) -> bool:
    facts = {"Status": leg.status, "To": leg.party.called, "From": leg.party.caller}
    fits = all(ask.get(name, value) == value for name, value in facts.items())
    return fits and within(ask, "StartTime", leg.answered or leg.created)


def _fetch(ask: Ask) -> Response:
    return JSONResponse(wire.call(leg_of(ask), ask.base))


def _create(ask: Ask) -> Response:
    outgoing = Outgoing(
        caller=ask.need("From", 21213),
        called=ask.need("To", 21201),
        hook=hook_of(ask),
        timeout=float(ask.get("Timeout", "60")),
        fallback=ask.get("FallbackUrl"),
    )
    leg = ask.carrier.call_out(outgoing, _start(ask))
    return JSONResponse(wire.call(leg, ask.base), 201)


def _start(ask: Ask) -> Goto | Document:
    """The TwiML that a request gives, itself or its address."""
    if ask.get("Twiml"):
        try:
            return parse(ask.get("Twiml"), "")
        except CarrierError as error:
            raise RestError(400, error.code, error.message) from error
    if ask.get("ApplicationSid") == ask.carrier.application.sid:
        return Goto(ask.carrier.application.voice_url, ask.carrier.application.voice_method)
    url = ask.need("Url", INVALID_URL)
    if urlsplit(url).scheme not in ("http", "https"):
        raise RestError(400, INVALID_URL, "Url is not a valid URL")
    return Goto(url, ask.get("Method", "POST"))


def _update(ask: Ask) -> Response:
    leg, status = leg_of(ask), ask.get("Status")
    if leg.over:
        raise RestError(400, NOT_IN_PROGRESS, "Call is not in-progress. Cannot redirect.")
    if status == "completed" or (status == "canceled" and leg.answered is None):
        leg.end("completed" if leg.answered else "canceled", "participant_updated_via_api")
    elif status:
        raise RestError(400, 20001, "Status must be completed, or canceled before the answer")
    else:
        leg.run(_start(ask))
    return JSONResponse(wire.call(leg, ask.base))


def _delete(ask: Ask) -> Response:
    leg = leg_of(ask)
    if not leg.over:
        raise RestError(409, NOT_IN_PROGRESS, "Call is in progress and cannot be deleted")
    leg.deleted = True
    return Response(status_code=204)


def _notifications(ask: Ask) -> Response:
    sid = ask.carrier.config.account_sid
    entries = reversed(ask.carrier.complaints)
    return page(ask, "notifications", (wire.notification(entry, sid, ask.base) for entry in entries))
