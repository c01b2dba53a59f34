"""What a line of a conversation does: it asks, says what was done or how it ended, or promises, perhaps for a day.

Who asks is the caller, and who does and promises the agent, so these three are only told of a channel of which the
recording's roles say whose it is. How it ended anybody may say.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from contactcenter.notes.days import named_days, nearest_day
from contactcenter.notes.said import Segment

LONGEST_AFTER = 8  # words of a breath after the promise that may hold its day: "Tomorrow, before noon."
SOON = 15.0  # seconds in which that breath begins


class Act(StrEnum):
    """What a line does."""

    QUESTION = "question"
    DONE = "done"
    OUTCOME = "outcome"
    PROMISE = "promise"
    SAID = "said"


@dataclass(frozen=True)
class Speakers:
    """Which channel is whose; None where nobody knows."""

    caller: int | None
    agent: int | None


def speakers(roles: Sequence[str]) -> Speakers:
    """The one rule for who speaks: the recording's roles, where they name exactly one caller and one agent."""
    if sorted(roles) != ["agent", "caller"]:
        return Speakers(None, None)
    return Speakers(roles.index("caller"), roles.index("agent"))


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.I)


ASKS = _any(
    r"\?",
    r"\b(?:ik wil|ik zou|ik bel (?:over|omdat|voor|met)|kunt u|kan ik|probleem|storing|werkt niet|lukt niet|klacht"
    r"|factuur|vraag|waarom|i want|i would|i'd like|i am calling|i'm calling|can you|could you|problem|outage"
    r"|does not work|doesn't work|complain\w*|invoice|question|none of|since|why)\b",
)
_CALLS = r"(?:bel|mail|stuur|app|contacteer)"
_ALL_CALL = r"(?:bellen|mailen|sturen|nemen|laten|zullen|gaan|zorgen)"
_LATER = (
    r"(?:terug|contact|weten|bij u|op terug|ervoor|gebeld|teruggebeld|terugbellen|antwoord|naar u|uitzoeken|na bij)"
)
_PROMISES = _any(
    rf"\b(?:ik {_CALLS}|{_CALLS} ik) (?:(?:u|je|jou|het|hem|ze|dat|er|de|een)\b)",
    rf"\b(?:ik|we|wij) (?:zal|zullen|ga|gaan|laat|laten|neem|nemen|kom|komen|zorg|zorgen|vraag)"
    rf"\b[^.?!]{{0,60}}\b{_LATER}\b",
    rf"\b(?:zal|zullen|ga|gaan|laat|laten|neem|nemen|kom|zorg|vraag) (?:ik|we|wij)\b[^.?!]{{0,60}}\b{_LATER}\b",
    rf"\b(?:we|wij) {_ALL_CALL}\b (?:u|je|het|contact|er)|\b{_ALL_CALL} (?:we|wij) (?:u|je|het|contact|er)\b",
    r"\b(?:u|je) wordt [^.?!]{0,40}(?:terug)?gebeld|\bwordt u [^.?!]{0,40}(?:terug)?gebeld",
    r"\b(?:mijn|een|onze|de) (?:collega|leidinggevende|monteur|afdeling)\b"
    r"[^.?!]{0,30}\b(?:belt|mailt|stuurt|neemt|antwoordt)\b",
    r"\b(?:belt|mailt|stuurt|neemt) (?:mijn|een|onze|de) (?:collega|leidinggevende|monteur|afdeling)\b",
    r"\b(?:u hoort|hoort u)\b[^.?!]{0,40}\b(?:van|weer|iets|ons|mij)\b",
    r"\b(?:u krijgt|krijgt u|u ontvangt|ontvangt u)\b[^.?!]{0,50}(?:mail|bericht|bevestiging|antwoord"
    r"|telefoon|brief|factuur|uitnodiging|bedrag|geld|offerte)",
    r"\b(?:i|we)(?:'ll| will| shall| am going to|'m going to| are going to|'re going to) (?:\w+ ){0,2}?(?:call"
    r"|ring|phone|e-?mail|send|get back|let you know|write|contact|answer|arrange|make sure|find out|look into)\b",
    r"\b(?:my|a|our|the|somebody|someone|one of our) ?(?:manager|colleagues?|team|engineers?|technician)? will"
    r" (?:\w+ ){0,2}?(?:call|ring|phone|e-?mail|send|get back|write|contact|answer)\b",
    r"\byou(?:'ll| will) (?:\w+ ){0,2}?(?:hear|get|receive|be called)\b",
    r"\bwill be (?:\w+ ){0,3}?(?:back|fixed|solved|restored|working|sent|ready|available)\b",
    r"\bexpect (?:it|this|that) to be (?:\w+ ){0,2}?(?:back|fixed|solved|restored|working)\b",
)
_NOT = re.compile(r"\b(?:niet|geen|nooit|not|never|no|cannot|nobody)\b|n't\b", re.I)
_DONE = _any(
    r"\b(?:ik heb|heb ik|we hebben|hebben we|wij hebben)\b[^.?!]{0,60}\b"
    r"(?:(?:aan|af|in|op|uit|door|over|om|weg|terug|toe|na)?ge\w{2,}(?:d|t|en)|ver\w{3,}(?:d|t|en)|be\w{3,}(?:d|t)|her\w{3,}(?:d|t)|ont\w{3,}(?:d|t|en)|gereset)\b",
    r"\b(?:is|staat|zijn|staan) (?:nu|net|zojuist|vanochtend|vanmorgen|weer)\b",
    r"\bdat heb ik (?:\w+ )?(?:genoteerd|geregeld|aangepast)",
    r"\b(?:i|we)(?:'ve| have| just)\b[^.?!]{0,40}"
    r"\b(?:\w{3,}ed|sent|reset|made|put|done|set|given|taken|written|found)\b",
    r"\b(?:is|are) now\b|\b(?:was|were|has been|have been) (?:\w+ )?(?:restored|corrected|changed|sent|reset|fixed"
    r"|cancelled|credited|added|removed|updated|extended|moved)\b",
)
_ENDED = _any(
    r"\b(?:werkt|lukt|doet het|gaat) (?:het )?(?:nu|weer|nog (?:steeds )?niet|nog altijd niet)\b",
    r"\b(?:het|hij|alles|ze) (?:doet|doen) het (?:nu|weer|nog niet)\b",
    r"\b(?<!wordt )(?<!worden )(?:opgelost|gelukt|verholpen|hersteld)\b",
    r"\b(?:works|working) (?:now|again|fine)\b|\b(?:that|it) (?:worked|did it|works)\b",
    r"(?<!to be )(?<!will be )\b(?:solved|resolved|sorted|fixed|restored)\b",
    r"\bstill (?:doesn't|does not|not|isn't) work(?:ing)?\b",
)
_SEEN = _any(  # of the caller alone: an agent who sees it says that they found the page
    r"\bik zie (?:het|hem|ze|alles) (?:nu|weer|staan)\b",
    r"\bdan (?:weet|heb) ik (?:genoeg|alles)\b",
    r"\bi can (?:now )?see (?:it|them|everything)(?: now| again)?\b",
)
_CLAUSE = re.compile(r"[^,;:]+")
_SENTENCE = re.compile(r"[^.?!]+(?:\.(?=\d)[^.?!]+)*[.?!]*")


