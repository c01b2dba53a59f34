"""A drafted summary made of sentences that were really said: the question, what was done, what was promised.

LexRank (Erkan and Radev, 2004) over the segments: a line matters when it resembles many others. On top of it weigh
what a support desk wants to know later. No word is made up; each line cites its second; a person confirms it (P10).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from contactcenter.notes.said import Segment

CALLER = 0  # the channel of whoever rang
LONGEST_LINE = 240  # characters
MOST_COMPARED = 300  # lines; each is compared with each
_DAMPING, _ROUNDS = 0.85, 30

_STOP = {
    "nl": "de het een en van ik je u hij zij ze we wij jullie dat die dit deze is was ben bent zijn waren wordt worden "
    "in op te ten ter met voor niet geen er aan als ook om maar dan nog wel al naar uit bij door over tot of heb "
    "heeft hebben had hebt kan kunnen kunt zou zal zullen moet moeten mag wil wilt wat wie waar hoe mij me mijn "
    "uw uwe jou jouw ons onze hun haar hem ja nee oké goed dank bedankt alstublieft even dus zo hier daar heel "
    "graag meneer mevrouw",
    "en": "the a an and of i you he she it we they that this these those is was am are were be been being in on at to "
    "with for not no as also but then so or if have has had can could would will shall must may want what who "
    "where how me my your our their her him his its us them yes yeah okay ok well thank thanks please just here "
    "there very do does did from by about up out sir madam",
}
_HELLO = re.compile(
    r"goede(n|r)?\s?(morgen|middag|avond)|u spreekt met|je spreekt met|tot ziens|fijne dag|prettige dag|dank (u|je) wel"
    r"|graag gedaan|good (morning|afternoon|evening)|this is \w+|how can i help|waar(mee)? kan ik|goodbye|bye"
    r"|you're welcome|have a (nice|good)|thank you for (calling|waiting|holding)|bedankt voor het",
    re.I,
)
_ASKS = re.compile(
    r"\?|\b(ik wil|ik zou|ik bel|kunt u|kan ik|probleem|storing|werkt niet|lukt niet|klacht|factuur|vraag|waarom"
    r"|i want|i would|i'd like|i am calling|i'm calling|can you|could you|problem|outage|does not work|doesn't work"
    r"|complain\w*|invoice|question|none of|since|why)\b",
    re.I,
)
_DONE = re.compile(
    r"\b(ik heb|we hebben|is nu|staat nu|opnieuw|aangepast|verstuurd|geregistreerd|opgelost|hersteld|ingesteld"
    r"|i have|i've|we have|have (registered|sent|changed)|is now|fixed|solved|sent|changed|registered|restored)\b",
    re.I,
)
_PROMISE = re.compile(
    r"\b(bel(len)? (ik )?(u|je)|(u|je) terug|terugbellen|krijgt u|ontvangt u|we sturen|ik stuur"
    r"|call you( back)?|you will (get|receive|hear)|will (send|call|be)|get back to you)\b",
    re.I,
)
_WHEN = re.compile(
    r"\b(morgen|vandaag|vanmiddag|volgende week|maandag|dinsdag|woensdag|donderdag|vrijdag|binnen|uur|dagen"
    r"|tomorrow|today|this afternoon|next week|monday|tuesday|wednesday|thursday|friday|within|hours?|days?)\b"
    r"|\b\d{1,2}[-/ ](\d{1,2}|jan|feb|m(aa|a)r|apr|m(ei|ay)|jun|jul|aug|sep|o[kc]t|nov|dec)",
    re.I,
)


@dataclass(frozen=True)
class DraftLine:
    """A line of the draft, as it was said, with its second and channel."""

    text: str
    start: float
    channel: int


def draft(segments: Sequence[Segment], language: str, most: int = 6) -> tuple[DraftLine, ...]:
    """At most `most` lines, at least three where so much was said, in order of time; the same input, the same draft."""
    said = _candidates(segments)
    if not said:
        return ()
    terms = [Counter(word for word in _words(s.text) if word not in _stop(language)) for s in said]
    weights = [rank * _factor(s, said) for s, rank in zip(said, _lexrank(terms), strict=True)]
    chosen = _chosen(weights, terms, min(most, max(3, len(said) // 4)))
    return tuple(DraftLine(_shortened(said[i].text), said[i].start, said[i].channel) for i in sorted(chosen))


def _candidates(segments: Sequence[Segment]) -> list[Segment]:
    """What has at least three words, in order of time; of a very long call the lines that look most telling."""
    said = sorted((s for s in segments if len(_words(s.text)) >= 3), key=lambda s: (s.start, s.channel))
    telling = sorted(said, key=lambda s: -_factor(s, said))[:MOST_COMPARED]
    return sorted(telling, key=lambda s: (s.start, s.channel))


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+(?:'[a-z]+)?|\d+", text.lower())


def _stop(language: str) -> frozenset[str]:
    return frozenset(_STOP.get(language, "").split())


def _factor(segment: Segment, said: Sequence[Segment]) -> float:
    """How much more, or less, a line counts for what it is: question, deed, promise, or a greeting."""
    text = segment.text
    early = segment.start <= said[0].start + max(30.0, (said[-1].start - said[0].start) / 3)
    factor = 1.0
    if segment.channel == CALLER and early and _ASKS.search(text):
        factor *= 3.0
    if segment.channel != CALLER and _DONE.search(text):
        factor *= 2.0
    if segment.channel != CALLER and _PROMISE.search(text):
        factor *= 3.0 if _WHEN.search(text) else 2.0
    return factor * (0.2 if _HELLO.search(text) else 1.0)


def _lexrank(terms: Sequence[Counter[str]]) -> list[float]:
    """The rank of each line by power iteration over the cosine similarity of tf-idf vectors; they sum to about 1."""
    seen = Counter(word for line in terms for word in line)
    idf = {word: math.log(1 + len(terms) / count) for word, count in seen.items()}
    vectors = [{word: count * idf[word] for word, count in line.items()} for line in terms]
    alike = [[_cosine(a, b) for b in vectors] for a in vectors]
    sums = [sum(row) or 1.0 for row in alike]
    ranks = [1 / len(terms)] * len(terms)
    for _ in range(_ROUNDS):
        shares = [rank / total for rank, total in zip(ranks, sums, strict=True)]
        ranks = [
            (1 - _DAMPING) / len(terms) + _DAMPING * sum(a * share for a, share in zip(row, shares, strict=True))
            for row in alike
        ]
    return ranks


def _cosine(one: dict[str, float], other: dict[str, float]) -> float:
    shared = sum(weight * other.get(word, 0.0) for word, weight in one.items())
    return shared / (math.hypot(*one.values()) * math.hypot(*other.values())) if shared else 0.0


def _chosen(weights: Sequence[float], terms: Sequence[Counter[str]], most: int) -> list[int]:
    """The heaviest lines, leaving out what repeats a chosen one."""
    chosen: list[int] = []
    for i in sorted(range(len(weights)), key=lambda i: (-weights[i], i)):
        if len(chosen) < most and not any(_cosine(dict(terms[i]), dict(terms[j])) > 0.7 for j in chosen):
            chosen.append(i)
    return chosen


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_LINE else text[:LONGEST_LINE].rsplit(" ", 1)[0] + " …"
