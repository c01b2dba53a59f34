"""Who is asking: every route for staff goes through `guarded`, which names the right that it takes."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from sqlalchemy import ColumnElement, or_, update
from sqlmodel import col, select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from contactcenter.core.clock import lasts
from contactcenter.core.db import Database
from contactcenter.core.errors import Conflict, Invalid, NotAllowed, NotFound
from contactcenter.core.keys import MasterKey
from contactcenter.core.web import Part, Site, page_language, render, site_of
from contactcenter.settings import Settings
from contactcenter.staff.models import AuthenticatorApp, Passkey, Staff, StaffSession
from contactcenter.staff.rules import (
    ABSOLUTE_LIMIT,
    FRESH,
    Demand,
    NotTwo,
    Party,
    Right,
    Role,
    Standing,
    demanded,
    halfway_ended,
    is_trained,
    may,
    not_two_people,
    session_ended,
    standing,
)

SECURE_COOKIE = "__Host-session"
LOOPBACK_COOKIE = "session"  # Safari keeps no __Host- cookie on plain http, not even on loopback
INSIDE, NEW = frozenset({Standing.IN}), frozenset({Standing.IN, Standing.SETS_UP})
HALFWAY, ANYHOW = frozenset({Standing.SHOWS}), frozenset(Standing)
KEY: Part[MasterKey | None] = Part()  # seals the secrets of authenticator apps
Word = TypeVar("Word", bound=StrEnum)
NEXT_STEP = {Standing.IN: "start", Standing.SHOWS: "second-step", Standing.SETS_UP: "account"}
LONGEST_FORM = 200_000
MOST_FIELDS = 100


@dataclass(frozen=True)
class Member:
    """The signed-in member of staff, as edges and services know them."""

    id: int
    public_id: str
    login: str
    name: str
    role: Role
    team_id: int
    language: str
    trained: bool
    available: bool
    telephone: str | None
    softphone_identity: str

    def may(self, right: Right) -> bool:
        """Whether this person's role carries the right."""
        return may(self.role, right)


@dataclass(frozen=True)
class Visitor:
    """Whose session a request carries, and how far it is open."""

    staff: Staff
    session: StaffSession
    how_far: Standing


@dataclass(frozen=True)
class Visit:
    """One request of one member of staff, with its form read."""

    request: Request
    site: Site
    member: Member
    visitor: Visitor
    now: datetime
    language: str
    form: Mapping[str, str]

    @property
    def token(self) -> str:
        """The random word of this session."""
        return self.request.cookies[cookie_name(self.site)]

    @property
    def source(self) -> str:
        """The network address that the request came from."""
        return self.request.client.host if self.request.client else ""

    @property
    def fresh(self) -> bool:
        """Whether this person signed in just now."""
        return lasts(self.visitor.session.started_at, FRESH, self.now)

    def for_fresh(self) -> None:
        """What opens an account is not changed at a desk that somebody left; raises `NotAllowed` later on."""
        if not self.fresh:
            raise NotAllowed("To change this, sign in anew; then you have a quarter of an hour.")

    def for_trained(self) -> None:
        """Names of customers are for who has a privacy training on record; raises `NotAllowed` for others (P29)."""
        if not self.member.trained:
            raise NotAllowed("Your privacy training is not on record. Ask your supervisor to register it.")

    def page(self, template: str, *, status: int = 200, **context: Any) -> Response:
        """Render a template in the visitor's language; call it after the session's block has ended."""
        return render(self.request, template, status=status, language=self.language, **context)

    def path(self, name: str, **parameters: Any) -> str:
        """The path of a named route."""
        return str(self.request.app.url_path_for(name, **parameters))

    def goto(self, name: str, **parameters: Any) -> Response:
        """After a POST: see the other page."""
        return RedirectResponse(self.path(name, **parameters), status_code=303)

    def done(self, name: str, **parameters: Any) -> Response:
        """After a POST: htmx refreshes the panels that changed; a plain browser sees the named page."""
        if self.request.headers.get("hx-request"):
            return Response(status_code=204, headers={"HX-Trigger": "changed"})
        return self.goto(name, **parameters)

    def parameter(self, name: str) -> str:
        """A part of the path."""
        return str(self.request.path_params[name])

    def choice(self, name: str, of: type[Word], otherwise: str) -> Word:
        """What was chosen in a field of the form; `Invalid` with the sentence `otherwise` when it is no member."""
        try:
            return of(self.form.get(name, ""))
        except ValueError:
            raise Invalid(otherwise) from None


View = Callable[[Visit], Response]


def cookie_name(site: Site) -> str:
    """The name of the session cookie for this installation."""
    return SECURE_COOKIE if site.settings.https else LOOPBACK_COOKIE


def give_cookie(site: Site, answer: Response, token: str) -> None:
    """Let the browser keep the token of its session."""
    answer.set_cookie(
        cookie_name(site),
        token,
        max_age=int(ABSOLUTE_LIMIT.total_seconds()),
        secure=site.settings.https,
        httponly=True,
        samesite="strict",
        path="/",
    )


