"""A process is killed (kill -9) at a step of Joris Jansen's recording; another one goes on from there."""

import signal
import subprocess
from typing import Any

import httpx2
import numpy as np
import pytest
from numpy.typing import NDArray
from sqlmodel import select

from contactcenter.core.inbox import InboxEvent
from contactcenter.core.slot import Slot
from contactcenter.notes.models import Transcript
from contactcenter.recordings.models import Recording
from contactcenter.recordings.reconciliation import reconcile
from contactcenter.simulator.media import decode
from tests.faults.mother import Mother
from tests.faults.recorded import attached, callback, told, worker
from tests.faults.whole import nothing_in_clear, whole
from tests.faults.witness import Witness, found_in
from tests.house import CONVERSATIONS
from tests.patience import until
from tests.processes import answers
from tests.recordings.workplace import ANSWERED, SAID, Workplace
from tests.simulator.desk import RATE
from tools.ports import free_port

POINTS = {  # as mortal.py names them
    "before-anything-is-fetched": "fetch_and_store 1 committed",
    "amid-the-download": "download half",
    "object-durable-and-no-row-names-it": "object durable",
    "row-names-the-object-uncommitted": "fetch_and_store 2 written",
    "row-names-the-object": "fetch_and_store 2 committed",
    "before-the-carrier-is-asked-to-delete": "delete asked",
    "carrier-deleted-and-no-row-says-so": "delete done",
    "deletion-noted-uncommitted": "delete_carrier_copy 1 written",
    "deletion-noted": "delete_carrier_copy 1 committed",
    "handed-over-uncommitted": "enqueue_writing_down 1 written",
    "handed-over": "enqueue_writing_down 1 committed",
    "before-the-transcription": "_order 1 committed",
    "amid-the-transcription": "words asked",
    "words-heard-and-nowhere-kept": "words heard",
    "transcript-uncommitted": "_attach 1 written",
    "transcript-committed": "_attach 1 committed",
    "draft-uncommitted": "draft 1 written",
    "draft-committed": "draft 1 committed",
}
WEB_POINTS = {"callback-uncommitted": "_take 1 written", "callback-committed-unanswered": "_take 1 committed"}


def each(points: dict[str, str]) -> list[Any]:
    """Every point once; 25 times in the long form."""
    return [
        *(pytest.param(point, number % 2, id=name) for number, (name, point) in enumerate(points.items())),
        *(
            pytest.param(point, time_, marks=pytest.mark.prove, id=f"{name}-{time_}")
            for name, point in points.items()
            for time_ in range(25)
        ),
    ]


@pytest.mark.parametrize(("point", "another_slot"), each(POINTS))
def test_a_killed_worker_leaves_nothing_lost_doubled_or_in_clear(
    place: Workplace, witness: Witness, mother: Mother, point: str, another_slot: int
) -> None:
    story = told(place)
    other = Slot.take(place.db) if another_slot % 2 else None  # a worker that stands by under the first name
    with worker(mother, place, point=point) as doomed:
        assert doomed.dies() == -signal.SIGKILL
    nothing_in_clear(place.parts, witness)
    if not transcripts(place):
        assert found_in(place.folder, [SAID.encode(), ANSWERED.encode()]) in ([], ["contactcenter.db-wal"])
    if other:
        other.release()
    with worker(mother, place, takes_over=bool(other)):
        until(attached(story), "the next worker brought it to its end")
    whole(place.parts, witness, [story.sid], [f"{story.sid}:recording-completed"])


@pytest.mark.parametrize(
    "commit", [31, *(pytest.param(number, marks=pytest.mark.prove) for number in range(1, 101, 4))]
)
def test_a_worker_killed_before_any_commit_its_job_librarys_too_leaves_nothing_behind(
    place: Workplace, witness: Witness, mother: Mother, commit: int
) -> None:
    story = told(place)
    with worker(mother, place, point=f"commit {commit}") as doomed:
        assert doomed.dies() == -signal.SIGKILL
    nothing_in_clear(place.parts, witness)
    with worker(mother, place):
        until(attached(story), "the next worker brought it to its end")
    whole(place.parts, witness, [story.sid], [f"{story.sid}:recording-completed"])


@pytest.mark.parametrize(
    "after", [3.1, *(pytest.param(0.25 * number, marks=pytest.mark.prove) for number in range(25))]
)
def test_a_worker_killed_while_whisper_listens_leaves_no_word_and_no_process(
    place: Workplace, witness: Witness, mother: Mother, after: float
) -> None:
    story = told(place, speech())
    with worker(mother, place, point="child listens", whisper=after) as doomed:
        assert doomed.dies() == -signal.SIGKILL
    nothing_in_clear(place.parts, witness)
    until(lambda: not runs(int((place.folder / "child").read_text())), "its child has ended")
    with worker(mother, place, whisper=600):
        until(attached(story), "the next worker brought it to its end", 240)
    whole(place.parts, witness, [story.sid], [f"{story.sid}:recording-completed"])
    with place.db.reading() as session:
        assert session.exec(select(Transcript)).one().segments, "somebody spoke"


def speech() -> list[NDArray[np.int16]]:
    """Two voices for six seconds."""
    heard = decode((CONVERSATIONS / "question_nl.wav").read_bytes())
    return [voice[8 * RATE : 14 * RATE] for voice in heard]


def runs(pid: int) -> bool:
    """Whether a process is there, and no zombie."""
    listed = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return bool(listed.stdout.strip()) and not listed.stdout.strip().startswith("Z")


def transcripts(place: Workplace) -> int:
    """How many transcripts are kept."""
    with place.db.reading() as session:
        return len(session.exec(select(Transcript)).all())


@pytest.mark.parametrize(("point", "_time"), each(WEB_POINTS))
def test_a_killed_web_process_has_taken_a_callback_wholly_or_not_at_all(
    place: Workplace, witness: Witness, mother: Mother, point: str, _time: int
) -> None:
    story = place.call().record()
    path, form, headers = callback(place, story)
    port = free_port()
    order = {"role": "web", "folder": str(place.folder), "carrier": place.settings.twilio_api_url}
    with mother.child(**order, key=place.key, point=point, port=port) as doomed:
        until(lambda: answers(f"http://127.0.0.1:{port}/healthz"), "the web side is up")
        with pytest.raises(httpx2.TransportError):
            httpx2.post(f"http://127.0.0.1:{port}{path}", data=form, headers=headers)
        assert doomed.dies() == -signal.SIGKILL
    rows = events(place), recordings(place)
    assert rows == ((1, 1) if point.endswith("committed") else (0, 0))
    place.clock.travel(minutes=11)
    reconcile(place.db, place.carrier, place.jobs, place.clock())  # the carrier never sends it again
    with worker(mother, place):
        until(attached(story), "the recording came to its end")
    whole(place.parts, witness, [story.sid])


def events(place: Workplace) -> int:
    """How many events the inbox holds."""
    with place.db.reading() as session:
        return len(session.exec(select(InboxEvent)).all())


def recordings(place: Workplace) -> int:
    """How many recordings there are."""
    with place.db.reading() as session:
        return len(session.exec(select(Recording)).all())
