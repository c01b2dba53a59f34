"""Measures the audit trail: how fast it is sealed and verified, against the same duties by hand."""

import hashlib
import json
import secrets
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlmodel import insert

from contactcenter import audit_verifier, migrations
from contactcenter.core import audit_chain
from contactcenter.core.audit import Action, AuditEntry
from contactcenter.core.db import Database
from contactcenter.core.keys import MasterKey
from tools.figures import Case, compared

ENTRIES, AT_ONCE = 200_000, 10_000
REPETITIONS = 3
ROWS = (
    "SELECT s.sequence, e.id, e.at, e.actor, e.action, e.subject_type, e.subject, e.detail, s.hash"
    " FROM audit_entry e LEFT JOIN audit_seal s ON s.entry = e.id ORDER BY e.id"
)
_compact = json.JSONEncoder(separators=(",", ":")).encode


def bench_audit() -> Iterator[Case]:
    """Entries a second: sealed, verified from the database, verified from an exported log."""
    with tempfile.TemporaryDirectory(prefix="bench-audit-") as made:
        folder, key = Path(made), MasterKey.parse(MasterKey.generate())
        db = Database(f"sqlite:///{folder / 'audit.db'}")
        migrations.run(db)
        _fill(db)
        by_hand = _speed(lambda: _seal_by_hand(folder))
        yield compared("audit: seal", "entries/s", _speed(lambda: audit_chain.seal(db)), by_hand, digits=0)
        checkpoint = audit_chain.checkpoint(db, datetime.now(UTC), key)
        assert checkpoint is not None
        audit_chain.keep(folder, checkpoint)
        kept, public = folder / audit_chain.FILE, audit_chain.public_key(key)
        log = _export(db, folder)
        yield _verified(
            "audit: verify from the database",
            lambda: _from_database(db, kept, public),
            lambda: _read_by_hand(folder),
        )
        yield _verified(
            "audit: verify an exported log, alone",
            lambda: audit_verifier.verify(log, kept, public),
            lambda: _hash_by_hand(log),
        )
        db.close()


def _verified(name: str, ours: Callable[[], object], reference: Callable[[], object]) -> Case:
    pairs = [(_speed(ours), _speed(reference)) for _ in range(REPETITIONS)]  # in turn, so that noise hits both
    best_of_ours, best_of_reference = (max(speeds) for speeds in zip(*pairs, strict=True))
    return compared(name, "entries/s", best_of_ours, best_of_reference, digits=0)


def _speed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return ENTRIES / (time.perf_counter() - began)


def _fill(db: Database) -> None:
    began, acts = datetime.now(UTC), list(Action)
    for start in range(0, ENTRIES, AT_ONCE):
        rows = [_entry(began, number, acts[number % len(acts)]) for number in range(start, start + AT_ONCE)]
        with db.writing() as session:
            session.connection().execute(insert(AuditEntry), rows)


def _entry(began: datetime, number: int, action: Action) -> dict[str, object]:
    return {
        "at": began + timedelta(milliseconds=number),
        "actor": secrets.token_urlsafe(16),
        "action": action,
        "subject_type": action.value.partition(":")[0],
        "subject": secrets.token_urlsafe(16),
        "detail": "",
    }


def _export(db: Database, folder: Path) -> Path:
    log = folder / "audit.jsonl"
    with db.reading() as session, log.open("w", encoding="utf-8") as out:
        out.writelines(audit_chain.compact(line) + "\n" for line in audit_chain.exported(session))
    return log


def _from_database(db: Database, kept: Path, public: str) -> None:
    with db.reading() as session:
        audit_verifier.check(audit_chain.exported(session), kept, public)


def _chain(lines: Iterator[list[object]]) -> Iterator[str]:
    head = hashlib.sha256(b"beginning").hexdigest()
    for line in lines:
        head = hashlib.sha256(head.encode() + _compact(line).encode()).hexdigest()
        yield head


def _read_by_hand(folder: Path) -> None:
    """The same rows by the bare driver, each hashed."""
    with closing(sqlite3.connect(folder / "audit.db")) as bare:
        for _ in _chain([*row[:-1]] for row in bare.execute(ROWS)):
            pass


def _hash_by_hand(log: Path) -> None:
    """The same lines, each parsed and hashed."""
    with log.open(encoding="utf-8") as lines:
        next(lines)
        for _ in _chain(json.loads(line)[:-1] for line in lines):
            pass


def _seal_by_hand(folder: Path) -> None:
    """The same hashes by the bare driver, into a table of its own, in one transaction."""
    with closing(sqlite3.connect(folder / "audit.db")) as bare:
        bare.execute("CREATE TABLE by_hand (sequence INTEGER PRIMARY KEY, entry INTEGER UNIQUE, hash TEXT)")
        heads = list(_chain([*row[:-1]] for row in bare.execute(ROWS)))
        rows = ((number, number, head) for number, head in enumerate(heads, 1))
        bare.executemany("INSERT INTO by_hand VALUES (?, ?, ?)", rows)
        bare.commit()
        bare.execute("DROP TABLE by_hand")
