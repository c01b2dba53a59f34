"""Table of contents: one line per route. `create_app` is the whole web side of the product."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from contactcenter.calls import routes as calls
from contactcenter.calls import webhooks as carrier
from contactcenter.calls.commands import CARRIER
from contactcenter.coaching import routes as coaching
from contactcenter.compose import Ports, master_key
from contactcenter.contacts import routes as contacts
from contactcenter.core.db import DATABASE_AWAY
from contactcenter.core.errors import Problem
from contactcenter.core.jobs import Jobs
from contactcenter.core.live import LiveHub
from contactcenter.core.metrics import Measured, Metrics
from contactcenter.core.web import PACKAGE, Guard, Site, on_database_away, on_problem
from contactcenter.customers import api
from contactcenter.notes import routes as notes
from contactcenter.pages import contact, customer, desk, live, operations, policy, supervision, transcript, watching
from contactcenter.pages import contacts as contact_lists
from contactcenter.pages import staff as people
from contactcenter.pages.openapi import openapi
from contactcenter.privacy import routes as privacy
from contactcenter.recordings import routes as recordings
from contactcenter.recordings import webhooks as recording_webhooks
from contactcenter.settings import LOOPBACK
from contactcenter.staff import account
from contactcenter.staff import routes as staff
from contactcenter.staff.access import ANYHOW, HALFWAY, KEY, NEW, guarded, member_of
from contactcenter.staff.rules import Right
from contactcenter.verification import api as verification_api
from contactcenter.verification import routes as verification
from contactcenter.verification.messages import MESSENGERS, Messengers

CARRIER_HOSTS = "wss://*.twilio.com https://*.twilio.com"  # signalling and events of the carrier's softphone
FROM_ELSEWHERE = ("/twilio/", "/api/")  # signed, or with a token; the rest is for our own pages


def public_routes() -> list[BaseRoute]:
    """For everybody: signing in, what the carrier calls, the API, health."""
    return [
        Route("/sign-in", staff.sign_in_page, name="sign-in"),
        Route("/sign-in", staff.sign_in, methods=["POST"], name="sign-in-post"),
        Route("/language", staff.choose_language, methods=["POST"], name="language"),
        Route("/healthz", watching.healthz, name="healthz"),
        Route("/readyz", watching.readyz, name="readyz"),
        Route("/metrics", watching.metrics, name="metrics"),
        Route("/prompts/{hash}/{file}", carrier.prompt, name="prompt"),
        Route("/twilio/voice", carrier.voice, methods=["POST"], name="twilio-voice"),
        Route("/twilio/answered", carrier.answered, methods=["POST"], name="twilio-answered"),
        Route("/twilio/placed", carrier.placed, methods=["POST"], name="twilio-placed"),
        Route("/twilio/key", carrier.key, methods=["POST"], name="twilio-key"),
        Route("/twilio/heard", carrier.heard, methods=["POST"], name="twilio-heard"),
        Route("/twilio/keyed", carrier.keyed, methods=["POST"], name="twilio-keyed"),
        Route("/twilio/wait", carrier.wait, methods=["POST"], name="twilio-wait"),
        Route("/twilio/hold", carrier.hold, methods=["POST"], name="twilio-hold"),
        Route("/twilio/agent", carrier.agent, methods=["POST"], name="twilio-agent"),
        Route("/twilio/conference", carrier.conference, methods=["POST"], name="twilio-conference"),
        Route("/twilio/status", carrier.status, methods=["POST"], name="twilio-status"),
        Route("/twilio/dialled", carrier.dialled, methods=["POST"], name="twilio-dialled"),
        Route("/twilio/recording", recording_webhooks.twilio_recording, methods=["POST"], name="twilio-recording"),
        Route("/twilio/fallback", carrier.fallback, methods=["GET", "POST"], name="twilio-fallback"),
        Route("/api/v1/openapi.json", openapi, name="openapi"),
        Route("/api/v1/customers/{relation_number}", api.put_customer, methods=["PUT"], name="api-customer"),
        Route(verification_api.PATH, verification_api.make_code, methods=["POST"], name="api-verification-code"),
        Mount("/static", StaticFiles(directory=PACKAGE / "core" / "static"), name="static"),
    ]


def staff_routes() -> list[BaseRoute]:
    """For signed-in staff, each with the right that it takes."""
    handle, see, link = Right.HANDLE_CALLS, Right.SEE_CONTACTS, Right.LINK_CONTACTS
    return [
        guarded("/", staff.start_page, None, name="start"),
        guarded("/sign-out", staff.sign_out, None, name="sign-out", method="POST", how_far=ANYHOW),
        guarded("/sign-in/second", staff.second_page, None, name="second-step", how_far=HALFWAY),
        guarded("/sign-in/second", staff.second, None, name="second-step-post", method="POST", how_far=HALFWAY),
        guarded("/sign-in/options", staff.passkey_asked, None, name="passkey-asked", method="POST", how_far=HALFWAY),
        guarded("/sign-in/passkey", staff.by_passkey, None, name="passkey-shown", method="POST", how_far=HALFWAY),
        guarded("/account", account.page, None, name="account", how_far=NEW),
        guarded("/account/app", account.begin_app, None, name="app-begin", method="POST", how_far=NEW),
        guarded("/account/app/code", account.confirm_app, None, name="app-confirm", method="POST", how_far=NEW),
        guarded("/account/app/remove", account.remove_app, None, name="app-remove", method="POST"),
        guarded("/account/passkey", account.add_passkey, None, name="passkey-add", method="POST", how_far=NEW),
        guarded("/account/passkey/options", account.offer, None, name="passkey-offer", method="POST", how_far=NEW),
        guarded("/account/passkey/{passkey}", account.remove_passkey, None, name="passkey-remove", method="POST"),
        guarded("/account/password", account.change_password, None, name="password-change", method="POST"),
        guarded("/account/sessions", account.end_others, None, name="sessions-end", method="POST"),
        guarded("/account/sessions/{session}", account.end_session, None, name="session-end", method="POST"),
        guarded("/account/recovery", account.new_codes, None, name="recovery-codes", method="POST"),
        guarded("/available", staff.set_available, handle, name="available", method="POST"),
        Route("/live", live.stream, name="live"),
        guarded("/desk", desk.page, handle, name="desk"),
        guarded("/desk/ringing", desk.ringing, handle, name="desk-ringing"),
        guarded("/desk/call", desk.call, handle, name="desk-call"),
        guarded("/softphone/token", calls.softphone_token, handle, name="softphone-token"),
        guarded("/calls/{call}/answer", calls.answer, handle, name="call-answer", method="POST"),
        guarded("/calls/{call}/hold", calls.hold, handle, name="call-hold", method="POST"),
        guarded("/calls/{call}/unhold", calls.unhold, handle, name="call-unhold", method="POST"),
        guarded("/calls/{call}/transfer", calls.hand_on, handle, name="call-transfer", method="POST"),
        guarded("/calls/{call}/pause", calls.pause, handle, name="call-pause", method="POST"),
        guarded("/calls/{call}/resume", calls.resume, handle, name="call-resume", method="POST"),
        guarded(
            "/calls/{call}/stop-recording", calls.stop_recording, handle, name="call-stop-recording", method="POST"
        ),
        guarded("/calls/{call}/end", calls.end, handle, name="call-end", method="POST"),
        guarded("/contacts", contact_lists.page, see, name="contacts"),
        guarded("/contacts/unmatched", contact_lists.unmatched, link, name="unmatched"),
        guarded("/contacts/{contact}", contact.page, see, name="contact"),
        guarded("/contacts/{contact}/search", contact.search, link, name="customer-search"),
        guarded("/contacts/{contact}/link", contacts.link, link, name="contact-link", method="POST"),
        guarded("/contacts/{contact}/unlink", contacts.unlink, link, name="contact-unlink", method="POST"),
        guarded("/contacts/{contact}/question", verification.draw, handle, name="question-draw", method="POST"),
        guarded("/contacts/{contact}/answer", verification.answer, handle, name="question-answer", method="POST"),
        guarded("/contacts/{contact}/reveal", verification.reveal, handle, name="kind-reveal", method="POST"),
        guarded("/contacts/{contact}/correct", verification.correct, handle, name="customer-correct", method="POST"),
        guarded("/contacts/{contact}/code", verification.send_code, handle, name="code-send", method="POST"),
        guarded("/contacts/{contact}/code-read", verification.read_code, handle, name="code-read", method="POST"),
        guarded("/contacts/{contact}/approval", verification.ask_approval, handle, name="approval-ask", method="POST"),
        guarded(
            "/approvals/{approval}/decide",
            verification.decide_approval,
            Right.APPROVE,
            name="approval-decide",
            method="POST",
        ),
        guarded(
            "/contacts/{contact}/call-back", verification.ask_call_back, handle, name="call-back-ask", method="POST"
        ),
        guarded(
            "/contacts/{contact}/call-back-word",
            verification.hear_word,
            handle,
            name="call-back-word",
            method="POST",
        ),
        guarded(
            "/call-backs/{call_back}/take", verification.take_call_back, handle, name="call-back-take", method="POST"
        ),
        guarded("/call-backs/{call_back}/call", calls.call_back, handle, name="call-back-call", method="POST"),
        guarded("/call-backs/{call_back}/end", verification.end_call_back, handle, name="call-back-end", method="POST"),
        guarded("/contacts/{contact}/doubt", verification.doubt, handle, name="identity-doubt", method="POST"),
        guarded("/contacts/{contact}/revoke", verification.revoke, Right.APPROVE, name="pass-revoke", method="POST"),
        guarded("/contacts/{contact}/note", notes.write, handle, name="note-write", method="POST"),
        guarded("/contacts/{contact}/summary", notes.confirm, see, name="summary-confirm", method="POST"),
        guarded("/contacts/{contact}/close", notes.close, handle, name="contact-close", method="POST"),
        guarded("/contacts/{contact}/open", recordings.open_contact, Right.LISTEN, name="contact-open", method="POST"),
        guarded(
            "/contacts/{contact}/transcription/stop",
            recordings.stop_writing,
            see,
            name="transcription-stop",
            method="POST",
        ),
        guarded(
            "/contacts/{contact}/transcription/go-on",
            recordings.go_on_writing,
            see,
            name="transcription-go-on",
            method="POST",
        ),
        guarded(
            "/contacts/{contact}/transcription/language",
            recordings.write_in_language,
            see,
            name="transcription-language",
            method="POST",
        ),
        guarded("/contacts/{contact}/hold", recordings.place_hold, Right.HOLD, name="hold-place", method="POST"),
        guarded("/holds/{hold}/release", recordings.release_hold, Right.HOLD, name="hold-release", method="POST"),
        guarded("/holds/{hold}/review", recordings.review_hold, Right.HOLD, name="hold-review", method="POST"),
        guarded("/holds/steps/{proposal}", recordings.decide_hold, Right.HOLD, name="hold-decide", method="POST"),
        guarded("/transcripts/{transcript}", transcript.page, see, name="transcript"),
        guarded("/transcripts/{transcript}", transcript.correct, see, name="transcript-correct", method="POST"),
        guarded("/playback/{playback}/audio", recordings.audio, Right.LISTEN, name="playback-audio"),
        guarded("/playback/{playback}/peaks", recordings.peaks, Right.LISTEN, name="playback-peaks"),
        guarded("/customers", customer.search_page, Right.SEE_CUSTOMERS, name="customers"),
        guarded("/customers/{customer}", customer.page, Right.SEE_CUSTOMERS, name="customer"),
        guarded(
            "/customers/{customer}/break-glass",
            verification.break_glass,
            Right.BREAK_GLASS,
            name="break-glass",
            method="POST",
        ),
        guarded(
            "/customers/{customer}/reveal",
            verification.reveal_by_glass,
            Right.BREAK_GLASS,
            name="glass-reveal",
            method="POST",
        ),
        guarded("/customers/{customer}/shut", verification.shut, Right.SUPERVISE, name="customer-shut", method="POST"),
        guarded("/flags/{flag}/lift", verification.lift_flag, Right.SUPERVISE, name="flag-lift", method="POST"),
        guarded("/supervision", supervision.page, Right.SUPERVISE, name="supervision"),
        guarded(
            "/break-glass/{glass}/review",
            verification.review_glass,
            Right.SUPERVISE,
            name="glass-review",
            method="POST",
        ),
        guarded(
            "/corrections/{correction}/letter",
            verification.letter_written,
            Right.SUPERVISE,
            name="letter-written",
            method="POST",
        ),
        guarded("/verifications", coaching.verifications_page, Right.SUPERVISE, name="verifications"),
        guarded(
            "/verifications",
            coaching.export_verifications,
            Right.SUPERVISE,
            name="verifications-export",
            method="POST",
        ),
        guarded("/verifications/{verification}", coaching.verification_page, Right.SUPERVISE, name="verification"),
        guarded(
            "/verifications/{verification}/listen",
            coaching.listen,
            Right.SUPERVISE,
            name="verification-listen",
            method="POST",
        ),
        guarded("/reviews", coaching.reviews_page, see, name="reviews"),
        guarded("/reviews/{review}", coaching.review_page, see, name="review"),
        guarded("/reviews/{review}", coaching.give_review, Right.SUPERVISE, name="review-give", method="POST"),
        guarded("/reviews/{review}/reply", coaching.reply, handle, name="review-reply", method="POST"),
        guarded("/spoken-alerts", coaching.spoken_alerts_page, see, name="spoken-alerts"),
        guarded("/spoken-alerts/{spoken_alert}", coaching.spoken_alert_page, see, name="spoken-alert"),
        guarded(
            "/spoken-alerts/{spoken_alert}/open",
            coaching.open_spoken_alert,
            Right.SUPERVISE,
            name="spoken-alert-open",
            method="POST",
        ),
        guarded(
            "/spoken-alerts/{spoken_alert}",
            coaching.judge_spoken_alert,
            Right.SUPERVISE,
            name="spoken-alert-judge",
            method="POST",
        ),
        guarded(
            "/spoken-alerts/{spoken_alert}/answer",
            coaching.answer_spoken_alert,
            handle,
            name="spoken-alert-answer",
            method="POST",
        ),
        guarded("/policy", policy.page, Right.DECIDE_POLICY, name="policy"),
        guarded("/policy/{version}/decide", policy.decide, Right.DECIDE_POLICY, name="policy-decide", method="POST"),
        guarded("/promises", privacy.promises_page, Right.SEE_PROMISES, name="promises"),
        guarded("/promises/{promise}", privacy.promise_page, Right.SEE_PROMISES, name="promise"),
        guarded("/staff", people.page, Right.MANAGE_STAFF, name="staff"),
        guarded("/staff/{member}/role", people.change_role, Right.MANAGE_STAFF, name="role-change", method="POST"),
        guarded("/roles/{proposal}", people.decide_role, Right.MANAGE_STAFF, name="role-decide", method="POST"),
        guarded("/operations", operations.page, Right.OPERATE, name="operations"),
        guarded(
            "/recordings/{recording}/retry", recordings.retry, Right.OPERATE, name="recording-retry", method="POST"
        ),
        guarded("/recordings/{recording}/cut", recordings.cut, Right.CUT, name="recording-cut", method="POST"),
        guarded("/alerts/{alert}/seen", operations.alert_seen, Right.OPERATE, name="alert-seen", method="POST"),
    ]


Beside = Callable[[], AbstractAsyncContextManager[None]]


def create_app(ports: Ports, *, more: Sequence[BaseRoute] = (), beside: Beside = nullcontext) -> Starlette:
    """The web side: it answers and enqueues.

    `more` are the demo's routes, and `beside` what lives as long as the server does (the demo's telephones and
    worker); nothing else adds any.
    """
    settings = ports.settings
    jobs = Jobs(settings.database_url)
    measured = Metrics()
    site = Site(settings, ports.db, ports.clock, jobs, LiveHub(ports.db))
    KEY.give(site, master_key(settings))
    CARRIER.give(site, ports.carrier)
    recordings.VAULT.give(site, ports.vault)
    MESSENGERS.give(site, Messengers(ports.post, ports.carrier, settings.company))
    watching.WATCH.give(site, watching.Watch(measured))

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        site.live.start()
        async with beside():
            yield
        await run_in_threadpool(site.live.stop)
        jobs.close()

    connect = "" if settings.softphone_url else CARRIER_HOSTS
    app = Starlette(
        routes=[*public_routes(), *staff_routes(), *more],
        middleware=[
            Middleware(Measured, metrics=measured),
            Middleware(Guard, public_url=settings.public_url, connect=connect, exempt=FROM_ELSEWHERE),
        ],
        exception_handlers={
            Problem: on_problem,
            404: on_unknown,
            405: on_unknown,
            **dict.fromkeys(DATABASE_AWAY, on_database_away),
        },
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # it would send people to whatever host a request names
    if settings.demo:  # known logins: a site elsewhere whose name is made to lead to this machine must not get in
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=sorted(LOOPBACK), www_redirect=False)
    app.state.site = site
    for route in (one for one in app.routes if isinstance(one, Route | Mount)):
        site.named_routes.setdefault(route.name or "", []).append(route)
    return app


async def on_unknown(request: Request, error: Exception) -> Response:
    """A page that isn't there looks to staff like an object that is not for them."""
    request.scope["member"] = await run_in_threadpool(member_of, request)
    return await on_problem(request, error)
