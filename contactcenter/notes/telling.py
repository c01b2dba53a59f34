"""Whether an employee tells what stands behind a level (P05): an address, a number, an amount; in a sentence (nl, en).

A hint for a person, and no more: by the words that announce it, and by what redaction took out of an employee's
sentence although no caller had said any of the kind before.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from contactcenter.customers.rules import Kind
from contactcenter.notes.finds import Kind as Class

_ANNOUNCED: Mapping[str, Mapping[Kind, str]] = {
    "nl": {
        Kind.NAME_AND_ADDRESS: r"\b(?:uw|je) (?:\w+ )?(?:adres|postcode|woonplaats)(?: \w+)? is\b"
        r"|\bu woont (?:op|aan|in)\b"
        r"|\b(?:ik heb|ik zie|staat|hebben) (?:hier |u )?(?:als |op )?(?:het |uw )?adres\b",
        Kind.PHONE_NUMBERS: r"\b(?:uw|je) (?:\w+ )?(?:telefoon|mobiele |06-?)nummer(?: \w+)? is\b",
        Kind.EMAIL_ADDRESSES: r"\b(?:uw|je) (?:\w+ )?(?:e-?mail ?adres|mailadres)(?: \w+)? is\b",
        Kind.BANK_ACCOUNT: r"\b(?:uw|je|het) (?:\w+ )?(?:(?:bank)?rekening ?nummer|iban)(?: \w+)? (?:is|eindigt)\b",
        Kind.INVOICES: r"\b(?:het )?openstaande? bedrag (?:is|bedraagt)\b|\ber staat nog\b[^.?!]{0,30}\b(?:euro|open)\b"
        r"|\b(?:uw|de) (?:\w+ )?factuur[^.?!]{0,20}(?:\bis|\bbedraagt|\bvan)\b[^.?!]{0,20}(?:€|\beuro\b)",
        Kind.LICENCES: r"\bu heeft (?:op dit moment |nu |nog )?(?:\d+|\w+) (?:actieve )?(?:licenties?|gebruikers)\b",
        Kind.CONTRACT_TERM: r"\b(?:uw|het) (?:contract|abonnement) (?:loopt|eindigt|is begonnen|verloopt)\b",
    },
    "en": {
        Kind.NAME_AND_ADDRESS: r"\byour (?:\w+ )?(?:address|postcode)(?: \w+)? is\b|\byou live (?:at|in|on)\b"
        r"|\b(?:i have|we have|i see) (?:your |the )?address (?:as|here|is)\b",
        Kind.PHONE_NUMBERS: r"\byour (?:\w+ )?(?:phone |telephone |mobile )number(?: \w+)? is\b",
        Kind.EMAIL_ADDRESSES: r"\byour (?:\w+ )?e-?mail(?: address)?(?: \w+)? is\b",
        Kind.BANK_ACCOUNT: r"\byour (?:\w+ )?(?:account number|iban)(?: \w+)? (?:is|ends)\b",
        Kind.INVOICES: r"\b(?:the|your) (?:outstanding|open) (?:amount|balance|invoice)(?: \w+)? (?:is|of|comes)\b"
        r"|\byou (?:still )?owe\b|\byour (?:\w+ )?invoice\b"
        r"[^.?!]{0,20}\b(?:is|was|of)\b[^.?!]{0,20}(?:€|£|\beuros?\b|\bpounds?\b)",
        Kind.LICENCES: r"\byou (?:currently |now )?have (?:\d+|\w+) (?:active )?(?:licen[cs]es?|users|seats)\b",
        Kind.CONTRACT_TERM: r"\byour (?:contract|subscription) (?:runs|ends|expires|started|is until)\b",
    },
}
_TAKEN_OUT = {
    Class.ADDRESS: Kind.NAME_AND_ADDRESS,
    Class.PHONE: Kind.PHONE_NUMBERS,
    Class.EMAIL: Kind.EMAIL_ADDRESSES,
    Class.IBAN: Kind.BANK_ACCOUNT,
}
_OURS = re.compile(
    r"\b(?:ons|onze|wij|we|ik bel u|bel (?:ons|naar)|bereiken|mail (?:ons|naar)|mailen naar|overmaken (?:naar|op)"
    r"|our|ours|us|call|reach|e-?mail us|mail us|transfer (?:it )?to|visit)\b",
    re.I,
)
_ASKED = re.compile(r"\b(?:wat|welk|of|what|which|if|whether)\b[^.?!]{0,20}\b(?:uw|je|your)\b", re.I)


def told(sentence: str, language: str) -> list[tuple[Kind, int]]:
    """Kinds of customer data that an employee's sentence announces, and at which character.

    One that asks for it tells nothing. An address or number of ours counts only where the customer's is announced.
    """
    asked = _ASKED.search(sentence)
    found = []
    for kind, pattern in _ANNOUNCED.get(language, {}).items():
        match = re.search(pattern, sentence, re.I)
        if match and not (asked and asked.start() < match.start() + 4 <= asked.end() + 4):
            found.append((kind, match.start()))
    return found


def taken_out(sentence: str) -> list[tuple[Kind, int]]:
    """Kinds of which redaction took a value out of a sentence, and where; none where it speaks of what is ours."""
    if _OURS.search(sentence):
        return []
    places = ((kind, sentence.find(f"[{taken}]")) for taken, kind in _TAKEN_OUT.items())
    return [(kind, place) for kind, place in places if place >= 0]
