"""Who hears of a correction: what was on record before, and whoever else may speak for the customer (P05)."""

from datetime import timedelta

import pytest
from sqlmodel import select

from contactcenter.customers.models import KnownAddress, Person
from contactcenter.customers.rules import Kind, Origin
from contactcenter.verification.rules import EvidenceKind
from tests.factories import BAKKERIJ_JANSEN, JORIS, PRIYA
from tests.verification.acts import prove
from tests.verification.letters import ADDRESS, BANK, EMAIL, NUMBER, Office
from tests.verification.test_corrections import NEW_EMAIL, NEW_NUMBER, OLD_EMAIL


def test_a_thief_who_changes_the_address_first_does_not_get_the_letter_about_the_account(office: Office) -> None:
    office.corrects(EMAIL)
    office.corrects(NUMBER)
    office.corrects(BANK)
    office.corrects(EMAIL, {"old": NEW_EMAIL, "new": "other@elsewhere.example"})
    office.minute()
    assert office.letters_to == [OLD_EMAIL] * 4
    assert [to for to, _ in office.texts.sent] == [JORIS] * 4
    office.world.hang_up(office.call)
    office.world.travel(days=5)
    anna = office.world.members["Anna"]
    office.call = office.world.call(None, answered_by=anna)
    office.world.link(office.call, "10042", "joris", anna)
    for kind in (EvidenceKind.PORTAL_CODE, EvidenceKind.CODE_BY_TEXT, EvidenceKind.CALL_BACK):
        prove(office.world, anna, office.call, kind)
    office.corrects(BANK, {"iban": "NL91 ABNA 0417 1643 00"})
    office.minute()
    assert office.letters_to == [OLD_EMAIL] * 5, "what ended lately still hears of it"
    assert [to for to, _ in office.texts.sent] == [JORIS] * 5


def test_an_address_that_is_taken_away_and_given_back_is_told_of_it_all(office: Office) -> None:
    """So does a thief who wants nobody to hear of what comes after."""
    for kind, form in (
        (BANK, None), (EMAIL, {"old": OLD_EMAIL}), (NUMBER, {"old": JORIS}),
        (EMAIL, {"new": OLD_EMAIL}), (NUMBER, {"new": JORIS}), (ADDRESS, None),
    ):  # fmt: skip
        office.corrects(kind, form)
        office.world.travel(minutes=0.1)
    office.minute()
    assert office.letters_to == [OLD_EMAIL] * 6
    assert [to for to, _ in office.texts.sent] == [JORIS] * 6


def test_a_number_that_is_added_is_told_as_well(office: Office) -> None:
    office.corrects(NUMBER, {"new": NEW_NUMBER})
    office.minute()
    assert (office.letters_to, [to for to, _ in office.texts.sent]) == ([OLD_EMAIL], [JORIS])


def test_every_address_and_number_of_theirs_hears_of_it(office: Office) -> None:
    """Whoever owns one of them swallows nothing: what was added on a call lately hears nothing."""
    second, other = {"email": "joris@home.example", "since": "2024-01-01"}, {"number": PRIYA, "since": "2024-01-01"}
    joris, marieke = BAKKERIJ_JANSEN["persons"]
    more = {"numbers": [*joris["numbers"], other], "addresses": [*joris["addresses"], second]}
    office.world.put(BAKKERIJ_JANSEN | {"persons": [joris | more, marieke]})
    office.corrects(EMAIL, {"new": NEW_EMAIL})
    office.corrects(EMAIL)
    office.minute()
    assert sorted(office.letters_to) == sorted([OLD_EMAIL, "joris@home.example"] * 2)
    assert sorted(to for to, _ in office.texts.sent) == sorted([JORIS, PRIYA] * 2)


def test_another_person_of_the_customer_hears_nothing_of_what_is_his_own(office: Office) -> None:
    """Nor does an address that Joris gave up over a month ago."""
    joris, marieke = BAKKERIJ_JANSEN["persons"]
    hers = {"addresses": [{"email": "marieke@bakkerijjansen.example", "since": "2023-03-01"}]}
    office.world.put(BAKKERIJ_JANSEN | {"persons": [joris, marieke | hers]})
    with office.world.writing() as session:
        (person,) = session.exec(select(Person).where(Person.reference == "joris"))
        long_ago = office.world.now - timedelta(days=400)
        for address, days in (("given.up@home.example", 31), ("lately@home.example", 29)):
            session.add(
                KnownAddress(
                    person_id=person.id, email=address, origin=Origin.IMPORT, recorded_at=long_ago,
                    ended_at=office.world.now - timedelta(days=days),
                )
            )  # fmt: skip
    office.corrects(NUMBER)
    office.minute()
    assert sorted(office.letters_to) == [OLD_EMAIL, "lately@home.example"]
    assert [to for to, _ in office.texts.sent] == [JORIS]


@pytest.mark.parametrize("kind", [ADDRESS, BANK])
def test_of_what_is_the_customers_whoever_may_speak_for_it_hears(office: Office, kind: Kind) -> None:
    def mandated(name: str, covers: str, **more: str) -> dict[str, object]:
        addresses = [{"email": f"{name}@bakkerijjansen.example", "since": "2023-03-01"}]
        return {"reference": name, "name": name, "authorised_for": covers, "addresses": addresses, **more}

    marieke = mandated("marieke", "all", language="en") | {"numbers": [{"number": PRIYA, "since": "2023-03-01"}]}
    past = mandated("past", "all", authorised_until="2026-11-22")
    office.world.put(
        BAKKERIJ_JANSEN | {"persons": [BAKKERIJ_JANSEN["persons"][0], marieke, mandated("clerk", "licences"), past]}
    )
    office.corrects(kind)
    office.minute()
    assert sorted(office.letters_to) == [OLD_EMAIL, "marieke@bakkerijjansen.example"]
    assert {to: "as asked on the telephone" in body for to, body in office.texts.sent} == {JORIS: False, PRIYA: True}


def test_each_person_hears_of_it_in_their_own_language(office: Office) -> None:
    joris, marieke = BAKKERIJ_JANSEN["persons"]
    office.world.put(BAKKERIJ_JANSEN | {"language": "nl", "persons": [joris | {"language": "en"}, marieke]})
    office.corrects(BANK)
    office.minute()
    ((_, body),) = office.texts.sent
    assert "bank account" in body
    assert "085 000 0001" in body
