"""A recording that is written down already is written down anew: by another model, or in another language.

It stays what it is while somebody listens to it again: the old words are read until the new ones take their place, in
one transaction, and stay where that fails. What persons corrected is kept; what was cut, or destroyed, or objected to
meanwhile comes back by no way, since a try ends with its sound (`underway.py`).
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import structlog
from sqlmodel import Session, col, select

from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.core.alerts import AlertKind, raise_alert
from contactcenter.core.errors import NotFound
from contactcenter.notes import corrections, redone
from contactcenter.notes.models import Transcript
from contactcenter.notes.said import Segment
from contactcenter.notes.said import Transcript as SaidTranscript
from contactcenter.recordings import cuts, service, timers, underway
from contactcenter.recordings.fetching import Setback
from contactcenter.recordings.models import Recording
from contactcenter.recordings.pipeline import Order, Pipeline, allowed, transcription_named
from contactcenter.recordings.rules import Failure, RecordingState
from contactcenter.recordings.underway import Superseded
from contactcenter.recordings.verifying import stored_of

log = structlog.get_logger()


class Outcome(StrEnum):
    """What came of one recording."""

    REDONE = "redone"
    SO_ALREADY = "so-already"
    NOT_NOW = "not-now"  # gone, never written down, a passage waits for being cut, or another try is at it


@dataclass(frozen=True)
class Wish:
    """By what a recording should be written down; None: as it is. `language` is one that Whisper knows."""

    engine: str | None = None
    model: str | None = None
    language: str | None = None

    def is_met_by(self, transcript: Transcript) -> bool:
        """Whether these words were made so."""
        wished = (
            (self.engine, transcript.engine),
            (self.model, transcript.model),
            (self.language, transcript.language),
        )
        return all(wish in (None, made) for wish, made in wished)


@dataclass(frozen=True)
class Written:
    """A recording that is written down: its public id, and how long it is."""

    recording: str
    seconds: float


def of_days(session: Session, since: datetime | None, until: datetime | None) -> list[Written]:
    """The recordings of calls that began from one moment up to another that are written down, oldest first."""
    chosen = select(Recording).join(Contact, col(Contact.id) == Recording.contact_id)
    if since is not None:
        chosen = chosen.where(Contact.started_at >= since)
    if until is not None:
        chosen = chosen.where(Contact.started_at < until)
    return _written(session.exec(chosen.order_by(col(Contact.started_at), col(Recording.id))).all())


def named(session: Session, public_id: str) -> list[Written]:
    """The recording of this public id that is written down, or those of the contact. Raises `NotFound`."""
    found = session.exec(select(Recording).where(Recording.public_id == public_id)).first()
    recordings = [found] if found else service.recordings_of(session, contacts.by_public_id(session, public_id).id)
    written = _written(recordings)
    if not written:
        raise NotFound()
    return written


def redo(
    pipeline: Pipeline, recording: str, wish: Wish, actor: str, told: Callable[[float], None] = lambda _: None
) -> Outcome:
    """Write a recording down anew by the pipeline's transcriber, which is the one that `wish` names, for who wants it
    (`actor`). `told` hears the share (0..1) that is finished.

    Raises `Setback`, after which the old words stand as they were; what was finished is gone on with next time.
    """
    try:
        order = _order(pipeline, recording, wish)
        if isinstance(order, Outcome):
            return order
        _replace(pipeline, order, pipeline.said(order, told), actor)
    except Superseded:
        return Outcome.NOT_NOW
    return Outcome.REDONE


def redo_all(
    pipeline: Pipeline, chosen: Sequence[Written], wish: Wish, actor: str, told: Callable[[float], None]
) -> Counter[str]:
    """Write recordings down anew, one after the other; `told` hears how many seconds of sound are behind it.

    Counts what came of them: an `Outcome`, or the `Failure` for which the old words of one stayed. Whoever breaks it
    off loses no more than the last windows: the same again goes on there.
    """
    found: Counter[str] = Counter()
    behind = 0.0
    for one in chosen:
        try:
            found[redo(pipeline, one.recording, wish, actor, _part_of(told, behind, one.seconds)).value] += 1
        except Setback as setback:
            found[setback.failure.value] += 1
        behind += one.seconds
        told(behind)
    return found


def write_anew(pipeline: Pipeline, public_id: str) -> None:
    """Write a recording down anew in the language that somebody chose (`steering.in_language`); a step of the worker.

    Where that fails, the old words stand, and an alert says so.
    """
    with pipeline.db.reading() as session:
        language = underway.wished(session, service.by_public_id(session, public_id).id)
    if language is None:
        return
    failure = None
    try:
        redo(pipeline, public_id, Wish(language=language), service.WORKER)
    except Setback as setback:
        failure = setback.failure
    except Exception as error:  # noqa: BLE001  # a bug must end as an alert that somebody sees, not in silence
        log.error("recording-step-failed", step="write_anew", recording=public_id, error=type(error).__name__)
        failure = Failure.UNEXPECTED
    _end(pipeline, public_id, language, failure)


def _end(pipeline: Pipeline, public_id: str, language: str, failure: Failure | None) -> None:
    """The wish is over, unless another try is at it by now, or another language was chosen."""
    with pipeline.db.writing() as session:
        recording, now = service.by_public_id(session, public_id), pipeline.clock()
        row = underway.of(session, recording.id)
        if row is None or row.wished != language or (row.claim and failure is None):
            return
        underway.forget(session, recording.id)
        service.tell(session, now, recording)
        if failure is not None:
            raise_alert(session, now, AlertKind.TRANSCRIPT_NOT_REDONE, public_id, failure.value)


def _part_of(told: Callable[[float], None], behind: float, seconds: float) -> Callable[[float], None]:
    """Tells of a share of one recording what it is of all."""
    return lambda share: told(behind + share * seconds)


def _written(recordings: Sequence[Recording]) -> list[Written]:
    attached = [one for one in recordings if one.state is RecordingState.ATTACHED and one.wrapped_key is not None]
    return [Written(one.public_id, one.seconds or 0.0) for one in attached]


def _order(pipeline: Pipeline, public_id: str, wish: Wish) -> Order | Outcome:
    with pipeline.db.writing() as session:
        now = pipeline.clock()
        recording = service.by_public_id(session, public_id)
        transcript = redone.of(session, recording.sid)
        if transcript is None or not _may(session, now, recording):
            return Outcome.NOT_NOW
        if wish.is_met_by(transcript):
            return Outcome.SO_ALREADY
        one = underway.claimed(session, now, recording)
        return Order(one, stored_of(recording), wish.language or transcript.language)


def _may(session: Session, now: datetime, recording: Recording) -> bool:
    """Whether somebody may listen to it again now (P01, P17, P30)."""
    kept = recording.state is RecordingState.ATTACHED and recording.wrapped_key is not None
    if not kept or timers.due(session, recording, now) or not allowed(session, recording):
        return False
    return transcription_named(session, recording) and not cuts.waiting(session, recording.sid)


def _replace(pipeline: Pipeline, order: Order, heard: SaidTranscript, actor: str) -> None:
    """Redaction of a long call takes seconds, so it is done before the transaction: anew, when a person corrected a
    line meanwhile. A cut meanwhile ends the try."""
    while True:
        with pipeline.db.reading() as session:
            recording, _ = underway.standing(session, order.one)
            by_hand, passages = _by_hand(session, recording), cuts.passages_of(session, recording.sid)
        said = redone.joined(heard, by_hand, passages)
        with pipeline.db.writing() as session:
            now = pipeline.clock()
            recording, _ = underway.standing(session, order.one)
            transcript = redone.of(session, recording.sid)
            if transcript is None or not _may(session, now, recording):
                raise Superseded
            if _by_hand(session, recording) == by_hand:
                underway.forget(session, recording.id)
                redone.replaced(session, now, actor, transcript, said, pipeline.zone)
                service.tell(session, now, recording)
                return


def _by_hand(session: Session, recording: Recording) -> list[Segment]:
    transcript = redone.of(session, recording.sid)
    return corrections.corrected(session, transcript) if transcript is not None else []
