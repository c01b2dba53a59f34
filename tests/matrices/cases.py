"""Who looks, at what level, in what call, and what happened meanwhile; in a company with one marked customer."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from sqlmodel import Session, select
from starlette.testclient import TestClient

from contactcenter.calls import lines
from contactcenter.calls.models import Call, Line
from contactcenter.calls.rules import CallState
from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.contacts.rules import ContactState, Direction
from contactcenter.core.telephone import CallerKind
from contactcenter.customers.models import Customer
from contactcenter.customers.rules import Kind, MatchKind
from contactcenter.notes.models import Transcript
from contactcenter.staff import sessions
from contactcenter.staff.access import Member, as_member, hashed
from contactcenter.staff.models import Staff, StaffSession
from contactcenter.staff.rules import RIGHTS, Right, Role, Standing
from contactcenter.verification import asking, door
from contactcenter.verification import service as verification
from contactcenter.verification.fields import CEILING, FIELDS, opens
from contactcenter.verification.models import CallBack, CallBackTry, Flag, Verification
from contactcenter.verification.rules import EvidenceKind, EvidenceOutcome, FlagKind, Level, Purpose
from tests.factories import World
from tests.matrices.asking import Answer, answer_of, browser_of
from tests.matrices.company import Viewer
from tests.matrices.marked import CALLER, RELATION_NUMBER, Canaries, mark, say, sent
from tests.matrices.snapshot import Snapshot
from tests.matrices.things import MAKERS, PROMISE, WHY

OTHER, UNTRAINED = "other", "untrained"
EVIDENCE = {
    Level.RECOGNISED: (EvidenceKind.KNOWN_NUMBER, "number"),
    Level.VERIFIED: (EvidenceKind.ASKED, "active-licences"),
    Level.STRONG: (EvidenceKind.CODE_BY_EMAIL, EvidenceKind.CODE_BY_EMAIL.value),
}


class Twist(StrEnum):
    """What happened after the level was reached and everything that opens was opened."""

    NOTHING = "nothing"
    SHUT = "do-not-disclose"
    GLASS = "break-glass"  # without any call in hand
    GLASS_SHUT = "break-glass, do-not-disclose"
    WORDS = "listens"  # without any call in hand: opens the words of an earlier contact for a purpose
    REVOKED = "revoked"
    OVER = "half an hour later"
    WRAP_UP = "wrap-up"
    HANDED_ON = "handed on"
    UNLINKED = "unlinked"
    UNMATCHED = "unlinked, hung up"
    CALLED_BACK = "called back"  # about earlier contacts, and the word was said


ALONE = (Twist.GLASS, Twist.GLASS_SHUT, Twist.WORDS)
STAYS_OPEN = (Twist.NOTHING, Twist.WRAP_UP)


@dataclass(frozen=True)
class Case:
    """One arrangement. The handler has this role; `handles` says whether it is the handler who looks."""

    role: Role
    level: Level = Level.STRONG
    inbound: bool = True
    twist: Twist = Twist.NOTHING
    handles: bool = True
    trained: bool = True

    def __str__(self) -> str:
        way = "inbound" if self.inbound else "outbound"
        who = "handler" if self.handles else "other"
        return (
            f"{self.role.value}-{int(self.level)}-{way}-{self.twist.value}-{who}-{'' if self.trained else 'untrained'}"
        )

    @property
    def viewer(self) -> str:
        """The name of who looks."""
        return f"{self.role.value}{'' if self.handles else OTHER}{'' if self.trained else UNTRAINED}"

    @property
    def opened(self) -> frozenset[Kind]:
        """What the table of fields opens to this viewer."""
        if not (self.handles and self.trained):
            return frozenset()
        if self.twist is Twist.GLASS:
            return CEILING[self.role] if Right.BREAK_GLASS in RIGHTS[self.role] else frozenset()
        if self.twist is Twist.CALLED_BACK:
            return frozenset({Kind.CONTACT_HISTORY})
        if self.twist not in STAYS_OPEN or not self.inbound:  # on our own calls only a request opens anything (P12)
            return frozenset()
        say_so = {"level": self.level, "inbound": self.inbound, "role": self.role, "purpose": Purpose.SERVICE}
        return frozenset(kind for kind in Kind if opens(kind, **say_so))  # type: ignore[arg-type]  # as `opens` names them

    @property
    def in_hand(self) -> bool:
        """Whether the viewer may work in the contact."""
        return self.handles and self.twist not in (*ALONE, Twist.HANDED_ON)


@dataclass
class Stage:
    """The company, everybody's browser, and the moment to which each case goes back."""

    world: World
    site: TestClient
    tokens: dict[str, str]
    earlier: int
    customer: int
    review: str

    def __post_init__(self) -> None:
        self.kept, self.began = Snapshot(self.world.db), self.world.now

    def browser(self, case: Case) -> AbstractContextManager[TestClient]:
        """That of who looks."""
        return browser_of(self.site, Viewer(case.viewer, case.role, Standing.IN, token=self.tokens[case.viewer]))

    def arrange(self, case: Case) -> tuple[dict[str, str], list[Answer]]:
        """Go back to the beginning, and bring about what the case says: public ids of all, and what acts answered."""
        self.world.now = self.began
        self.kept.restore()
        handler = self.world.members[replace(case, handles=True).viewer]
        things = {"promise": PROMISE, "review": self.review, "earlier": self.world.contact(self.earlier).public_id}
        call = self.world.call(CALLER, direction=Direction.INBOUND if case.inbound else Direction.OUTBOUND)
        waiting = self.world.call(CALLER)
        with self.world.writing() as session:
            things |= _on_the_line(session, self.world, handler, call, case)
            things |= _rings(session, self.world, handler, waiting)
            transcript = select(Transcript.public_id).where(Transcript.contact_id == self.earlier)
            things["transcript"] = session.exec(transcript).one()
            earlier = session.get_one(Contact, self.earlier)
            things["spoken_alert"] = MAKERS["spoken_alert"](session, self.world, handler, earlier)
            things["customer"] = session.get_one(Customer, self.customer).public_id
        with self.browser(replace(case, handles=True)) as browser:
            said = [*_acts(browser, case, things)]
        with self.world.writing() as session:
            TWISTS.get(case.twist, _nothing)(session, self, call)
        if case.twist is Twist.HANDED_ON:
            self.world.hand_on(call, by=handler, to=self.world.members["Bram"])
        self.world.travel(minutes=31 if case.twist is Twist.OVER else 0)
        return things, said

    def close(self) -> None:
        """Let go of the database."""
        self.kept.close()
        self.world.db.close()