def act_of(segment: Segment, who: Speakers) -> Act:
    """What a line does, as far as its words and its speaker tell."""
    told = " ".join(_told(segment.text))
    if who.agent is not None and segment.channel == who.agent:
        return _of_agent(segment.text, told)
    by_caller = who.caller is not None and segment.channel == who.caller
    if _ENDED.search(told) or (by_caller and _SEEN.search(told)):
        return Act.OUTCOME
    return Act.QUESTION if by_caller and ASKS.search(segment.text) else Act.SAID


def _of_agent(text: str, told: str) -> Act:
    if _promise(text) is not None:
        return Act.PROMISE
    if _DONE.search(told):
        return Act.DONE
    return Act.OUTCOME if _ENDED.search(told) else Act.SAID


def promised_on(segment: Segment, said: Sequence[Segment], language: str, at: datetime) -> date | None:
    """The day that the promise in this line names, or the next short breath of the same speaker does.

    `at` is when the line was said, in the zone whose days count.
    """
    found = _promise(segment.text)
    if found is None:
        return None
    sentence, start, end = found
    on = nearest_day(sentence, language, at, start, end)
    if on is not None:
        return on
    after = [one for one in said if one.channel == segment.channel and 0 < one.start - segment.start <= SOON]
    first = min(after, key=lambda one: one.start, default=None)
    if first is None or len(first.text.split()) > LONGEST_AFTER:
        return None
    days = named_days(first.text, language, at + timedelta(seconds=first.start - segment.start))
    return days[0].on if days else None


def sentences(text: str) -> list[str]:
    """A text in its sentences."""
    return _SENTENCE.findall(text)


def _told(text: str) -> list[str]:
    """The sentences that are no questions."""
    return [one for one in sentences(text) if not one.rstrip().endswith("?")]


def _promise(text: str) -> tuple[str, int, int] | None:
    """The first sentence that promises, and where in it; a clause that denies promises nothing."""
    for sentence in _told(text):
        for clause in _CLAUSE.finditer(sentence):
            found = _PROMISES.search(clause[0])
            if found and not _NOT.search(clause[0]):
                return sentence, clause.start() + found.start(), clause.start() + found.end()
    return None
