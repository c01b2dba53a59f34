"""Signing in, in one step or two, and out; being available."""

import asyncio

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from contactcenter.core.errors import Problem
from contactcenter.core.i18n import LANGUAGES
from contactcenter.core.live import announce, staff_topic
from contactcenter.core.web import page_language, render, site_of
from contactcenter.staff import factors, passkeys, service, sessions
from contactcenter.staff.access import KEY, Visit, cookie_name, demand_of, give_cookie, member_of, read_form
from contactcenter.staff.rules import Right, browser_of

REFUSED_WAITS = 0.5  # seconds
WRONG_CODE = "This code is wrong, or it was used before. Wait for the next one, or take a recovery code."


async def sign_in_page(request: Request) -> Response:
    """The form; who is signed in already goes on."""
    if await run_in_threadpool(member_of, request) is not None:
        return RedirectResponse("/", status_code=303)
    return render(request, "sign_in.html", language=page_language(request), login="", problem=None)


async def sign_in(request: Request) -> Response:
    """Check login and password; the same answer for a wrong one and an unknown one."""
    form = await read_form(request)
    login = form.get("login", "").strip()
    site, language = site_of(request), page_language(request)
    source = request.client.host if request.client else ""
    problem: str | None = "wrong"
    token = None
    try:
        token = await run_in_threadpool(
            service.sign_in,
            site.db,
            site.clock(),
            login,
            form.get("password", ""),
            source,
            demand=demand_of(site.settings),
            browser=browser_of(request.headers.get("user-agent", "")),
        )
    except Problem as refused:
        problem = refused.id
        await asyncio.sleep(REFUSED_WAITS)  # a flood of tries is slowed down where waiting costs nothing
    if token is None:
        return render(request, "sign_in.html", status=403, language=language, login=login, problem=problem)
    answer = RedirectResponse("/", status_code=303)
    give_cookie(site, answer, token)
    return answer


def second_page(visit: Visit) -> Response:
    """The second step: a code of the app, or a recovery code."""
    return _second_page(visit, None)


def second(visit: Visit) -> Response:
    """Check the code; a wrong one says no more than that."""
    typed, key = visit.form.get("code", ""), KEY.of(visit.site)
    try:
        token = factors.show(visit.site.db, visit.now, visit.visitor, typed, visit.source, key)
    except Problem as refused:
        return _second_page(visit, refused.sentence, refused.status)
    return _in(visit, token) if token else _second_page(visit, WRONG_CODE, 403)


def passkey_asked(visit: Visit) -> Response:
    """What the browser needs to sign with a passkey."""
    with visit.site.db.writing() as session:
        asked = passkeys.ask(session, visit.now, visit.visitor, passkeys.place_of(visit.site.settings))
    return JSONResponse(asked, headers={"Cache-Control": "no-store"})


def by_passkey(visit: Visit) -> Response:
    """Check what a passkey signed."""
    answer, place = visit.form.get("credential", ""), passkeys.place_of(visit.site.settings)
    try:
        token = passkeys.show(visit.site.db, visit.now, visit.visitor, place, answer, visit.source)
    except Problem as refused:
        return _second_page(visit, refused.sentence, refused.status)
    return _in(visit, token) if token else _second_page(visit, passkeys.REFUSED, 403)


def _in(visit: Visit, token: str) -> Response:
    answer = visit.goto("start")
    give_cookie(visit.site, answer, token)
    return answer


def _second_page(visit: Visit, problem: str | None, status: int = 200) -> Response:
    with visit.site.db.reading() as session:
        standby = factors.of(session, visit.member.id)
    return visit.page("second_step.html", status=status, problem=problem, standby=standby)


def sign_out(visit: Visit) -> Response:
    """End the session on the very next request."""
    name = cookie_name(visit.site)
    with visit.site.db.writing() as session:
        sessions.sign_out(session, visit.now, visit.token)
    answer = visit.goto("sign-in")
    answer.delete_cookie(name, path="/")
    return answer


def start_page(visit: Visit) -> Response:
    """Where each role begins."""
    return visit.goto("desk" if visit.member.may(Right.HANDLE_CALLS) else _first_page(visit))


def set_available(visit: Visit) -> Response:
    """Calls ring at my desk, or not."""
    with visit.site.db.writing() as session:
        service.set_available(session, visit.now, visit.member.id, visit.form.get("available") == "1")
        announce(session, visit.now, staff_topic(visit.member.public_id), visit.member.public_id)
    return visit.goto("desk")


async def choose_language(request: Request) -> Response:
    """Remember the language of pages in a functional cookie (P33)."""
    form = await read_form(request)
    answer = RedirectResponse(_own_path(form.get("back", "/")), status_code=303)
    if form.get("language") in LANGUAGES:
        secure = site_of(request).settings.https
        answer.set_cookie(
            "language", form["language"], max_age=31_536_000, secure=secure, samesite="lax", httponly=True
        )
    return answer


def _own_path(back: str) -> str:
    return back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/"


def _first_page(visit: Visit) -> str:
    if visit.member.may(Right.SEE_PROMISES):
        return "promises"
    return "contacts" if visit.member.may(Right.SEE_CONTACTS) else "operations"
