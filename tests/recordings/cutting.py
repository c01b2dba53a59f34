"""What stories of cut passages share: a call with a passage that nobody should have heard, and who cuts it."""

from collections.abc import Callable

import numpy as np
from sqlmodel import col, select
from starlette.testclient import TestClient

from contactcenter.contacts.models import Contact
from contactcenter.core.db import Database
from contactcenter.notes import service as notes
from contactcenter.notes.models import Transcript
from contactcenter.notes.said import Segment, Word
from contactcenter.recordings import cutting
from contactcenter.recordings.models import Certificate, Cut, Recording
from contactcenter.recordings.vault import Vault
from contactcenter.recordings.vault_file import as_file
from contactcenter.recordings.verifying import stored_of
from tests.recordings.workplace import Story, Workplace

Visitor = Callable[[str], TestClient]
SECONDS = 20
CANARY = "sarcoidose"  # what nobody asked about: it must be nowhere
START, END = 8.0, 12.0
REASON = "special-category"


def words(channel: int, start: float, text: str, pace: float = 0.5) -> Segment:
    """A segment whose words follow each other at this pace."""
    spoken = tuple(
        Word(round(start + at * pace, 2), round(start + (at + 0.8) * pace, 2), word, 0.9)
        for at, word in enumerate(text.split())
    )
    return Segment(channel, start, spoken[-1].end, text, 0.9, spoken)


SAID = (
    words(0, 1.0, "De koelcel van bakkerij Jansen geeft storing en het brood bederft"),
    words(0, 8.6, f"mijn vrouw heeft {CANARY} dus"),
    words(1, 13.0, "Wij sturen vanmiddag een monteur naar de bakkerij voor de koelcel"),
)


def told(place: Workplace, *, done: bool = True) -> Story:
    """Joris tells too much; twenty seconds are recorded, kept and written down."""
    place.scribe.segments = SAID
    story = place.call().record(SECONDS).arrive(seconds=SECONDS).keep()
    return story.write_down() if done else story


def cuts(browser: TestClient, story: Story, start: float = START, end: float = END, reason: str = REASON) -> int:
    """Ask to cut; the answer's status."""
    form = {"start": str(start), "end": str(end), "reason": reason}
    return browser.post(f"/recordings/{story.row().public_id}/cut", data=form).status_code


def opened_by(browser: TestClient, story: Story, purpose: str = "verification-audit") -> TestClient:
    """The same browser, with the player open."""
    assert browser.post(f"/contacts/{story.contact}/open", data={"purpose": purpose}).status_code == 303
    return browser


def sweep(place: Workplace) -> bool:
    """The worker cuts out what waits."""
    return cutting.cut_all(place.db, place.vault, place.clock, place.jobs)


def sound_of(vault: Vault, recording: Recording) -> bytes:
    """All of a recording, as it lies in the vault."""
    return as_file(vault.open(recording.public_id, stored_of(recording))).read()


def loudest(sound: bytes, start: float, end: float) -> int:
    """The loudest sample of these seconds: 16 bits, two channels, 8 kHz."""
    first, last = (44 + round(at * 8000) * 4 for at in (start, end))
    samples = np.frombuffer(sound[first:last], "<i2").astype(int)
    return int(np.abs(samples).max(initial=0))


def cut_rows(db: Database) -> list[Cut]:
    """Every cut, in order."""
    with db.reading() as session:
        return list(session.exec(select(Cut).order_by(col(Cut.id))))


def certificates(db: Database) -> list[Certificate]:
    """Every certificate, in order."""
    with db.reading() as session:
        return list(session.exec(select(Certificate).order_by(col(Certificate.id))))


def text_of(db: Database) -> str:
    """All that transcripts say."""
    with db.reading() as session:
        return " ".join(one.text for kept in session.exec(select(Transcript)) for one in kept.said)


def noted(place: Workplace, story: Story, text: str) -> None:
    """Anna writes a note."""
    with place.db.writing() as session:
        anna = place.staff(session, "anna")
        contact = session.get_one(Contact, story.contact_id)
        notes.write_note(session, place.clock(), contact.id, anna.id, "De koelcel", text)
