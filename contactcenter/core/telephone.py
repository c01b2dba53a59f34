"""Telephone numbers: exact E.164 for comparing, national notation for reading, and callers who have none."""

import re
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers

HOME_REGION = "NL"
WITHHELD_WORDS = {"", "anonymous", "restricted", "unknown", "unavailable", "private", "blocked", "withheld"}
# Numbers that the carrier sends in place of a withheld one; they look valid and must match nobody.
WITHHELD_NUMBERS = {"266696687", "86282452253", "8656696", "2562533", "7378742833"}


AS_CARRIERS_SEND = re.compile(r"\+[0-9]{7,15}")


class CallerKind(StrEnum):
    """What the carrier's From turned out to be; or that we called, when the number is on no call at all."""

    NUMBER = "number"
    WITHHELD = "withheld"
    SIP = "sip"
    ODD = "odd"
    CALLED = "called"


@dataclass(frozen=True)
class Caller:
    """Who rings, as far as the carrier says: `e164` only for a number that is valid as it stands."""

    kind: CallerKind
    e164: str | None = None


def read_caller(sent: str) -> Caller:
    """Read the carrier's From, which is E.164 as it stands. Withheld and odd callers have no number, equal nobody."""
    text = sent.strip()
    if text.lower() in WITHHELD_WORDS or text.lstrip("+") in WITHHELD_NUMBERS:
        return Caller(CallerKind.WITHHELD)
    if text.startswith("sip:"):
        return Caller(CallerKind.SIP)
    if AS_CARRIERS_SEND.fullmatch(text) and to_e164(text) == text:
        return Caller(CallerKind.NUMBER, text)
    return Caller(CallerKind.ODD)


def to_e164(written: str) -> str | None:
    """A number in any usual notation as +31612345678; None when it is none, also with letters for digits."""
    if any(character.isalpha() for character in written):
        return None
    try:
        parsed = phonenumbers.parse(written, HOME_REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed) or parsed.extension:
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def national(e164: str) -> str:
    """For a reader: 06 12345678 for our own country, international notation for another."""
    parsed = phonenumbers.parse(e164)
    home = phonenumbers.country_code_for_region(HOME_REGION)
    style = phonenumbers.PhoneNumberFormat.NATIONAL
    if parsed.country_code != home:
        style = phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, style)
