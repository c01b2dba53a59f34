"""What stories of this folder do: somebody looks back, a call was recorded, a caller was verified in a minute."""

from datetime import timedelta

from sqlmodel import col, select

from contactcenter.recordings import service as recordings
from contactcenter.recordings.models import Recording
from contactcenter.recordings.rules import CarrierCopy, RecordingState
from contactcenter.verification.models import Verification
from tests.factories import World
from tests.verification.acts import answer_rightly, recognise


def verified(world: World, call: int, name: str = "Anna", seconds: float = 40) -> str:
    """The caller is recognised and answers one question, some seconds later; the verification's public id."""
    recognise(world, world.members[name], call)
    world.travel(seconds=seconds)
    answer_rightly(world, world.members[name], call)
    return newest(world)


def newest(world: World) -> str:
    """Public id of the verification that began last."""
    return world.rows(select(Verification).order_by(col(Verification.id)))[-1].public_id


def recorded(world: World, call: int, seconds: float = 120) -> None:
    """The call was recorded from its beginning, and is in the vault."""
    began = world.contact(call).started_at
    with world.writing() as session:
        sid = f"{call:032x}"
        recordings.expect(session, began, contact_id=call, call_sid=f"CA{sid}", language="nl", transcription_named=True)
        recordings.allow(session, began, f"CA{sid}")
        session.add(
            Recording(
                sid=f"RE{sid}",
                contact_id=call,
                state=RecordingState.ATTACHED,
                carrier_copy=CarrierCopy.DELETED,
                started_at=began,
                arrived_at=began + timedelta(seconds=seconds),
                seconds=seconds,
                roles=["caller", "agent"],
                wrapped_key=b"opens nothing here",
                retain_until=began + timedelta(days=30),
            )
        )
