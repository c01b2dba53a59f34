"""Requests that no page makes: any route, by any role, with parameters, forms, cookies and headers at random."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import product
from random import Random
from urllib.parse import quote, urlencode

import httpx2
from sqlmodel import SQLModel, col, select
from starlette.routing import Route

from contactcenter.app import public_routes, staff_routes
from contactcenter.calls.models import Call
from contactcenter.contacts.models import Contact
from contactcenter.contacts.rules import Channel, ContactKind, ContactState, Outcome
from contactcenter.core.alerts import Alert
from contactcenter.core.web import PACKAGE
from contactcenter.customers.models import Customer, Person
from contactcenter.recordings.models import Hold, Playback, Recording
from contactcenter.recordings.rules import HoldKind
from contactcenter.verification.models import Question
from contactcenter.verification.rules import Purpose
from tests.house import House

TABLES: tuple[type[SQLModel], ...] = (Call, Contact, Alert, Customer, Person, Playback, Recording, Hold, Question)
ROLES = ("anna", "carla", "dirk", "eva", "fleur", "nobody")
NEVER = {"sign-out", "live"}  # ends the storm's own session; never ends
ROUTES = [one for one in [*public_routes(), *staff_routes()] if isinstance(one, Route) and one.name not in NEVER]
PAGES = "".join(path.read_text() for path in sorted(PACKAGE.glob("*/templates/*.html")))
FIELDS = sorted({*re.findall(r'\bname="(\w+)"', PAGES), "q", "attempt", "channel", "Range", "back"})
WORDS = [str(word) for of in (Outcome, ContactKind, ContactState, Channel, Purpose, HoldKind) for word in of]
MEANT: dict[str, dict[str, str]] = {  # forms as the pages send them, by the name of the route
    "available": {"available": "1"},
    "contact-close": {"outcome": "solved", "kind": "question", "question": "Which laptop?"},
    "contact-open": {"purpose": Purpose.AUDIT.value},
    "hold-place": {"kind": HoldKind.DISPUTE.value, "reference": "D-1", "review_on": "{soon}"},
}
ACTS = [one for one in ROUTES if one.name in MEANT]
ODD = [
    "",
    "0",
    "-1",
    "9" * 400,
    "1e309",
    "NaN",
    "null",
    "\0",
    "🥐",
    "\u202e\u2028\ufeff",
    "é" * 3000,
    "' OR 1=1 --",
    '"><script>alert(1)</script>',
    "{{7*7}}${7*7}%s%n",
    "../../../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "..\\..\\windows",
    "//evil.example",
    "http://169.254.169.254/",
    "=cmd|' /C calc'!A0",
    "%",
    "%%%",
    "_",
    "2026-02-30",
    "0000-00-00",
    "9999-12-31",
    "0001-01-01",
    "2026-11-30",
    "A" * 22,
    "nl",
    "1",
    "a\r\nSet-Cookie: x=1",
]
HEADERS = {
    "hx-request": ["true", "x"],
    "accept-language": ["nl", "en-GB;q=9", "*", ",,,", "x" * 4000],
    "range": ["bytes=0-", "bytes=-1", "bytes=5-1", "bytes=0-1,5-6", "bytes=99999999999999999999-", "lines=1", "x"],
    "last-event-id": ["0", "-1", "x"],
    "if-none-match": ["*", '"x"'],
    "if-modified-since": ["yesterday", "Mon, 02 Nov 2026 11:00:00 GMT"],
    "cookie": ["language=xx", "session=x; language=nl", "=;;=", "session=" + "x" * 5000, "language=nl; language=en"],
    "authorization": ["Bearer x", "Basic eA==", "Bearer", "x"],
    "content-type": ["application/json", "multipart/form-data; boundary=x", "text/plain; charset=utf-7", "", "x"],
    "x-forwarded-for": ["127.0.0.1", "x"],
    "origin": ["null", "http://[bad", "http://a]b", "x" * 300],
    "accept": ["application/json", "x/y;q=2"],
}


@dataclass
class Storm:
    """What a request is drawn from, in one running house."""

    house: House
    chance: Random
    browsers: dict[str, httpx2.Client] = field(default_factory=dict)
    known: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Everybody signs in, but for nobody."""
        for login in ROLES[:-1]:
            self.browsers[login] = self.house.agent(login).http
        self.browsers["nobody"] = httpx2.Client(base_url=self.house.url, timeout=20)
        self.house.clients.append(self.browsers["nobody"])

    def look_around(self) -> None:
        """Learn the public ids of what there is now."""
        with self.house.look() as session:
            for table in TABLES:
                ids = select(col(table.public_id)).limit(20)  # type: ignore[attr-defined]  # each of these has one
                self.known[str(table.__tablename__)] = list(session.exec(ids))

    def value(self) -> str:
        """Something that is, something that is meant, or something odd."""
        known = [public_id for ids in self.known.values() for public_id in ids]
        return self.chance.choice(self.chance.choices([known, WORDS, ODD], [4, 2, 3])[0])

    def blow(self) -> httpx2.Response:
        """One request."""
        route, who = self.chance.choice(self.chance.choices([ROUTES, ACTS], [8, 1])[0]), self.chance.choice(ROLES)
        own = next(iter((route.methods or {"GET"}) - {"HEAD"}))
        method = own if self.chance.random() < 0.9 else self.chance.choice(["GET", "POST", "PUT", "DELETE", "X"])
        return self.browsers[who].request(
            method,
            self._path(route),
            content=self._form(route) if method in ("POST", "PUT") else None,
            headers=self._headers(method == "POST"),
        )

    def goes_as_meant(self, act: Route) -> bool:
        """Whether there is somebody who can do an act, with the form as its page sends it, to something there is."""
        wanted = re.search(r"\{(\w+)\}", act.path)
        paths = [act.path.replace(wanted[0], one) for one in self.known[wanted[1]]] if wanted else [act.path]
        form = {"content-type": "application/x-www-form-urlencoded"}
        tries = product(self.browsers.values(), paths)
        return any(went_well(who.post(path, content=self._meant(act), headers=form)) for who, path in tries)

    def _path(self, route: Route) -> str:
        path = re.sub(r"\{(\w+)\}", lambda found: quote(self._part(found[1]), safe=""), route.path)
        if self.chance.random() < 0.05:
            path += self.chance.choice(["/", "//", "/..", "/%2e%2e/", ";x=1", "%00", "/static/../x"])
        asked = [
            f"{quote(name)}={quote(self.value())}" for name in self.chance.sample(FIELDS, self.chance.choice([0, 1, 3]))
        ]
        return path + ("?" + "&".join(asked) if asked else "")

    def _part(self, name: str) -> str:
        """Mostly the id of what the path is about."""
        fitting = self.known.get(name, []) if self.chance.random() < 0.7 else []
        return self.chance.choice(fitting) if fitting else self.value() or "x"

    def _form(self, route: Route) -> bytes:
        if self.chance.random() < 0.05:
            return self.chance.randbytes(200)
        if route.name in MEANT and self.chance.random() < 0.8:
            field_name = self.chance.choice(list(MEANT[route.name]))
            return self._meant(route, {field_name: self.value()} if self.chance.random() < 0.3 else {})
        names = self.chance.sample(FIELDS, self.chance.randint(0, 8))
        return "&".join(f"{name}={quote(self.value())}" for name in names).encode()

    def _meant(self, act: Route, odd: dict[str, str] | None = None) -> bytes:
        soon = f"{self.house.clock() + timedelta(days=30):%Y-%m-%d}"
        meant = {name: value.format(soon=soon) for name, value in MEANT[act.name].items()}
        return urlencode(meant | (odd or {})).encode()

    def _headers(self, form: bool) -> dict[str, str]:
        usual = {"content-type": "application/x-www-form-urlencoded"} if form else {}
        chosen = self.chance.sample(sorted(HEADERS), self.chance.choice([0, 0, 1, 2]))
        return usual | {name: self.chance.choice(HEADERS[name]) for name in chosen}


def went_well(answer: httpx2.Response) -> bool:
    """Whether an act was done, and its visitor not only sent to sign in."""
    sent_to = answer.headers.get("location", "")
    return answer.status_code == 204 or (answer.status_code == 303 and not sent_to.startswith("/sign-in"))
