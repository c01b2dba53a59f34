"""A try at writing a recording down: it keeps what is finished, shows how far it is, and ends when it should."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict

from sqlalchemy.exc import SQLAlchemyError

from contactcenter.core.clock import Clock
from contactcenter.core.db import Database
from contactcenter.notes.said import Segment
from contactcenter.recordings import service, underway
from contactcenter.recordings.drawer import Drawer, Forged
from contactcenter.recordings.models import TranscriptionPart
from contactcenter.recordings.transcriber import Course, Finished, Task, Transcriber
from contactcenter.recordings.underway import Superseded, Try

KEEP_EVERY = 2.0  # seconds between two parts, at least
LOOK_EVERY = 1.0  # seconds after which a try that was stopped ends, at most


class KeptCourse(Course):
    """Keeps what is finished of a try, sealed; the pages see how far it is."""

    def __init__(
        self, db: Database, clock: Clock, one: Try, drawer: Drawer, told: Callable[[float], None] = lambda _: None
    ) -> None:
        """`told` hears the share (0..1) that is finished."""
        self._db, self._clock, self._try, self._drawer, self._told = db, clock, one, drawer, told
        self._task = Task("", "", "", 0)
        self._new: list[Segment] = []
        self._kept_at = time.monotonic()

    def begun(self, task: Task) -> Finished:
        """What an earlier try at the same task finished."""
        self._task = task
        with self._db.writing() as session:
            recording, row = underway.standing(session, self._try)
            parts = underway.resumed(session, self._try, row, task)
            try:
                segments = [one for part in parts for one in self._opened(part.sealed)]
            except (Forged, KeyError, TypeError, ValueError):  # or kept in another shape, by another version
                underway.anew(session, row)
                row.windows, segments = task.windows, []
            row.moved_at = self._clock()
            service.tell(session, row.moved_at, recording)
            return Finished(row.finished, tuple(segments))

    def went_on(self, windows: int, segments: Sequence[Segment]) -> None:
        """Keep it, not too often; what is finished last is not kept, since all of it is attached in a moment."""
        self._new += segments
        self._told(windows / self._task.windows)
        if windows < self._task.windows and time.monotonic() - self._kept_at >= KEEP_EVERY:
            self._keep(windows)

    def _keep(self, windows: int) -> None:
        sealed = self._sealed(self._new)
        with self._db.writing() as session:
            recording, row = underway.standing(session, self._try)
            session.add(TranscriptionPart(transcription_id=row.id, sealed=sealed))
            row.finished, row.moved_at = windows, self._clock()
            service.tell(session, row.moved_at, recording)
        self._new, self._kept_at = [], time.monotonic()

    def _sealed(self, segments: Sequence[Segment]) -> bytes:
        words = json.dumps([asdict(each) for each in segments]).encode()
        return self._drawer.close(words, self._try.object_key)

    def _opened(self, sealed: bytes) -> list[Segment]:
        return [Segment.of(each) for each in json.loads(self._drawer.open(sealed, self._try.object_key))]


@contextmanager
def watched(db: Database, one: Try, transcriber: Transcriber) -> Iterator[None]:
    """While a try goes on: when it is stopped, or its recording goes, the transcriber ends too.

    Raises `Superseded` then, whatever the transcriber raised.
    """
    over, superseded = threading.Event(), threading.Event()

    def look() -> None:
        while not over.wait(LOOK_EVERY):
            try:
                with db.reading() as session:
                    underway.standing(session, one)
            except SQLAlchemyError:
                continue  # the database is busy, or away: whoever writes next will find that out
            except Superseded:
                superseded.set()
                transcriber.close()
                return

    watch = threading.Thread(target=look, name="transcription-watch", daemon=True)
    watch.start()
    try:
        yield
    except Exception:
        over.set()
        watch.join()
        if superseded.is_set():
            raise Superseded from None
        raise
    finally:
        over.set()
        watch.join()
