"""The audit trail chained: each entry gets a number and a hash over itself and the hash before, some time after it was
written; a checkpoint signs how far that went, and is kept outside the database.

Tamper-evident, not tamper-proof: who holds the last checkpoint finds every change up to it (`audit_verifier.py`), and
what came later is not sealed yet. Entries name people and customers by public ids only, so that erasing somebody
changes no entry.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import product
from pathlib import Path

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import Connection, func, text
from sqlmodel import Field, Session, SQLModel, col, select

from contactcenter.core import installation
from contactcenter.core.audit import AuditEntry
from contactcenter.core.db import Database, EnumText, UtcDateTime, kept, metadata
from contactcenter.core.disk import flush
from contactcenter.core.keys import MasterKey

SEALED_AT_ONCE = 500  # entries of one transaction
USE = "audit checkpoints"  # of the key that the master key gives for them
FILE = "checkpoints.jsonl"
GUARDED = ("audit_entry", "audit_seal")


class AuditSeal(SQLModel, table=True):
    """The place of an entry in the chain: its number from 1 on, and the SHA-256 (hex) up to and including it."""

    __tablename__ = "audit_seal"
    __table_args__ = kept("audit")

    sequence: int = Field(primary_key=True)
    entry: int = Field(foreign_key="audit_entry.id", unique=True)
    hash: str


class Because(StrEnum):
    """Why a checkpoint goes to the privacy officer."""

    DAILY = "daily"
    BREAK_GLASS = "break-glass"


class CheckpointAsked(SQLModel, table=True):
    """That a checkpoint is to go to the privacy officer by e-mail (`checkpoints.py`), and when it went."""

    __tablename__ = "checkpoint_asked"
    __table_args__ = kept("audit")

    id: int = Field(default=None, primary_key=True)
    asked_at: datetime = Field(sa_type=UtcDateTime)
    because: Because = Field(sa_type=EnumText(Because))
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


# Rows without objects, which took most of the time of an export.
ENTRY, SEAL = metadata.tables["audit_entry"], metadata.tables["audit_seal"]
WORD = sa.type_coerce(ENTRY.c.action, sa.String)
ENTRIES = sa.select(ENTRY.c.id, ENTRY.c.at, ENTRY.c.actor, WORD, ENTRY.c.subject_type, ENTRY.c.subject, ENTRY.c.detail)
SEALED = ENTRIES.add_columns(SEAL.c.sequence, SEAL.c.hash).outerjoin_from(ENTRY, SEAL, SEAL.c.entry == ENTRY.c.id)
compact = json.JSONEncoder(separators=(",", ":")).encode


@dataclass(frozen=True)
class Checkpoint:
    """How far the trail of an installation was sealed at a moment (ISO 8601), and by whose hand."""

    installation: str
    count: int
    head: str
    at: str
    signature: str = ""

    @property
    def signed(self) -> bytes:
        """What the signature is over."""
        return json.dumps([self.installation, self.count, self.head, self.at], separators=(",", ":")).encode()


def beginning(installation: str) -> str:
    """The hash before the first entry."""
    return hashlib.sha256(f"contactcenter audit {installation}".encode()).hexdigest()


def chained(before: str, line: list[str | int]) -> str:
    """The hash of an entry: SHA-256 over the hash before it and its line as compact JSON."""
    return hashlib.sha256(before.encode() + compact(line).encode()).hexdigest()


def seal(db: Database) -> int:
    """Chain what was written since the last time; how many entries that were. Writers come in between."""
    sealed = 0
    while some := _seal_some(db):
        sealed += some
        db.give_way()
    return sealed


def last(session: Session) -> AuditSeal | None:
    """Where the chain ends."""
    return session.exec(select(AuditSeal).order_by(col(AuditSeal.sequence).desc()).limit(1)).first()


def unsealed(session: Session) -> int:
    """How many entries are not sealed yet."""
    after = last(session)
    return session.exec(select(func.count()).where(col(AuditEntry.id) > (after.entry if after else 0))).one()


def checkpoint(db: Database, now: datetime, key: MasterKey) -> Checkpoint | None:
    """A signed word on how far the chain goes; None while there is nothing in it."""
    with db.writing() as session:
        end, name = last(session), installation.name_of(session)
    if end is None:
        return None
    bare = Checkpoint(name, end.sequence, end.hash, now.astimezone(UTC).isoformat())
    return Checkpoint(bare.installation, bare.count, bare.head, bare.at, _signer(key).sign(bare.signed).hex())


def checkpoint_now(session: Session, now: datetime, because: Because = Because.BREAK_GLASS) -> None:
    """Ask for a checkpoint out of the house, in the transaction of the act that it must cover: the next sealing, within
    a minute, covers the act and mails it. Nothing is sent here."""
    session.add(CheckpointAsked(asked_at=now, because=because))


def keep(folder: Path, made: Checkpoint) -> None:
    """Add a checkpoint to the file in `folder`, durably, unless the last one there says the same."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / FILE
    before = newest(file) if file.exists() else None
    if before is not None and before.count == made.count:
        return
    with file.open("a", encoding="utf-8") as opened:
        opened.write(written(made))
    flush(file)


