"""The page /telephone: a telephone to ring with, of somebody who is known, unknown, withheld, ..."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from contactcenter.simulator.config import Caller
from contactcenter.simulator.simulator import Simulator
from contactcenter.simulator.texts import LANGUAGES, TEXTS, Texts

_HERE = Path(__file__).parent
_PAGES = Environment(
    loader=FileSystemLoader(_HERE / "templates"),
    autoescape=select_autoescape(default=True),
    undefined=StrictUndefined,
)
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_KEYS = (
    ("1", ""),
    *(("2", "abc"), ("3", "def"), ("4", "ghi"), ("5", "jkl"), ("6", "mno"), ("7", "pqrs"), ("8", "tuv")),
    *(("9", "wxyz"), ("*", ""), ("0", "+"), ("#", "")),
)


def resources() -> list[Route | Mount]:
    """The page and its static files; the sound goes through live.py."""
    static = StaticFiles(directory=_HERE / "static")
    return [
        Route("/telephone", _page, name="simulator-telephone"),
        Mount("/telephone/static", static, name="simulator-static"),
    ]


async def _page(request: Request) -> Response:
    carrier: Simulator = request.scope["simulator"]
    language = _language(request)
    texts = TEXTS[language]
    html = _PAGES.get_template("telephone.html").render(
        language=language,
        languages=LANGUAGES,
        t=texts,
        callers=[(one, _remark(one, texts)) for one in carrier.config.callers],
        numbers=[(number, one.label) for number, one in carrier.config.numbers.items()],
        # Dutch before English, as the numbers are: what is offered first fits together.
        conversations=sorted(carrier.shelf.conversations(language), key=lambda one: one.language or "", reverse=True),
        keys=_KEYS,
    )
    return HTMLResponse(html, headers=_HEADERS)


def _remark(caller: Caller, texts: Texts) -> str:
    """What is special about the caller's number, in words."""
    return texts.get(f"note_{caller.note}", caller.note)


def _language(request: Request) -> str:
    """?lang= when it is one of ours, else the first of ours that the browser accepts, else English."""
    accepted = request.headers.get("accept-language", "").split(",")
    wished = [request.query_params.get("lang", ""), *(part.split(";")[0].strip()[:2] for part in accepted)]
    return next((language for language in wished if language in LANGUAGES), "en")
