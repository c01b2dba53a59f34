"""What we answer the carrier: only verbs, nesting and attributes that Twilio's official types know."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import product
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from contactcenter.calls.prompts import MOST_NUMBERED_POSITIONS
from contactcenter.calls.rules import AskRelationNumber, Conference, HangUp, JoinAsAgent, Play, PlayNotice, Step
from contactcenter.calls.speaking import Speaker
from contactcenter.calls.webhooks import FALLBACK
from contactcenter.carrier import twiml
from tools.node import witness

TYPES = "twilio/lib/twiml/VoiceResponse.d.ts"
LARGEST = 64 * 1024
LANGUAGES = ("nl", "en")
STEPS: dict[type[Step], list[Step]] = {
    PlayNotice: [
        PlayNotice(notice, language, attempt, offer)
        for notice, language, attempt, offer in product(
            ("notice", "notice-unrecorded"), LANGUAGES, (1, 4), (None, *LANGUAGES)
        )
    ],
    Play: [Play(prompt, language) for prompt, language in product(("objection-kept", "goodbye"), LANGUAGES)],
    AskRelationNumber: [AskRelationNumber(language) for language in LANGUAGES],
    Conference: [Conference(record) for record in (True, False)],
    JoinAsAgent: [JoinAsAgent()],
    HangUp: [HangUp()],
}


@cache
def types() -> str:
    """The official types, without comments."""
    return re.sub(r"/\*.*?\*/", "", witness(TYPES).read_text(encoding="utf-8"), flags=re.DOTALL)


@cache
def block(kind: str, name: str) -> str:
    """The body of a class or an interface; empty when there is none."""
    found = re.search(rf"\b{kind} {name}\b[^{{]*\{{(.*?)^\s{{0,4}}\}}", types(), re.DOTALL | re.MULTILINE)
    return found.group(1) if found else ""


def children_of(verb: str) -> set[str]:
    """What may stand in a verb: the methods of its class that take attributes or a text."""
    body = block("class", "VoiceResponse extends TwiML" if verb == "Response" else f"{verb} extends TwiML")
    return {
        name[0].upper() + name[1:] for name in re.findall(r"^\s+(\w+)\([^)]*\): VoiceResponse\.", body, re.MULTILINE)
    }


def attributes_of(verb: str, within: str) -> dict[str, str]:
    """The attributes of a verb and the types of their values."""
    body = block("class", "VoiceResponse extends TwiML" if within == "Response" else f"{within} extends TwiML")
    method = verb[0].lower() + verb[1:]
    taken = re.search(rf"^\s+{method}\(attributes\??: (?:VoiceResponse\.)?(\w+)", body, re.MULTILINE)
    name = taken.group(1) if taken else ""
    return dict(re.findall(r"(\w+)\?: ([^;]+);", block("interface", name)))


def fits(value: str, kind: str) -> bool:
    """Whether the text of an attribute is of the type."""
    if kind.endswith("[]"):
        return all(fits(one, kind[:-2]) for one in value.split())
    if kind in ("string", "boolean", "number"):
        return {"string": True, "boolean": value in ("true", "false"), "number": value.isdigit()}[kind]
    named = re.search(rf"type {kind} = ([^;]+);", types())
    assert named, f"the official types say nothing of {kind}"
    return value in re.findall(r'"([^"]*)"', named.group(1)) or "string" in named.group(1)


def complaints(parent: Element) -> Iterator[str]:
    """What the official types don't know in a document."""
    for verb in parent:
        if verb.tag not in children_of(parent.tag):
            yield f"<{verb.tag}> in <{parent.tag}>"
            continue
        known = attributes_of(verb.tag, parent.tag)
        for name, value in verb.attrib.items():
            if name not in known or not fits(value, known[name]):
                yield f'{name}="{value}" of <{verb.tag}>'
        yield from complaints(verb)


def documents() -> Iterator[bytes]:
    """Every document that we can answer with."""
    speaker = Speaker("https://calls.veldwijk.example")
    for step in (step for steps in STEPS.values() for step in steps):
        yield speaker.document((step,), "Zm9vYmFyYmF6cXV1eDEyMw", "CA" + "1" * 32)
    yield speaker.document((Play("objection-kept", "nl"), Conference(False)), "Zm9vYmFyYmF6cXV1eDEyMw", "CA" + "1" * 32)
    for place, language in product(range(1, MOST_NUMBERED_POSITIONS + 3), LANGUAGES):
        yield speaker.waiting(place, language)
    yield from (speaker.on_hold(language) for language in LANGUAGES)
    yield twiml.document(twiml.hang_up())
    yield FALLBACK


def test_every_kind_of_step_has_a_document() -> None:
    assert set(STEPS) == set(Step.__args__)


def test_our_documents_hold_only_what_the_official_types_know() -> None:
    seen = set()
    for document in documents():
        response = ElementTree.fromstring(document)
        assert response.tag == "Response"
        assert list(complaints(response)) == [], document
        assert len(document) < LARGEST
        seen |= {verb.tag for verb in response.iter()}
    assert seen == {"Response", "Gather", "Play", "Redirect", "Dial", "Conference", "Hangup", "Say"}


def test_what_waiting_callers_hear_has_only_verbs_that_a_wait_url_takes() -> None:
    speaker = Speaker("https://calls.veldwijk.example")
    for document in (speaker.waiting(1, "nl"), speaker.on_hold("en")):
        assert {verb.tag for verb in ElementTree.fromstring(document)} <= {"Say", "Play", "Pause", "Redirect"}


@pytest.mark.parametrize(
    "wrong",
    [
        "<Listen/>",
        "<Conference>room</Conference>",
        '<Gather numDigit="1"/>',
        '<Gather timeout="soon"/>',
        '<Dial><Conference record="always">room</Conference></Dial>',
        '<Dial><Conference statusCallbackEvent="start stop">room</Conference></Dial>',
        "<Gather><Redirect>on</Redirect></Gather>",
        '<Hangup loudly="true"/>',
    ],
)
def test_the_witness_notices_what_the_types_do_not_know(wrong: str) -> None:
    assert list(complaints(ElementTree.fromstring(f"<Response>{wrong}</Response>")))
