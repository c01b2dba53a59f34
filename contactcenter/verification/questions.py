"""Which facts about a customer may be asked, which one is asked next, and whether an answer holds. Pure (P06, P38).

Never a bank account, birth date, BSN or password. The texts are message ids of the catalogue and hold no
expected value.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from contactcenter.customers.rules import Kind
from contactcenter.verification import answers

# What our own mutation titles are called by a caller, in Dutch and English.
SAID_FOR = {
    "name": "naam name",
    "street": "adres address straat street",
    "postcode": "postcode adres address",
    "town": "plaats town adres address",
    "licence provider": "leverancier provider",
    "licences": "licenties licences",
    "payment method": "betaalwijze betaling payment",
    "collection method": "incasso collection",
    "person added": "contactpersoon person",
    "person ended": "contactpersoon person",
    "telephone number added": "telefoonnummer nummer telephone number",
    "telephone number ended": "telefoonnummer nummer telephone number",
    "e-mail address added": "email mail mailadres",
    "e-mail address ended": "email mail mailadres",
}


@dataclass(frozen=True)
class DatedRow:
    """A dated row of the customer, as the questions see it."""

    kind: Kind
    on: date
    title: str
    value: str = ""
    by_customer: bool = False


@dataclass(frozen=True)
class Known:
    """What is known about a customer that may be asked."""

    postcode: str = ""
    licence_provider: str = ""
    contract_from: date | None = None
    rows: tuple[DatedRow, ...] = ()


@dataclass(frozen=True)
class Fact:
    """One thing to ask: its key, the question's message id, the right answers, and how answers are compared."""

    key: str
    text: str
    expected: Callable[[Known], Sequence[str]]
    same: Callable[[str, str], bool]


def latest(known: Known, kind: Kind) -> list[DatedRow]:
    """The rows of the last day on which there were any of this kind."""
    rows = [row for row in known.rows if row.kind is kind]
    last = max((row.on for row in rows), default=None)
    return [row for row in rows if row.on == last]


def _text(value: str) -> list[str]:
    return [value] if answers.words(value) else []


def _licence_count(known: Known) -> list[str]:
    counts = [re.match(r"\d+\b", row.value) for row in known.rows if row.kind is Kind.LICENCES]
    found = [int(count[0]) for count in counts if count]
    return [str(sum(found))] if found and len(found) == len(counts) else []


def _invoice_amount(known: Known) -> list[str]:
    amounts = [row.value.split(", ")[0] for row in latest(known, Kind.INVOICES)]  # "EUR 864.00, paid"
    return [amount for amount in amounts if answers.cents(amount) is not None]


def _own_mutation(known: Known) -> list[str]:
    mine = Known(rows=tuple(row for row in known.rows if row.by_customer))
    titles = [row.title for row in latest(mine, Kind.MUTATIONS)]
    return [*titles, *(word for title in titles for word in SAID_FOR.get(title, "").split())]


FACTS: dict[str, Fact] = {
    fact.key: fact
    for fact in (
        Fact(
            "postcode",
            "What is the postcode of your organisation's address?",
            lambda known: _text(known.postcode),
            answers.same_code,
        ),
        Fact(
            "licence-provider",
            "Through which provider do you have your licences?",
            lambda known: _text(known.licence_provider),
            answers.same_phrase,
        ),
        Fact("licence-count", "How many licences do you have with us?", _licence_count, answers.same_count),
        Fact(
            "last-order",
            "What was your last order with us?",
            lambda known: [row.title for row in latest(known, Kind.ORDER_HISTORY)],
            answers.same_phrase,
        ),
        Fact(
            "last-invoice-month",
            "In which month was your last invoice?",
            lambda known: [row.on.isoformat() for row in latest(known, Kind.INVOICES)[:1]],
            answers.same_month,
        ),
        Fact("last-invoice-amount", "What was the amount of your last invoice?", _invoice_amount, answers.same_amount),
        Fact("last-mutation", "What did you last change in your details with us?", _own_mutation, answers.same_phrase),
        Fact(
            "contract-start",
            "In which month did your contract with us begin?",
            lambda known: [known.contract_from.isoformat()] if known.contract_from else [],
            answers.same_month,
        ),
    )
}


def drawn(known: Known, asked: frozenset[str], last: str | None, pick: int) -> str | None:
    """The key of the fact to ask next; None when there is none left. `pick` is any number: it chooses among them.

    Nothing is asked twice in a contact, and what was asked last in an earlier one only when nothing else is left.
    """
    left = [key for key, fact in FACTS.items() if key not in asked and fact.expected(known)]
    fresh = [key for key in left if key != last] or left
    return fresh[pick % len(fresh)] if fresh else None


def holds(key: str, known: Known, said: str) -> bool:
    """Whether what was said is right. Every accepted answer is compared, so that the time tells nothing."""
    fact = FACTS[key]
    return sum(fact.same(expected, said) for expected in fact.expected(known)) > 0
