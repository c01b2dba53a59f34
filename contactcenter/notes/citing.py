"""Whether the lines of a call really say what a machine writes of them: by words, numbers, days and speakers alone.

The answer of a machine is not trusted: who calls may have talked to it. A line stays only where the lines that it
cites exist, are of the right speaker, and hold all of its words but one, and each of its numbers, days and denials.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from contactcenter.notes.acts import Act, act_of, promised_on, speakers
from contactcenter.notes.asked import stem
from contactcenter.notes.calendar_words import MONTHS, ORDINALS, WEEKDAYS
from contactcenter.notes.drafter import Conversation
from contactcenter.notes.drafting import DraftLine, moment, words_that_tell
from contactcenter.notes.numerals import as_digits
from contactcenter.notes.prompt import LONGEST_LINE, MOST_CITED, MOST_LINES
from contactcenter.notes.redaction import redact
from contactcenter.notes.said import Segment

MOST_OWN = 1  # words that tell and are the machine's own,
FEWEST_WORDS = 4  # ... in a line of at least so many
MOST_ENTRIES = 20
_SAME_BEGINNING, _SHORTEST_VERB = 6, 3  # letters
_SEPARABLE = re.compile(r"(terug|na|uit|door|op|af|aan|mee|in|over|toe|weg)(?:ge|te)?(\w{3,})")
_RETELLING = {  # what a summary says of anybody; such words need not be in the call
    "nl": "klant beller medewerker agent vraagt vroeg meldt meldde zegt zei belt belde wil wilde belooft beloofde laat "
    "weten heeft krijgt kreeg wordt werd geeft gaf aangegeven uitgelegd geadviseerd",
    "en": "caller customer employee agent asks asked reports reported says said calls called wants wanted promises "
    "promised told tells gets got will been advised explained",
}
_SOON = (
    "vandaag vanochtend vanmorgen vanmiddag vanavond vannacht morgen overmorgen gisteren eergisteren ochtend middag "
    "avond today tonight tomorrow yesterday morning afternoon evening noon"
)
_DAY_WORDS = {*_SOON.split(), *WEEKDAYS, *MONTHS} - {"may"}
_LARGE = re.compile(r"honderd|duizend|miljoen|miljard|hundred|thousand|million|billion|half|dozijn|dozen")
_DENIES = re.compile(
    r"\b(?:niet|geen|niets|niemand|nooit|zonder|not|no|none|never|nothing|nobody|cannot|without|geenszins|weiger\w*|refus\w*|unable)\b|n't\b"
)
_CLAUSES = re.compile(r"[.?!,;:]|\b(?:maar|but|en|and|want|because|omdat)\b")
_CLASS = re.compile(r"\[[^\]]*\]?")
_ADDRESS = re.compile(r"\w+(?:[.@]|://)\w[\w./@-]*")


class Unreadable(Exception):
    """An answer that is not what was asked for."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    act: Literal["question", "done", "promise", "outcome"]
    text: str
    cites: list[int]


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    lines: list[_Entry]


def checked(content: str, conversation: Conversation) -> tuple[DraftLine, ...]:
    """The lines of an answer that the call supports, in order of time. Raises `Unreadable` for anything but the JSON
    that was asked for."""
    try:
        entries = _Answer.model_validate_json(content).lines
    except ValidationError:
        raise Unreadable from None
    if len(entries) > MOST_ENTRIES:
        raise Unreadable
    kept: dict[str, DraftLine] = {}
    for entry in entries:
        line = _line(entry, conversation)
        if line is not None and len(kept) < MOST_LINES:
            kept.setdefault(line.text, line)
    return tuple(sorted(kept.values(), key=lambda line: (line.start, line.channel)))


def holds(line: DraftLine, segments: Iterable[Segment], language: str) -> bool:
    """Whether the lines that this one cites are still there, and say it."""
    cited = [one for one in segments if (one.channel, one.start) in line.rests_on]
    return len(cited) == len(line.rests_on) and says([one.text for one in cited], line.text, language)


def repeats(line: DraftLine, gone: Sequence[Segment], left: Sequence[Segment], language: str) -> bool:
    """Whether a line rests on what is gone: cites it, or has a word of it that is in no line left that it cites."""
    if line.rests_on & {(one.channel, one.start) for one in gone}:
        return True
    own = _stems(" ".join(one.text for one in left if (one.channel, one.start) in line.rests_on), language)
    return bool((_stems(line.text, language) - own) & _stems(" ".join(one.text for one in gone), language))


def says(cited: Sequence[str], text: str, language: str, most_own: int = MOST_OWN) -> bool:
    """Whether these lines say this text, as far as its words tell; `most_own` of them may be in none of the lines."""
    said = " ".join(cited)
    strict = (_numbers, _days, _classes, _addresses)
    if not all(of(text, language) <= of(said, language) for of in strict) or not _may_deny(said, text):
        return False
    retold = _RETELLING.get(language, "").split()
    words = {word for word in words_that_tell(text, language) if word not in retold and not word.isdigit()}
    own = words - _found(words, said, language)
    return bool(words) and (not own or (len(own) <= most_own and len(words) >= FEWEST_WORDS))


