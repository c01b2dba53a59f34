"""Measures pages as they are served: time and bytes of each, and how the time grows with a hundred times as much."""

import asyncio
import gzip
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import col, select

from contactcenter.contacts.models import Contact
from contactcenter.core.db import Database
from contactcenter.customers.models import Customer
from contactcenter.privacy import counts
from contactcenter.settings import PREFIX
from contactcenter.staff.models import StaffSession
from tools.busy import busy
from tools.figures import Case, compared
from tools.growth import grow
from tools.load import Answers, as_fast_as_possible, get
from tools.ports import free_port
from tools.serving import LINE, environment, running

LOGIN, PASSWORD = "anna", "a password of the benchmark"
OFFICER, OFFICERS = "eva", ("/promises", "/supervision", "/verifications")
FEW, MANY = 10_000, 1_000_000
IN_TWO_DAYS = 2_000
REPETITIONS = 60
FIRST_LOAD = ("app.css", "app.js", "keys.js", "live.js", "desk.js", "vendor/htmx.min.js")
LOOKING_BACK = {
    "supervision": "/supervision",
    "verifications": "/verifications",
    "verifications by outcome": "/verifications?result=declined",
    "verifications by what is fast": "/verifications?too-fast=1",
    "verifications by several agents": "/verifications?several-agents=1",
}
STATIC = Path("contactcenter") / "core" / "static"


@dataclass(frozen=True)
class Grown:
    """A served installation with so many contacts, and the sessions of its agent and its privacy officer."""

    port: int
    cookie: str
    officer: str
    paths: dict[str, str]
    db: Database

    def headers(self, path: str) -> dict[str, str]:
        """Those of whoever opens this page."""
        return {"Cookie": self.officer if path.startswith(OFFICERS) else self.cookie}


def bench_pages() -> Iterator[Case]:
    """Server time and bytes of each page with ten thousand contacts; of those that look back, with two busy days."""
    with grown(IN_TWO_DAYS, busy) as site:
        for name, path in LOOKING_BACK.items():
            yield _measured(f"page {name}, {IN_TWO_DAYS} contacts in two days", site, path)
    with grown(FEW) as site:
        for name, path in site.paths.items():
            yield _measured(f"page {name}", site, path)
        first = sum(len(gzip.compress((STATIC / name).read_bytes())) for name in FIRST_LOAD)
        first += len(gzip.compress(_page(site, site.paths["desk"])))
        yield {"case": "first load of the desk", "unit": "kB compressed", "ours": round(first / 1000, 1)}


def _measured(name: str, site: Grown, path: str) -> Case:
    answers = asked(site, path)
    return {
        "case": name,
        "unit": "ms",
        "p50": round(answers.percentile(0.5), 1),
        "p95": round(answers.percentile(0.95), 1),
        "kB compressed": round(len(gzip.compress(_page(site, path))) / 1000, 1),
    }


def bench_history() -> Iterator[Case]:
    """Lists, a customer's history and search: p95 at a million contacts against ten thousand."""
    with grown(FEW) as small, grown(MANY) as large:
        for name in ("contacts", "customer", "search by name", "search by number", "unmatched"):
            few = min(asked(small, small.paths[name]).percentile(0.95) for _ in range(3))
            many = min(asked(large, large.paths[name]).percentile(0.95) for _ in range(3))
            yield compared(f"{name}: a million contacts against ten thousand, p95", "ms", many, few)


@contextmanager
def grown(contacts: int, fill: Callable[[Database, int], None] | None = None) -> Iterator[Grown]:
    """Serve an installation that has so many contacts already."""
    with tempfile.TemporaryDirectory(prefix="bench-pages-") as made:
        port = free_port()
        variables = environment(Path(made), port)
        prepare(Path(made), variables)
        db = Database(variables[f"{PREFIX}DATABASE_URL"])
        (fill or _grow)(db, contacts)
        counts.keep(db, datetime.now(UTC))  # as the worker does, which does not run here
        with running(["contactcenter", "serve", "--web"], variables, port):
            agent, officer = sign_in(port), sign_in(port, OFFICER)
            _shown_their_factors(db)
            yield Grown(port, agent, officer, _paths(db), db)
        db.close()


