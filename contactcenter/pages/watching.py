"""For whatever watches the installation: does it run, is it ready, and its figures. No personal data, no secrets."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from prometheus_client import generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from sqlalchemy import func
from sqlmodel import Session, col, select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from contactcenter.calls.models import Call
from contactcenter.calls.rules import CallState, Ending
from contactcenter.contacts.models import Contact
from contactcenter.core.db import Database
from contactcenter.core.jobs import SweepName
from contactcenter.core.metrics import Metrics
from contactcenter.core.web import Part, Site, site_of
from contactcenter.recordings import retention
from contactcenter.recordings.models import Recording
from contactcenter.recordings.routes import VAULT
from contactcenter.recordings.rules import RecordingState
from contactcenter.recordings.vault import vault_trouble
from contactcenter.staff.rules import Scope
from contactcenter.staff.service import token_allows

ROOM = 1_000_000  # bytes, of some thousands of lines
LOOKED_AT_FOR = timedelta(seconds=30)  # the vault is asked once in this time: everybody may ask /readyz
HEARTBEAT = (SweepName.CALLS, timedelta(seconds=60))  # a sweep that every worker does each 5 seconds
OK = "ok"
PREFIX = "contactcenter"


@dataclass
class Watch:
    """What is kept between two looks."""

    metrics: Metrics
    vault: str = ""
    vault_at: datetime | None = field(default=None)


WATCH: Part[Watch] = Part()


async def healthz(_request: Request) -> Response:
    """The process runs."""
    return JSONResponse({"state": "ok"})


async def readyz(request: Request) -> Response:
    """What is not ready, by name. Without the database no caller can be taken: 503. Anything else degrades: 200."""
    parts = await run_in_threadpool(_parts, site_of(request))
    if parts["database"] != OK:
        return JSONResponse({"state": "not ready"} | parts, 503)
    state = "ready" if set(parts.values()) == {OK} else "degraded"
    return JSONResponse({"state": state} | parts)


async def metrics(request: Request) -> Response:
    """Figures for Prometheus, with a token of the scope `metrics:read`. A proxy hides who asks, so an address is no
    right."""
    site = site_of(request)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if not await run_in_threadpool(_may, site, scheme, token.strip()):
        answer = f"Send a token with the scope {Scope.METRICS_READ} as `Authorization: Bearer ...`."
        return Response(answer, 401, {"WWW-Authenticate": "Bearer"}, media_type="text/plain")
    body = await run_in_threadpool(_exposed, site)
    return Response(body, media_type=CONTENT_TYPE_PLAIN_0_0_4)


def _may(site: Site, scheme: str, token: str) -> bool:
    with site.db.reading() as session:
        return scheme.lower() == "bearer" and token_allows(session, token, Scope.METRICS_READ)


def _parts(site: Site) -> dict[str, str]:
    """Each part with `ok` or what it is."""
    return {
        "database": _tried(lambda: _database(site)),
        "key": OK if VAULT.of(site) is not None else "there is none",
        "ledger": _tried(lambda: _ledger(site.db)),
        "vault": _tried(lambda: _vault(site)),
        "worker": _tried(lambda: _worker(site)),
    }


def _tried(look: Callable[[], str]) -> str:
    try:
        return look()
    except Exception:  # noqa: BLE001  # drivers raise what they like; its text may hold an address
        return "does not answer"


def _database(site: Site) -> str:
    with site.db.reading() as session:
        session.connection()
        session.exec(select(func.count()).select_from(Recording).where(col(Recording.id) < 0))
    return OK


def _ledger(db: Database) -> str:
    """While it can't be written nothing is destroyed."""
    if db.ledger is None:
        return OK
    file = db.ledger.path
    if not file.is_file() or not os.access(file, os.W_OK):
        return "can't be written"
    return OK if shutil.disk_usage(file.parent).free > ROOM else "has no room"


def _vault(site: Site) -> str:
    watch = WATCH.of(site)
    now = site.clock()
    if watch.vault_at is None or not timedelta() <= now - watch.vault_at < LOOKED_AT_FOR:
        watch.vault = _asked_vault(site)
        watch.vault_at = now
    return watch.vault


def _asked_vault(site: Site) -> str:
    vault = VAULT.of(site)
    if vault is None:
        return "needs the key"
    return OK if vault_trouble(vault) is None else "does not write, read and delete"


def _worker(site: Site) -> str:
    sweep, patience = HEARTBEAT
    last = site.jobs.last_success(sweep)
    return OK if last is not None and site.clock() - last < patience else "not seen for a minute"


def _exposed(site: Site) -> bytes:
    watch = WATCH.of(site)
    return generate_latest(watch.metrics.registry) + generate_latest(_Looked(site))


class _Looked:
    """Figures that are read from the database when somebody asks."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def collect(self) -> Iterator[Metric]:
        """Every figure, with all of its labels, zeros too."""
        now = self._site.clock()
        with self._site.db.reading() as session:
            yield _by("calls_last_day", "Calls of 24 hours by how they ended.", "ending", _endings(session, now))
            states = _states(session)
            yield _by("recordings", "Recordings by state.", "state", states)
            yield _one("dead_letters", "Recordings that failed for good.", states[RecordingState.FAILED])
            yield _one("waiting_calls", "Calls that wait for an agent.", _waiting(session))
            yield _one("oldest_due_seconds", "How long the longest overdue recording is due.", _overdue(session, now))
        yield _one("live_streams", "Browsers that watch this process.", self._site.live.watching)
        yield _one("jobs_waiting", "Jobs that nobody has begun.", self._site.jobs.waiting())
        yield _by("sweep_last_success_timestamp_seconds", "When a sweep last went well.", "sweep", self._sweeps())

    def _sweeps(self) -> dict[str, float]:
        last = {name.value: self._site.jobs.last_success(name) for name in SweepName}
        return {name: moment.timestamp() if moment else 0.0 for name, moment in last.items()}


def _one(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(f"{PREFIX}_{name}", about, value=value)


def _by(name: str, about: str, label: str, values: dict[str, float]) -> Metric:
    family = GaugeMetricFamily(f"{PREFIX}_{name}", about, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def _endings(session: Session, now: datetime) -> dict[str, float]:
    recent = (
        select(Call.ending, func.count())
        .join(Contact, col(Contact.id) == Call.contact_id)
        .where(col(Contact.started_at) > now - timedelta(days=1), col(Call.ending).is_not(None))
        .group_by(col(Call.ending))
    )
    found = {str(ending): float(count) for ending, count in session.exec(recent)}
    return {ending.value: found.get(ending.value, 0.0) for ending in Ending}


def _states(session: Session) -> dict[str, float]:
    counted = select(Recording.state, func.count()).group_by(col(Recording.state))
    found = {str(state): float(count) for state, count in session.exec(counted)}
    return {state.value: found.get(state.value, 0.0) for state in RecordingState}


def _waiting(session: Session) -> float:
    return float(session.exec(select(func.count()).where(Call.state == CallState.WAITING)).one())


def _overdue(session: Session, now: datetime) -> float:
    """Seconds since the first recording became due that is still there; 0 when nothing is due."""
    return max(((now - one.since).total_seconds() for one in retention.due_recordings(session, now)), default=0.0)
