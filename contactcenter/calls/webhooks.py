"""The carrier's webhooks of a call: check, store once, act, answer. Nothing slow happens here."""

import re
from collections.abc import Callable
from importlib.resources import files

import structlog
from anyio import move_on_after, to_thread
from sqlmodel import Session
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from contactcenter.calls import outbound, presence, queue, service
from contactcenter.calls.commands import commander_of
from contactcenter.calls.prompts import FOLDER, catalogue
from contactcenter.calls.rules import CallState, HangUp, JoinAsAgent
from contactcenter.calls.service import Answer
from contactcenter.calls.speaking import Speaker
from contactcenter.carrier import twiml
from contactcenter.carrier.port import OVER
from contactcenter.carrier.signature import Form, signed_form
from contactcenter.core import inbox
from contactcenter.core.db import DATABASE_AWAY
from contactcenter.core.errors import Invalid, NotFound
from contactcenter.core.web import Site, site_of

XML = "text/xml; charset=utf-8"
ANSWER_SECONDS = 12.0  # the carrier waits for 15 and then goes to the fallback's address
FALLBACK = (files("contactcenter") / "calls" / "fallback.xml").read_bytes()
OUR_CALL = re.compile(r"call=[A-Za-z0-9_-]{22}")
Act = Callable[[Session], Answer]
log = structlog.get_logger()


async def voice(request: Request) -> Response:
    """A call comes in: the notice begins (P01)."""
    form = await signed_form(request)
    site = site_of(request)

    def act(session: Session) -> Answer:
        return service.arrive(
            session,
            site.clock(),
            sid=form.need("CallSid"),
            sent_from=form.sent("From"),  # absent only when somebody joined its name to another field
            to=form.need("To"),
            can_record=_can_record(site),
        )

    return await _answer(request, form, "voice", act)


async def answered(request: Request) -> Response:
    """Somebody whom we call picked up: the notice begins (P01)."""
    form = await signed_form(request)
    site, call = site_of(request), _call_named(request)

    def act(session: Session) -> Answer:
        return outbound.answered(session, site.clock(), call, form.need("CallSid"), _can_record(site))

    return await _answer(request, form, "answered", act)


async def placed(request: Request) -> Response:
    """A call that we asked for is over, answered or not."""
    form = await signed_form(request)
    site, call = site_of(request), _call_named(request)
    sid, state = form.need("CallSid"), form.need("CallStatus")

    def act(session: Session) -> None:
        if state in OVER:
            outbound.over(session, site.clock(), call, sid)

    return await _note(request, sid, f"placed:{state}:{form.get('SequenceNumber')}", "placed", act)


async def heard(request: Request) -> Response:
    """The carrier went on after the notice."""
    form = await signed_form(request)
    site, attempt = site_of(request), _attempt(request)

    def act(session: Session) -> Answer:
        return service.notice_heard(session, site.clock(), form.need("CallSid"), attempt, _can_record(site))

    return await _answer(request, form, f"heard-{attempt}", act)


async def key(request: Request) -> Response:
    """A key was pressed in the notice."""
    form = await signed_form(request)
    site, attempt = site_of(request), _attempt(request)
    pressed = form.need("Digits")

    def act(session: Session) -> Answer:
        sid = form.need("CallSid")
        return service.key_pressed(session, site.clock(), sid, attempt, pressed, _can_record(site))

    return await _answer(request, form, f"key-{attempt}", act)


async def keyed(request: Request) -> Response:
    """The relation number was keyed in, or the carrier went on without it."""
    form = await signed_form(request)
    site, digits = site_of(request), form.get("Digits")

    def act(session: Session) -> Answer:
        return service.number_keyed(session, site.clock(), form.need("CallSid"), digits, _can_record(site))

    return await _answer(request, form, "keyed", act)


async def wait(request: Request) -> Response:
    """What a waiting caller hears next; fetched again and again, so it is only read."""
    form = await signed_form(request)
    site = site_of(request)

    def look() -> bytes:
        with site.db.reading() as session:
            call = service.by_sid(session, form.need("CallSid"))
            if call.state is CallState.CLAIMED:
                return _speaker(site).on_hold(call.language)  # somebody is on the way: there is no queue to tell of
            return _speaker(site).waiting(queue.position(session, call), call.language)

    return await _document(look)


async def hold(request: Request) -> Response:
    """What a caller on hold hears."""
    form = await signed_form(request)
    site = site_of(request)

    def look() -> bytes:
        with site.db.reading() as session:
            return _speaker(site).on_hold(service.by_sid(session, form.need("CallSid")).language)

    return await _document(look)


async def agent(request: Request) -> Response:
    """A softphone dials: it joins the call that its agent holds, and no other."""
    form = await signed_form(request)
    identity = form.get("From").removeprefix("client:")

    def act(session: Session) -> Answer:
        call = service.by_public_id(session, form.need("call"))
        joins = queue.agent_connects(session, identity, call, form.need("CallSid"))
        return Answer((JoinAsAgent() if joins else HangUp(),), call.public_id)

    return await _answer(request, form, "agent", act, act_again=True)


