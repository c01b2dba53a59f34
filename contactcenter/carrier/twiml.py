"""The carrier's documents, built from verbs: only those, and only attributes, that its official types know."""

from xml.etree.ElementTree import Element, SubElement, tostring


def document(*verbs: Element) -> bytes:
    """A whole answer."""
    response = Element("Response")
    response.extend(verbs)
    text: bytes = tostring(response, encoding="utf-8", xml_declaration=True)
    return text


def play(url: str) -> Element:
    """Play a file of ours."""
    verb = Element("Play")
    verb.text = url
    return verb


def redirect(url: str) -> Element:
    """Go on with another document of ours."""
    verb = Element("Redirect", method="POST")
    verb.text = url
    return verb


def hang_up() -> Element:
    """End the leg."""
    return Element("Hangup")


def gather_one_key(url: str, *played: Element) -> Element:
    """Play, listening for one key; without a key the document goes on after this verb."""
    verb = Element(
        "Gather", input="dtmf", numDigits="1", timeout="1", action=url, method="POST", actionOnEmptyResult="false"
    )
    verb.extend(played)
    return verb


def gather_number(url: str, *played: Element) -> Element:
    """Play, listening for a number that ends with # or with five seconds of silence; without a key it goes on after.

    At most 20 digits are taken.
    """
    verb = Element(
        "Gather",
        input="dtmf",
        numDigits="20",
        timeout="5",
        finishOnKey="#",
        action=url,
        method="POST",
        actionOnEmptyResult="false",
    )
    verb.extend(played)
    return verb


def caller_conference(name: str, *, record: bool, action: str, wait: str, events: str, recording: str) -> Element:
    """The caller waits in the conference; it starts, and capture with it, when an agent joins (P01)."""
    dial = Element("Dial", action=action, method="POST")
    conference = SubElement(
        dial,
        "Conference",
        startConferenceOnEnter="false",
        endConferenceOnExit="true",
        beep="false",
        record="record-from-start" if record else "do-not-record",
        trim="do-not-trim",  # defaults differ and would shift timestamps
        waitUrl=wait,
        waitMethod="POST",
        participantLabel="caller",
        statusCallback=events,
        statusCallbackMethod="POST",
        statusCallbackEvent="start end join leave",
        recordingStatusCallback=recording,
        recordingStatusCallbackMethod="POST",
        recordingStatusCallbackEvent="in-progress completed absent",
    )
    conference.text = name
    return dial


def agent_conference(name: str) -> Element:
    """An agent's leg: with it the conference starts; without it the caller stays."""
    dial = Element("Dial")
    conference = SubElement(
        dial,
        "Conference",
        startConferenceOnEnter="true",
        endConferenceOnExit="false",
        beep="false",
        participantLabel="agent",
    )
    conference.text = name
    return dial
