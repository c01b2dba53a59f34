"""Webhooks of the carrier: nothing is believed before its signature is checked over our configured address.

The SDK's validator says True for some altered requests (keys and values are joined without a delimiter), knows no
time, and skips the body when the query names a body hash. So every value is read strictly afterwards, our own
query strings are fixed, and replays fall on the inbox's unique key.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

import structlog
from starlette.requests import Request

from contactcenter.core.errors import Invalid, NotAllowed, NotFound
from contactcenter.core.web import site_of

LONGEST_BODY = 64 * 1024
MOST_FIELDS = 200
FORM = "application/x-www-form-urlencoded"
PATTERNS = {
    "AccountSid": r"AC[0-9a-f]{32}",
    "CallSid": r"CA[0-9a-f]{32}",
    "ParentCallSid": r"(CA[0-9a-f]{32})?",
    "DialCallSid": r"(CA[0-9a-f]{32})?",
    "ConferenceSid": r"(CF[0-9a-f]{32})?",
    "RecordingSid": r"RE[0-9a-f]{32}",
    "CallStatus": r"queued|initiated|ringing|in-progress|completed|busy|no-answer|canceled|failed",
    "RecordingStatus": r"in-progress|completed|absent|failed",
    "RecordingDuration": r"-?\d{0,6}",
    "RecordingChannels": r"[12]?",
    "RecordingStartTime": r"[A-Za-z0-9,:+ -]{0,40}",
    "StatusCallbackEvent": r"[a-z-]{1,60}",
    "SequenceNumber": r"\d{0,9}",
    "Digits": r"[0-9*#wA-D]{0,32}",
    "FriendlyName": r"[A-Za-z0-9_-]{22}",  # our conferences are named by the call's public id
    "call": r"[A-Za-z0-9_-]{22}",  # the one parameter that our softphone sends along
    "Direction": r"inbound|outbound-api|outbound-dial|outbound|",
    "From": r"[^\x00-\x1f]{0,300}",
    "To": r"[^\x00-\x1f]{0,300}",
}
READERS = {
    name: re.compile(pattern, re.IGNORECASE if name == "AccountSid" else 0) for name, pattern in PATTERNS.items()
}
log = structlog.get_logger()


@dataclass(frozen=True)
class Form:
    """The fields of a checked webhook. Known names matched their pattern; unknown ones are ignored, never stored."""

    fields: dict[str, str]

    def get(self, name: str) -> str:
        """The value of a field; empty when it was not sent."""
        return self.fields.get(name, "")

    def need(self, name: str) -> str:
        """The value of a field that this event can't be without."""
        value = self.fields.get(name, "")
        if not value:
            raise Invalid(f"The webhook lacks {name}.")
        return value

    def sent(self, name: str) -> str:
        """The value of a field that always comes, though it may be empty."""
        if name not in self.fields:
            raise Invalid(f"The webhook lacks {name}.")
        return self.fields[name]


async def signed_form(request: Request) -> Form:
    """The form of a webhook of our own account.

    Raises `NotFound` without a token, `NotAllowed` unsigned or foreign, `Invalid` when a value can't be read.
    """
    settings = site_of(request).settings
    if settings.twilio_auth_token is None or settings.twilio_account_sid is None:
        raise NotFound()
    tokens = [settings.twilio_auth_token.get_secret_value()]
    if settings.twilio_auth_token_secondary is not None:
        tokens.append(settings.twilio_auth_token_secondary.get_secret_value())
    pairs = await _read_pairs(request)
    url = settings.public_url + signed_path(request)
    if not _signed_by_any(tokens, url, pairs, request.headers.get("x-twilio-signature", "")):
        log.warning("webhook-refused", route=request.url.path, why="signature")
        raise NotAllowed("The signature does not fit this request and this address.")
    form = strict(pairs)
    if form.get("AccountSid") != settings.twilio_account_sid:
        log.warning("webhook-refused", route=request.url.path, why="account")
        raise NotAllowed("This request is from another account.")
    return form


def signed_path(request: Request) -> str:
    """Raw path and raw query as they were sent; Host and X-Forwarded-* say nothing here."""
    path = request.scope.get("raw_path") or request.url.path.encode()
    query = request.scope["query_string"]
    return (path + (b"?" + query if query else b"")).decode("latin-1")


def signature_of(token: str, url: str, pairs: Sequence[tuple[str, str]]) -> str:
    """The signature as the carrier documents it: HMAC-SHA1 over the URL and the sorted unique pairs, in base64."""
    text = url + "".join(key + value for key, value in sorted(set(pairs)))
    digest = hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def strict(pairs: Sequence[tuple[str, str]]) -> Form:
    """Known names must match their pattern and come once; unknown names are dropped, no name at all is refused."""
    fields: dict[str, str] = {}
    for name, value in pairs:
        if not name:
            raise Invalid("The webhook has a field without a name.")
        reader = READERS.get(name)
        if reader is None:
            continue
        if name in fields or not reader.fullmatch(value):
            raise Invalid(f"The webhook's {name} can't be read.")
        fields[name] = value
    return Form(fields)


def _signed_by_any(tokens: Sequence[str], url: str, pairs: Sequence[tuple[str, str]], sent: str) -> bool:
    try:
        expected = [signature_of(token, url, pairs) for token in tokens]
    except UnicodeEncodeError:
        return False
    return any(hmac.compare_digest(one.encode(), sent.encode()) for one in expected)


async def _read_pairs(request: Request) -> list[tuple[str, str]]:
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != FORM:
        raise NotAllowed("A webhook is a form.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_BODY:
            raise NotAllowed("The webhook is too large.")
    try:
        return parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        raise NotAllowed("The webhook's form can't be read.") from None
