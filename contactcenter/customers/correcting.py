"""What an agent writes down when a customer asks for a correction: one number, one address, one account at a time.

It is read as strictly as what source systems send, and nothing that was typed gets into a sentence.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlmodel import Session

from contactcenter.core.errors import Conflict, Invalid
from contactcenter.customers import writing
from contactcenter.customers.incoming import Country, Email, Iban, Name, Telephone
from contactcenter.customers.models import Customer, KnownAddress, KnownNumber
from contactcenter.customers.rules import Kind, Origin
from contactcenter.customers.writing import Changes

Held = KnownNumber | KnownAddress
NUMBER, EMAIL, LINE = TypeAdapter[str](Telephone), TypeAdapter[str](Email), TypeAdapter[str](Name)
IBAN, COUNTRY = TypeAdapter[str](Iban), TypeAdapter[str](Country)
POSTAL = ("street", "postcode", "town")
ADDED = {Kind.PHONE_NUMBERS: "telephone number added", Kind.EMAIL_ADDRESSES: "e-mail address added"}
ENDED = {Kind.PHONE_NUMBERS: "telephone number ended", Kind.EMAIL_ADDRESSES: "e-mail address ended"}


@dataclass(frozen=True)
class Wanted:
    """What is asked for. A number or e-mail address `old` goes and `new` comes, one of them may be empty; of the other
    kinds `columns` says what the customer's columns shall hold."""

    kind: Kind
    old: str = field(default="", repr=False)
    new: str = field(default="", repr=False)
    columns: Mapping[str, str] = field(default_factory=dict, repr=False)


def read(kind: Kind, form: Mapping[str, str]) -> Wanted:
    """What a form asks for: `old` and `new`, or `street`, `postcode`, `town` and perhaps `country`, or `iban`.

    Raises `Invalid` for a kind that is never corrected so, and for what can't be read.
    """
    reader = READERS.get(kind)
    if reader is None:
        raise Invalid("Choose what to correct: telephone number, e-mail address, postal address or bank account.")
    return reader({name: written.strip() for name, written in form.items()})


def stands(session: Session, wanted: Wanted, customer_id: int, person_id: int | None) -> bool:
    """Whether the customer's rows are as wanted already."""
    if wanted.columns:
        customer = session.get_one(Customer, customer_id)
        return all(getattr(customer, name) == value for name, value in wanted.columns.items())
    known = _held(session, wanted.kind, person_id)
    comes = not wanted.new or _on_record(known, wanted.new)
    return comes and (wanted.old in ("", wanted.new) or not _on_record(known, wanted.old))


def correct(
    session: Session, now: datetime, wanted: Wanted, customer_id: int, person_id: int | None, registered_by: str
) -> int | None:
    """Bring the rows to what is wanted, with a dated row of kind `mutations` for each change, by the customer's wish.

    Returns the id of the number or e-mail address that ended, if any. Raises `Conflict` when it ended before.
    """
    customer, changes, before = session.get_one(Customer, customer_id), Changes(), None
    for name, value in wanted.columns.items():
        if getattr(customer, name) != value:
            setattr(customer, name, value)
            changes.add(name.replace("_", " "))
    if not wanted.columns and person_id is not None:
        before = _exchange(session, now, wanted, person_id, changes)
    writing.keep_changes(session, now, customer, changes, Origin.AGENT, registered_by)
    session.flush()
    return before


def own(session: Session, kind: Kind, person_id: int | None) -> tuple[str, ...]:
    """The telephone numbers or e-mail addresses that are this person's now; none of another kind."""
    if kind not in ADDED:
        return ()
    return tuple(sorted(value for value, row in _held(session, kind, person_id).items() if row.ended_at is None))


def _exchange(session: Session, now: datetime, wanted: Wanted, person_id: int, changes: Changes) -> int | None:
    known, before = _held(session, wanted.kind, person_id), None
    if wanted.old not in ("", wanted.new):
        if not _on_record(known, wanted.old):
            raise Conflict("What should go is not on record any more; look at it again.")
        before = known[wanted.old].id
        writing.end(now, [known[wanted.old]], ENDED[wanted.kind], changes)
    if wanted.new and not _on_record(known, wanted.new):
        _begin(session, now, wanted, person_id, known.get(wanted.new))
        changes.add(ADDED[wanted.kind])
    return before


def _begin(session: Session, now: datetime, wanted: Wanted, person_id: int, row: Held | None) -> None:
    """Its age begins now, also when it was theirs before; where that came from stays, so that they are told by it."""
    since: dict[str, Any] = {"origin": Origin.AGENT, "recorded_at": now}
    if row is None and wanted.kind is Kind.PHONE_NUMBERS:
        session.add(KnownNumber(person_id=person_id, e164=wanted.new, **since))
    elif row is None:
        session.add(KnownAddress(person_id=person_id, email=wanted.new, **since))
    else:
        row.sqlmodel_update({"recorded_at": now, "ended_at": None})
        if isinstance(row, KnownNumber):
            row.attested_at = None


def _held(session: Session, kind: Kind, person_id: int | None) -> Mapping[str, Held]:
    if person_id is None:
        return {}
    if kind is Kind.PHONE_NUMBERS:
        return writing.numbers_of(session, person_id)
    return writing.addresses_of(session, person_id)


def _on_record(known: Mapping[str, Held], value: str) -> bool:
    return value in known and known[value].ended_at is None


def _parsed(adapter: TypeAdapter[str], written: str) -> str | None:
    try:
        return adapter.validate_python(written)
    except ValidationError:
        return None


def _number(form: Mapping[str, str]) -> Wanted:
    old, new = _old_and_new(form, NUMBER)
    if new is None:
        raise Invalid("This is no telephone number; write it like 06 12345678 or +31612345678.")
    return Wanted(Kind.PHONE_NUMBERS, old, new)


def _email(form: Mapping[str, str]) -> Wanted:
    old, new = _old_and_new(form, EMAIL)
    if new is None:
        raise Invalid("This is no e-mail address; write it like name@example.com.")
    return Wanted(Kind.EMAIL_ADDRESSES, old, new)


def _old_and_new(form: Mapping[str, str], adapter: TypeAdapter[str]) -> tuple[str, str | None]:
    """(what goes, what comes); None for what can't be read."""
    old, new = form.get("old", ""), form.get("new", "")
    if not old and not new:
        raise Invalid("Choose what is replaced or goes, or type what comes.")
    return old, _parsed(adapter, new) if new else ""


def _postal(form: Mapping[str, str]) -> Wanted:
    columns = {name: _parsed(LINE, form.get(name, "")) for name in POSTAL}
    if form.get("country"):
        columns["country"] = _parsed(COUNTRY, form["country"].upper())
    read = {name: value for name, value in columns.items() if value is not None}
    if read != columns:
        raise Invalid("Type street, postcode and town, and a country as two letters or not at all.")
    return Wanted(Kind.NAME_AND_ADDRESS, columns=read)


def _bank(form: Mapping[str, str]) -> Wanted:
    iban = _parsed(IBAN, form.get("iban", ""))
    if not iban:
        raise Invalid("This is no IBAN; check its digits.")
    return Wanted(Kind.BANK_ACCOUNT, columns={"bank_account": iban})


READERS: Mapping[Kind, Callable[[Mapping[str, str]], Wanted]] = {
    Kind.PHONE_NUMBERS: _number,
    Kind.EMAIL_ADDRESSES: _email,
    Kind.NAME_AND_ADDRESS: _postal,
    Kind.BANK_ACCOUNT: _bank,
}