def staged(world: World, site: TestClient) -> Stage:
    """Everybody, one marked customer, and an earlier contact that Bram handled, with all its words."""
    names = [Case(role, handles=handles).viewer for role in Role for handles in (True, False)]
    roles = dict(zip(names, (role for role in Role for _ in range(2)), strict=True))
    untrained = Case(Role.AGENT, trained=False).viewer
    for name, role in (roles | {untrained: Role.AGENT}).items():
        world.hire(name, role, trained=name != untrained)
    world.put(sent())
    earlier = world.call(CALLER, answered_by=world.members["Bram"])
    world.hang_up(earlier)
    tokens = {}
    with world.writing() as session:
        lines.add(session, "+31850000001", name="Helpdesk", team="Support", language="nl", second_language="en")
        contact = session.get_one(Contact, earlier)
        contact.state = ContactState.CLOSED
        customer = session.exec(select(Customer.id).where(Customer.relation_number == RELATION_NUMBER)).one()
        mark(session, customer, Canaries())
        say(session, world.now, earlier, world.members["Bram"].id, Canaries())
        _, _, review = (
            MAKERS[name](session, world, world.members["Bram"], contact) for name in ("call", "recording", "review")
        )
        for name in (*roles, untrained):
            tokens[name] = sessions.begin(session, world.now, session.get_one(Staff, world.members[name].id), "")
            session.get_one(StaffSession, hashed(tokens[name])).proved_at = world.now
    return Stage(world, site, tokens, earlier, customer, review)


def _on_the_line(session: Session, world: World, handler: Member, call: int, case: Case) -> dict[str, str]:
    """A call in the handler's hands, with evidence for the level."""
    contact = session.get_one(Contact, call)
    made = {"contact": contact.public_id}
    if case.twist in ALONE:
        contacts.end(session, world.now, contact, missed=True)
        return made
    contacts.begin_handling(session, world.now, contact, handler.id)
    for name in ("call", "recording", "playback"):
        made[name] = MAKERS[name](session, world, handler, contact)
    link = contacts.active_link(session, call)
    assert link is not None
    begun = verification.begin(
        session, world.now, contact_id=call, staff_id=handler.id, customer_id=link.customer_id, person_id=link.person_id
    )
    for level, (kind, fact) in EVIDENCE.items():
        if level <= case.level:
            asking.add_evidence(session, world.now, begun, kind, fact, EvidenceOutcome.HOLDS)
    assert begun.level is case.level
    door.disclose(session, world.now, handler, contact_id=call)
    return made | {"verification": begun.public_id}


