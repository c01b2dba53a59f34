"""REST resources of text messages: taken as queued, then delivered at once to the telephone page."""

import re
from math import ceil
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from contactcenter.simulator import wire
from contactcenter.simulator.rest import Ask, RestError, missing, page, resource
from contactcenter.simulator.simulator import new_sid

_NUMBER = re.compile(r"\+[1-9]\d{6,14}")  # E.164
_NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}")  # of a sender without a number
_LONGEST, _ONE_PART, _PART = 1600, 160, 153
_NO_FROM, _NO_TO, _NO_BODY = 21603, 21604, 21602
_WRONG_FROM, _WRONG_TO, _DECLINED, _TOO_LONG = 21606, 21211, 21610, 21617


def resources() -> list[Route]:
    """Messages."""
    return [
        resource("/Messages.json", get=_list, post=_send),
        resource("/Messages/{sid}.json", get=_fetch),
    ]


def _list(ask: Ask) -> Response:
    wanted = (one for one in reversed(ask.carrier.messages) if one["to"] == ask.get("To", one["to"]))
    return page(ask, "messages", wanted)


def _fetch(ask: Ask) -> Response:
    for one in ask.carrier.messages:
        if one["sid"] == ask.part("sid"):
            return JSONResponse(one)
    raise missing(ask)


def _send(ask: Ask) -> Response:
    to, sender, body = ask.need("To", _NO_TO), ask.need("From", _NO_FROM), ask.need("Body", _NO_BODY)
    _admit(ask, to, sender, body)
    message = _resource(ask, to, sender, body)
    delivered = {"status": "delivered", "date_sent": message["date_created"]}
    ask.carrier.messages.append(message | delivered)
    ask.carrier.receive("text", sender, to, "", body)
    return JSONResponse(message, 201)


def _admit(ask: Ask, to: str, sender: str, body: str) -> None:
    if not _NUMBER.fullmatch(to):
        raise RestError(400, _WRONG_TO, f"Invalid 'To' Phone Number: {to}")
    if sender not in ask.carrier.numbers and not _NAME.fullmatch(sender):
        raise RestError(400, _WRONG_FROM, "The 'From' phone number is not a message-capable number of this account")
    if to in ask.carrier.without_texts:
        raise RestError(400, _DECLINED, "Attempt to send to unsubscribed recipient")
    if len(body) > _LONGEST:
        raise RestError(400, _TOO_LONG, "The concatenated message body exceeds the 1600 character limit")


def _resource(ask: Ask, to: str, sender: str, body: str) -> dict[str, Any]:
    sid, now = new_sid("SM"), wire.day(ask.carrier.config.clock())
    return {
        "sid": sid,
        "account_sid": ask.carrier.config.account_sid,
        "api_version": "2010-04-01",
        "messaging_service_sid": None,
        "from": sender,
        "to": to,
        "body": body,
        "status": "queued",
        "direction": "outbound-api",
        "error_code": None,
        "error_message": None,
        "num_segments": str(1 if len(body) <= _ONE_PART else ceil(len(body) / _PART)),
        "num_media": "0",
        "price": None,
        "price_unit": "USD",
        "date_created": now,
        "date_updated": now,
        "date_sent": None,
        "subresource_uris": {"media": f"{ask.base}/Messages/{sid}/Media.json"},
        "uri": f"{ask.base}/Messages/{sid}.json",
    }
