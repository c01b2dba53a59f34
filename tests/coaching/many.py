"""Many verifications at random: what the database narrows to must hold all that the rules find."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from contactcenter.coaching.figures import Week, figures, share
from contactcenter.coaching.listing import Audited, Wanted, audited
from contactcenter.coaching.naming import naming
from contactcenter.coaching.rules import Mark, Result
from contactcenter.contacts.models import Contact, ContactLink
from contactcenter.customers.models import Customer
from contactcenter.recordings.models import Pause
from contactcenter.verification.models import Approval, BreakGlass, Evidence, Verification
from contactcenter.verification.rules import ApprovalReason, Ended, EvidenceKind, EvidenceOutcome, GlassReason, Level
from tests.factories import JORIS, PRIYA, World

CONTACTS = 60
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def many(world: World, seed: int) -> None:
    """Contacts of a week, each with up to two verifications of which anything may be true."""
    chance = Random(seed)
    agents = [world.members["Anna"], world.members["Bram"], world.hire("Cees"), world.hire("Dora")]
    for _ in range(CONTACTS):
        world.travel(hours=chance.choice([0.1, 0.5, 2, 9]))
        agent = chance.choice(agents)
        call = world.call(chance.choice([JORIS, PRIYA]), answered_by=agent)
        with world.writing() as session:
            for _ in range(chance.choice([0, 1, 1, 1, 2])):
                _verified(session, world, chance, call, agent.id)
            if chance.random() < 0.3:
                _paused(session, world, chance, call)
        if chance.random() < 0.8:
            world.travel(minutes=4)
            world.hang_up(call)


def listed(world: World, wanted: Wanted) -> list[Audited]:
    """What the list shows under these filters, page after page."""
    found: list[Audited] = []
    after: str | None = None
    with world.reading() as session:
        while True:
            page, after = audited(session, wanted, naming(session, by_name=True), after)
            found += page
            if after is None:
                return found


def fits(world: World, wanted: Wanted) -> list[str]:
    """The contacts that the list shows under these filters."""
    return [one.public_id for one in listed(world, wanted)]


def by_rules(world: World) -> dict[Mark | Result, list[str]]:
    """All contacts as the rules mark them, asked of every single one."""
    found = listed(world, Wanted())
    return {
        **{mark: [one.public_id for one in found if mark in _marks(one)] for mark in Mark},
        **{each: [one.public_id for one in found if each in {line.result for line in one.lines}] for each in Result},
    }


def by_week(world: World, wanted: Wanted, weeks: Sequence[date]) -> list[Week]:
    """The figures of what the list shows, counted one by one."""
    own = wanted.marks - {Mark.PAUSED}
    found = []
    for monday in weeks:
        of_week = [one for one in listed(world, wanted) if 0 <= (_day(one.started_at) - monday).days < 7]
        lines = [
            line
            for one in of_week
            for line in one.lines
            if wanted.result in (None, line.result) and own <= set(line.marks)
        ]
        took = sorted(line.seconds for line in lines if line.seconds is not None)
        found.append(
            Week(
                begins=monday,
                none=0 if own or wanted.result else sum(not one.lines for one in of_week),
                levels=tuple(sum(line.level is level for line in lines) for level in Level),
                failed=sum(Mark.FAILED in line.marks for line in lines),
                approved=sum(Mark.APPROVED in line.marks for line in lines),
                glass=sum(Mark.GLASS in line.marks for line in lines),
                median=share(took, 0.5),
                slow=share(took, 0.9),
            )
        )
    return found


def counted(world: World, wanted: Wanted, weeks: Sequence[date]) -> list[Week]:
    """The figures that the page shows."""
    with world.reading() as session:
        return figures(session, wanted, naming(session, by_name=True), weeks, AMSTERDAM)


def _day(at: datetime) -> date:
    return at.astimezone(AMSTERDAM).date()


def _marks(one: Audited) -> set[Mark]:
    return {*one.marks, *(mark for line in one.lines for mark in line.marks)}


def _verified(session: Session, world: World, chance: Random, call: int, agent: int) -> None:
    customer = session.exec(select(Customer).order_by(col(Customer.id))).all()[chance.randrange(2)]
    link = session.exec(select(ContactLink).where(ContactLink.contact_id == call)).first()
    assert link is not None
    made = Verification(
        contact_id=call,
        staff_id=agent,
        customer_id=customer.id,
        link_id=link.id,
        level=chance.choice(list(Level)),
        began_at=world.now,
        reached_at=world.now + timedelta(seconds=chance.choice([0.5, 9.5, 9.999, 10, 11, 60])),
        ended=chance.choice([None, Ended.CALL_OVER, Ended.REVOKED]),
    )
    session.add(made)
    session.flush()
    for _ in range(chance.randrange(3)):
        session.add(
            Evidence(
                verification_id=made.id,
                customer_id=customer.id,
                kind=EvidenceKind.ASKED,
                fact="postcode",
                outcome=chance.choice(list(EvidenceOutcome)),
                at=world.now,
            )
        )
    if chance.random() < 0.2:
        session.add(
            Approval(
                verification_id=made.id,
                reason=ApprovalReason.OTHER,
                words="They lost all of their papers.",
                asked_at=world.now,
                granted=chance.choice([None, True, False]),
            )
        )
    if chance.random() < 0.1:
        session.add(
            BreakGlass(
                customer_id=customer.id,
                staff_id=agent,
                reason=GlassReason.OTHER,
                words="Nobody is there to ask about it.",
                at=world.now + timedelta(hours=chance.choice([-30, -24, -1, 5, 24, 30])),
            )
        )


def _paused(session: Session, world: World, chance: Random, call: int) -> None:
    began = session.get_one(Contact, call).started_at
    lasted = chance.choice([None, 20, 179.5, 180, 181, 900])
    session.add(
        Pause(
            contact_id=call,
            why=chance.choice(["hold", "sensitive"]),
            began_at=began,
            ended_at=None if lasted is None else began + timedelta(seconds=lasted),
        )
    )
