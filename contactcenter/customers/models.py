"""Tables of customers: the relation, the persons under it, their numbers and addresses, and its dated rows."""

from datetime import date, datetime

from sqlalchemy import Index, String, UniqueConstraint
from sqlmodel import Field, SQLModel

from contactcenter.core.db import EnumText, UtcDateTime, kept, new_public_id
from contactcenter.customers.rules import Kind, Origin, Standing

# Compared byte by byte, so that an index finds beginnings; other orders of PostgreSQL skip over spaces.
FOLDED = String().with_variant(String(collation="C"), "postgresql")


class Customer(SQLModel, table=True):
    """A relation, mostly an organisation. A prospect has no relation number, but a source (P27)."""

    __tablename__ = "customer"
    __table_args__ = kept("customer")

    id: int = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True)
    relation_number: str | None = Field(default=None, unique=True)
    standing: Standing = Field(default=Standing.CUSTOMER, sa_type=EnumText(Standing))
    name: str = Field(index=True)
    street: str = ""
    postcode: str = ""
    town: str = ""
    country: str = "NL"
    language: str = "nl"
    licence_provider: str = ""
    collection_method: str = ""
    bank_account: str = ""
    payment_method: str = ""
    contract_from: date | None = None
    contract_until: date | None = None
    cancelled_on: date | None = None
    source: str = ""
    created_at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)


class CustomerName(SQLModel, table=True):
    """A customer's name from one of its words on, folded: a search compares its beginning with what was typed."""

    __tablename__ = "customer_name"
    __table_args__ = kept("customer", Index("ix_customer_name_whole", "whole", "text"))

    id: int = Field(default=None, primary_key=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    whole: bool
    text: str = Field(sa_type=FOLDED)


class Person(SQLModel, table=True):
    """Somebody who stands under a customer. `reference` is the sender's own key, so that a PUT finds it again."""

    __tablename__ = "person"
    __table_args__ = kept("person", UniqueConstraint("customer_id", "reference"))

    id: int = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    reference: str
    name: str
    language: str = "nl"
    authorised_for: str = "all"
    authorised_until: date | None = None
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class KnownNumber(SQLModel, table=True):
    """A person's telephone number, exact E.164, with where it came from and since when (P06)."""

    __tablename__ = "known_number"
    __table_args__ = kept("person", UniqueConstraint("person_id", "e164"))

    id: int = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    e164: str = Field(index=True)
    origin: Origin = Field(sa_type=EnumText(Origin))
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    attested_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class KnownAddress(SQLModel, table=True):
    """A person's e-mail address, with where it came from and since when."""

    __tablename__ = "known_address"
    __table_args__ = kept("person", UniqueConstraint("person_id", "email"))

    id: int = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    email: str = Field(index=True)
    origin: Origin = Field(sa_type=EnumText(Origin))
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class CustomerRow(SQLModel, table=True):
    """One dated row of a listed kind: a licence, a mutation, an invoice, an order, a letter, a device."""

    __tablename__ = "customer_row"
    __table_args__ = kept("customer", UniqueConstraint("customer_id", "kind", "reference"))

    id: int = Field(default=None, primary_key=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    kind: Kind = Field(sa_type=EnumText(Kind), index=True)
    reference: str
    on: date
    title: str
    value: str = ""
    by_customer: bool = False
