"""Finds e-mail addresses and postal addresses: postcodes (NL, GB), house numbers, streets with a number (nl, en)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contactcenter.notes.finds import Kind
from contactcenter.notes.numbers import Span

_NAME = r"[\w+-]{1,64}"
_SAID_DOT = r"[\s~]{0,4}\b(?:punt|dot|point)\b[\s~]{0,4}"
_DOT = rf"(?:\.(?=\w)|{_SAID_DOT})"
_LAST_DOT = rf"(?:\s{{0,2}}\.(?:(?=\S)|\s{{1,2}}(?=(?:nl|com|org|net)\b))|{_SAID_DOT})"
_DASH = r"(?:(?:laag |liggend )?streepje|underscore|dash|hyphen|min|plus)"
# Letter by letter; possessive, so that no text takes long.
_SPELLED = rf"(?:\b\w\s{{1,2}}(?!(?:at|punt|dot|point|{_DASH})\b|a?app?en?))*+"
_JOINED = rf"{_SPELLED}{_NAME}(?:(?:{_DOT}|[\s,]{{1,3}}{_DASH}[\s,]{{1,3}}){_SPELLED}{_NAME}){{0,6}}"
_AT = (
    r"(?:[\s,~]{0,4}(?:@|\ba?app?en?\s?sta{1,3}r[td]\w{0,20})[\s~]{0,4}"
    r"|[\s,~]{1,4}(?<!\blook )(?<!\blooking )(?<!\bare )(?<!\bis )(?<!\bme )(?<!\bus )(?<!\bonline )at[\s~]{1,4})"
)
_SIGN = re.compile(r"@|\bat\b|app?en?\s?sta", re.I)  # without one of these there is no address
_TOP = r"(?:nl|n\s?l|com|org|net|eu|be|de|info|io|uk|fr)"
_MISHEARD = r"(?<![\w.+-])[\w.+-]{1,64}[\s,]{1,3}app?en?\s?sta{1,3}r[td]"  # apenstaartje, more or less
_MAIL = r"\b(?:e-?mail\w{0,8}|mailadres|mail address)(?: address)?(?: is|:)\s{1,2}"
_PROVIDER = r"(?:g-?mail|hotmail|outlook|yahoo|icloud|ziggo|kpn(?:mail)?|xs4all|hetnet|proton(?:mail)?)"
_EMAILS = (
    re.compile(rf"(?<![\w+-]){_JOINED}{_AT}(?!www\b)(?:{_NAME}\s){{0,2}}{_JOINED}{_LAST_DOT}{_TOP}\b", re.I),
    re.compile(
        rf"{_MAIL}(?P<value>(?:{_NAME}[\s.]{{1,3}}){{1,12}}?{_AT}(?:{_NAME}\s){{0,8}}?{_JOINED}{_LAST_DOT}{_TOP})\b",
        re.I,
    ),
    re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w.-]{1,100}\w"),
    re.compile(rf"{_MISHEARD}[\w-]{{0,40}}(?:[\s.]{{1,3}}[\w-]{{1,40}}){{0,2}}?\.\w{{2,10}}", re.I),
    re.compile(rf"{_MISHEARD}(?:je)?\b", re.I),
    re.compile(rf"(?<![\w+-]){_JOINED}{_AT}{_PROVIDER}\b", re.I),
    re.compile(rf"{_MAIL}(?P<value>(?:{_NAME}[\s.]{{1,3}}){{0,4}}?{_NAME}{_AT}{_NAME})\b", re.I),
)

_S = r"[\s,.?!~-]{0,8}"
_DIGITS = rf"[1-9](?:{_S}\d){{3}}(?!{_S}\d)"
_WORDS = [
    "is",
    "en",
    "of",
    "om",
    "op",
    "in",
    "te",
    "de",
    "er",
    "we",
    "ja",
    "je",
    "na",
    "nu",
    "zo",
    "al",
    "as",
    "an",
    "at",
    "by",
    "to",
    "or",
    "on",
    "it",
    "if",
    "go",
    "am",
    "pm",
    "kg",
    "mb",
    "gb",
    "kb",
    "tb",
    "km",
    "cm",
    "mm",
    "ml",
    "eu",
    "us",
    "uk",
    "so",
    "no",
    "do",
    "my",
    "be",
    "he",
    "me",
    "up",
    "ik",
    "u",
    "st",
    "th",
    "nd",
    "rd",
    "ze",
    "van",
    "iso",
    "sa",
    "sd",
    "ss",
    "ok",
]
_SMALL = rf"(?!(?-i:{'|'.join(_WORDS)})\b)"
_UNITS = frozenset(
    ["KG", "MB", "GB", "KB", "TB", "KM", "CM", "MM", "ML", "EU", "US", "UK", "EN", "AM", "PM", "OF", "OP"]
)
_HOUSE = (
    r"(?:(?:[\s,.?!]{1,4}(?:en|and|het|the|op|is|at|with|met|dat|it's|i'm|ik zit|ik woon)\b){0,4}"
    r"[\s,.?!]{1,4}(?:(?:wat is )?(?:het |uw |the |your )?(?:huis|house )?(?:nummer|number)[\s,.?!:]{1,3}"
    r"(?:(?:is|dat is|that's|it's|het is)\s)?)?"
    r"(?P<house>\d{1,4}(?:[\s-]?[a-h](?![\w'])|[\s-]?(?:bis|hs)\b)?)(?![\d:%]|[.,]\d|\s?(?:uur|euro|keer|minu)))?"
)
_ZIP = re.compile(
    rf"(?<![\w.,-])(?P<value>{_DIGITS}{_S}(?:(?:de |the )?letters (?:zijn |are )?)?{_SMALL}"
    rf"[A-Z][\s.,]{{0,3}}[A-Z](?![\w-])){_HOUSE}",
    re.I,
)
_GB = re.compile(
    rf"(?<!\w)(?P<value>[A-Z]{_S}(?:[A-Z]{_S})?\d{_S}(?:[A-Z0-9]{_S})?\d{_S}[ABD-HJLNP-UW-Z]{_S}[ABD-HJLNP-UW-Z])\b"
    r"(?:[\s,.?!]{1,4}(?:house )?number[\s,.?!:]{1,3}(?P<house>\d{1,4}[a-h]?)(?!\w))?",
    re.I,
)
_HOUSE_SAID = re.compile(
    r"\b(?:huisnummer|house number)\b"
    r"(?:[\s,.?!:]{1,4}(?:is|dat|het|that|that's|it|it's|en|and|the|van|u|uw|your)\b){0,4}"
    r"[\s,.?!:]{1,4}(?P<value>\d{1,4}(?:[\s-]?[a-h](?![\w']))?)(?!\d)",
    re.I,
)
_ZIP_SAID = re.compile(
    r"\b(?:post\s?code|postal code|zip(?: code)?)\b(?:[\s,?:]{1,3}(?:is|dat|het|it|it's|that|that's)\b){0,3}"
    rf"[\s,?:]{{1,3}}(?P<value>\d(?:{_S}\d){{3,4}})(?!\d)",
    re.I,
)
_STREET = re.compile(
    r"\b(?P<value>(?:(?:[a-zà-ÿ]{3,30}(?:straat|laan|plein|gracht|kade|singel|dreef|steeg)"
    r"|(?-i:[A-Z])[a-zà-ÿ]{2,30}(?:weg|dijk|hof|pad))[\s,]{1,2}(?:nummer )?\d{1,4}(?:\s?[a-h])?"
    r"|\d{1,4}[a-h]?[\s,]{1,2}(?:(?-i:[A-Z])[a-z]{2,20} ){1,2}(?-i:Street|Road|Lane|Avenue|Drive|Close)))\b(?!:)",
    re.I,
)
_NEAR = re.compile(r"post\s?code|postal code|zip\b|\badres\b|\baddress\b|woon\w*|\blive\b", re.I)
_NOT = re.compile(
    r"\b(?:iso|nen|model|versie|version|type|factuur\w*|order\w*|invoice\w*|serie\w*|licentie\w*)\b", re.I
)


def emails(text: str) -> Iterator[Span]:
    """E-mail addresses, written, said or spelled."""
    for pattern in _EMAILS if _SIGN.search(text) else ():
        for found in pattern.finditer(text):
            yield (Kind.EMAIL, *found.span("value" if "value" in pattern.groupindex else 0))


def postal(text: str) -> Iterator[Span]:
    """Postcodes and the house number beside them, house numbers said to be one, streets with a number."""
    for found in _ZIP.finditer(text):
        before = text[max(0, found.start() - 60) : found.start()]
        if _is_postcode(found["value"], before, found["house"] is not None):
            yield (Kind.ADDRESS, *found.span("value"))
            if found["house"]:
                yield (Kind.ADDRESS, *found.span("house"))
    yield from _british(text)
    for pattern in (_HOUSE_SAID, _ZIP_SAID, _STREET):
        for found in pattern.finditer(text):
            yield (Kind.ADDRESS, *found.span("value"))


def _british(text: str) -> Iterator[Span]:
    for found in _GB.finditer(text):
        if _NEAR.search(text, max(0, found.start() - 60), found.start()) or found["value"].isupper():
            yield (Kind.ADDRESS, *found.span("value"))
            if found["house"]:
                yield (Kind.ADDRESS, *found.span("house"))


def _is_postcode(value: str, before: str, with_house: bool) -> bool:
    """Two capitals after four digits, or any two letters where a postcode or an address was spoken of."""
    letters = re.sub(r"(?i)letters|zijn|are|de |the |[^A-Z]", "", value)
    near = _NEAR.search(before) is not None
    year = value.startswith(("19", "20")) and not with_house
    if (year or (letters.upper() in _UNITS and letters in value)) and not near:
        return False
    if letters.upper() in ("SA", "SD", "SS") or _NOT.search(before[-20:]):
        return False
    return letters.isupper() or (with_house and letters.islower()) or near
