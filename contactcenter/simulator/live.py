"""WebSockets that carry the sound of a leg: the softphone of an agent, and the telephone of a caller.

Binary messages are 20 ms of 16-bit little-endian samples at 8 kHz in both directions; text messages are
JSON: upwards mute, digits and hangup, downwards the state of the leg.
"""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from contactcenter.simulator.control import same_origin
from contactcenter.simulator.legs import FINAL, Leg
from contactcenter.simulator.signing import TokenRefused, read_access_token
from contactcenter.simulator.simulator import Simulator

_REFUSED = 4401
_FOREIGN = 4403
_MISSING = 4404
_STATES = {"initiated": "connecting", "ringing": "connecting", "in-progress": "open"}

Message = dict[str, Any]
Translate = Callable[[Message], Message | None]


async def softphone(socket: WebSocket) -> None:
    """/softphone/stream?token=...: an agent's browser makes one call after another over one socket."""
    carrier: Simulator = socket.scope["simulator"]
    await socket.accept()
    if not same_origin(socket):
        await socket.close(_FOREIGN, "Only pages of this server may connect.")
        return
    try:
        admitted = read_access_token(socket.query_params.get("token", ""), carrier.config)
    except TokenRefused as error:
        await socket.send_json({"state": "closed", "error": str(error)})
        await socket.close(_REFUSED, str(error))
        return
    try:
        while True:
            connect = (await _wish(socket)).get("connect")
            if isinstance(connect, dict):
                params = [(str(name), str(value)) for name, value in connect.items()]
                await _converse(socket, carrier.connect_softphone(admitted, params), _softphone_state)
    except WebSocketDisconnect:
        return


async def telephone(socket: WebSocket) -> None:
    """/telephone/audio/{sid}: what a caller hears and says; leaving the page hangs up nothing."""
    carrier: Simulator = socket.scope["simulator"]
    await socket.accept()
    if not same_origin(socket):
        await socket.close(_FOREIGN, "Only pages of this server may connect.")
        return
    leg = carrier.legs.get(socket.path_params["sid"])
    if leg is None:
        await socket.close(_MISSING, "There is no such call.")
        return
    try:
        await _converse(socket, leg, lambda message: message)
        await socket.close()
    except WebSocketDisconnect:
        return


def _softphone_state(message: Message) -> Message | None:
    """The states that a softphone knows: connecting, open, closed."""
    state = message.get("state")
    return {**message, "state": _STATES.get(state, "closed")} if state else None


async def _converse(socket: WebSocket, leg: Leg, translate: Translate) -> None:
    """Carry sound and messages both ways until the leg ends; a lost softphone ends its leg."""
    down = asyncio.ensure_future(_down(socket, leg, translate))
    up = asyncio.ensure_future(_up(socket, leg))
    try:
        await asyncio.wait({down, up}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (down, up):
            task.cancel()
        results = await asyncio.gather(down, up, return_exceptions=True)
        if not leg.over and leg.party.application_sid:
            leg.end()
    for result in results:
        if isinstance(result, Exception):
            raise result


async def _down(socket: WebSocket, leg: Leg, translate: Translate) -> None:
    listener = leg.ear.listen()
    try:
        item: bytes | Message = {"state": leg.status, "callSid": leg.sid}
        while True:
            if isinstance(item, bytes):
                await socket.send_bytes(item)
            elif (message := translate(item)) is not None:
                await socket.send_json(message)
            if isinstance(item, dict) and item.get("state") in FINAL:
                return
            item = await listener.get()
    finally:
        leg.ear.forget(listener)


async def _up(socket: WebSocket, leg: Leg) -> None:
    muted = False
    while True:
        sound, wish = await _received(socket)
        if sound and not muted:
            leg.mouth.speak_live(sound)
        muted = wish.get("mute", muted) is True
        for digit in str(wish.get("digits", "")):
            leg.press(digit)
        if wish.get("hangup"):
            leg.end()


async def _wish(socket: WebSocket) -> Message:
    """The next text message; sound between two calls says nothing to anybody."""
    return (await _received(socket))[1]


async def _received(socket: WebSocket) -> tuple[bytes | None, Message]:
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1000))
    return message.get("bytes"), _json(message.get("text") or "{}")


def _json(text: str) -> Message:
    try:
        message = json.loads(text)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}
