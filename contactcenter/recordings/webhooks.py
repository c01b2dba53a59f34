"""What the carrier says about recordings: check, store once, act, answer; fetching comes later, in the worker."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from contactcenter.carrier.signature import Form, signed_form
from contactcenter.core import inbox
from contactcenter.core.errors import Invalid
from contactcenter.core.web import Site, site_of
from contactcenter.recordings import refusals, service
from contactcenter.recordings.rules import Arrival, ArrivalStatus

OUR_QUERY = re.compile(r"call=CA[0-9a-f]{32}")


async def twilio_recording(request: Request) -> Response:
    """A recording begins, is ready, absent or failed. Answered when it is committed; a repeat changes nothing."""
    arrival = read(await signed_form(request), call_named(request))
    await run_in_threadpool(_take, site_of(request), arrival)
    return Response(status_code=204)


def call_named(request: Request) -> str:
    """The caller's CallSid in our own query string, which is fixed: call=<CallSid> and nothing else, or none at all.

    The event of a conference's recording names no call, and may come before anything that tells of the conference.
    """
    query = request.url.query
    if query and not OUR_QUERY.fullmatch(query):
        raise Invalid("The call can't be read.")
    return query.removeprefix("call=")


def read(form: Form, call_sid: str = "") -> Arrival:
    """The event in a checked form. The address that it names is not taken over: media are fetched by SID."""
    call_sid = call_sid or form.get("CallSid")
    if not (call_sid or form.get("ConferenceSid")):
        raise Invalid("The webhook names neither call nor conference.")
    seconds, channels = form.get("RecordingDuration"), form.get("RecordingChannels")
    return Arrival(
        sid=form.need("RecordingSid"),
        call_sid=call_sid,
        conference_sid=form.get("ConferenceSid") or None,
        status=ArrivalStatus(form.need("RecordingStatus")),
        seconds=float(seconds) if seconds.isdecimal() else None,
        channels=int(channels) if channels else None,
        started_at=_moment(form.get("RecordingStartTime")),
    )


def _take(site: Site, arrival: Arrival) -> None:
    now = site.clock()
    with refusals.alerting(site.db, now), site.db.writing() as session:
        key = f"{arrival.sid}:recording-{arrival.status.value}"
        if inbox.accept(session, now, key, "recording", f"{arrival.sid} {arrival.call_sid}"):
            service.arrived(session, now, site.jobs, arrival)


def _moment(sent: str) -> datetime | None:
    """The carrier's time (RFC 2822) in UTC; None when it sent none that can be read, or one out of all bounds."""
    try:
        moment = parsedate_to_datetime(sent)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
