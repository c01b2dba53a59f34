"""The processes of `serve`: whose address a visitor has, and a worker that is there whatever happens to it."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from starlette.testclient import TestClient

from contactcenter.app import create_app
from contactcenter.carrier.absent import AbsentCarrier
from contactcenter.compose import Ports
from contactcenter.serving import WorkerChild, web_config
from contactcenter.settings import load
from contactcenter.staff.rules import FAILURES_ALLOWED
from tests.factories import PASSWORD, World
from tests.patience import until

PROXY, OUTSIDER, COLLEAGUE = "192.0.2.1", "203.0.113.5", "203.0.113.6"


def behind(world: World, trusted: str | None) -> TestClient:
    """The site as the web server serves it to a reverse proxy."""
    settings = load(database_url=world.db.url, public_url="http://testserver", trusted_proxies=trusted)
    config = web_config(create_app(Ports(settings, world.db, lambda: world.now, AbsentCarrier(), None)), settings)
    config.load()
    return TestClient(config.loaded_app, client=(PROXY, 40_000), follow_redirects=False)


def sign_in(site: TestClient, password: str, address: str) -> int:
    form = {"login": "anna", "password": password}
    return site.post("/sign-in", data=form, headers={"x-forwarded-for": address}).status_code


def test_an_outsider_behind_the_proxy_locks_out_nobody_but_himself(world: World) -> None:
    site = behind(world, PROXY)
    for _ in range(FAILURES_ALLOWED):
        assert sign_in(site, "guessed", OUTSIDER) == 403
    assert sign_in(site, PASSWORD, OUTSIDER) == 403
    assert sign_in(site, PASSWORD, COLLEAGUE) == 303


@pytest.mark.parametrize("trusted", [None, "192.0.2.99"])
def test_an_address_that_nobody_vouches_for_is_not_believed(world: World, trusted: str | None) -> None:
    site = behind(world, trusted)
    for number in range(FAILURES_ALLOWED):
        sign_in(site, "guessed", f"198.51.100.{number}")
    assert sign_in(site, PASSWORD, COLLEAGUE) == 403


@pytest.fixture
def diary(tmp_path: Path) -> Path:
    """Where made-up workers write down that they ran."""
    return tmp_path / "diary"


def worker(diary: Path, then: str) -> list[str]:
    script = f"import time; open({str(diary)!r}, 'a').write('.'); {then}"
    return [sys.executable, "-c", script]


def runs(diary: Path) -> int:
    return len(diary.read_text()) if diary.exists() else 0


@pytest.fixture
def told() -> Iterator[list[dict[str, object]]]:
    with structlog.testing.capture_logs() as lines:
        yield lines  # type: ignore[misc]  # structlog says mutable mappings


def test_a_worker_that_dies_is_started_again_and_told_of(diary: Path, told: list[dict[str, object]]) -> None:
    with WorkerChild(lambda: False, worker(diary, "raise SystemExit(3)"), pauses=(0.01, 0.02)):
        until(lambda: runs(diary) >= 3, "the worker is as it should be", 20)
    assert {"event": "worker-died", "log_level": "error", "status": 3, "again_in_seconds": 0.01} in told
    assert {"event": "worker-died", "log_level": "error", "status": 3, "again_in_seconds": 0.02} in told
    ran = runs(diary)
    time.sleep(0.2)
    assert runs(diary) == ran, "it was started again after the end"


def test_a_running_worker_is_stopped_with_us_and_not_started_again(diary: Path, told: list[dict[str, object]]) -> None:
    with WorkerChild(lambda: False, worker(diary, "time.sleep(60)")):
        until(lambda: runs(diary) == 1, "the worker is as it should be", 20)
    assert runs(diary) == 1
    assert told == []


def test_a_worker_that_ends_because_everything_stops_is_left_alone(diary: Path, told: list[dict[str, object]]) -> None:
    with WorkerChild(lambda: True, worker(diary, "pass"), pauses=(0.01,)):
        until(lambda: runs(diary) == 1, "the worker is as it should be", 20)
        time.sleep(0.3)
    assert runs(diary) == 1
    assert told == []
