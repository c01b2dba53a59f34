"""The promises of the statement, in its order, each with what counts it and what that finds now."""

import json
from collections.abc import Callable
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from sqlmodel import Session

from contactcenter.core.errors import NotFound
from contactcenter.privacy import of_calls, of_contacts, of_customers, of_recordings, of_the_product
from contactcenter.privacy.rules import Finding, Promise, Text, Verdict

Check = Callable[[Session, datetime], Finding]
SOURCE = files("contactcenter") / "privacy" / "promises.json"

# A promise that gets its check here says in `promises.json` what is `compared`, and no longer what is `missing`.
CHECKS: dict[str, Check] = {
    "P01": of_calls.notice_before_capture,
    "P02": of_recordings.listened_with_a_right,
    "P03": of_contacts.registered,
    "P05": of_customers.shown_as_opened,
    "P06": of_customers.asked_before_verified,
    "P07": of_customers.shown_as_listed,
    "P08": of_contacts.no_password_asked,
    "P10": of_contacts.summarised,
    "P12": of_contacts.nothing_sensitive_asked,
    "P14": of_contacts.our_calls_noted,
    "P17": of_recordings.destroyed_in_time,
    "P26": of_customers.used_as_named,
    "P27": of_customers.prospects_have_a_source,
    "P29": of_customers.seen_by_the_trained,
    "P30": of_recordings.transcribed_as_named,
    "P31": of_the_product.lines_without_personal_data,
    "P32": of_customers.device_ids_opaque,
    "P33": of_the_product.nothing_from_elsewhere,
}


@cache
def promises() -> tuple[Promise, ...]:
    """All promises, in order."""
    return tuple(_read(row) for row in json.loads(SOURCE.read_text(encoding="utf-8")))


def verdicts(session: Session, now: datetime) -> list[Verdict]:
    """What can be said of every promise now."""
    return [_verdict(session, now, promise) for promise in promises()]


def verdict_of(session: Session, now: datetime, id: str) -> Verdict:
    """What can be said of one promise now. Raises `NotFound`."""
    promise = next((one for one in promises() if one.id == id), None)
    if promise is None:
        raise NotFound()
    return _verdict(session, now, promise)


def _verdict(session: Session, now: datetime, promise: Promise) -> Verdict:
    check = CHECKS.get(promise.id)
    return Verdict(promise, check(session, now) if check else None)


def _read(row: dict[str, Any]) -> Promise:
    texts = {name: Text(**row[name]) for name in ("compared", "missing", "uncounted") if name in row}
    return Promise(id=row["id"], sentence=Text(**row["sentence"]), source=row["source"], **texts)