def _rings(session: Session, world: World, handler: Member, call: int) -> dict[str, str]:
    """The same caller once more, on another line, whom nobody has answered."""
    line = session.exec(select(Line)).one()
    contact = session.get_one(Contact, call)
    session.add(
        Call(
            contact_id=call, sid=f"CA{'e' * 32}", line_id=line.id, caller_kind=CallerKind.NUMBER, caller=CALLER,
            match=MatchKind.ONE, state=CallState.WAITING, language="nl", arrived_at=world.now, queued_at=world.now,
        )
    )  # fmt: skip
    session.get_one(Staff, handler.id).available = True
    return {"waiting": contact.public_id}


def _acts(browser: TestClient, case: Case, things: dict[str, str]) -> Iterator[Answer]:
    """The handler opens all that can be opened by a key, for a reason, or for a purpose; also what can't."""
    if case.twist in (Twist.GLASS, Twist.GLASS_SHUT):
        form = {"reason": "other", "words": WHY}
        yield answer_of(browser, "POST", f"/customers/{things['customer']}/break-glass", data=form)
    for purpose in Purpose if case.twist is Twist.WORDS else ():
        path = f"/contacts/{things['earlier']}/open"
        yield answer_of(browser, "POST", path, data={"purpose": purpose.value})
    for kind in (one for one in Kind if not FIELDS[one].by_itself):
        form = {"kind": kind.value}
        yield answer_of(browser, "POST", f"/contacts/{things['contact']}/reveal", data=form)
        yield answer_of(browser, "POST", f"/customers/{things['customer']}/reveal", data=form)


def _nothing(_session: Session, _stage: Stage, _call: int) -> None:
    """All stays as it is."""


def _shut(session: Session, stage: Stage, _call: int) -> None:
    today = stage.world.now.date()
    by = stage.world.members["Bram"].id
    session.add(
        Flag(
            customer_id=stage.customer, kind=FlagKind.DO_NOT_DISCLOSE, words=WHY, by=by, at=stage.world.now,
            review_on=today, expires_on=today + timedelta(days=5),
        )
    )  # fmt: skip


def _revoke(session: Session, stage: Stage, call: int) -> None:
    verification.revoke(session, stage.world.now, stage.world.members["Bram"], session.get_one(Contact, call))


def _hang_up(session: Session, stage: Stage, call: int) -> None:
    contacts.end(session, stage.world.now, session.get_one(Contact, call), missed=False)
    verification.end_all(session, stage.world.now, call)


def _unlink(session: Session, stage: Stage, call: int) -> None:
    contacts.unlink(session, stage.world.now, session.get_one(Contact, call), "system")


def _unmatch(session: Session, stage: Stage, call: int) -> None:
    _unlink(session, stage, call)
    _hang_up(session, stage, call)
    session.get_one(Contact, call).state = ContactState.OPEN


def _call_back(session: Session, stage: Stage, call: int) -> None:
    begun = session.exec(select(Verification).where(Verification.contact_id == call)).one()
    link, now = contacts.active_link(session, call), stage.world.now
    assert link is not None and link.person_id is not None
    request = CallBack(
        verification_id=begun.id, customer_id=link.customer_id, person_id=link.person_id, kind=Kind.CONTACT_HISTORY,
        team_id=session.get_one(Contact, call).team_id, language="nl", word="", made_at=now,
    )  # fmt: skip
    session.add(request)
    session.flush()
    session.add(CallBackTry(call_back_id=request.id, contact_id=call, staff_id=begun.staff_id, at=now, answered_at=now))
    said = EvidenceKind.CALL_BACK
    asking.add_evidence(session, now, begun, said, said.value, EvidenceOutcome.HOLDS)
    handler = as_member(session.get_one(Staff, begun.staff_id), now)
    door.disclose(session, now, handler, contact_id=call)


TWISTS: dict[Twist, Callable[[Session, Stage, int], None]] = {
    Twist.SHUT: _shut,
    Twist.GLASS_SHUT: _shut,
    Twist.REVOKED: _revoke,
    Twist.WRAP_UP: _hang_up,
    Twist.UNLINKED: _unlink,
    Twist.UNMATCHED: _unmatch,
    Twist.CALLED_BACK: _call_back,
}
