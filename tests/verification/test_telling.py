"""The old address hears of a correction: by a real letter and by text message, else somebody writes (P05).

A letter names what was changed, when, and whom to call; never what it was or is.
"""

import re

import pytest
from sqlmodel import select

from contactcenter.calls import lines
from contactcenter.calls.models import Call, Line
from contactcenter.calls.rules import CallState
from contactcenter.carrier.port import Trouble
from contactcenter.compose import Ports
from contactcenter.core.alerts import Alert, AlertKind
from contactcenter.core.audit import Action
from contactcenter.core.errors import Conflict
from contactcenter.core.jobs import SweepName
from contactcenter.core.mail import NoPost
from contactcenter.core.telephone import CallerKind
from contactcenter.customers.rules import Kind, MatchKind
from contactcenter.settings import load
from contactcenter.staff.rules import Role
from contactcenter.verification import telling
from contactcenter.verification.messages import Messengers
from contactcenter.verification.models import Correction
from contactcenter.verification.rules import EvidenceKind, EvidenceOutcome, Item, Way, takes_letter
from contactcenter.worker import Worker
from tests.desks import signed_in
from tests.factories import BAKKERIJ_JANSEN, JORIS
from tests.recordings.workplace import Scribe
from tests.verification.acts import answer_rightly
from tests.verification.letters import (
    ADDRESS,
    AMSTERDAM,
    BANK,
    EMAIL,
    EMAILED,
    LETTER,
    NUMBER,
    TEXTED,
    Office,
)
from tests.verification.test_corrections import FORMS, NEW_EMAIL, OLD_EMAIL, bakery


def test_the_old_address_gets_a_letter_that_names_no_value(office: Office) -> None:
    office.corrects(EMAIL)
    office.minute()
    assert office.letters_to == [OLD_EMAIL]
    (letter,) = office.room.letters
    said = str(letter["Subject"]) + letter.get_content()
    assert "e-mailadres" in said
    assert "23 nov. 2026 10:00" in said or "23 nov 2026 10:00" in said, "when, by the clock on Joris's wall"
    assert "085 000 0001" in said, "whom to call"
    assert "Veldwijk" in str(letter["From"])
    assert not [value for value in (NEW_EMAIL, OLD_EMAIL, "nieuw", "Joris") if value in said]
    office.minute()
    assert len(office.room.letters) == 1, "told once"
    assert office.told == [{EMAILED, TEXTED}]
    told = office.world.acts(Action.CUSTOMER_TOLD)
    assert {(one.actor, one.subject) for one in told} == {("worker", bakery(office.world).public_id)}
    assert [one.detail for one in told] == ["email-addresses e-mail", "email-addresses text"]


def test_the_old_number_gets_a_text_when_it_is_replaced(office: Office) -> None:
    office.corrects(NUMBER)
    office.minute()
    ((to, body),) = office.texts.sent
    assert (to, office.letters_to, office.told) == (JORIS, [OLD_EMAIL], [{EMAILED, TEXTED}])
    assert "telefoonnummer" in body
    assert "5555" not in body


@pytest.mark.parametrize("kind", [ADDRESS, BANK])
def test_of_address_and_account_a_letter_and_a_text_tell(office: Office, kind: Kind) -> None:
    office.corrects(kind)
    office.minute()
    assert (office.letters_to, office.told) == ([OLD_EMAIL], [{EMAILED, TEXTED}])
    ((to, text),) = office.texts.sent
    said = office.room.letters[0].get_content() + text
    assert to == JORIS
    assert not [value for value in FORMS[kind].values() if value in said]


def test_without_a_line_that_was_called_no_number_is_named(office: Office) -> None:
    office.corrects(BANK)
    messengers = Messengers(office.post, office.texts, "Veldwijk")
    telling.tell(office.world.db, office.world.now, messengers, AMSTERDAM, lambda _session, _contact: None)
    ((_, body),) = office.texts.sent
    assert body.endswith("Bel ons dan meteen.")


def test_while_the_mail_server_puts_us_off_a_text_goes_and_the_letter_when_it_can(office: Office) -> None:
    office.corrects(BANK)
    office.room.data = "451 4.7.1 Try again later"
    for _ in range(3):
        office.minute()
    assert (office.told, [to for to, _ in office.texts.sent]) == ([None], [JORIS])
    office.room.data = None
    office.minute()
    office.minute()
    assert (office.told, office.letters_to) == ([{EMAILED, TEXTED}], [OLD_EMAIL])
    assert len(office.texts.sent) == 1


def test_a_mail_server_that_puts_us_off_for_an_hour_is_given_up(office: Office) -> None:
    office.corrects(BANK)
    office.room.data = "451 4.7.1 Try again later"
    office.minute()
    office.minute(31)
    assert office.told == [None]
    office.minute(31)
    assert office.told == [{TEXTED}]


def test_what_waited_goes_once_the_server_takes_it(office: Office) -> None:
    office.corrects(BANK)
    office.corrects(ADDRESS)
    office.room.data = "451 4.7.1 Try again later"
    office.minute()
    office.room.data = None
    office.minute()
    assert (office.letters_to, office.told) == ([OLD_EMAIL] * 2, [{EMAILED, TEXTED}] * 2)


