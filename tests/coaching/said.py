"""What stories of this folder say on the telephone: words of a recorded call, attached and read as the worker does."""

from contactcenter.notes import alerts
from contactcenter.notes import service as notes
from contactcenter.notes.redaction import redact_segments
from contactcenter.notes.said import Segment, Transcript
from contactcenter.recordings.service import recordings_of
from tests.factories import World

ASKS = "Mag ik dan uw wachtwoord even van u hebben?"
CALLER, AGENT = 0, 1


def said(world: World, call: int, *lines: tuple[int, float, str]) -> None:
    """Lines (channel, second, text) of the call's recording are attached, redacted, and read for alerts."""
    segments = [Segment(channel, start, start + 3, text, 0.9) for channel, start, text in lines]
    with world.writing() as session:
        (recording,) = recordings_of(session, call)
        spoken = Transcript("nl", "engine", "model", redact_segments(segments, "nl"))
        notes.attach_transcript(session, world.now, call, recording.sid, spoken, recording.roles)
        alerts.read(session, world.now, recording.sid, recording.started_at)
