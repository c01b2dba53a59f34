"""REST resources of recordings, and their media with all that can go wrong with it."""

import asyncio
import struct
import zlib
from collections.abc import AsyncIterator, Callable, Iterable
from functools import lru_cache

import numpy as np
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from contactcenter.simulator import wire
from contactcenter.simulator.capture import Recording
from contactcenter.simulator.media import wav
from contactcenter.simulator.misbehaviour import MediaFault
from contactcenter.simulator.rest import Ask, RestError, missing, page, resource, within
from contactcenter.simulator.rest_calls import leg_of
from contactcenter.simulator.rest_conferences import conference_of

CURRENT = "Twilio.CURRENT"
_WAV = "audio/x-wav"
_WAV_HEAD = 44
_ENDLESS_PIECE = 256 * 1024
_BOMB_BLOCKS = 64
_BOMB_BLOCK = 16 * 1024 * 1024
_GZIP_HEAD = bytes.fromhex("1f8b08000000000000ff")


def resources() -> list[Route]:
    """Recordings of the account, of a call, of a conference, and their media."""
    by_call, by_room = "/Calls/{sid}/Recordings", "/Conferences/{sid}/Recordings"
    return [
        resource("/Recordings.json", get=_list),
        resource("/Recordings/{recording}.json", get=_fetch, delete=_delete),
        resource("/Recordings/{recording}.wav", get=_media),
        resource("/Recordings/{recording}", get=_media),
        resource(f"{by_call}.json", get=_of_call),
        resource(f"{by_call}/{{recording}}.json", get=_fetch, post=_control, delete=_delete),
        resource(f"{by_room}.json", get=_of_conference),
        resource(f"{by_room}/{{recording}}.json", get=_fetch, post=_control, delete=_delete),
    ]


def _list(ask: Ask) -> Response:
    wanted = (one for one in _visible(ask) if _fits(ask, one))
    return _page(ask, wanted)


def _of_call(ask: Ask) -> Response:
    leg = leg_of(ask)
    return _page(ask, (one for one in _visible(ask) if one.source.call_sid == leg.sid))


def _of_conference(ask: Ask) -> Response:
    room = conference_of(ask)
    return _page(ask, (one for one in _visible(ask) if one.source.conference_sid == room.sid))


def _visible(ask: Ask) -> list[Recording]:
    everything = reversed(ask.carrier.recordings.values())
    return [one for one in everything if not one.deleted or ask.flag("IncludeSoftDeleted")]


def _fits(ask: Ask, one: Recording) -> bool:
    facts = {"CallSid": one.source.call_sid, "ConferenceSid": one.source.conference_sid}
    fits = all(ask.get(name, value) == value for name, value in facts.items())
    return fits and within(ask, "DateCreated", one.created)


def _page(ask: Ask, items: Iterable[Recording]) -> Response:
    return page(ask, "recordings", (wire.recording(one, ask.base) for one in items))


def _recording(ask: Ask) -> Recording:
    if ask.part("recording") == CURRENT:
        return _current(ask)
    one = ask.carrier.recordings.get(ask.part("recording"))
    if one is None or (one.deleted and not ask.flag("IncludeSoftDeleted")):
        raise missing(ask)
    return one


def _current(ask: Ask) -> Recording:
    """The recording that runs in the conference of the path, or in which the call of the path is."""
    leg = ask.carrier.legs.get(ask.part("sid"))
    room = ask.carrier.conferences.get((leg.conference_sid or "") if leg else ask.part("sid"))
    if room is None or room.recording is None or not room.recording.running:
        raise missing(ask)
    return room.recording


def _fetch(ask: Ask) -> Response:
    return JSONResponse(wire.recording(_recording(ask), ask.base))


def _control(ask: Ask) -> Response:
    one, status = _recording(ask), ask.get("Status")
    if not one.running:
        raise RestError(400, 21220, "Recording is not in-progress. Cannot update.")
    if status == "paused":
        one.pause(ask.get("PauseBehavior", "silence"))
    elif status == "in-progress":
        one.resume()
    elif status == "stopped":
        ask.carrier.conferences[one.source.conference_sid].stop_recording(one)
    else:
        raise RestError(400, 20001, "Status must be paused, in-progress or stopped")
    return JSONResponse(wire.recording(one, ask.base))


