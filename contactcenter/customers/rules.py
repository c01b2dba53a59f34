"""The sixteen kinds of customer data that contact staff may see (P07), by class, and where numbers come from."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum


class FieldClass(StrEnum):
    """What a kind of data is about; levels of verification are set per class."""

    IDENTITY = "identity"
    CONTACT = "contact"
    FINANCIAL = "financial"
    LICENCES = "licences"
    CONTRACT = "contract"
    CORRESPONDENCE = "correspondence"
    WORDS = "words"
    DEVICE = "device"


class Kind(StrEnum):
    """The list of the statement, exactly: what is not here, nobody sees."""

    RELATION_NUMBER = "relation-number"
    NAME_AND_ADDRESS = "name-and-address"
    EMAIL_ADDRESSES = "email-addresses"
    PHONE_NUMBERS = "phone-numbers"
    LICENCE_PROVIDER = "licence-provider"
    COLLECTION_METHOD = "collection-method"
    BANK_ACCOUNT = "bank-account"
    PAYMENT_METHOD = "payment-method"
    LICENCES = "licences"
    MUTATIONS = "mutations"
    CONTACT_HISTORY = "contact-history"
    INVOICES = "invoices"
    CONTRACT_TERM = "contract-term"
    ORDER_HISTORY = "order-history"
    CORRESPONDENCE = "correspondence"
    DEVICE_ID = "device-id"


CLASS_OF: dict[Kind, FieldClass] = {
    Kind.RELATION_NUMBER: FieldClass.IDENTITY,
    Kind.NAME_AND_ADDRESS: FieldClass.CONTACT,
    Kind.EMAIL_ADDRESSES: FieldClass.CONTACT,
    Kind.PHONE_NUMBERS: FieldClass.CONTACT,
    Kind.LICENCE_PROVIDER: FieldClass.LICENCES,
    Kind.COLLECTION_METHOD: FieldClass.FINANCIAL,
    Kind.BANK_ACCOUNT: FieldClass.FINANCIAL,
    Kind.PAYMENT_METHOD: FieldClass.FINANCIAL,
    Kind.LICENCES: FieldClass.LICENCES,
    Kind.MUTATIONS: FieldClass.CONTRACT,
    Kind.CONTACT_HISTORY: FieldClass.WORDS,
    Kind.INVOICES: FieldClass.FINANCIAL,
    Kind.CONTRACT_TERM: FieldClass.CONTRACT,
    Kind.ORDER_HISTORY: FieldClass.CONTRACT,
    Kind.CORRESPONDENCE: FieldClass.CORRESPONDENCE,
    Kind.DEVICE_ID: FieldClass.DEVICE,
}

# Kinds that are lists of dated rows; the others are columns of the customer or of its persons.
LISTED = (Kind.LICENCES, Kind.MUTATIONS, Kind.INVOICES, Kind.ORDER_HISTORY, Kind.CORRESPONDENCE, Kind.DEVICE_ID)


class Origin(StrEnum):
    """Where a number or address came from; how much it may prove depends on it (P06, P35)."""

    IMPORT = "import"
    AGENT = "agent"
    CUSTOMER = "customer"


class Standing(StrEnum):
    """Whether somebody is a customer now (P16, P27)."""

    PROSPECT = "prospect"
    CUSTOMER = "customer"
    FORMER = "former"


class MatchKind(StrEnum):
    """What comparing a caller's number with known numbers gave."""

    ONE = "one"
    SEVERAL = "several"
    NONE = "none"
    WITHHELD = "withheld"


@dataclass(frozen=True)
class Candidate:
    """A person whose known number is the caller's. A hint whom to ask about, never a proof (P06)."""

    customer_id: int
    person_id: int
    number_id: int
    relation_number: str
    customer_name: str
    person_name: str
    origin: Origin
    known_days: int
    attested: bool


@dataclass(frozen=True)
class Match:
    """All candidates for one caller."""

    kind: MatchKind
    candidates: tuple[Candidate, ...] = ()


def match_of(withheld: bool, candidates: tuple[Candidate, ...]) -> Match:
    """One, several or none; a number that several customers share selects nobody."""
    if withheld:
        return Match(MatchKind.WITHHELD)
    if not candidates:
        return Match(MatchKind.NONE)
    kind = MatchKind.ONE if len({candidate.person_id for candidate in candidates}) == 1 else MatchKind.SEVERAL
    return Match(kind, candidates)


def folded(name: str) -> str:
    """A name as it is searched: small letters and digits without accents, one space between words."""
    plain = "".join(one for one in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(one))
    return " ".join(re.findall(r"[^\W_]+", plain))


def beginnings(name: str) -> list[str]:
    """The folded name from each of its words on, the whole name first."""
    words = folded(name).split()
    return [" ".join(words[at:]) for at in range(len(words))]
