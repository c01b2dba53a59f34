"""The control API: place calls, press keys, speak, look on, and switch misbehaviour on.

It is no part of the carrier. A page of another origin may not use it.
"""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from contactcenter.simulator.config import Telephone
from contactcenter.simulator.legs import Leg, Plan, PlannedKey
from contactcenter.simulator.media import MAX_UPLOAD, NotAudio, mono
from contactcenter.simulator.misbehaviour import UnknownMisbehaviour
from contactcenter.simulator.simulator import CallRequest, CannotCall, Simulator

_KEYS = frozenset("0123456789*#")
_BEHAVIOURS = ("answers", "busy", "never", "failed")


class BadWish(ValueError):
    """A request that cannot be understood; the text says what was expected."""


Json = dict[str, Any]
Handler = Callable[[Simulator, Request], Awaitable[Response]]


def same_origin(connection: HTTPConnection) -> bool:
    """Whether no browser sent this, or a page of this very server."""
    origin = connection.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == connection.headers.get("host")


def resources() -> list[Route]:
    """Everything below /simulator."""
    return [
        _route("/simulator/calls", "POST", _place),
        _route("/simulator/calls", "GET", _calls),
        _route("/simulator/calls/{sid}", "GET", _call),
        _route("/simulator/calls/{sid}/hangup", "POST", _hangup),
        _route("/simulator/calls/{sid}/keys", "POST", _keys),
        _route("/simulator/calls/{sid}/say", "POST", _say),
        _route("/simulator/audio", "POST", _upload),
        _route("/simulator/conversations", "GET", _conversations),
        _route("/simulator/telephones", "GET", _telephones),
        _route("/simulator/telephones", "POST", _set_telephone),
        _route("/simulator/misbehaviour", "GET", _misbehaviour),
        _route("/simulator/misbehaviour", "POST", _misbehave),
        _route("/simulator/misbehaviour", "DELETE", _behave),
        _route("/simulator/deliveries", "GET", _deliveries),
        _route("/simulator/received", "GET", _received),
        _route("/simulator/texts", "POST", _take_texts),
    ]


def _route(path: str, method: str, handler: Handler) -> Route:
    async def endpoint(request: Request) -> Response:
        if not same_origin(request):
            return _refused("Only pages of this server may use the simulator.", 403)
        try:
            return await handler(request.scope["simulator"], request)
        except (BadWish, CannotCall, NotAudio, UnknownMisbehaviour) as error:
            return _refused(str(error), 422)

    return Route(path, endpoint, methods=[method])


def _refused(message: str, status: int) -> Response:
    return JSONResponse({"error": message}, status)


async def _body(request: Request) -> Json:
    try:
        body = await request.json()
    except (ValueError, RecursionError) as error:
        raise BadWish("The body is not JSON.") from error
    if not isinstance(body, dict):
        raise BadWish("The body is not a JSON object.")
    return body


async def _place(carrier: Simulator, request: Request) -> Response:
    wish = await _body(request)
    audio = wish.get("audio")
    if not isinstance(audio, str | None):
        raise BadWish("audio is the name of a conversation or the reference of an upload.")
    called = CallRequest(
        caller=_text(wish, "from"),
        called=_text(wish, "to"),
        audio=audio,
        agent_audio=wish.get("agent_audio", True) is True,
        plan=Plan([_planned(key) for key in wish.get("keys", [])], _hangup_wish(wish)),
        speed=_pace(wish, "speed", carrier.config.speed),
        notice_speed=_pace(wish, "notice_speed", carrier.config.notice_speed),
    )
    leg = await carrier.place_call(called)
    return JSONResponse({"sid": leg.sid}, 201)


def _text(wish: Json, name: str) -> str:
    value = wish.get(name)
    if not isinstance(value, str):
        raise BadWish(f"{name} is missing: give a telephone number, or the carrier's word for a withheld one.")
    return value


def _pace(wish: Json, name: str, default: float) -> float:
    value = wish.get(name, default)
    if not isinstance(value, int | float) or not 0.1 <= value <= 1000:
        raise BadWish(f"{name} is a number from 0.1 to 1000.")
    return float(value)


def _planned(key: Any) -> PlannedKey:
    at, digit = (key.get("at"), key.get("digit")) if isinstance(key, dict) else (None, None)
    if isinstance(at, int | float) or at == "notice":
        return PlannedKey(at, _digit(digit))
    digits = key.get("digits") if at == "number" else None
    if not isinstance(digits, str):
        raise BadWish('A key is {"at": "notice" or seconds, "digit": "9"} or {"at": "number", "digits": "10042#"}.')
    return PlannedKey("number", "".join(map(_digit, digits)))


