"""Migrations make on PostgreSQL what the models say, forth and back."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import inspect
from sqlmodel import select

from contactcenter import migrations
from contactcenter.compose import migrated as migrated_database
from contactcenter.core.db import Database, metadata
from contactcenter.core.live import LiveEvent
from contactcenter.settings import load

NOON = datetime(2026, 11, 2, 11, tzinfo=UTC)


@pytest.fixture(params=["postgresql", "sqlite"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database of either kind."""
    on_server = request.param == "postgresql"
    opened = Database(request.getfixturevalue("empty_url") if on_server else f"sqlite:///{tmp_path / 'empty.db'}")
    yield opened
    opened.close()


def revisions() -> list[str]:
    """All versions, oldest first."""
    config = Config()
    config.set_main_option("script_location", str(migrations.HERE))
    return [one.revision for one in ScriptDirectory.from_config(config).walk_revisions()][::-1]


def test_the_migrations_make_exactly_the_tables_of_the_models(empty: Database) -> None:
    migrations.run(empty)
    migrations.run(empty)
    assert migrations.differences(empty) == []
    assert set(metadata.tables) <= set(inspect(empty.engine).get_table_names())


def test_every_version_goes_back_and_forth(empty: Database) -> None:
    migrations.run(empty)
    for older in [*revisions()[-2::-1], "base"]:
        migrations.undo(empty, older)
    assert set(inspect(empty.engine).get_table_names()) == {"alembic_version"}
    migrations.run(empty)
    assert migrations.differences(empty) == []


def test_the_job_tables_stand_beside_ours_and_are_left_alone(empty_url: str) -> None:
    settings = load(database_url=empty_url)
    db = migrated_database(settings)
    migrated_database(settings).close()
    assert migrations.differences(db) == []
    assert "workflow_status" in inspect(db.engine).get_table_names(schema="dbos")
    db.close()


def test_a_reading_session_changes_nothing_and_moments_come_back_aware(db: Database) -> None:
    amsterdam = NOON.astimezone(ZoneInfo("Europe/Amsterdam"))
    with db.writing() as session:
        session.add(LiveEvent(topic="kept", subject="x", at=amsterdam))
    with db.reading() as session:
        session.add(LiveEvent(topic="thrown away", subject="x", at=NOON))
        session.flush()
    with db.reading() as session:
        event = session.exec(select(LiveEvent)).one()
    assert (event.topic, event.at, event.at.tzinfo) == ("kept", NOON, UTC)
