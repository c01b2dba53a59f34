"""Which facts about a customer may be asked, which one is asked next, and whether an answer holds. Pure (P06, P38).

Never a bank account, birth date, BSN or password. The texts are message ids of the catalogue and hold no
expected value.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from contactcenter.customers.rules import Kind
from contactcenter.verification import answers

SHORTEST_DEVICE = 8  # a public key of 32 bits, in hex (P32)
# What our own mutation titles are called by a caller, in Dutch and English.
SAID_FOR = {
    "name": "naam name",
    "street": "adres address straat street",
    "postcode": "postcode adres address",
    "town": "plaats town adres address",
    "country": "land country adres address",
    "bank account": "rekeningnummer bankrekening iban bank account",
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
class EarlierCall:
    """The last call of this customer: when, and what it was about by its kind; None when nobody said."""

    on: date
    kind: str | None


@dataclass(frozen=True)
class Known:
    """What is known about a customer that may be asked."""

    postcode: str = ""
    licence_provider: str = ""
    contract_from: date | None = None
    rows: tuple[DatedRow, ...] = ()
    last_call: EarlierCall | None = None


class About(StrEnum):
    """What a piece of evidence is about: two about the same matter count as one."""

    TELEPHONE = "telephone"
    MAILBOX = "mailbox"
    ACCOUNT = "account"
    COLLEAGUE = "colleague"
    REFERENCE = "reference"
    ADDRESS = "address"
    SUBSCRIPTION = "subscription"
    BILLING = "billing"
    CHANGES = "changes"
    ACTIVITY = "activity"
    HISTORY = "history"
    DEVICE = "device"


@dataclass(frozen=True)
class Fact:
    """One thing to ask: its key, the question's message id, the right answers, and how answers are compared.

    `about` is the matter it is evidence for; `printed` whether it stands on anything that we send; `told_by` the kind
    of data that tells it, so that it can't be asked once that was opened in this contact.
    """

    key: str
    text: str
    about: About
    printed: bool
    told_by: Kind
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
    return _sum(known, r"(\d+)\b")


def _active_licences(known: Known) -> list[str]:
    return _sum(known, r".*?(\d+) (?:active|actief|in use|in gebruik)\b")


def _sum(known: Known, count: str) -> list[str]:
    """The sum of a count in the values of all licences, when every one of them tells it."""
    counts = [re.match(count, row.value) for row in known.rows if row.kind is Kind.LICENCES]
    found = [int(each[1]) for each in counts if each]
    return [str(sum(found))] if found and len(found) == len(counts) else []


def _invoice_amount(known: Known) -> list[str]:
    amounts = [row.value.split(", ")[0] for row in latest(known, Kind.INVOICES)]  # "EUR 864.00, paid"
    return [amount for amount in amounts if answers.cents(amount) is not None]


def _own_mutation(known: Known) -> list[str]:
    mine = Known(rows=tuple(row for row in known.rows if row.by_customer))
    titles = [row.title for row in latest(mine, Kind.MUTATIONS)]
    return [*titles, *(word for title in titles for word in SAID_FOR.get(title, "").split())]


def _device_ending(known: Known) -> list[str]:
    devices = ["".join(answers.words(row.value)) for row in known.rows if row.kind is Kind.DEVICE_ID]
    return [device[-4:] for device in devices if len(device) >= SHORTEST_DEVICE]


def _last_call(known: Known) -> list[str]:
    call = known.last_call
    return [f"{call.on.isoformat()} {call.kind}"] if call and call.kind in answers.SUBJECTS else []


FACTS: dict[str, Fact] = {
    fact.key: fact
    for fact in (
        Fact(
            "postcode",
            "What is the postcode of your organisation's address?",
            About.ADDRESS,
            True,
            Kind.NAME_AND_ADDRESS,
            lambda known: _text(known.postcode),
            answers.same_code,
        ),
        Fact(
            "licence-provider",
            "Through which provider do you have your licences?",
            About.SUBSCRIPTION,
            True,
            Kind.LICENCE_PROVIDER,
            lambda known: _text(known.licence_provider),
            answers.same_phrase,
        ),
        Fact(
            "licence-count",
            "How many licences do you have with us?",
            About.SUBSCRIPTION,
            True,
            Kind.LICENCES,
            _licence_count,
            answers.same_count,
        ),
        Fact(
            "active-licences",
            "How many of your licences are in use at this moment?",
            About.ACTIVITY,
            False,
            Kind.LICENCES,
            _active_licences,
            answers.same_count,
        ),
        Fact(
            "last-order",
            "What was your last order with us?",
            About.SUBSCRIPTION,
            True,
            Kind.ORDER_HISTORY,
            lambda known: [row.title for row in latest(known, Kind.ORDER_HISTORY)],
            answers.same_phrase,
        ),
        Fact(
            "last-invoice-month",
            "In which month was your last invoice?",
            About.BILLING,
            True,
            Kind.INVOICES,
            lambda known: [row.on.isoformat() for row in latest(known, Kind.INVOICES)[:1]],
            answers.same_month,
        ),
        Fact(
            "last-invoice-amount",
            "What was the amount of your last invoice?",
            About.BILLING,
            True,
            Kind.INVOICES,
            _invoice_amount,
            answers.same_amount,
        ),
        Fact(
            "last-mutation",
            "What did you last change in your details with us?",
            About.CHANGES,
            False,
            Kind.MUTATIONS,
            _own_mutation,
            answers.same_phrase,
        ),
        Fact(
            "contract-start",
            "In which month did your contract with us begin?",
            About.SUBSCRIPTION,
            True,
            Kind.CONTRACT_TERM,
            lambda known: [known.contract_from.isoformat()] if known.contract_from else [],
            answers.same_month,
        ),
        Fact(
            "last-call",
            "In which month did you last call us, and what was it about?",
            About.HISTORY,
            False,
            Kind.RELATION_NUMBER,  # with the greeting come the dates and kinds of earlier contacts (P04)
            _last_call,
            answers.same_occasion,
        ),
        Fact(
            "device-id",
            "What are the last four characters of the device ID in your application?",
            About.DEVICE,
            False,
            Kind.DEVICE_ID,
            _device_ending,
            answers.same_code,
        ),
    )
}


def askable(known: Known, asked: Collection[str], told: Collection[Kind]) -> list[str]:
    """Keys of what can be asked: known, not asked in this contact, and not told by what was opened in it."""
    return [
        key for key, fact in FACTS.items() if key not in asked and fact.told_by not in told and fact.expected(known)
    ]


def drawn(worth: Mapping[str, int], last: str | None, pick: int) -> str | None:
    """The key of the fact to ask next, of those `worth` so much; None when there is none left.

    `pick` is any number: it chooses among the best. What was asked `last`, in an earlier contact, is asked again only
    when nothing else is worth as much.
    """
    best = [key for key, value in worth.items() if value == max(worth.values())]
    fresh = [key for key in best if key != last] or best
    return fresh[pick % len(fresh)] if fresh else None


def holds(key: str, known: Known, said: str) -> bool:
    """Whether what was said is right. Every accepted answer is compared, so that the time tells nothing."""
    fact = FACTS[key]
    return sum(fact.same(expected, said) for expected in fact.expected(known)) > 0
