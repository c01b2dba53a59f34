"""The carrier's REST API: access, errors, forms and pages; the resources stand in rest_*.py."""

import asyncio
import base64
import binascii
import hmac
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import ImmutableMultiDict
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from contactcenter.simulator.simulator import Simulator

ROOT = "/2010-04-01/Accounts/{account}"
_PAGE_SIZE = 50
_LARGEST_PAGE = 1000


class RestError(Exception):
    """An answer of the carrier that is not a success: its own number, its words, the HTTP status."""

    def __init__(self, status: int, code: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, headers

    def response(self) -> JSONResponse:
        """The error as the carrier writes it."""
        body = {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }
        return JSONResponse(body, self.status, self.headers)


@dataclass(frozen=True)
class Ask:
    """One request: the carrier, the path's parts, the query or form values."""

    carrier: Simulator
    request: Request
    values: ImmutableMultiDict[str, str]

    @property
    def base(self) -> str:
        """The path of the account's resources."""
        return ROOT.format(account=self.carrier.config.account_sid)

    def part(self, name: str) -> str:
        """A part of the path."""
        return str(self.request.path_params[name])

    def get(self, name: str, default: str = "") -> str:
        """A value that was sent, or the default."""
        return self.values.get(name, default)

    def need(self, name: str, code: int) -> str:
        """A value that must be sent."""
        value = self.get(name)
        if not value:
            raise RestError(400, code, f"No '{name}' is specified")
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        """A value that is true or false."""
        return self.get(name, str(default)).lower() == "true"


Handler = Callable[[Ask], Awaitable[Response] | Response]


def missing(ask: Ask) -> RestError:
    """The resource does not exist."""
    return RestError(404, 20404, f"The requested resource {ask.request.url.path} was not found")


def resource(path: str, **handlers: Handler) -> Route:
    """A route below the account that answers the named methods (get=..., post=..., delete=...)."""

    async def endpoint(request: Request) -> Response:
        return await _answer(request, handlers[request.method.lower()])

    return Route(ROOT + path, endpoint, methods=[name.upper() for name in handlers])


async def _answer(request: Request, handler: Handler) -> Response:
    carrier: Simulator = request.scope["simulator"]
    try:
        await _misbehave(carrier, request)
        _admit(carrier, request)
        values = await request.form() if request.method == "POST" else request.query_params
        texts = [(name, value) for name, value in values.multi_items() if isinstance(value, str)]
        answer = handler(Ask(carrier, request, ImmutableMultiDict(texts)))
        return answer if isinstance(answer, Response) else await answer
    except RestError as error:
        return error.response()


async def _misbehave(carrier: Simulator, request: Request) -> None:
    status = carrier.misbehaviour.rest_fault(request.url.path)
    if status == 0:
        await asyncio.sleep(3600)
    if status == 429:
        headers = {"Retry-After": str(carrier.misbehaviour.rest.retry_after)}
        raise RestError(429, 20429, "Too Many Requests", headers)
    if status is not None:
        raise RestError(status, 20500 if status >= 500 else 20404, "An internal server error has occurred")


def _admit(carrier: Simulator, request: Request) -> None:
    config = carrier.config
    right = ((config.account_sid, config.auth_token), (config.api_key_sid, config.api_key_secret))
    given = _credentials(request.headers.get("authorization", ""))
    if not any(hmac.compare_digest(given, f"{user}:{word}".encode()) for user, word in right):
        raise RestError(401, 20003, "Authenticate", {"WWW-Authenticate": 'Basic realm="Twilio API"'})
    if request.path_params.get("account") != config.account_sid:
        raise RestError(404, 20404, f"The requested resource {request.url.path} was not found")


def _credentials(header: str) -> bytes:
    scheme, _, text = header.partition(" ")
    try:
        return base64.b64decode(text, validate=True) if scheme.lower() == "basic" else b""
    except binascii.Error:
        return b""


def page(ask: Ask, name: str, items: Iterable[dict[str, Any]]) -> JSONResponse:
    """One page of a list, with the addresses of its neighbours."""
    everything = list(items)
    number, size = _whole(ask, "Page", 0), min(max(_whole(ask, "PageSize", _PAGE_SIZE), 1), _LARGEST_PAGE)
    start = number * size
    shown = everything[start : start + size]
    body = {
        name: shown,
        "page": number,
        "page_size": size,
        "start": start,
        "end": start + max(0, len(shown) - 1),
        "uri": _page_uri(ask, number, size),
        "first_page_uri": _page_uri(ask, 0, size),
        "previous_page_uri": _page_uri(ask, number - 1, size) if number else None,
        "next_page_uri": _page_uri(ask, number + 1, size) if start + size < len(everything) else None,
    }
    return JSONResponse(body)


def _page_uri(ask: Ask, number: int, size: int) -> str:
    others = [(key, value) for key, value in ask.values.multi_items() if key not in ("Page", "PageSize")]
    return f"{ask.request.url.path}?{urlencode([*others, ('PageSize', str(size)), ('Page', str(number))])}"


def _whole(ask: Ask, name: str, default: int) -> int:
    text = ask.get(name)
    if text and not text.isdecimal():
        raise RestError(400, 20001, f"Invalid {name}")
    return int(text) if text else default


def within(ask: Ask, name: str, moment: datetime) -> bool:
    """Whether `moment` fits the filters Name, Name< and Name>, each a day or a time."""
    exact, before, after = (_moment(ask.get(name + sign)) for sign in ("", "<", ">"))
    if exact is not None and not _same(exact, moment):
        return False
    if before is not None and not (_same(before, moment) or _key(moment, before) < before):
        return False
    return after is None or _same(after, moment) or _key(moment, after) > after


def _key(moment: datetime, like: date) -> Any:
    return moment if isinstance(like, datetime) else moment.date()


def _same(wish: date, moment: datetime) -> bool:
    return bool(_key(moment, wish) == wish)


def _moment(text: str) -> date | None:
    if not text:
        return None
    try:
        if len(text) == len("2026-01-01"):
            return date.fromisoformat(text)
        made = datetime.fromisoformat(text)
    except ValueError as error:
        raise RestError(400, 20001, f"Invalid date {text}") from error
    return made if made.tzinfo else made.replace(tzinfo=UTC)