def _found(words: Iterable[str], said: str, language: str) -> set[str]:
    """Those of these words that were said, but for their endings, or in two pieces ("bel u terug": "teruggebeld")."""
    telling = words_that_tell(said, language)
    stems, beginnings = {stem(one) for one in telling}, {one[:_SAME_BEGINNING] for one in telling}
    same = {
        one
        for one in words
        if stem(one) in stems or (len(one) >= _SAME_BEGINNING and one[:_SAME_BEGINNING] in beginnings)
    }
    apart = _plain(said)
    pieces = ((one, _SEPARABLE.fullmatch(one)) for one in words)
    verbs = tuple(one for one in stems if len(one) >= _SHORTEST_VERB)
    return same | {
        one
        for one, found in pieces
        if found and found[1] in apart and re.sub(r"(.)\1", r"\1", found[2]).startswith(verbs)
    }


def _line(entry: _Entry, conversation: Conversation) -> DraftLine | None:
    cited, act = _cited(entry, conversation), Act(entry.act)
    if not cited or len(entry.text) > LONGEST_LINE:
        return None
    text = redact(" ".join(entry.text.split()), conversation.language).text
    own = 0 if act is Act.PROMISE else MOST_OWN  # a promise binds
    if not text.isprintable() or not says([one.text for one in cited], text, conversation.language, own):
        return None
    if act is not Act.QUESTION and _hides_denial(cited, text, conversation.language):
        return None
    cites = tuple((one.channel, one.start) for one in cited)
    if act is Act.PROMISE and all(act_of(one, speakers(conversation.roles)) is not act for one in cited):
        act = Act.SAID  # "you want us to pay it back" is none, whatever a machine makes of it
    day = _day(cited, conversation) if act is Act.PROMISE else None
    return DraftLine(text, cited[0].start, cited[0].channel, act, day, cites)


def _cited(entry: _Entry, conversation: Conversation) -> list[Segment]:
    """The lines that an entry cites, in order of time; none if one doesn't exist or is not of whom the act is. How it
    ended the employee tells, or a caller in words that our own rules take for it."""
    said = conversation.segments
    if not 0 < len(entry.cites) <= MOST_CITED or not all(1 <= number <= len(said) for number in entry.cites):
        return []
    cited = [said[number - 1] for number in sorted(set(entry.cites))]
    who = speakers(conversation.roles)
    of = {Act.QUESTION: who.caller, Act.DONE: who.agent, Act.PROMISE: who.agent}
    act = Act(entry.act)
    if act is Act.OUTCOME:
        told = any(one.channel == who.agent or act_of(one, who) is Act.OUTCOME for one in cited)
    else:
        told = all(one.channel == of[act] for one in cited)
    if act is Act.DONE and any(one.text.rstrip().endswith("?") for one in cited):
        told = False  # "so you say we refunded it?"
    return cited if told else []


def _day(cited: Sequence[Segment], conversation: Conversation) -> str | None:
    """The day that a promise in the cited lines names, by our own rule: that of the machine is never asked for."""
    for one in cited:
        at = moment(conversation.began, one.start)
        day = promised_on(one, conversation.segments, conversation.language, at)
        if day is not None:
            return day.isoformat()
    return None


def _numbers(text: str, language: str) -> set[str]:
    """Numbers in digits, also of those said as words; "one" and "o" are said for other things, too."""
    spelled = {*re.findall(r"\d+", as_digits(text.lower(), language).text)}
    spelled |= {str(ORDINALS[word]) for word in _plain(text) if word in ORDINALS}
    large = {word for word in _plain(text) if _LARGE.search(word)}
    return (spelled - {"0", "1"}) | {*re.findall(r"\d+", text)} | large


def _days(text: str, _: str) -> set[str]:
    return _plain(text) & _DAY_WORDS


def _classes(text: str, _: str) -> set[str]:
    return set(_CLASS.findall(text))


def _addresses(text: str, _: str) -> set[str]:
    return {found.lower() for found in _ADDRESS.findall(text)}


def _plain(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]+", text.lower()))


def _may_deny(said: str, text: str) -> bool:
    return not _DENIES.search(text.lower()) or _DENIES.search(said.lower()) is not None


def _hides_denial(cited: Sequence[Segment], text: str, language: str) -> bool:
    """Whether a text without denial tells most of a clause that denies: "we did not refund it" is no refund."""
    if _DENIES.search(text.lower()):
        return False
    told = _stems(text, language)
    denials = (
        _stems(one, language) for line in cited for one in _CLAUSES.split(line.text) if _DENIES.search(one.lower())
    )
    return any(len(words & told) * 2 >= len(words) > 0 for words in denials)


def _stems(text: str, language: str) -> set[str]:
    return {stem(word) for word in words_that_tell(text, language)}
