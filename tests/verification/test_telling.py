"""The old address hears of a correction: by a real letter, else by text message, else somebody writes (P05).

A letter names what was changed, when, and whom to call; never what it was or is.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from contactcenter.calls import lines
from contactcenter.calls.models import Call, Line
from contactcenter.calls.rules import CallState
from contactcenter.carrier.absent import AbsentCarrier
from contactcenter.carrier.port import CarrierProblem, Trouble
from contactcenter.compose import Ports
from contactcenter.core.alerts import Alert, AlertKind
from contactcenter.core.audit import Action
from contactcenter.core.jobs import SweepName
from contactcenter.core.mail import NoPost, Post, SmtpPost
from contactcenter.core.telephone import CallerKind
from contactcenter.customers.rules import Kind, MatchKind
from contactcenter.settings import load
from contactcenter.staff.rules import Role
from contactcenter.verification import telling
from contactcenter.verification.messages import Messengers
from contactcenter.verification.models import Correction
from contactcenter.verification.rules import EvidenceKind, Told
from contactcenter.worker import Worker
from tests.core.smtp_server import Mailroom, mail_server
from tests.desks import signed_in
from tests.factories import JORIS, World
from tests.recordings.workplace import Scribe
from tests.verification.acts import prove
from tests.verification.test_corrections import FORMS, NEW_EMAIL, NEW_NUMBER, OLD_EMAIL, bakery, correct, verify

NUMBER, EMAIL, ADDRESS, BANK = Kind.PHONE_NUMBERS, Kind.EMAIL_ADDRESSES, Kind.NAME_AND_ADDRESS, Kind.BANK_ACCOUNT
AMSTERDAM, OUR_LINE = ZoneInfo("Europe/Amsterdam"), "+31850000001"


@dataclass
class Texts(AbsentCarrier):
    """A carrier that takes text messages, or does what the story says."""

    sent: list[tuple[str, str]] = field(default_factory=list)
    trouble: Trouble | None = None

    def send_text(self, to: str, body: str) -> None:
        """Keep it, or refuse."""
        if self.trouble is not None:
            raise CarrierProblem(self.trouble, "The carrier did not do it.")
        self.sent.append((to, body))


@dataclass
class Office:
    """Joris on the line at level 3, a mail server, a carrier, and the minute's sweep."""

    world: World
    room: Mailroom
    post: Post
    call: int
    texts: Texts = field(default_factory=Texts)

    def corrects(self, kind: Kind, form: dict[str, str] | None = None) -> None:
        """Anna writes it down."""
        correct(self.world, self.world.members["Anna"], self.call, kind, form)

    def minute(self, minutes: int = 1) -> None:
        """Time passes, and the worker looks."""
        self.world.travel(minutes=minutes)
        messengers = Messengers(self.post, self.texts, "Veldwijk")
        telling.tell(self.world.db, self.world.now, messengers, AMSTERDAM, lambda _session, _contact: OUR_LINE)

    @property
    def told(self) -> list[Told | None]:
        """How each correction was told."""
        return [one.told for one in self.world.rows(select(Correction))]

    @property
    def letters_to(self) -> list[str]:
        """Who got a letter."""
        return [to for _, addresses in self.room.envelopes for to in addresses]


@pytest.fixture
def office(world: World) -> Iterator[Office]:
    """Anna has Joris on the line, fully verified."""
    anna = world.members["Anna"]
    call = world.call(JORIS, answered_by=anna)
    verify(world, anna, call, 3)
    with mail_server() as room:
        settings = load(mail_url=f"smtp://127.0.0.1:{room.port}", mail_from="desk@veldwijk.example", company="Veldwijk")
        yield Office(world, room, SmtpPost(settings, lambda: world.now), call)


def test_the_old_address_gets_a_letter_that_names_no_value(office: Office) -> None:
    office.corrects(EMAIL)
    office.minute()
    assert (office.letters_to, office.texts.sent) == ([OLD_EMAIL], [])
    (letter,) = office.room.letters
    said = str(letter["Subject"]) + letter.get_content()
    assert "e-mailadres" in said
    assert "23 nov. 2026 10:00" in said or "23 nov 2026 10:00" in said, "when, by the clock on Joris's wall"
    assert "085 000 0001" in said, "whom to call"
    assert "Veldwijk" in str(letter["From"])
    assert not [value for value in (NEW_EMAIL, OLD_EMAIL, "nieuw", "Joris") if value in said]
    office.minute()
    assert len(office.room.letters) == 1, "told once"
    assert office.told == [Told.EMAIL]
    (told,) = office.world.acts(Action.CUSTOMER_TOLD)
    assert (told.actor, told.subject) == ("worker", bakery(office.world).public_id)
    assert told.detail == "email-addresses e-mail"


def test_the_old_number_gets_a_text_when_it_is_replaced(office: Office) -> None:
    office.corrects(NUMBER)
    office.minute()
    ((to, body),) = office.texts.sent
    assert (to, office.letters_to, office.told) == (JORIS, [], [Told.TEXT])
    assert "telefoonnummer" in body
    assert "5555" not in body


@pytest.mark.parametrize("kind", [ADDRESS, BANK])
def test_of_address_and_account_a_letter_tells(office: Office, kind: Kind) -> None:
    office.corrects(kind)
    office.minute()
    assert (office.letters_to, office.told) == ([OLD_EMAIL], [Told.EMAIL])
    said = office.room.letters[0].get_content()
    assert not [value for value in FORMS[kind].values() if value in said]