def written(made: Checkpoint) -> str:
    """A checkpoint as its line of JSON."""
    return json.dumps(asdict(made)) + "\n"


def newest(file: Path) -> Checkpoint | None:
    """The last checkpoint of a file; None in an empty one."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return Checkpoint(**json.loads(lines[-1])) if lines else None


def exported(session: Session) -> Iterator[str | list[str | int]]:
    """The installation's name, then each entry up to the last sealed one as its line with its hash.

    One that was never sealed has the number 0 and no hash; one that is gone leaves a gap in the numbers.
    """
    yield session.exec(select(installation.Installation.name)).one()
    end = last(session)
    sealed = SEALED.where(ENTRY.c.id <= (end.entry if end else 0)).order_by(ENTRY.c.id)
    for *entry, sequence, head in session.connection().execute(sealed.execution_options(yield_per=1000)):
        yield [*_line(sequence or 0, *entry), head or ""]


def public_key(key: MasterKey) -> str:
    """What a verifier needs to know our signature by (hex); keep it where the trail's owner can't change it."""
    return _signer(key).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def guard(connection: Connection) -> None:
    """See that entries and seals can only be added: the database itself refuses everything else.

    Migrations that copy a table drop its triggers silently, so this runs after each of them.
    """
    missing = set(unguarded(connection))
    for table, act in product(GUARDED, ("UPDATE", "DELETE")):
        if _name(table, act) in missing:
            for statement in _guards(connection.dialect.name, table, act):
                connection.execute(text(statement))


def unguarded(connection: Connection) -> list[str]:
    """Names of the triggers that are missing."""
    catalogue = {"sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'", "postgresql": PG_TRIGGERS}
    there = set(connection.execute(text(catalogue[connection.dialect.name])).scalars())
    wanted = {_name(table, act) for table, act in product(GUARDED, ("UPDATE", "DELETE"))}
    return sorted(wanted - there)


PG_TRIGGERS = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'"
PG_FUNCTION = (
    "CREATE OR REPLACE FUNCTION audit_only_adds() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'The audit trail is only added to.'; END $$"
)


def _name(table: str, act: str) -> str:
    return f"{table}_no_{act.lower()}"


def _guards(dialect: str, table: str, act: str) -> list[str]:
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER IF NOT EXISTS {_name(table, act)} BEFORE {act} ON {table} "
            "BEGIN SELECT RAISE(ABORT, 'The audit trail is only added to.'); END"
        ]
    return [
        PG_FUNCTION,
        f"CREATE OR REPLACE TRIGGER {_name(table, act)} BEFORE {act} ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION audit_only_adds()",
    ]


def _line(sequence: int, entry: int, at: datetime, *rest: str) -> list[str | int]:
    """An entry as it is chained and exported."""
    return [sequence, entry, at.isoformat(), *rest]


def _seal_some(db: Database) -> int:
    with db.writing() as session:
        end = last(session)
        count, entry = (end.sequence, end.entry) if end else (0, 0)
        head = end.hash if end else beginning(installation.name_of(session))
        further = ENTRIES.where(ENTRY.c.id > entry).order_by(ENTRY.c.id).limit(SEALED_AT_ONCE)
        rows = []
        for sequence, one in enumerate(session.connection().execute(further), count + 1):
            head = chained(head, _line(sequence, *one))
            rows.append({"sequence": sequence, "entry": one.id, "hash": head})
        if rows:
            session.connection().execute(SEAL.insert(), rows)
        return len(rows)


def _signer(key: MasterKey) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(key.derive(USE))
