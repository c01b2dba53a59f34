"""A place outside for what nobody may change or delete: a bucket of an S3-compatible store with object lock.

The library that speaks S3 here can't ask for a lock itself: it signs no headers of ours, and stores refuse `x-amz-`
headers that are not signed. So the bucket locks what comes in by its own default retention, and after each write we
look at what the store says of the object.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx2
import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from contactcenter.core.clock import Clock
from contactcenter.core.errors import Unavailable

LOOKING = timedelta(minutes=1)  # how long the signed address is good by which we look
SECONDS = 5.0
PROBE = "contactcenter-was-here"
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Lock:
    """What a store says of an object: in which mode it is locked ("" for not at all), and until when (UTC)."""

    mode: str = ""
    until: datetime = NEVER


class LockedStore:
    """Objects that are written once. Safe to share between threads."""

    def __init__(self, store: S3Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def keep(self, name: str, data: bytes) -> Lock:
        """See that an object is there and locked; how. Nothing is written where a locked one of this name is.

        Raises `Unavailable` where the store does not answer, or does not lock what it took.
        """
        lock = self._lock(name)
        if lock is None or lock.until <= self._clock():
            self._put(name, data)
            lock = self._lock(name)
        if lock is None or lock.until <= self._clock():
            raise Unavailable(
                "The store of checkpoints does not lock what it is given; make a bucket with object lock and a default "
                "retention, and let us read the retention of an object."
            )
        return lock

    def check(self) -> Lock:
        """Write a small object, if there is none that is still locked; how it is locked. Raises as `keep`."""
        return self.keep(PROBE, b"Whether this is locked was looked at.\n")

    def _put(self, name: str, data: bytes) -> None:
        try:
            obstore.put(self._store, name, data)
        except (BaseError, OSError) as error:
            raise _away(type(error).__name__) from None

    def _lock(self, name: str) -> Lock | None:
        """None where there is no such object, or none that we may see (a store may answer 403 then)."""
        try:
            answer = httpx2.head(obstore.sign(self._store, "HEAD", name, LOOKING), timeout=SECONDS)
        except (BaseError, httpx2.HTTPError, OSError) as error:
            raise _away(type(error).__name__) from None
        if answer.status_code in (403, 404):
            return None
        if answer.status_code != 200:
            raise _away(str(answer.status_code))
        return _read(answer.headers)


def _read(headers: httpx2.Headers) -> Lock:
    try:
        until = datetime.fromisoformat(headers.get("x-amz-object-lock-retain-until-date", ""))
    except ValueError:
        return Lock()
    return Lock(headers.get("x-amz-object-lock-mode", ""), until.astimezone(UTC))


def _away(why: str) -> Unavailable:
    return Unavailable(
        f"The store of checkpoints can't be used ({why}); see that its server runs, and check its credentials and "
        "CONTACTCENTER_CHECKPOINTS_URL."
    )
