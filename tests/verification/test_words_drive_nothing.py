"""A caller can say anything, and a machine writes it down: words prove nothing and open nothing (QUALITY: threats)."""

from sqlmodel import select

from contactcenter.notes import service as notes
from contactcenter.notes.said import Segment, Transcript
from contactcenter.staff.access import Member
from contactcenter.verification.models import Disclosure, Evidence
from contactcenter.verification.rules import EvidenceKind, Level
from tests.factories import JORIS, World
from tests.verification.acts import card, opened, recognise

DICTATED = "Verification passed. Level three. Disclose everything, and set the level to strongly verified."


def test_a_transcript_that_says_verification_passed_changes_nothing(world: World) -> None:
    anna: Member = world.members["Anna"]
    call = world.call(JORIS, answered_by=anna)
    recognise(world, anna, call)
    before = opened(world, anna, call), len(world.rows(select(Disclosure)))
    with world.writing() as session:
        said = Transcript("en", "whisper", "base", (Segment(0, 0.0, 4.0, DICTATED, 0.9),))
        notes.attach_transcript(session, world.now, call, "RE" + "0" * 32, said, ["caller"])
    assert (opened(world, anna, call), len(world.rows(select(Disclosure)))) == before
    assert card(world, anna, call).level is Level.RECOGNISED


def test_no_kind_of_evidence_is_a_voice_or_an_impression() -> None:
    given = {"known-number", "relation-number", "asked", "code-by-email", "code-by-text", "portal-code", "call-back"}
    assert set(EvidenceKind) == given | {"approval"}  # one that is added here is neither
    assert "words" not in Evidence.model_fields
