"""What a source system may send about a customer: strictly read, nothing beyond it taken."""

import re
import unicodedata
from datetime import date
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator
from stdnum import iban
from stdnum.exceptions import ValidationError as NotValid

from contactcenter.core.telephone import to_e164
from contactcenter.customers.rules import LISTED, FieldClass, Kind, Standing

EMAIL = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+")
EVERYTHING = "all"
MOST_PERSONS = 500  # of one customer
MOST_ENTRIES = 2000  # of one customer at once: written in one transaction, for which callers wait (1 s at most)
A_KEY, A_LANGUAGE, A_COUNTRY = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", r"^[a-z]{2}$", r"^[A-Z]{2}$"
PATTERNS = {
    A_KEY: "takes 1 to 40 letters, digits, dots, dashes and underscores, a letter or digit first",
    A_LANGUAGE: "takes the two small letters of a language, like nl",
    A_COUNTRY: "takes the two capital letters of a country, like NL",
}
# What pydantic found, by its name for it (or the name's beginning), and what to write instead.
MISTAKES = {
    "missing": "is missing; it must be there",
    "extra_forbidden": "is no field that we know; leave it out, or correct its name",
    "string_too_short": "is empty; write something",
    "string_too_long": "is too long; {max_length} characters at most",
    "string_pattern_mismatch": "{pattern}",
    "string": "takes text, in quotation marks",
    "bool": "takes true or false",
    "date": "is no date; write it like 2026-05-01",
    "enum": "takes one of these words: {expected}",
    "list_type": "takes a list, in square brackets",
    "too_long": "has too many entries; {max_length} at most",
    "model": "takes an object, in braces",
    "json_invalid": "is no JSON in UTF-8; check its quotation marks, commas and brackets",
}


def _trimmed(text: str) -> str:
    return text.strip()  # after its length was measured, as the API's description says


def _some(text: str) -> str:
    if not text:
        raise ValueError("is empty; write something")
    return text


def _printable(text: str) -> str:
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise ValueError("has control characters; send plain text on one line")
    return text


def _telephone(written: str) -> str:
    number = to_e164(written)
    if number is None:
        raise ValueError("is no telephone number; write it like +31612345678 or 06 12345678")
    return number


def _email(written: str) -> str:
    if not EMAIL.fullmatch(written):
        raise ValueError("is no e-mail address; write it like name@example.com")
    return written.lower()


def _iban(written: str) -> str:
    if not written:
        return ""
    try:
        return str(iban.validate(written))
    except NotValid:
        raise ValueError("is no IBAN; check its digits") from None


def _authority(written: str) -> str:
    words = written.split()
    known = {EVERYTHING, *(each.value for each in FieldClass), *(each.value for each in Kind)}
    if not words or not known.issuperset(words):
        raise ValueError(f"names what this person may hear; write {', '.join(sorted(known))}, separated by spaces")
    return EVERYTHING if EVERYTHING in words else " ".join(sorted(set(words)))


def _listed(kind: Kind) -> Kind:
    if kind not in LISTED:
        raise ValueError(f"is no kind of dated rows; use {', '.join(each.value for each in LISTED)}")
    return kind


Text = Annotated[str, StringConstraints(max_length=200), AfterValidator(_trimmed), AfterValidator(_printable)]
Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200),
    AfterValidator(_trimmed),
    AfterValidator(_some),
    AfterValidator(_printable),
]
Key = Annotated[str, StringConstraints(pattern=A_KEY)]
Language = Annotated[str, StringConstraints(pattern=A_LANGUAGE)]
Telephone = Annotated[str, StringConstraints(max_length=40), AfterValidator(_telephone)]
Email = Annotated[
    str,
    StringConstraints(max_length=254),
    AfterValidator(_trimmed),
    AfterValidator(_printable),
    AfterValidator(_email),
]

Iban = Annotated[Text, AfterValidator(_iban)]
Country = Annotated[str, StringConstraints(pattern=A_COUNTRY)]


class Incoming(BaseModel):
    """Strict: no other fields, no conversions, and errors that don't repeat what was sent."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class NumberIn(Incoming):
    """A person's telephone number. `attested` says that the source has seen it proven to be theirs."""

    number: Telephone = Field(description="Any usual notation; kept as E.164.")
    attested: bool = False
    since: date | None = Field(None, description="Since when the source knows it; from today when it is not said.")


