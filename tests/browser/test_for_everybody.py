"""Every page can be read by everybody: light and dark, wide and narrow, Dutch and English, with a screen reader.

Each page is looked at in two looks, which differ in all three. Errors on the console, breaches of the content security
policy and requests to elsewhere fail the stories too: `watched` looks for them.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import cache

import pytest
from playwright.sync_api import Browser
from sqlmodel import col, select

from contactcenter.customers.rules import Kind
from contactcenter.staff import factors
from contactcenter.verification.models import Correction, CorrectionNotice, Verification
from contactcenter.verification.rules import Way
from tests.browser.axe import violations
from tests.browser.conftest import Opens, Rings, watched
from tests.browser.windows import NARROW_DARK, NARROW_LIGHT, WIDE_DARK, WIDE_LIGHT, Look
from tests.calls.test_keyed_number import asks
from tests.house import JORIS, SHARED, STRANGER, House, Telephone
from tests.staff.at_the_door import app_of

PAIRS = ((WIDE_LIGHT, NARROW_DARK), (WIDE_DARK, NARROW_LIGHT))
WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def opens(house: House, browser: Browser) -> Iterator[Opens]:
    """One window per person and look, for all stories of this file."""
    with watched(house, browser) as opened:
        yield cache(opened)


def _is_for_everybody(opens: Opens, login: str | None, path: str, marker: str, looks: tuple[Look, Look]) -> None:
    for look in looks:
        window = opens(login, look)
        window.goes(path)
        window.sees(marker)
        found, wider = violations(window), window.page.evaluate(WIDER)
        window.page.goto("about:blank")
        assert found == []
        assert not wider, f"{path} is wider than a window of {look.width}"


@pytest.fixture(scope="module")
def missed(house: House) -> tuple[Telephone, Telephone]:
    """Calls that nobody answered: from a stranger, and from a number that two customers share."""
    phones = house.ring(STRANGER), house.ring(SHARED)
    for phone in phones:
        phone.is_("waiting")
        phone.hang_up()
        phone.is_("ended")
    return phones


def test_signing_in(opens: Opens) -> None:
    _is_for_everybody(opens, None, "/sign-in", "#password", PAIRS[0])


def test_the_desk_without_a_call(house: House, opens: Opens) -> None:
    house.agent("bram").post("/available", (303, 204), available="0")
    _is_for_everybody(opens, "bram", "/desk", "#call[data-stage=idle]", PAIRS[1])


def test_the_desk_from_ring_to_wrap_up(house: House, opens: Opens, rings: Rings) -> None:
    anna = house.agent("anna")
    anna.post("/available", (303, 204), available="1")
    phone = rings()
    phone.is_("waiting")
    _is_for_everybody(opens, "anna", "/desk", "[data-key=a]", PAIRS[0])
    with anna.on_the_line(phone):
        anna.asks(phone.contact)
        _is_for_everybody(opens, "anna", "/desk", ".ask", PAIRS[1])
    _is_for_everybody(opens, "anna", "/desk", "#call[data-stage=wrap-up]", PAIRS[0])
    anna.closes(phone.contact)


def test_the_desk_with_a_caller_whom_nobody_knows(house: House, opens: Opens, rings: Rings) -> None:
    anna = house.agent("anna")
    phone = rings(SHARED)
    with anna.on_the_line(phone):
        _is_for_everybody(opens, "anna", "/desk", "#who-title", PAIRS[0])
    anna.closes(phone.contact)


def test_the_desk_with_a_caller_who_keyed_in_the_number_of_another_customer(
    house: House, opens: Opens, rings: Rings
) -> None:
    asks(house, True)
    anna = house.agent("anna")
    phone = rings(JORIS, number="10101#")
    with anna.on_the_line(phone):
        _is_for_everybody(opens, "anna", "/desk", ".card form[action$='/link']", PAIRS[1])
    anna.closes(phone.contact)
    asks(house, False)


def test_a_correction_that_takes_a_letter(house: House, opens: Opens, rings: Rings) -> None:
    anna, phone = house.agent("anna"), rings()
    with anna.on_the_line(phone):
        pass
    anna.closes(phone.contact)
    with house.parts.db.writing() as session:
        verified = session.exec(select(Verification).order_by(col(Verification.id).desc())).first()
        assert verified is not None
        made = Correction(
            contact_id=verified.contact_id, turn=0, customer_id=verified.customer_id, staff_id=verified.staff_id,
            verification_id=verified.id, kind=Kind.BANK_ACCOUNT, at=house.clock(), told_at=house.clock(),
        )  # fmt: skip
        session.add(made)
        session.flush()
        session.add(CorrectionNotice(correction_id=made.id, way=Way.LETTER, sent=False, at=house.clock()))
    _is_for_everybody(opens, "dirk", "/supervision", "form[action$='/letter']", PAIRS[0])


@pytest.mark.usefixtures("missed")
@pytest.mark.parametrize(
    ("login", "path", "marker", "looks"),
    [
        ("anna", "/contacts", "table", PAIRS[1]),
        ("anna", "/contacts/unmatched", "table", PAIRS[0]),
        ("anna", "/customers?q=boer", ".lines", PAIRS[1]),
        ("fleur", "/operations", "#health-title", PAIRS[0]),
        ("anna", "/account", "#sessions-title", PAIRS[1]),
    ],
)
def test_lists_and_operations(opens: Opens, login: str, path: str, marker: str, looks: tuple[Look, Look]) -> None:
    _is_for_everybody(opens, login, path, marker, looks)


def test_a_customer_with_a_history(house: House, opens: Opens) -> None:
    phone = house.ring()
    phone.is_("waiting")
    phone.hang_up()
    phone.is_("ended")
    dirk = house.agent("dirk")
    customer = dirk.get("/customers?q=10042").split('href="/customers/')[1].split('"')[0]
    dirk.post(f"/customers/{customer}/break-glass", reason="other", words="The story looks at this page.")
    _is_for_everybody(opens, "dirk", f"/customers/{customer}", ".lines", PAIRS[0])


def test_a_missed_call_that_waits_to_be_linked(opens: Opens, missed: tuple[Telephone, Telephone]) -> None:
    _is_for_everybody(opens, "anna", f"/contacts/{missed[1].contact}", "#find-customer", PAIRS[1])


def test_setting_up_a_second_factor_and_showing_it(house: House, browser: Browser) -> None:
    """In windows of its own: a reset signs somebody out everywhere, in the windows of other stories too."""
    bram = house.agent("bram")
    app = app_of(bram.http)
    with watched(house, browser) as opened:
        opens = cache(opened)
        _is_for_everybody(opens, "bram", "/account", ".offer", PAIRS[0])
        codes = bram.post("/account/app/code", (200,), code=app.at(house.clock()))
        window = opens("bram", PAIRS[1][0])
        window.page.set_content(codes.text)
        assert violations(window) == []
        _is_for_everybody(opens, "bram", "/sign-in/second", "#code", PAIRS[1])
    with house.parts.db.writing() as session:
        factors.reset(session, house.clock(), "bram")


def test_what_waits_for_a_second_person(house: House, opens: Opens, missed: tuple[Telephone, Telephone]) -> None:
    dirk, review = house.agent("dirk"), (house.clock() + timedelta(days=20)).date().isoformat()
    dirk.post(f"/contacts/{missed[1].contact}/hold", kind="dispute", reference="D-1", review_on=review)
    _is_for_everybody(opens, "eva", f"/contacts/{missed[1].contact}", "button[name=accept]", PAIRS[0])
    _is_for_everybody(opens, "eva", "/supervision", "#holds-title", PAIRS[1])
    somebody = re.findall(r'action="(/staff/[\w-]{22}/role)"', dirk.get("/staff"))[0]
    dirk.post(somebody, (303,), role="admin")
    _is_for_everybody(opens, "fleur", "/staff", "#waiting-title", PAIRS[0])


def test_the_telephone(opens: Opens) -> None:
    _is_for_everybody(opens, None, "/telephone?lang=nl", "#ring", PAIRS[0])


def test_a_page_that_does_not_exist(opens: Opens) -> None:
    _is_for_everybody(opens, "dirk", "/nowhere", "#problem", PAIRS[1])
    for look in PAIRS[1]:
        told = opens("dirk", look).complaints
        assert [one for one in told if "404" not in one] == []
        told.clear()


def test_the_witness_finds_what_is_wrong(opens: Opens) -> None:
    window = opens(None, WIDE_LIGHT)
    window.page.set_content("<html><title>Page</title><button></button></html>")
    assert [one for one in violations(window) if "button-name" in one]