def _grow(db: Database, contacts: int) -> None:
    grow(db, contacts, lambda done: print(f"{done} contacts", end="\r", file=sys.stderr))


def prepare(folder: Path, variables: dict[str, str]) -> None:
    """A migrated database with a line, an agent and a privacy officer."""
    password = folder / "password"
    password.write_text(PASSWORD)
    anna = ["staff", "add", LOGIN, "--name", "Anna de Wit", "--role", "agent", "--trained-on", "2026-05-01"]
    eva = ["staff", "add", OFFICER, "--name", "Eva Smit", "--role", "privacy-officer", "--trained-on", "2026-05-01"]
    for command in (
        ["migrate"],
        ["line", "add", LINE, "--name", "Helpdesk", "--language", "nl"],
        [*anna, "--password-file", str(password)],
        [*eva, "--password-file", str(password)],
    ):
        subprocess.run(  # ours
            [sys.executable, "-m", "contactcenter", *command], env=variables, check=True, stdout=subprocess.DEVNULL
        )


def sign_in(port: int, login: str = LOGIN) -> str:
    """The cookie of a session, the agent's by default."""
    form = urllib.parse.urlencode({"login": login, "password": PASSWORD}).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/sign-in", form)  # ours
    with urllib.request.build_opener(_Stay).open(request) as answer:
        return str(answer.headers["set-cookie"].split(";")[0])


def _shown_their_factors(db: Database) -> None:
    """Whoever signed in has shown a second factor too."""
    with db.writing() as session:
        for opened in session.exec(select(StaffSession)):
            opened.proved_at = opened.started_at


class _Stay(urllib.request.HTTPRedirectHandler):
    def http_error_303(self, req, fp, code, msg, headers):  # type: ignore[no-untyped-def]  # as it is called
        return fp


def _open_customer(site: Grown) -> None:
    """Without a caller a customer's history shows by broken glass only, for a quarter of an hour."""
    form = urllib.parse.urlencode({"reason": "other", "words": "The benchmark looks at this page."}).encode()
    path = f"{site.paths['customer']}/break-glass"
    request = urllib.request.Request(f"http://127.0.0.1:{site.port}{path}", form, site.headers(path))  # ours
    urllib.request.build_opener(_Stay).open(request).close()


def asked(site: Grown, path: str) -> Answers:
    """The page, again and again, on one connection."""
    if path == site.paths["customer"]:
        _open_customer(site)
    request = get(path, site.headers(path))

    async def load() -> Answers:
        await as_fast_as_possible(site.port, [request] * 5, 1)
        return await as_fast_as_possible(site.port, [request] * REPETITIONS, 1)

    answers = asyncio.run(load())
    if answers.refused:
        raise SystemExit(f"{answers.refused} pages were refused.")
    return answers


def _page(site: Grown, path: str) -> bytes:
    request = urllib.request.Request(f"http://127.0.0.1:{site.port}{path}", headers=site.headers(path))  # ours
    with urllib.request.urlopen(request) as answer:  # noqa: S310  # ours
        body: bytes = answer.read()
    return body


def _paths(db: Database) -> dict[str, str]:
    with db.reading() as session:
        customer = session.exec(select(Customer.public_id).order_by(col(Customer.id))).first()
        contact = session.exec(select(Contact.public_id).order_by(col(Contact.id).desc())).first()
    return {
        "desk": "/desk",
        "contacts": "/contacts",
        "unmatched": "/contacts/unmatched",
        "contact": f"/contacts/{contact}",
        "customer": f"/customers/{customer}",
        "search by name": "/customers?q=" + urllib.parse.quote("Garage Vos"),
        "search by number": "/customers?q=100042",
        "promises": "/promises",
        "one promise, counted": "/promises/P01",
    }