def test_a_thief_who_changes_the_address_first_does_not_get_the_letter_about_the_account(office: Office) -> None:
    office.corrects(EMAIL)
    office.corrects(NUMBER)
    office.corrects(BANK)
    office.corrects(EMAIL, {"old": NEW_EMAIL, "new": "other@elsewhere.example"})
    office.minute()
    assert set(office.letters_to) == {OLD_EMAIL}
    assert len(office.letters_to) == 3
    assert [to for to, _ in office.texts.sent] == [JORIS]
    office.world.hang_up(office.call)
    office.world.travel(days=5)
    anna = office.world.members["Anna"]
    office.call = office.world.call(None, answered_by=anna)
    office.world.link(office.call, "10042", "joris", anna)
    for kind in (EvidenceKind.PORTAL_CODE, EvidenceKind.CODE_BY_TEXT, EvidenceKind.CALL_BACK):
        prove(office.world, anna, office.call, kind)
    office.corrects(BANK, {"iban": "NL91 ABNA 0417 1643 00"})
    office.minute()
    assert office.letters_to == [OLD_EMAIL] * 4, "what ended lately still hears of it"


def test_an_address_that_is_taken_away_and_given_back_is_told_of_it_all(office: Office) -> None:
    """So does a thief who wants nobody to hear of what comes after."""
    office.corrects(EMAIL, {"old": OLD_EMAIL})
    office.world.travel(minutes=0.2)
    office.corrects(EMAIL, {"new": OLD_EMAIL})
    office.world.travel(minutes=0.2)
    office.corrects(BANK)
    office.minute()
    assert office.letters_to[0] == office.letters_to[-1] == OLD_EMAIL
    assert office.told.count(Told.NOBODY) == 0


def test_a_number_that_is_added_is_told_as_well(office: Office) -> None:
    office.corrects(NUMBER, {"new": NEW_NUMBER})
    office.minute()
    assert (office.letters_to, office.texts.sent) == ([OLD_EMAIL], [])


def test_while_the_mail_server_puts_us_off_it_waits_then_goes_by_text(office: Office) -> None:
    office.corrects(BANK)
    office.room.data = "451 4.7.1 Try again later"
    office.minute()
    office.minute(30)
    assert (office.told, office.texts.sent) == ([None], [])
    office.minute(31)
    assert office.told == [Told.TEXT]
    assert [to for to, _ in office.texts.sent] == [JORIS]


def test_what_waited_goes_once_the_server_takes_it(office: Office) -> None:
    office.corrects(BANK)
    office.corrects(ADDRESS)
    office.room.data = "451 4.7.1 Try again later"
    office.minute()
    office.room.data = None
    office.minute()
    assert (office.letters_to, office.told) == ([OLD_EMAIL] * 2, [Told.EMAIL] * 2)


def test_an_address_that_is_refused_for_good_is_passed_over_at_once(office: Office) -> None:
    office.corrects(BANK)
    office.room.recipient = "550 5.1.1 No such mailbox"
    office.minute()
    assert office.told == [Told.TEXT]


def test_without_a_mail_server_a_text_tells(office: Office) -> None:
    office.post = NoPost()
    office.corrects(BANK)
    office.minute()
    assert office.told == [Told.TEXT]


def test_where_nobody_can_be_told_somebody_writes_a_letter(office: Office) -> None:
    office.post, office.texts.trouble = NoPost(), Trouble.REFUSED
    office.corrects(BANK)
    office.corrects(ADDRESS)
    office.minute()
    assert office.told == [Told.NOBODY] * 2
    kinds = [one.kind for one in office.world.rows(select(Alert))]
    assert kinds == [AlertKind.CORRECTION_UNTOLD] * 2
    office.minute()
    assert len(office.world.acts(Action.CUSTOMER_TOLD)) == 2
    office.world.hire("Dirk", Role.SUPERVISOR)
    page = signed_in(office.world, "Dirk").get("/supervision").text
    assert page.count(f"/customers/{bakery(office.world).public_id}") == 2


def test_a_carrier_that_is_away_is_asked_for_an_hour(office: Office) -> None:
    office.post, office.texts.trouble = NoPost(), Trouble.LATER
    office.corrects(BANK)
    office.minute()
    assert office.told == [None]
    office.minute(60)
    assert office.told == [Told.NOBODY]


def test_the_worker_tells_and_names_the_line_that_was_called(office: Office) -> None:
    world = office.world
    with world.writing() as session:
        lines.add(session, "+31880000009", name="Helpdesk", team="Support", language="nl", second_language="en")
        line = session.exec(select(Line)).one()
        session.add(
            Call(
                contact_id=office.call, sid=f"CA{'c' * 32}", line_id=line.id, caller_kind=CallerKind.NUMBER,
                caller=JORIS, match=MatchKind.ONE, state=CallState.CONNECTED, language="nl", arrived_at=world.now,
            )
        )  # fmt: skip
    office.corrects(BANK)
    settings = load(database_url=world.db.url)
    worker = Worker(Ports(settings, world.db, lambda: world.now, office.texts, None, office.post), Scribe())
    worker.run_sweep(SweepName.CORRECTIONS)
    (letter,) = office.room.letters
    assert "088 000 0009" in letter.get_content()
