"""Every promise is counted on PostgreSQL as on SQLite: kept by a whole call, and broken by the same things."""

from collections.abc import Iterator

import pytest

from contactcenter.core.alerts import AlertKind, raise_alert
from contactcenter.core.audit import Action, Actor, record
from contactcenter.core.db import Database
from contactcenter.privacy.promises import CHECKS, verdicts
from contactcenter.privacy.rules import Finding
from contactcenter.verification.rules import EvidenceKind, Level
from tests.factories import BAKKERIJ_JANSEN, JORIS, STRANGER, World
from tests.privacy.line import Line, of_unknown_source, open_line, set_up, shown, verified

DEVICE = {"kind": "device-id", "reference": "D2", "on": "2023-03-02", "title": "Drive", "value": "MacBook"}


@pytest.fixture
def line(db: Database) -> Iterator[Line]:
    """The company and its line, on a server."""
    world = World(db)
    world.hire("Anna")
    world.put(BAKKERIJ_JANSEN)
    set_up(world)
    with open_line(world) as opened:
        yield opened


def found(line: Line) -> dict[str, Finding]:
    """What is found of every promise that is counted."""
    with line.world.reading() as session:
        return {one.promise.id: one.finding for one in verdicts(session, line.world.now) if one.finding is not None}


def test_what_keeps_every_promise_and_what_breaks_it(line: Line) -> None:
    world = line.world
    contact, _ = line.whole()
    joris = world.call(JORIS)
    verified(world, joris, Level.VERIFIED, EvidenceKind.ASKED)
    with world.writing() as session:
        session.add(shown(world, joris, "licences"))
    kept = found(line)
    assert kept.keys() == CHECKS.keys()
    assert {id for id, one in kept.items() if one.count} == set()
    checked = {"P01": 1, "P03": 3, "P06": 1, "P07": 2, "P29": 2}  # the relation number was shown too
    assert {id: kept[id].checked for id in checked} == checked

    of_unknown_source(world)
    world.put(BAKKERIJ_JANSEN | {"rows": [*BAKKERIJ_JANSEN["rows"], DEVICE]})
    world.hire("Gijs", trained=False)
    verified(world, joris, Level.VERIFIED, EvidenceKind.KNOWN_NUMBER)
    world.call(STRANGER)
    line.record("CA" + "f" * 32, world.now)
    with world.writing() as session:
        session.add(shown(world, joris, "ip-address", to="Gijs"))
        raise_alert(session, world.now, AlertKind.CALL_WITHOUT_CONTACT, "CA" + "e" * 32)
        record(session, world.now, Actor.SYSTEM, Action.RECORDING_PLAYED, contact)
    world.travel(days=20)
    with world.writing() as session:
        record(session, world.now, Actor.SYSTEM, Action.CONTACT_CHANGED, contact, "somebody@office.example")
    once = dict.fromkeys(("P01", "P02", "P06", "P07", "P10", "P17", "P27", "P29", "P31", "P32"), 1)
    assert {id: one.count for id, one in found(line).items() if one.count} == once | {"P03": 2}
    world.travel(days=20)
    assert found(line)["P17"].count == 2
