"""Signing in and out, and being available."""

import asyncio

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from contactcenter.core.errors import Problem
from contactcenter.core.i18n import LANGUAGES
from contactcenter.core.live import announce, staff_topic
from contactcenter.core.web import page_language, render, site_of
from contactcenter.staff import service
from contactcenter.staff.access import Visit, cookie_name, member_of, read_form
from contactcenter.staff.rules import ABSOLUTE_LIMIT, Right

REFUSED_WAITS = 0.5  # seconds


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
        token = await run_in_threadpool(service.sign_in, site.db, site.clock(), login, form.get("password", ""), source)
    except Problem as refused:
        problem = refused.id
        await asyncio.sleep(REFUSED_WAITS)  # a flood of tries is slowed down where waiting costs nothing
    if token is None:
        return render(request, "sign_in.html", status=403, language=language, login=login, problem=problem)
    answer = RedirectResponse("/", status_code=303)
    answer.set_cookie(
        cookie_name(site),
        token,
        max_age=int(ABSOLUTE_LIMIT.total_seconds()),
        secure=site.settings.https,
        httponly=True,
        samesite="strict",
        path="/",
    )
    return answer


def sign_out(visit: Visit) -> Response:
    """End the session on the very next request."""
    name = cookie_name(visit.site)
    with visit.site.db.writing() as session:
        service.sign_out(session, visit.now, visit.request.cookies.get(name, ""))
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
    return "contacts" if visit.member.may(Right.SEE_CONTACTS) else "operations"