def _delete(ask: Ask) -> Response:
    one = _recording(ask)
    if one.running:
        raise RestError(400, 21220, "Cannot delete the recording because it is in progress")
    one.delete(ask.carrier.config.clock())
    return Response(status_code=204)


async def _media(ask: Ask) -> Response:
    one = _recording(ask)
    media = one.media(2 if ask.get("RequestedChannels") == "2" else 1)
    if media is None:
        raise missing(ask)
    fault = ask.carrier.misbehaviour.media_fault(one.sid)
    return Response(media, media_type=_WAV) if fault is None else await _spoiled(ask, media, fault)


async def _spoiled(ask: Ask, media: bytes, fault: MediaFault) -> Response:
    if fault in ("404", "429", "500"):
        raise _refusal(ask, fault)
    simple: dict[str, Callable[[], Response]] = {
        "redirect-local": lambda: RedirectResponse("http://127.0.0.1:9/recording.wav", 307),
        "redirect-foreign": lambda: RedirectResponse("https://media.example.com/recording.wav", 307),
        "html": lambda: HTMLResponse("<html><body>Service unavailable</body></html>"),
        "wrong-bytes": lambda: Response(b"\x00\x5a" * (len(media) // 2), media_type=_WAV),
        "changing": lambda: Response(_another(media), media_type=_WAV),
        "wrong-length": lambda: Response(media[: len(media) // 2], media_type=_WAV),
    }
    return simple[fault]() if fault in simple else await _broken_transfer(media, fault)


def _refusal(ask: Ask, fault: MediaFault) -> RestError:
    if fault == "429":
        seconds = str(ask.carrier.misbehaviour.media.retry_after)
        return RestError(429, 20429, "Too Many Requests", {"Retry-After": seconds})
    if fault == "500":
        return RestError(500, 20500, "An internal server error has occurred")
    return missing(ask)


async def _broken_transfer(media: bytes, fault: MediaFault) -> Response:
    length = {"Content-Length": str(len(media))}
    if fault == "hang":
        await asyncio.sleep(3600)
    if fault == "slow":
        return StreamingResponse(_drip(media), media_type=_WAV, headers=length)
    if fault == "endless":
        return StreamingResponse(_without_end(media), media_type=_WAV)
    if fault == "cut":
        return _Cut(media[: len(media) // 2], media_type=_WAV, headers=length)
    bomb = await asyncio.to_thread(_bomb)
    return Response(bomb, media_type=_WAV, headers={"Content-Encoding": "gzip"})


def _another(media: bytes) -> bytes:
    """A file as long as the recording that sounds different every time."""
    noise = np.random.default_rng().integers(-9000, 9000, (len(media) - _WAV_HEAD) // 2, np.int16)
    return media[:_WAV_HEAD] + noise.astype("<i2").tobytes()


async def _without_end(media: bytes) -> AsyncIterator[bytes]:
    yield media
    while True:
        yield bytes(_ENDLESS_PIECE)
        await asyncio.sleep(0)


async def _drip(media: bytes) -> AsyncIterator[bytes]:
    for position in range(len(media)):
        yield media[position : position + 1]
        await asyncio.sleep(1)


class _Cut(Response):
    """Promises more than it sends, and then drops the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": True})


@lru_cache(maxsize=1)
def _bomb() -> bytes:
    """A gzip stream of about a megabyte that unpacks to a WAV file of a gigabyte of silence.

    One packed block of silence serves many times, because a full flush makes it independent of its place.
    """
    head, block = wav(np.zeros((2, 0), np.int16)), bytes(_BOMB_BLOCK)
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    start, silent = (packer.compress(data) + packer.flush(zlib.Z_FULL_FLUSH) for data in (head, block))
    checksum = zlib.crc32(head)
    for _ in range(_BOMB_BLOCKS):
        checksum = zlib.crc32(block, checksum)
    length = len(head) + _BOMB_BLOCKS * _BOMB_BLOCK
    trailer = struct.pack("<II", checksum, length)
    return b"".join([_GZIP_HEAD, start, *[silent] * _BOMB_BLOCKS, packer.flush(), trailer])
