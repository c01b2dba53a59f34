"""What every edge stands on: the site's parts, templates, security headers, the same-site check, problems."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from http import HTTPStatus
from importlib.resources import files
from pathlib import Path
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

import structlog
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, NoMatchFound
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contactcenter.core import api
from contactcenter.core.clock import Clock
from contactcenter.core.db import Database
from contactcenter.core.errors import NotFound, Problem, Unavailable
from contactcenter.core.formats import filters
from contactcenter.core.i18n import LANGUAGES, chosen, translations
from contactcenter.core.jobs import Jobs
from contactcenter.core.live import LiveHub
from contactcenter.settings import Settings

log = structlog.get_logger()
T = TypeVar("T")
MOST_TEXTS = 4096  # kept a language
PACKAGE = Path(str(files("contactcenter")))


@dataclass(frozen=True)
class Site:
    """The parts of the running application that edges use."""

    settings: Settings
    db: Database
    clock: Clock
    jobs: Jobs
    live: LiveHub
    parts: dict["Part[Any]", Any] = field(default_factory=dict)
    named_routes: dict[str, list[BaseRoute]] = field(default_factory=dict)

    @cached_property
    def environments(self) -> dict[str, Environment]:
        """Jinja environments, one per language."""
        return {language: page_environment(language, self.settings) for language in LANGUAGES}


class Part(Generic[T]):
    """A part of the site whose type only a slice knows: the slice declares it, `app.py` gives it, edges take it."""

    def give(self, site: Site, part: T) -> None:
        """This is the part of that site."""
        site.parts[self] = part

    def of(self, site: Site) -> T:
        """The part that was given."""
        part: T = site.parts[self]
        return part


def site_of(request: Request) -> Site:
    """The site that serves this request."""
    site: Site = request.app.state.site
    return site


def page_language(request: Request, preferred: str | None = None) -> str:
    """The language of this page."""
    preferred = request.cookies.get("language") or preferred
    return chosen(preferred, request.headers.get("accept-language", ""), site_of(request).settings.language)


def render(request: Request, template: str, *, status: int = 200, language: str, **context: Any) -> HTMLResponse:
    """A page or a panel as HTML. `now` and `language` are always there for the template."""
    site = site_of(request)
    now: datetime = site.clock()
    html = site.environments[language].get_template(template).render(
        request=request, url_for=_path_for(request), language=language, now=now, company=site.settings.company,
        member=request.scope.get("member"), demo=site.settings.demo, path=request.url.path, **context
    )  # fmt: skip
    return HTMLResponse(html, status_code=status, headers={"Cache-Control": "no-store"})


def _path_for(request: Request) -> Callable[..., str]:
    """`url_for` of templates: the application would look through all its routes for each of a list's many addresses."""
    named = site_of(request).named_routes

    def path_for(name: str, /, **parameters: Any) -> str:
        for route in named.get(name, ()):
            with suppress(NoMatchFound):  # of another route with this name
                return str(route.url_path_for(name, **parameters))
        raise NoMatchFound(name, parameters)

    return path_for


def page_environment(language: str, settings: Settings) -> Environment:
    """What renders pages of one language: the templates of all slices, their texts and filters."""
    folders = sorted(path for path in PACKAGE.glob("*/templates") if path.parent.name != "simulator")
    environment = Environment(
        loader=FileSystemLoader(folders),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]  # added by the i18n extension
    environment.globals["_"] = _once(environment.globals["_"])
    environment.filters.update(filters(language, settings.zone))
    return environment


def _once(translate: Any) -> Callable[[Context, str], str]:
    """`_` of templates: a text without variables, translated once. A macro that chooses a word translates all of them
    each time."""
    known: dict[str, str] = {}

    @pass_context
    def text(context: Context, message: str) -> str:
        found = known.get(message)
        if found is None:
            found = translate(context, message)
            if len(known) < MOST_TEXTS:
                known[message] = found
        return found

    return text


async def on_problem(request: Request, error: Exception) -> Response:
    """A problem as its sentence: problem+json for the API, a small page for people."""
    problem = error if isinstance(error, Problem) else NotFound()
    if request.url.path.startswith("/api/"):
        return api.refusal(problem)
    member = request.scope.get("member")
    language = page_language(request, member.language if member else None)
    return render(
        request,
        "problem.html",
        status=problem.status,
        language=language,
        title=HTTPStatus(problem.status).phrase,
        sentence=translations(language).gettext(problem.sentence),
    )


async def on_database_away(request: Request, error: Exception) -> Response:
    """Nothing was kept: whoever asked must not believe otherwise, and may ask again."""
    log.error("database-away", error=type(error).__name__)
    return await on_problem(request, Unavailable("The database can't be used now. Try again in a moment."))


def content_security_policy(connect: str = "") -> str:
    """Everything from ourselves and nothing inline; `connect` adds hosts of the carrier for the softphone."""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"media-src 'self' blob:; connect-src 'self' {connect}; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'; manifest-src 'self'"
    )


class Guard:
    """Security headers on every answer, and no state-changing request from another site."""

    def __init__(self, app: ASGIApp, public_url: str, connect: str = "", exempt: tuple[str, ...] = ()) -> None:
        self.app = app
        self.exempt = exempt
        self.host = urlsplit(public_url).netloc
        self.headers = [
            (b"content-security-policy", content_security_policy(connect).encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"no-referrer"),
            (b"cross-origin-opener-policy", b"same-origin"),
            (b"permissions-policy", b"microphone=(self), camera=(), geolocation=()"),
        ]
        if public_url.startswith("https://"):
            self.headers.append((b"strict-transport-security", b"max-age=31536000"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check, then pass on with our headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *self.headers]
            await send(message)

        if "\0" in scope["path"] or b"%00" in scope["query_string"]:  # PostgreSQL takes no NUL, not even to compare
            await Response("There is nothing here.", 404, media_type="text/plain")(scope, receive, send_with_headers)
            return
        if self._is_foreign(Request(scope)):
            refusal = Response("This request came from another site and was refused.", 403, media_type="text/plain")
            await refusal(scope, receive, send_with_headers)
            return
        await self.app(scope, receive, send_with_headers)

    def _is_foreign(self, request: Request) -> bool:
        if request.method in ("GET", "HEAD", "OPTIONS") or request.url.path.startswith(self.exempt):
            return False
        site = request.headers.get("sec-fetch-site")
        if site is not None:
            return site not in ("same-origin", "none")
        origin = request.headers.get("origin")
        return origin is not None and _netloc(origin) not in (self.host, request.headers.get("host"))


def _netloc(origin: str) -> str | None:
    """Host and port of an origin; None for what is none."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None


Handler = Callable[[Request], Awaitable[Response]]
