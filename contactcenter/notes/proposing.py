"""What a contact is probably about, from what was asked and said: its kind and its topic, for a person to accept (P03).

Cues and no model, so that anybody can read why. How somebody sounds is no cue: a complaint is one that says so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from contactcenter.contacts.rules import ContactKind, Topic
from contactcenter.notes.acts import ASKS, speakers
from contactcenter.notes.said import Segment

FIRST_LINES = 40  # of the caller: what a call is about is said early
OF_THE_QUESTION = 3  # how much a cue in the agent's own words weighs beside one in a line

# The declared vocabulary: beginnings of words, or phrases, by which each topic is known (nl, en).
CUES: dict[Topic, list[str]] = {
    Topic(code): cues for code, cues in json.loads((Path(__file__).parent / "topics.json").read_text("utf-8")).items()
}
_CUES = {topic: re.compile(rf"\b(?:{'|'.join(cues)})", re.I) for topic, cues in CUES.items()}
_COMPLAINT = re.compile(r"\bklacht|\bbeklag|\bklagen\b|\bcomplain", re.I)
KINDS: dict[Topic, ContactKind] = {
    Topic.UNREACHABLE: ContactKind.OUTAGE,
    Topic.PAYMENT: ContactKind.INVOICE,
    Topic.INVOICE_AMOUNT: ContactKind.INVOICE,
    Topic.NOT_CALLED_BACK: ContactKind.COMPLAINT,
    Topic.PERSONAL_DATA: ContactKind.PRIVACY_REQUEST,
}
_OUTAGE = re.compile(
    r"\bstoring\b|\boutage"
    r"|\b(?:none|niets|niks|geen (?:enkel|van)|niemand|nobody|every computer|alle computers|iedereen)\b",
    re.I,
)
_TECHNICAL = {Topic.SYNCHRONISING, Topic.LOGIN, Topic.SLOW, Topic.UNREACHABLE}


@dataclass(frozen=True)
class Proposal:
    """What a contact is probably about; None where nothing says."""

    kind: ContactKind | None = None
    topic: Topic | None = None


def lines_of_caller(segments: Sequence[Segment], roles: Sequence[str]) -> list[str]:
    """What the caller said first; where nobody knows who speaks, what anybody said."""
    caller = speakers(roles).caller
    said = sorted((one for one in segments if caller is None or one.channel == caller), key=lambda one: one.start)
    return [one.text for one in said[:FIRST_LINES]]


def propose(question: str, lines: Sequence[str]) -> Proposal:
    """Kind and topic from the agent's words for the question and what the caller said."""
    topic = topic_of(question, lines)
    told = [question, *lines]
    if _any(_COMPLAINT, told):
        return Proposal(ContactKind.COMPLAINT, topic)
    if topic in _TECHNICAL and _any(_OUTAGE, told):
        return Proposal(ContactKind.OUTAGE, topic)
    if topic is not None:
        return Proposal(KINDS.get(topic, ContactKind.QUESTION), topic)
    return Proposal(ContactKind.QUESTION if question.strip() or _any(ASKS, lines) else None)


def topic_of(question: str, lines: Iterable[str] = ()) -> Topic | None:
    """The topic that most cues speak for; of two with as many the one that is declared first."""
    asked, said = topic_scores(question), topic_scores(" ".join(lines))
    scores = {topic: OF_THE_QUESTION * asked[topic] + said[topic] for topic in Topic}
    best = max(scores, key=lambda topic: scores[topic])
    return best if scores[best] else None


def topic_scores(text: str) -> dict[Topic, int]:
    """How many cues speak for each topic, in the order in which they are declared."""
    return {topic: len(set(cue.findall(text.lower()))) for topic, cue in _CUES.items()}


def _any(cue: re.Pattern[str], texts: Iterable[str]) -> bool:
    return any(cue.search(text) for text in texts)
