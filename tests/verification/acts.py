"""What stories of this folder do: a call is recognised, questions are asked and answered, kinds are opened."""

from sqlmodel import select

from contactcenter.customers.rules import Kind
from contactcenter.staff.access import Member
from contactcenter.verification import asking, door
from contactcenter.verification import service as verification
from contactcenter.verification.asking import DrawnQuestion
from contactcenter.verification.fields import FIELDS
from contactcenter.verification.models import Evidence
from contactcenter.verification.rules import EvidenceKind, EvidenceOutcome
from contactcenter.verification.showing import CustomerCard, Masked
from tests.factories import RIGHT_ANSWERS, World

BY_ITSELF = {kind for kind, field in FIELDS.items() if field.by_itself}


def card(world: World, viewer: Member, contact_id: int) -> CustomerCard:
    """What this member sees of the contact's customer."""
    with world.reading() as session:
        found = door.card(session, world.now, viewer, contact_id)
    assert found is not None
    return found


def opened(world: World, viewer: Member, contact_id: int) -> set[Kind]:
    """The kinds that are open."""
    return {kind for kind, value in card(world, viewer, contact_id).kinds.items() if value.open}


def recognise(world: World, viewer: Member, contact_id: int) -> None:
    """The call is connected: who the number names is recognised."""
    with world.writing() as session:
        verification.ensure(session, world.now, viewer, contact_id)
        door.disclose(session, world.now, viewer, contact_id=contact_id)


def ask(world: World, viewer: Member, contact_id: int) -> DrawnQuestion:
    """The agent draws a question."""
    with world.writing() as session:
        begun = verification.ensure(session, world.now, viewer, contact_id)
        return verification.draw(session, world.now, begun)


def answer(world: World, viewer: Member, contact_id: int, question: DrawnQuestion, said: str | None) -> EvidenceOutcome:
    """The agent types what the caller said."""
    with world.writing() as session:
        outcome = verification.answer(session, world.now, viewer, question.public_id, said)
        door.disclose(session, world.now, viewer, contact_id=contact_id)
        return outcome


def answer_rightly(world: World, viewer: Member, contact_id: int) -> None:
    """One question, and Joris knows."""
    question = ask(world, viewer, contact_id)
    assert answer(world, viewer, contact_id, question, RIGHT_ANSWERS[question.key]) is EvidenceOutcome.HOLDS


def reveal(world: World, viewer: Member, contact_id: int, kind: Kind) -> None:
    """The agent opens one kind."""
    with world.writing() as session:
        door.reveal(session, world.now, viewer, contact_id=contact_id, kind=kind)


def openable(world: World, viewer: Member, contact_id: int) -> set[Kind]:
    """What a key would open now."""
    kinds = card(world, viewer, contact_id).kinds
    return {kind for kind, value in kinds.items() if isinstance(value, Masked) and value.openable} - BY_ITSELF


def prove(world: World, viewer: Member, contact_id: int, kind: EvidenceKind) -> None:
    """The caller proves to have something."""
    with world.writing() as session:
        begun = verification.ensure(session, world.now, viewer, contact_id)
        asking.add_evidence(session, world.now, begun, kind, kind.value, EvidenceOutcome.HOLDS)


def doubts(world: World) -> list[str]:
    """Why numbers did not count."""
    return [row.fact for row in world.rows(select(Evidence)) if row.outcome is EvidenceOutcome.DOUBTFUL]
