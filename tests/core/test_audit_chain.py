"""The audit trail shows tampering: whatever an attacker with the whole database does, the last checkpoint finds it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import DatabaseError

from contactcenter import audit_verifier, migrations
from contactcenter.audit_verifier import Altered
from contactcenter.core import audit_chain
from contactcenter.core.audit import Action, Actor, record
from contactcenter.core.db import Database
from contactcenter.core.keys import MasterKey
from tools.postgresql import server

NOON = datetime(2026, 11, 2, 11, tzinfo=UTC)
ENTRY = ("at", "actor", "action", "subject_type", "subject", "detail")


@dataclass
class Trail:
    """A database with acts in it, and the folder where its checkpoints are kept."""

    db: Database
    folder: Path
    key: MasterKey

    def act(self, acts: int) -> None:
        """So many acts happen."""
        with self.db.writing() as session:
            for number in range(acts):
                record(session, NOON + timedelta(seconds=number), Actor.CARRIER, Action.CALL_ENDED, f"call-{number}")

    def seal(self) -> None:
        """What the worker does each minute."""
        audit_chain.seal(self.db)
        made = audit_chain.checkpoint(self.db, NOON, self.key)
        assert made is not None
        audit_chain.keep(self.folder, made)

    def verified(self) -> str:
        """What the auditor's own verifier says."""
        log = self.folder / "log.jsonl"
        with self.db.reading() as session:
            lines = list(audit_chain.exported(session))
        log.write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines))
        key = audit_chain.public_key(self.key)
        return audit_verifier.verify(log, self.folder / audit_chain.FILE, key)

    def tamper(self, attack: Callable[[Connection], object]) -> None:
        """An attacker with all rights on the database; the guards are the first to go."""
        with self.db.engine.begin() as connection:
            for name in [f"{table}_no_{act}" for table in audit_chain.GUARDED for act in ("update", "delete")]:
                connection.execute(text(f"DROP TRIGGER IF EXISTS {name}"))
            connection.execute(text("PRAGMA defer_foreign_keys=ON"))
            attack(connection)


def migrated(url: str) -> Database:
    db = Database(url)
    migrations.run(db)
    return db


@pytest.fixture
def trail(tmp_path: Path) -> Iterator[Trail]:
    """A trail of no acts yet."""
    db = migrated(f"sqlite:///{tmp_path / 'trail.db'}")
    yield Trail(db, tmp_path / "kept-elsewhere", MasterKey.parse(MasterKey.generate()))
    db.close()


def test_what_nobody_touched_verifies_and_the_rest_is_said_to_be_unsealed(trail: Trail) -> None:
    trail.act(700)
    trail.seal()
    trail.act(3)
    assert trail.verified().startswith("700 entries are as they were sealed")
    with trail.db.reading() as session:
        assert audit_chain.unsealed(session) == 3
    trail.seal()
    assert trail.verified().startswith("703 entries are as they were sealed")
    trail.seal()
    assert len((trail.folder / audit_chain.FILE).read_text().splitlines()) == 2, "nothing new, no new checkpoint"


def test_looking_where_the_chain_ends_reads_its_end_only(trail: Trail) -> None:
    trail.act(1200)
    loaded: list[object] = []

    def count(seal: object, _context: object) -> None:
        loaded.append(seal)

    event.listen(audit_chain.AuditSeal, "load", count)
    trail.seal()
    event.remove(audit_chain.AuditSeal, "load", count)
    assert len(loaded) == 4, "one after each of three steps, and one for the checkpoint"


def test_what_is_sealed_while_the_trail_is_verified_came_later(trail: Trail) -> None:
    trail.act(10)
    trail.seal()

    def rows() -> Iterator[object]:
        trail.act(5)
        trail.seal()
        with trail.db.reading() as session:
            yield from audit_chain.exported(session)

    found = audit_verifier.check(rows(), trail.folder / audit_chain.FILE, audit_chain.public_key(trail.key))
    assert found.startswith("10 entries are as they were sealed")
    assert found.endswith("5 came later.")


def edit(chance: Random, rows: int) -> Callable[[Connection], object]:
    """One field of one entry is another."""
    column, entry = chance.choice(ENTRY), chance.randint(1, rows)
    value = "2026-01-01 00:00:00" if column == "at" else "staff:added" if column == "action" else "somebody else"
    return lambda on: on.execute(text(f"UPDATE audit_entry SET {column} = :value WHERE id = {entry}"), {"value": value})


def delete(chance: Random, rows: int) -> Callable[[Connection], object]:
    """An entry is gone, perhaps its seal too."""
    entry, seal_too = chance.randint(1, rows), chance.random() < 0.5

    def attack(on: Connection) -> None:
        on.execute(text(f"DELETE FROM audit_seal WHERE entry = {entry}" if seal_too else "SELECT 1"))
        on.execute(text("PRAGMA foreign_keys=OFF"))
        on.execute(text(f"DELETE FROM audit_seal WHERE entry = {entry}"))
        on.execute(text(f"DELETE FROM audit_entry WHERE id = {entry}"))

    return attack


def insert(chance: Random, rows: int) -> Callable[[Connection], object]:
    """An entry is put in the place of another, which moves on."""
    place = chance.randint(1, rows - 1)

    def attack(on: Connection) -> None:
        on.execute(text(f"DELETE FROM audit_seal WHERE entry > {place}"))
        on.execute(text(f"UPDATE audit_entry SET id = -id WHERE id > {place}"))
        on.execute(text("UPDATE audit_entry SET id = 1 - id WHERE id < 0"))
        on.execute(
            text(f"INSERT INTO audit_entry SELECT {place} + 1, {', '.join(ENTRY)} FROM audit_entry WHERE id = 1")
        )

    return attack


