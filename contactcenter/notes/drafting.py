"""A drafted summary made of sentences that were really said: the question, what was done, what was promised.

LexRank (Erkan and Radev, 2004) over the segments: a line matters when it resembles many others. On top of it weigh
what a support desk wants to know later (`acts.py`). No word is made up; each line cites its second; a
person confirms it (P10).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from contactcenter.notes.acts import ASKS, Act, Speakers, act_of, promised_on, sentences, speakers
from contactcenter.notes.said import Segment

LONGEST_LINE = 240  # characters
FEWEST_WORDS = 3
MOST_COMPARED = 300  # lines; each is compared with each
_DAMPING, _ROUNDS = 0.85, 30
_TOLD = (Act.QUESTION, Act.PROMISE, Act.DONE, Act.OUTCOME)  # each has its line, in this order where room is short
_WEIGHTS = {Act.QUESTION: 1.0, Act.SAID: 1.0, Act.DONE: 2.0, Act.OUTCOME: 1.5, Act.PROMISE: 1.5}

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
    r"|graag gedaan|good (morning|afternoon|evening)|this is \w+|how can i help|waar(mee)? kan ik"
    r"|wat kan ik voor u doen|what can i do for you|goodbye|bye"
    r"|you're welcome|have a (nice|good)|thank you for (calling|waiting|holding)|bedankt voor het",
    re.I,
)


@dataclass(frozen=True)
class DraftLine:
    """A line of the draft with its second and channel, what it does, and of a promise the day (2026-11-30).

    `cites` are all lines of the transcript on which one in other words rests, each (channel, start).
    """

    text: str
    start: float
    channel: int
    act: Act = Act.SAID
    day: str | None = None
    cites: tuple[tuple[int, float], ...] = ()

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> DraftLine:
        """A line as it was stored; one of before lines said what they do is just said."""
        cites = tuple((channel, start) for channel, start in stored.get("cites", ()))
        return cls(**{**stored, "act": Act(stored.get("act", Act.SAID)), "cites": cites})

    @property
    def rests_on(self) -> frozenset[tuple[int, float]]:
        """The lines of the transcript, as (channel, start), that say this."""
        return frozenset({(self.channel, self.start), *self.cites})

    @property
    def due(self) -> date | None:
        """The day of the promise."""
        return date.fromisoformat(self.day) if self.day else None


def owed(lines: Sequence[DraftLine], today: date) -> DraftLine | None:
    """The promise that is due first, of those that are not past: its day is offered as that of the follow-up."""
    ahead = [line for line in lines if line.due is not None and line.due >= today]
    return min(ahead, key=lambda line: (line.day, line.start), default=None)


def draft(
    segments: Sequence[Segment], language: str, roles: Sequence[str], began: datetime, most: int = 6
) -> tuple[DraftLine, ...]:
    """At most `most` lines, at least three where so much was said, in order of time; the same input, the same draft.

    `roles` names who is on each channel; `began` is when the recording did, in the zone whose days count. Question,
    what was done, outcome and promise come first, one of each; then what resembles most of the rest.
    """
    who = speakers(roles)
    lines = _candidates([_line(s, segments, who, language, began) for s in _told(segments)], who)
    if not lines:
        return ()
    terms = [Counter(words_that_tell(line.text, language)) for line in lines]
    weights = [rank * _factor(line, lines, who) for line, rank in zip(lines, _lexrank(terms), strict=True)]
    chosen = _chosen(_telling_first(weights, lines), terms, min(most, max(3, len(lines) // 3)))
    return tuple(replace(lines[i], text=_shortened(lines[i].text)) for i in sorted(chosen))


def _told(segments: Sequence[Segment]) -> list[Segment]:
    """What has some words, in order of time."""
    said = (s for s in segments if len(_words(s.text)) >= FEWEST_WORDS)
    return sorted(said, key=lambda s: (s.start, s.channel))


def _line(segment: Segment, said: Sequence[Segment], who: Speakers, language: str, began: datetime) -> DraftLine:
    act = act_of(segment, who)
    day = promised_on(segment, said, language, moment(began, segment.start)) if act is Act.PROMISE else None
    return DraftLine(segment.text, segment.start, segment.channel, act, day.isoformat() if day else None)


def moment(began: datetime, second: float) -> datetime:
    """When that second of a recording was, in the zone of its beginning."""
    return (began.astimezone(UTC) + timedelta(seconds=second)).astimezone(began.tzinfo)


def _candidates(lines: list[DraftLine], who: Speakers) -> list[DraftLine]:
    """Of a very long call the lines that look most telling, in order of time."""
    telling = sorted(lines, key=lambda line: -_factor(line, lines, who))[:MOST_COMPARED]
    return sorted(telling, key=lambda line: (line.start, line.channel))


def _telling_first(weights: Sequence[float], lines: Sequence[DraftLine]) -> list[int]:
    """The lines by weight; before all others the heaviest of each act."""
    heaviest = sorted(range(len(weights)), key=lambda i: (-weights[i], i))
    best = {act: next((i for i in heaviest if lines[i].act is act), None) for act in _TOLD}
    first = [i for i in best.values() if i is not None]
    return first + [i for i in heaviest if i not in first]


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+(?:'[a-z]+)?|\d+", text.lower())


def words_that_tell(text: str, language: str) -> list[str]:
    """The words of a text, in small letters, without those that stand in every one."""
    return [word for word in _words(text) if word not in _stop(language)]


def _stop(language: str) -> frozenset[str]:
    return frozenset(_STOP.get(language, "").split())


def _factor(line: DraftLine, said: Sequence[DraftLine], who: Speakers) -> float:
    """How much more, or less, a line counts for what it does: tell early what it is about, do, promise, greet."""
    early = line.start <= said[0].start + max(30.0, (said[-1].start - said[0].start) / 3)
    factor = _WEIGHTS[line.act] * (2.0 if line.day else 1.0)
    if early and line.channel != who.agent:
        factor = 3.0 if ASKS.search(line.text) else 1.5
    return factor * (0.2 if _greets(line.text) else 1.0)


def _greets(text: str) -> bool:
    """Whether nothing is left of a line without its sentences of greeting and thanks."""
    left = " ".join(one for one in sentences(text) if not _HELLO.search(one))
    return len(_words(left)) < FEWEST_WORDS


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


def _chosen(order: Sequence[int], terms: Sequence[Counter[str]], most: int) -> list[int]:
    """The first lines in this order, leaving out what repeats a chosen one."""
    chosen: list[int] = []
    for i in order:
        if len(chosen) < most and not any(_cosine(dict(terms[i]), dict(terms[j])) > 0.7 for j in chosen):
            chosen.append(i)
    return chosen


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_LINE else text[:LONGEST_LINE].rsplit(" ", 1)[0] + " …"