def guarded(
    path: str,
    view: View,
    right: Right | None,
    *,
    name: str,
    method: str = "GET",
    how_far: frozenset[Standing] = INSIDE,
) -> Route:
    """A route for signed-in staff with `right` (None: any role); without it the same 404 as for nothing.

    Who is not as far as `how_far` says is sent to the step that comes next, and learns nothing else.
    """

    async def endpoint(request: Request) -> Response:
        form = await read_form(request) if method == "POST" else {}
        return await run_in_threadpool(_visit, request, view, right, form, how_far)

    route = Route(path, endpoint, methods=[method], name=name)
    route.right = right  # type: ignore[attr-defined]  # read by the test that every route names its right
    return route


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a small urlencoded form; files and repeated fields are not taken."""
    kind = request.headers.get("content-type", "application/x-www-form-urlencoded").split(";")[0]
    if kind != "application/x-www-form-urlencoded":
        raise Invalid("Send the form as application/x-www-form-urlencoded.")
    body = bytearray()
    async for chunk in request.stream():  # counted as it comes: a chunked body announces no length
        body += chunk
        if len(body) > LONGEST_FORM:
            raise Invalid("The form is too large.")
    try:
        fields = dict(parse_qsl(body.decode("latin-1"), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        raise Invalid("The form is too large.") from None
    if any("\0" in value for value in fields.values()):
        raise Invalid("The form holds a character that can't be kept; type it anew.")  # PostgreSQL takes no NUL
    return fields


def member_of(request: Request) -> Member | None:
    """Who is signed in with this request's cookie; None for nobody, for an ended session, for a disabled account,
    and for who still has to show or set up a second factor."""
    visitor = _visitor_of(request)
    if visitor is None or visitor.how_far is not Standing.IN:
        return None
    return as_member(visitor.staff, site_of(request).clock())


def demand_of(settings: Settings) -> Demand:
    """Who must have a second factor here. The demo, which only its own machine reaches, asks it of nobody."""
    return Demand.NOBODY if settings.demo else Demand(settings.second_factor)


def has_factor() -> ColumnElement[bool]:
    """Whether the account of a query's row can show a second factor."""
    apps = select(AuthenticatorApp.id).where(
        AuthenticatorApp.staff_id == Staff.id, col(AuthenticatorApp.confirmed_at).is_not(None)
    )
    passkeys = select(Passkey.id).where(Passkey.staff_id == Staff.id)
    return or_(apps.exists(), passkeys.exists())


def as_member(staff: Staff, now: datetime) -> Member:
    """The account as edges and services know it at this moment."""
    return Member(
        id=staff.id,
        public_id=staff.public_id,
        login=staff.login,
        name=staff.name,
        role=staff.role,
        team_id=staff.team_id,
        language=staff.language,
        trained=is_trained(staff.trained_on, now.date()),
        available=staff.available,
        telephone=staff.telephone,
        softphone_identity=staff.softphone_identity,
    )


def by_two_people(proposer: Staff, decider: Staff, right: Right) -> None:
    """Raise a `Problem` unless `decider` may decide what `proposer` proposed; call it in the deciding transaction."""
    reason = not_two_people(party_of(proposer), party_of(decider), right)
    if reason is NotTwo.NO_RIGHT:
        raise NotFound()  # as any route that takes the right
    if reason is NotTwo.SAME_PERSON:
        raise Conflict("This takes two people: somebody else decides what you proposed.")
    if reason is NotTwo.ENDED:
        raise Conflict("Who proposed this has no account any more; propose it anew, and let somebody else decide.")


def party_of(staff: Staff) -> Party:
    """The account as the rule of two people knows it."""
    return Party(staff.id, staff.role, enabled=staff.disabled_at is None)


def still_signed_in(request: Request) -> bool:
    """Whether `member_of` would name somebody. Asking prolongs no session: an open page is no sign of anybody."""
    site = site_of(request)
    token = request.cookies.get(cookie_name(site))
    found = _opened(site.db, token, site.clock(), demand_of(site.settings)) if token else None
    return found is not None and found.how_far is Standing.IN


def visitor_for(db: Database, token: str, now: datetime, demand: Demand) -> Visitor | None:
    """Whose session has this token; None when it ended or the account is disabled."""
    found = _opened(db, token, now, demand)
    if found is not None and (now - found.session.seen_at).total_seconds() > 60:
        with db.writing() as session:  # an update, so that a session that was signed out meanwhile stays gone
            this = col(StaffSession.token_hash) == found.session.token_hash
            session.execute(update(StaffSession).where(this).values(seen_at=now))
    return found


def _visitor_of(request: Request) -> Visitor | None:
    site = site_of(request)
    token = request.cookies.get(cookie_name(site))
    return visitor_for(site.db, token, site.clock(), demand_of(site.settings)) if token else None


def _opened(db: Database, token: str, now: datetime, demand: Demand) -> Visitor | None:
    with db.reading() as session:
        found = session.exec(
            select(StaffSession, Staff, has_factor())
            .join(Staff, col(Staff.id) == StaffSession.staff_id)
            .where(StaffSession.token_hash == hashed(token), col(Staff.disabled_at).is_(None))
        ).first()
    if found is None or session_ended(found[0].started_at, found[0].seen_at, now):
        return None
    opened, staff, has = found
    how_far = standing(proved=opened.proved_at is not None, has_factor=has, demanded=demanded(staff.role, demand))
    return None if halfway_ended(opened.started_at, how_far, now) else Visitor(staff, opened, how_far)


def hashed(token: str) -> str:
    """What is kept of a random token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _visit(
    request: Request, view: View, right: Right | None, form: Mapping[str, str], how_far: frozenset[Standing]
) -> Response:
    site = site_of(request)
    visitor = _visitor_of(request)
    if visitor is None or visitor.how_far not in how_far:
        return _first_to(request, NEXT_STEP[visitor.how_far] if visitor else "sign-in")
    member = as_member(visitor.staff, site.clock())
    if visitor.how_far is Standing.IN:
        request.scope["member"] = member
    if right is not None and not member.may(right):
        raise NotFound()
    return view(Visit(request, site, member, visitor, site.clock(), page_language(request, member.language), form))


def _first_to(request: Request, name: str) -> Response:
    path = str(request.app.url_path_for(name))
    if request.headers.get("hx-request"):
        return Response(status_code=401, headers={"HX-Redirect": path})
    return RedirectResponse(path, status_code=303)