def swap(chance: Random, rows: int) -> Callable[[Connection], object]:
    """Two entries change places."""
    one, other = chance.sample(range(1, rows + 1), 2)

    def attack(on: Connection) -> None:
        for column in ("subject", "at"):
            on.execute(
                text(
                    f"UPDATE audit_entry SET {column} = (SELECT other.{column} FROM audit_entry AS other WHERE other.id"
                    f" = CASE audit_entry.id WHEN {one} THEN {other} ELSE {one} END) WHERE id IN ({one}, {other})"
                )
            )

    return attack


def truncate(chance: Random, rows: int) -> Callable[[Connection], object]:
    """The last entries are gone, with their seals: as in an older copy of the database."""
    left = chance.randint(0, rows - 1)

    def attack(on: Connection) -> None:
        on.execute(text(f"DELETE FROM audit_seal WHERE entry > {left}"))
        on.execute(text(f"DELETE FROM audit_entry WHERE id > {left}"))

    return attack


def seals(chance: Random, rows: int) -> Callable[[Connection], object]:
    """A seal is another."""
    return lambda on: on.execute(
        text(f"UPDATE audit_seal SET hash = '{'0' * 64}' WHERE sequence = {chance.randint(1, rows)}")
    )


ATTACKS = (edit, delete, insert, swap, truncate, seals)


@pytest.mark.parametrize(
    ("attacks", "rows"),
    [
        (24, 500),
        pytest.param(1000, 500, marks=pytest.mark.prove),
        pytest.param(20, 10_000, marks=pytest.mark.prove),
    ],
)
@pytest.mark.parametrize("restamped", [False, True])
def test_every_attack_up_to_the_last_checkpoint_is_found(
    trail: Trail, attacks: int, rows: int, restamped: bool, record_property: Callable[[str, object], None]
) -> None:
    trail.act(rows)
    trail.seal()
    whole = trail.folder.with_name("whole.db")
    assert trail.db.clear_log()
    whole.write_bytes((trail.folder.with_name("trail.db")).read_bytes())
    for number in range(attacks):
        trail.db.close()
        trail.folder.with_name("trail.db").write_bytes(whole.read_bytes())
        attack = ATTACKS[number % len(ATTACKS)]
        trail.tamper(attack(Random(number), rows))
        if restamped:  # the whole chain anew, as if nothing had happened
            trail.tamper(lambda on: on.execute(text("DELETE FROM audit_seal")))
            audit_chain.seal(trail.db)
        if restamped and attack is seals:
            assert trail.verified(), "the chain is what it was"
            continue
        with pytest.raises(Altered):
            trail.verified()
        assert trail.db.clear_log()
    record_property("attacks found", attacks)


def test_the_first_bad_entry_is_named(trail: Trail) -> None:
    trail.act(20)
    trail.seal()
    trail.tamper(lambda on: on.execute(text("UPDATE audit_entry SET detail = 'x' WHERE id IN (7, 9)")))
    with pytest.raises(Altered, match="Entry 7 was changed"):
        trail.verified()


def test_between_two_checkpoints_it_is_said_which_entries_were_rewritten(trail: Trail) -> None:
    for _ in range(3):
        trail.act(10)
        trail.seal()
    trail.tamper(lambda on: on.execute(text("UPDATE audit_entry SET detail = 'x' WHERE id = 17")))
    trail.tamper(lambda on: on.execute(text("DELETE FROM audit_seal")))
    audit_chain.seal(trail.db)
    with pytest.raises(Altered, match="Entries 11 to 20 were rewritten"):
        trail.verified()


def test_a_checkpoint_that_somebody_else_signed_or_changed_is_none(trail: Trail) -> None:
    trail.act(10)
    trail.seal()
    file = trail.folder / audit_chain.FILE
    ours = file.read_text()
    file.write_text(ours.replace('"count": 10', '"count": 9'))
    with pytest.raises(Altered, match="signature"):
        trail.verified()
    forged = audit_chain.checkpoint(trail.db, NOON, MasterKey.parse(MasterKey.generate()))
    assert forged is not None
    file.unlink()
    audit_chain.keep(trail.folder, forged)
    with pytest.raises(Altered, match="signature"):
        trail.verified()


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    """A fresh server."""
    with server() as url:
        yield url


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_database_itself_refuses_to_change_or_delete_an_entry_also_after_another_migration(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path / 'guarded.db'}" if kind == "sqlite" else request.getfixturevalue("postgresql")
    trail = Trail(migrated(url), tmp_path / "kept", MasterKey.parse(MasterKey.generate()))
    trail.act(3)
    trail.seal()
    on = " ON audit_entry" if kind == "postgresql" else ""
    with trail.db.engine.begin() as connection:  # as a migration does that copies the table
        connection.execute(text(f"DROP TRIGGER audit_entry_no_delete{on}"))
        assert audit_chain.unguarded(connection) == ["audit_entry_no_delete"]
    migrations.run(trail.db)
    for statement in (
        "UPDATE audit_entry SET detail = 'x'",
        "DELETE FROM audit_entry",
        "UPDATE audit_seal SET hash = 'x'",
        "DELETE FROM audit_seal",
    ):
        with pytest.raises(DatabaseError, match="only added to"), trail.db.engine.begin() as connection:
            connection.execute(sa.text(statement))
    assert trail.verified().startswith("3 entries")
    trail.db.close()