def _digit(digit: Any) -> str:
    if not isinstance(digit, str) or len(digit) != 1 or digit not in _KEYS:
        raise BadWish("A digit is one of 0 to 9, * and #.")
    return digit


def _hangup_wish(wish: Json) -> str | float | None:
    hangup = wish.get("hangup")
    if hangup is None or hangup == "after-audio" or isinstance(hangup, int | float):
        return hangup
    raise BadWish('hangup is "after-audio", a number of seconds, or null.')


def _leg(carrier: Simulator, request: Request) -> Leg:
    leg = carrier.legs.get(request.path_params["sid"])
    if leg is None:
        raise CannotCall("There is no such call.")
    return leg


async def _calls(carrier: Simulator, request: Request) -> Response:
    return JSONResponse({"calls": [leg.view() for leg in carrier.legs.values()]})


async def _call(carrier: Simulator, request: Request) -> Response:
    leg = _leg(carrier, request)
    room = carrier.conferences.get(leg.conference_sid or "")
    others = [one.leg.sid for one in room.participants.values()] if room else []
    recordings = [one for one in carrier.recordings.values() if room and one.source.conference_sid == room.sid]
    shown = [{"sid": one.sid, "status": one.status, "seconds": one.seconds} for one in recordings]
    return JSONResponse({**leg.view(), "legs": others, "recordings": shown})


async def _hangup(carrier: Simulator, request: Request) -> Response:
    _leg(carrier, request).end()
    return Response(status_code=204)


async def _keys(carrier: Simulator, request: Request) -> Response:
    leg, wish = _leg(carrier, request), await _body(request)
    for digit in str(wish.get("digits", "")):
        leg.press(_digit(digit))
    return Response(status_code=204)


async def _say(carrier: Simulator, request: Request) -> Response:
    leg, wish = _leg(carrier, request), await _body(request)
    audio = await carrier.shelf.get(str(wish.get("audio")))
    if audio is None:
        raise CannotCall("There is no audio of that name. Upload it first.")
    leg.mouth.say(audio[0] if wish.get("channel") == 0 else mono(audio))
    return Response(status_code=204)


async def _upload(carrier: Simulator, request: Request) -> Response:
    data = bytearray()
    async for piece in request.stream():
        data += piece
        if len(data) > MAX_UPLOAD:
            return _refused("The audio is larger than 128 MiB.", 413)
    return JSONResponse({"ref": await carrier.shelf.add(bytes(data))}, 201)


async def _conversations(carrier: Simulator, request: Request) -> Response:
    return JSONResponse({"conversations": [vars(one) for one in carrier.shelf.conversations()]})


async def _telephones(carrier: Simulator, request: Request) -> Response:
    return JSONResponse({"telephones": {number: vars(one) for number, one in carrier.telephones.items()}})


async def _set_telephone(carrier: Simulator, request: Request) -> Response:
    wish = await _body(request)
    behaviour, audio = wish.get("behaviour", "answers"), wish.get("audio")
    if behaviour not in _BEHAVIOURS or not isinstance(audio, str | None):
        raise BadWish(f"behaviour is one of {', '.join(_BEHAVIOURS)}; audio is a reference.")
    after = wish.get("after", 2.0)
    if not isinstance(after, int | float):
        raise BadWish("after is a number of seconds.")
    carrier.telephones[_text(wish, "number")] = Telephone(behaviour, float(after), audio)
    return Response(status_code=204)


async def _misbehaviour(carrier: Simulator, request: Request) -> Response:
    return JSONResponse(carrier.misbehaviour.view())


async def _misbehave(carrier: Simulator, request: Request) -> Response:
    carrier.misbehaviour.set(await _body(request))
    return JSONResponse(carrier.misbehaviour.view())


async def _behave(carrier: Simulator, request: Request) -> Response:
    carrier.misbehaviour.reset()
    return JSONResponse(carrier.misbehaviour.view())


async def _deliveries(carrier: Simulator, request: Request) -> Response:
    return JSONResponse({"deliveries": [vars(one) for one in carrier.outbox.deliveries]})


async def _received(carrier: Simulator, request: Request) -> Response:
    shown = [{**vars(one), "at": one.at.isoformat()} for one in list(carrier.received)]
    return JSONResponse({"received": shown})


async def _take_texts(carrier: Simulator, request: Request) -> Response:
    """A telephone declines texts (as an answer of STOP does), or takes them again."""
    wish = await _body(request)
    number = _text(wish, "number")
    if wish.get("declined") is True:
        carrier.without_texts.add(number)
    else:
        carrier.without_texts.discard(number)
    return Response(status_code=204)
