"""Reading TwiML: which verbs and attributes there are, and which may stand where. Pure.

Source: the carrier's TwiML reference. Verbs it documents and this simulator does not execute are refused
like unknown ones, so that nobody believes they were tried.
"""

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass, field

PROMPTS = frozenset({"Say", "Play", "Pause"})
WAITING = PROMPTS | {"Redirect"}
TOP = WAITING | {"Gather", "Hangup", "Reject", "Dial"}

_CALLBACK = {"statusCallback", "statusCallbackMethod", "statusCallbackEvent"}
_RECORDING = {"recordingStatusCallback", "recordingStatusCallbackMethod", "recordingStatusCallbackEvent"}
_ATTRIBUTES: Mapping[str, frozenset[str]] = {
    "Response": frozenset(),
    "Say": frozenset({"voice", "language", "loop"}),
    "Play": frozenset({"loop", "digits"}),
    "Pause": frozenset({"length"}),
    "Redirect": frozenset({"method"}),
    "Hangup": frozenset(),
    "Reject": frozenset({"reason"}),
    "Gather": frozenset(
        {"input", "action", "method", "timeout", "numDigits", "finishOnKey", "actionOnEmptyResult"} | {"language"}
    ),
    "Dial": frozenset({"action", "method", "timeout", "hangupOnStar", "timeLimit", "callerId"}),
    "Conference": frozenset(
        {"muted", "beep", "startConferenceOnEnter", "endConferenceOnExit", "waitUrl", "waitMethod"}
        | {"maxParticipants", "record", "region", "trim", "coach", "participantLabel", "jitterBufferSize"}
        | _CALLBACK
        | _RECORDING
    ),
}
_CHILDREN: Mapping[str, frozenset[str]] = {
    "Response": TOP,
    "Gather": PROMPTS,
    "Dial": frozenset({"Conference"}),
}

PARSE_FAILURE = 12100
SCHEMA_FAILURE = 12200


class CarrierError(Exception):
    """Something the carrier would write into its error log, with the carrier's own number for it."""

    def __init__(self, code: int, message: str, url: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.url = url


@dataclass(frozen=True)
class Verb:
    """One element of a document."""

    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    children: tuple["Verb", ...] = ()

    def get(self, name: str, default: str = "") -> str:
        """The value of an attribute."""
        return self.attributes.get(name, default)

    def flag(self, name: str, default: bool) -> bool:
        """The value of an attribute that is true or false."""
        return self.attributes.get(name, str(default)).lower() == "true"

    def number(self, name: str, default: float) -> float:
        """The value of an attribute that is a number."""
        text = self.attributes.get(name, "")
        try:
            return float(text) if text else default
        except ValueError as error:
            raise CarrierError(SCHEMA_FAILURE, f"{self.name}.{name} is not a number.") from error


@dataclass(frozen=True)
class Document:
    """TwiML to execute; `url` is where it came from, for relative addresses in it."""

    url: str
    verbs: tuple[Verb, ...]


def parse(text: str, url: str, allowed: frozenset[str] = TOP) -> Document:
    """Read a TwiML document in which only `allowed` verbs may stand; CarrierError when it breaks a rule."""
    try:
        root = ET.fromstring(text)  # noqa: S314 - the product's own TwiML, at most 64 KB of it
    except ET.ParseError as error:
        raise CarrierError(PARSE_FAILURE, "The document is not well-formed XML.", url) from error
    if root.tag != "Response":
        raise CarrierError(PARSE_FAILURE, "The document's root is not Response.", url)
    try:
        _check_attributes(root)
        verbs = tuple(_verb(child, allowed) for child in root)
    except CarrierError as error:
        raise CarrierError(error.code, error.message, url) from error
    return Document(url, verbs)


def _verb(element: ET.Element, allowed: frozenset[str]) -> Verb:
    if element.tag not in allowed:
        raise CarrierError(SCHEMA_FAILURE, f"{element.tag} may not stand here.")
    _check_attributes(element)
    below = _CHILDREN.get(element.tag, frozenset())
    children = tuple(_verb(child, below) for child in element)
    return Verb(element.tag, dict(element.attrib), (element.text or "").strip(), children)


def _check_attributes(element: ET.Element) -> None:
    unknown = set(element.attrib) - _ATTRIBUTES[element.tag]
    if unknown:
        raise CarrierError(SCHEMA_FAILURE, f"{element.tag} has no attribute {sorted(unknown)[0]}.")
