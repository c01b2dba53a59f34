"""The table of the door: for each of the sixteen kinds its level, purposes and basis, and how it opens. Pure.

P05, P07, P12, P26. docs/verification.md prints it, and a test compares them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from contactcenter.customers.rules import CLASS_OF, FieldClass, Kind
from contactcenter.staff.rules import Role
from contactcenter.verification.rules import Level, Purpose


class Basis(StrEnum):
    """Why the law lets us use it (article 6 GDPR)."""

    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal-obligation"
    LEGITIMATE_INTEREST = "legitimate-interest"


@dataclass(frozen=True)
class Field:
    """One kind: the level it needs, whether it opens by itself once that is reached, and whether a request to be called
    back may name it: on contacts that we began nothing else opens."""

    needs: Level
    by_itself: bool
    outbound: bool
    purposes: frozenset[Purpose]
    basis: Basis


IN_A_CONTACT = frozenset({Purpose.SERVICE, Purpose.PRIVACY_REQUEST})
OF_WORDS = frozenset(
    {Purpose.SERVICE, Purpose.REPLAY, Purpose.TRAINING, Purpose.DISPUTE, Purpose.AUDIT, Purpose.PRIVACY_REQUEST}
)  # "louter om levering en ondersteuning mogelijk te maken": never sales, marketing, research or the parent


def _field(
    needs: Level = Level.VERIFIED,
    *,
    by_itself: bool = True,
    outbound: bool = True,
    purposes: frozenset[Purpose] = IN_A_CONTACT,
    basis: Basis = Basis.CONTRACT,
) -> Field:
    return Field(needs, by_itself, outbound, purposes, basis)


# Sensitive kinds open one by one, on a key, and never on a contact that we began (P12). The device ID stays shut
# until level 3, so that it can still be asked when a colleague takes the call over.
FIELDS: Mapping[Kind, Field] = {
    Kind.RELATION_NUMBER: _field(Level.RECOGNISED),
    Kind.NAME_AND_ADDRESS: _field(),
    Kind.EMAIL_ADDRESSES: _field(),
    Kind.PHONE_NUMBERS: _field(),
    Kind.LICENCE_PROVIDER: _field(),
    Kind.COLLECTION_METHOD: _field(by_itself=False, outbound=False),
    Kind.BANK_ACCOUNT: _field(Level.STRONG, by_itself=False, outbound=False),
    Kind.PAYMENT_METHOD: _field(by_itself=False, outbound=False),
    Kind.LICENCES: _field(),
    Kind.MUTATIONS: _field(),
    Kind.CONTACT_HISTORY: _field(purposes=OF_WORDS),
    Kind.INVOICES: _field(by_itself=False, outbound=False, basis=Basis.LEGAL_OBLIGATION),
    Kind.CONTRACT_TERM: _field(),
    Kind.ORDER_HISTORY: _field(),
    Kind.CORRESPONDENCE: _field(),
    Kind.DEVICE_ID: _field(Level.STRONG, by_itself=False, outbound=False, basis=Basis.LEGITIMATE_INTEREST),
}

# The most that a role may ever see (P07); the level comes on top. Everybody sees name, e-mail and licence provider
# by the statement, but only a contact opens them, and only who handles contacts or answers requests has one.
EVERYBODY = frozenset({Kind.NAME_AND_ADDRESS, Kind.EMAIL_ADDRESSES, Kind.LICENCE_PROVIDER})
CEILING: Mapping[Role, frozenset[Kind]] = {
    Role.AGENT: frozenset(Kind),
    Role.SUPERVISOR: frozenset(Kind),
    Role.PRIVACY: frozenset(Kind),
    Role.COACH: EVERYBODY,
    Role.ADMIN: EVERYBODY,
}


# What an agent may correct while the customer is on the line, and the level that it takes: what whoever takes over an
# account would change first takes the most.
CORRECTED: Mapping[Kind, Level] = {
    Kind.PHONE_NUMBERS: Level.STRONG,
    Kind.EMAIL_ADDRESSES: Level.STRONG,
    Kind.NAME_AND_ADDRESS: Level.VERIFIED,
    Kind.BANK_ACCOUNT: Level.STRONG,
}
OF_PERSONS = frozenset({Kind.PHONE_NUMBERS, Kind.EMAIL_ADDRESSES})  # each person's own; the others are the customer's


class NotCorrected(StrEnum):
    """Why a kind can't be corrected now."""

    UNVERIFIED = "unverified"
    OUTBOUND = "outbound"
    SHUT = "shut"
    DOUBTED = "doubted"
    NOBODY = "nobody"
    LEVEL_2 = "level-2"
    LEVEL_3 = "level-3"
    MANDATE = "mandate"


@dataclass(frozen=True)
class Wish:
    """Who asks for a correction: the level of their pass, which way the call went, marks on the customer, whether it is
    known which person calls, and whether they may speak for this kind."""

    level: Level
    inbound: bool
    shut: bool
    doubted: bool
    person: bool
    mandate: bool


def not_corrected(kind: Kind, wish: Wish) -> NotCorrected | None:
    """Why this kind can't be corrected for who asks; None when it can. `kind` is one of `CORRECTED`."""
    needs = CORRECTED[kind]
    in_the_way = (
        (not wish.inbound, NotCorrected.OUTBOUND),
        (wish.shut, NotCorrected.SHUT),
        (wish.doubted, NotCorrected.DOUBTED),
        (kind in OF_PERSONS and not wish.person, NotCorrected.NOBODY),
        (wish.level < needs, NotCorrected.LEVEL_3 if needs is Level.STRONG else NotCorrected.LEVEL_2),
        (not wish.mandate, NotCorrected.MANDATE),
    )
    return next((why for stands, why in in_the_way if stands), None)


def opens(kind: Kind, *, level: Level, inbound: bool, role: Role, purpose: Purpose) -> bool:
    """Whether this role may see this kind now: for this purpose, at this level, on a contact of this direction."""
    field = FIELDS[kind]
    if not inbound and not field.outbound:
        return False
    return kind in CEILING[role] and purpose in field.purposes and level >= field.needs


def tellable() -> tuple[Kind, ...]:
    """The kinds that a request to be called back may name: none that stays shut on contacts that we began (P12)."""
    return tuple(kind for kind in Kind if FIELDS[kind].outbound)


def needed_for_words() -> Level:
    """The level from which words of earlier contacts open."""
    return FIELDS[Kind.CONTACT_HISTORY].needs


def is_identity(kind: Kind) -> bool:
    """Whether the caller is greeted with it: it opens by level alone, whatever the mandate says."""
    return CLASS_OF[kind] is FieldClass.IDENTITY
