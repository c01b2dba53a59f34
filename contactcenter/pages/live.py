"""The stream of live events to a browser: topic and public id only; the browser then asks for what it shows."""

from collections.abc import AsyncIterator
from time import monotonic

import anyio
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from contactcenter.core.live import CONTACT, ENDED, OPERATIONS, STAFF, kind_of, queue_topic, staff_topic
from contactcenter.core.web import site_of
from contactcenter.staff.access import Member, member_of, still_signed_in
from contactcenter.staff.rules import Right

PING_SECONDS = 15
GRACE_SECONDS = 2.0  # in which a stream ends by itself when the process does, before it is cut off
ASKED_AGAIN_SECONDS = 600
LOOKED_AGAIN_SECONDS = 10  # after which the next event goes only to who is signed in, still
RETRY_MILLISECONDS = 300
LONGEST_ID = 18  # digits: what a row's id can have


class Topics(set[str]):
    """What a member's pages may watch: their own queue and desk, and contacts (their ids are random)."""

    def __init__(self, member: Member) -> None:
        super().__init__({queue_topic(member.team_id), staff_topic(member.public_id)})
        self.contacts = member.may(Right.SEE_CONTACTS)
        if member.may(Right.OPERATE):
            self.add(OPERATIONS)

    def __contains__(self, topic: object) -> bool:
        return super().__contains__(topic) or (self.contacts and kind_of(str(topic)) == CONTACT)


async def stream(request: Request) -> Response:
    """Server-sent events for who is signed in; `Last-Event-ID` resumes. Nobody else learns that there is anything."""
    member = await run_in_threadpool(member_of, request)
    if member is None:
        return Response(status_code=401)
    last = event_id(request.headers.get("last-event-id", ""))
    response = EventSourceResponse(
        _events(request, member, last),
        ping=PING_SECONDS,
        shutdown_event=anyio.Event(),
        shutdown_grace_period=GRACE_SECONDS,
    )
    response.headers["Connection"] = "close"  # a stream that ends frees its connection at once
    return response


def event_id(sent: str) -> int | None:
    """The id of an event as we gave it out; None for anything else."""
    return int(sent) if sent.isascii() and sent.isdecimal() and len(sent) <= LONGEST_ID else None


async def _events(request: Request, member: Member, after: int | None) -> AsyncIterator[ServerSentEvent]:
    began = looked = monotonic()
    async for event in site_of(request).live.stream(Topics(member), after, member.public_id):
        if event.topic == ENDED:
            yield ServerSentEvent(data=event.subject, event=ENDED)
            return
        kind = kind_of(event.topic)
        if kind == STAFF or monotonic() - looked > LOOKED_AGAIN_SECONDS:  # what ends a session tells its owner's pages
            if not await run_in_threadpool(still_signed_in, request):
                return
            looked = monotonic()
        yield ServerSentEvent(data=event.subject, event=kind, id=str(event.id), retry=RETRY_MILLISECONDS)
        if monotonic() - began > ASKED_AGAIN_SECONDS:
            return  # the browser comes back by itself, and is asked again who it is