class AddressIn(Incoming):
    """A person's e-mail address."""

    email: Email
    since: date | None = Field(None, description="Since when the source knows it; from today when it is not said.")


class PersonIn(Incoming):
    """Somebody who stands under the customer. `reference` is the sender's own key of this person."""

    reference: Key
    name: Name
    language: Language = "nl"
    authorised_for: Annotated[Text, AfterValidator(_authority)] = Field(
        EVERYTHING, description="`all`, or kinds and classes of data separated by spaces."
    )
    authorised_until: date | None = Field(None, description="The last day of the authority.")
    numbers: list[NumberIn] | None = Field(None, max_length=50)
    addresses: list[AddressIn] | None = Field(None, max_length=50)


class RowIn(Incoming):
    """One dated row: a licence (`value` is the count), an invoice (`value` is the amount), an order and so on."""

    kind: Annotated[Kind, AfterValidator(_listed)]
    reference: Annotated[
        str,
        StringConstraints(min_length=1, max_length=80),
        AfterValidator(_trimmed),
        AfterValidator(_some),
        AfterValidator(_printable),
    ]
    on: date
    title: Name
    value: Text = ""
    by_customer: bool = False


class CustomerIn(Incoming):
    """A customer as a source system knows it. What is not sent stays as it is; a list that is sent is whole."""

    relation_number: Key
    name: Name
    street: Text = ""
    postcode: Text = ""
    town: Text = ""
    country: Country = "NL"
    language: Language = "nl"
    licence_provider: Text = ""
    collection_method: Text = ""
    bank_account: Iban = Field("", description="IBAN, or empty.")
    payment_method: Text = ""
    contract_from: date | None = None
    contract_until: date | None = None
    standing: Standing = Standing.CUSTOMER
    source: Text = Field("", description="Where the data came from; of a prospect it must be known (P27).")
    persons: list[PersonIn] | None = Field(None, max_length=MOST_PERSONS)
    rows: list[RowIn] | None = Field(None, max_length=MOST_ENTRIES)

    @property
    def entries(self) -> int:
        """How many rows it takes to keep this, names left out."""
        persons = self.persons or ()
        return 1 + len(self.rows or ()) + sum(1 + len(one.numbers or ()) + len(one.addresses or ()) for one in persons)

    @model_validator(mode="after")
    def _once_each(self) -> Self:
        references = [person.reference for person in self.persons or ()]
        if len(references) != len(set(references)):
            raise ValueError("persons: two of them have the same reference; give each person one of their own")
        keys = [(row.kind, row.reference) for row in self.rows or ()]
        if len(keys) != len(set(keys)):
            raise ValueError("rows: two of one kind have the same reference; give each row one of its own")
        if self.standing is Standing.PROSPECT and not self.source:
            raise ValueError("source: of a prospect must be known; say where the data came from")
        if self.contract_from and self.contract_until and self.contract_until < self.contract_from:
            raise ValueError("contract_until: lies before contract_from; swap or correct them")
        if self.entries > MOST_ENTRIES:
            raise ValueError(
                f"persons, their numbers and addresses, and rows are more than {MOST_ENTRIES} together; send rows of "
                "earlier years in requests, or lines of another file, of their own"
            )
        return self


def read(text: str | bytes) -> CustomerIn:
    """A customer from its JSON text. Raises pydantic's ValidationError; `complaints` makes sentences of it."""
    return CustomerIn.model_validate_json(text)


def complaints(error: ValidationError) -> list[tuple[str, str]]:
    """(field path, reason) of every mistake, such as ("persons.0.numbers.1.number", "is no ..."); never a value."""
    return [_complaint(dict(each)) for each in error.errors(include_url=False, include_input=False)]


def _complaint(each: dict[str, Any]) -> tuple[str, str]:
    path = ".".join(str(part) for part in each["loc"])
    reason = _reason(str(each["type"]), dict(each.get("ctx", {}))) or str(each["msg"]).removeprefix("Value error, ")
    of_whole = re.match(r"([a-z_]+): (.+)", reason)
    if not path and of_whole:
        return of_whole[1], of_whole[2]
    return path, reason


def _reason(mistake: str, facts: dict[str, Any]) -> str | None:
    """What to write; None for the mistakes that our own readers name."""
    said = next((said for name, said in MISTAKES.items() if mistake.startswith(name)), None)
    facts["pattern"] = PATTERNS.get(facts.get("pattern", ""), "")
    return said.format_map(facts) if said else None