def test_an_address_that_is_refused_for_good_is_passed_over_at_once(office: Office) -> None:
    office.corrects(BANK)
    office.room.recipient = "550 5.1.1 No such mailbox"
    office.minute()
    assert office.told == [{TEXTED}]


def test_without_a_mail_server_a_text_tells(office: Office) -> None:
    office.post = NoPost()
    office.corrects(BANK)
    office.minute()
    assert office.told == [{TEXTED}]


def test_a_thief_who_owns_the_mailbox_and_proved_it_is_not_the_only_one_who_hears_of_it(office: Office) -> None:
    """The code went to that very mailbox; where no text goes, a person writes as well."""
    office.texts.trouble = Trouble.REFUSED
    office.corrects(NUMBER)
    office.minute()
    assert office.told == [{EMAILED, LETTER}]


@pytest.mark.parametrize(
    ("told", "proofs", "written"),
    [
        ({EMAILED}, [EvidenceKind.CODE_BY_EMAIL], True),
        ({EMAILED}, [EvidenceKind.CODE_BY_TEXT, EvidenceKind.ASKED], False),
        ({TEXTED}, [EvidenceKind.CODE_BY_TEXT], True),
        ({EMAILED, TEXTED}, [EvidenceKind.CODE_BY_TEXT], False),
        ({EMAILED, TEXTED}, [EvidenceKind.CODE_BY_TEXT, EvidenceKind.CODE_BY_EMAIL], True),
        ({EMAILED}, [EvidenceKind.PORTAL_CODE], False),
        (set(), [], True),
    ],
)
def test_a_letter_is_written_when_only_where_the_proof_came_from_was_told(
    told: set[Way], proofs: list[EvidenceKind], written: bool
) -> None:
    assert takes_letter(told, [Item(kind, EvidenceOutcome.HOLDS) for kind in proofs]) is written
    assert takes_letter(told, [Item(kind, EvidenceOutcome.FAILS) for kind in proofs]) is (not told)


def test_of_a_customer_without_persons_somebody_writes_a_letter(office: Office) -> None:
    world, anna = office.world, office.world.members["Anna"]
    world.put(BAKKERIJ_JANSEN | {"relation_number": "10050", "persons": []})
    world.hang_up(office.call)
    office.call = world.call(None, answered_by=anna)
    world.link(office.call, "10050", None, anna)
    for _ in range(2):
        answer_rightly(world, anna, office.call)
    office.corrects(ADDRESS)
    office.minute()
    assert (office.told, office.letters_to, office.texts.sent) == ([{LETTER}], [], [])
    assert [one.kind for one in world.rows(select(Alert))] == [AlertKind.CORRECTION_UNTOLD]


def test_where_nobody_can_be_told_somebody_writes_a_letter(office: Office) -> None:
    office.post, office.texts.trouble = NoPost(), Trouble.REFUSED
    office.corrects(BANK)
    office.corrects(ADDRESS)
    office.minute()
    assert office.told == [{LETTER}] * 2
    kinds = [one.kind for one in office.world.rows(select(Alert))]
    assert kinds == [AlertKind.CORRECTION_UNTOLD] * 2
    office.minute()
    assert office.world.acts(Action.CUSTOMER_TOLD) == []
    office.world.hire("Dirk", Role.SUPERVISOR)
    dirk = signed_in(office.world, "Dirk")
    page = dirk.get("/supervision").text
    assert page.count(f"/customers/{bakery(office.world).public_id}") == 2
    wrote = re.findall(r'action="(/corrections/[\w-]{22}/letter)"', page)
    htmx = {"hx-request": "true"}
    assert dirk.post(wrote[0], headers=htmx).status_code == 204
    assert re.findall(r'action="(/corrections/[\w-]{22}/letter)"', dirk.get("/supervision").text) == wrote[1:]
    assert [dirk.post(one, headers=htmx).status_code for one in (*wrote, wrote[1])] == [409, 204, 409]
    assert "/letter" not in dirk.get("/supervision").text
    told = [(one.actor, one.detail) for one in office.world.acts(Action.CUSTOMER_TOLD)]
    by = office.world.members["Dirk"].public_id
    assert told == [(by, "name-and-address letter"), (by, "bank-account letter")]


def test_who_wrote_the_correction_down_does_not_say_that_the_letter_was_written(office: Office) -> None:
    """Else one person alone could take an account away, and nobody would hear of it."""
    office.post, office.texts.trouble = NoPost(), Trouble.REFUSED
    office.corrects(BANK)
    office.minute()
    (made,) = office.world.rows(select(Correction))
    with office.world.writing() as session, pytest.raises(Conflict, match="Somebody else"):
        telling.written(session, office.world.now, office.world.members["Anna"], made.public_id)
    with office.world.reading() as session:
        assert [one.own for one in telling.by_letter(session, office.world.members["Anna"])] == [True]


def test_a_carrier_that_is_away_is_asked_for_an_hour(office: Office) -> None:
    office.post, office.texts.trouble = NoPost(), Trouble.LATER
    office.corrects(BANK)
    office.minute()
    assert office.told == [None]
    office.minute(60)
    assert office.told == [{LETTER}]


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