async def conference(request: Request) -> Response:
    """Somebody joined or left the conference of a call, or it ended."""
    form = await signed_form(request)
    site = site_of(request)
    event = form.need("StatusCallbackEvent")
    conference_sid, name = form.need("ConferenceSid"), form.need("FriendlyName")

    def act(session: Session) -> None:
        now = site.clock()
        if event == "participant-join":
            presence.joined(session, now, name, conference_sid, form.need("CallSid"))
        elif event == "participant-leave":
            presence.left(session, now, name, conference_sid, form.need("CallSid"))
        elif event == "conference-end":
            presence.conference_ended(session, now, name, conference_sid)

    which = f"{event}:{form.get('CallSid')}:{form.get('SequenceNumber')}"
    return await _note(request, conference_sid, which, "conference", act)


async def status(request: Request) -> Response:
    """A leg changed its state; only its end matters, the conference tells the rest."""
    form = await signed_form(request)
    site = site_of(request)
    sid, state = form.need("CallSid"), form.need("CallStatus")

    def act(session: Session) -> None:
        if state in OVER:
            presence.leg_ended(session, site.clock(), sid)

    return await _note(request, sid, f"status:{state}:{form.get('SequenceNumber')}", "status", act)


async def dialled(request: Request) -> Response:
    """The caller's part of the conference is over: hang up."""
    await signed_form(request)
    return Response(twiml.document(twiml.hang_up()), media_type=XML)


async def fallback(request: Request) -> Response:
    """When all else fails: a static apology that needs no database and no signature."""
    return Response(FALLBACK, media_type=XML)


async def prompt(request: Request) -> Response:
    """One of our prompt files, by the hash of its content; unchangeable, so it may be cached for ever."""
    wanted = catalogue().prompts.get(request.path_params["file"])
    if wanted is None or wanted.hash != request.path_params["hash"]:
        raise NotFound()
    content = await run_in_threadpool((FOLDER / wanted.file).read_bytes)
    return Response(content, media_type="audio/wav", headers={"Cache-Control": "public, max-age=31536000, immutable"})


async def _answer(request: Request, form: Form, event: str, act: Act, *, act_again: bool = False) -> Response:
    """Store the event once and act in one transaction; render after the commit.

    A repeat hears where the caller's leg stands; with `act_again` it is acted on as the first one was.
    """
    site, sid = site_of(request), form.need("CallSid")

    def work() -> bytes:
        with site.db.writing() as session:
            new = inbox.accept(session, site.clock(), f"{sid}:{event}", event, sid)
            try:
                answer = act(session) if new or act_again else service.where_it_stands(session, sid, _can_record(site))
            except NotFound:
                return FALLBACK  # the alert that says why is committed with the event
        return _speaker(site).document(answer.steps, answer.conference_name, sid)

    return await _document(work)


async def _document(make: Callable[[], bytes]) -> Response:
    """What the caller hears; an apology where there is nothing to say, or not in the time that the carrier waits."""
    with move_on_after(ANSWER_SECONDS):
        try:
            return Response(await to_thread.run_sync(make, abandon_on_cancel=True), media_type=XML)
        except NotFound:
            return Response(FALLBACK, media_type=XML)
        except DATABASE_AWAY as error:
            log.error("document-without-database", error=type(error).__name__)
            return Response(FALLBACK, media_type=XML)
    log.error("document-too-late", seconds=ANSWER_SECONDS)
    return Response(FALLBACK, media_type=XML)


async def _note(request: Request, sid: str, which: str, event: str, act: Callable[[Session], None]) -> Response:
    """Store the event once and act in one transaction; what that asks of the carrier is done after the answer.

    `which` tells this event from the others of the same SID.
    """
    site = site_of(request)

    def work() -> None:
        with site.db.writing() as session:
            if inbox.accept(session, site.clock(), f"{sid}:{which}", event, sid):
                try:
                    act(session)
                except NotFound:
                    return  # of a call that we don't know nothing is created

    await run_in_threadpool(work)
    return Response(status_code=204, background=BackgroundTask(commander_of(site).perform_all))


def _call_named(request: Request) -> str:
    """Our own query string is fixed: call=<public id of the call> and nothing else."""
    if not OUR_CALL.fullmatch(request.url.query):
        raise Invalid("The call can't be read.")
    return request.url.query.removeprefix("call=")


def _attempt(request: Request) -> int:
    """Our own query string is fixed: attempt=, a number of at most two digits, and nothing else."""
    text = request.url.query.removeprefix("attempt=")
    if not text.isascii() or not text.isdigit() or len(text) > 2:
        raise Invalid("The attempt can't be read.")
    return int(text)


def _speaker(site: Site) -> Speaker:
    return Speaker(site.settings.public_url)


def _can_record(site: Site) -> bool:
    return site.settings.master_key is not None
