"""Stored scripts in a real browser: whatever anybody calls themselves or says is shown as text, and nothing runs."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import quote

import httpx2
import pytest
from sqlmodel import select

from contactcenter.calls import lines
from contactcenter.customers import importing
from contactcenter.customers.models import Customer
from contactcenter.demo.people import PASSWORD
from contactcenter.notes import service as notes
from contactcenter.notes import summaries
from contactcenter.notes.drafting import DraftLine
from contactcenter.notes.said import Segment, Transcript
from contactcenter.staff import service as staff
from contactcenter.staff.access import as_member
from contactcenter.staff.rules import Role
from tests.browser.conftest import Opens, browser, opens
from tests.browser.windows import Window
from tests.calls.carrier_stand_in import new_sid, sign
from tests.factories import World
from tests.house import House

__all__ = ["browser", "opens"]

NUMBER, LINE = "+31655501234", "+31850000077"
RUNS = "ran=1"
SCRIPT = (
    f"<script>{RUNS}</script><img src=x onerror={RUNS}><svg onload={RUNS}></svg>"
    f"<b hx-get=/x hx-trigger=load>b</b>\"'><i autofocus onfocus={RUNS} tabindex=1>"
)
FOUND = """() => [window.ran ?? 0,
  document.querySelectorAll("[onerror],[onload],[onfocus],[src=x],b[hx-get],body script:not([src])").length]"""


def said(where: str) -> str:
    """What stands there: a mark to find it by, and a script."""
    return f"xss-{where} {SCRIPT}"


@dataclass
class Hostile:
    """What was planted: a contact with words, a customer, and a call that rings."""

    contact: str
    customer: str


@pytest.fixture(scope="module")
def planted(house: House, tmp_path_factory: pytest.TempPathFactory) -> Hostile:
    """Scripts everywhere where somebody from outside, or a colleague, may write."""
    world = World(house.parts.db, house.clock())
    customer = _import(world, tmp_path_factory.mktemp("import") / "customers.csv")
    with world.writing() as session:
        lines.add(session, LINE, name=said("line"), team=staff.DEFAULT_TEAM, language="en")
        xander = staff.add(
            session,
            world.now,
            login="xander",
            name=said("staff"),
            role=Role.SUPERVISOR,
            password=PASSWORD,
            language="en",
            trained_on=date(2026, 5, 1),
        )
        member = as_member(xander, world.now)
    call = world.call(NUMBER, answered_by=member)
    words = (Segment(0, 0.5, 2.0, said("heard"), 0.9), Segment(1, 2.2, 2.9, f"I will send {SCRIPT} today.", 0.9))
    with world.writing() as session:
        notes.write_note(session, world.now, call, member.id, f"xss-question <img src=x onerror={RUNS}>", said("note"))
        notes.attach_transcript(
            session, world.now, call, new_sid("RE"), Transcript("en", said("engine"), "x", words), ["caller", "agent"]
        )
        summaries.attach_draft(session, world.now, call, [DraftLine(one.text, one.start, one.channel) for one in words])
    world.hang_up(call)
    _ring(house)
    return Hostile(world.contact(call).public_id, customer)


def _import(world: World, file: Path) -> str:
    name, script = said("customer"), SCRIPT.replace('"', '""')
    row = f'4711,"{name.replace(chr(34), chr(34) * 2)}","xss-street {script}",x,"xss-person {script}",{NUMBER}'
    file.write_text(f"relation_number,name,street,person_reference,person_name,numbers\n{row}\n")
    report = importing.import_file(world.db, file, now=world.now)
    assert report.problems == []
    (customer,) = world.rows(select(Customer).where(Customer.relation_number == "4711"))
    return customer.public_id


def _ring(house: House) -> None:
    """Somebody with that number, and somebody with a script as SIP address, ring that line and hear the notice."""
    token = house.settings.twilio_auth_token
    assert token is not None and house.settings.twilio_account_sid is not None
    for sent_from in (NUMBER, f'sip:"{SCRIPT}"@evil.example'[:300]):
        fields = {
            "AccountSid": house.settings.twilio_account_sid,
            "CallSid": new_sid("CA"),
            "From": sent_from,
            "To": LINE,
            "CallerName": SCRIPT,
        }
        for path in ("/twilio/voice", "/twilio/heard?attempt=1"):
            signature = sign(token.get_secret_value(), house.url + path, list(fields.items()))
            answer = httpx2.post(house.url + path, data=fields, headers={"x-twilio-signature": signature})
            assert answer.status_code == 200
            assert SCRIPT not in answer.text


def sees(window: Window, path: str, *marks: str) -> None:
    """The page shows these marks as text, and nothing of what came with them runs or becomes a part of the page."""
    window.goes(path)
    window.page.wait_for_timeout(500)
    text = window.page.locator("body").inner_text()
    assert [mark for mark in marks if f"xss-{mark}" not in text] == [], path
    assert window.page.evaluate(FOUND) == [0, 0], path


def test_what_anybody_wrote_is_shown_as_text_on_every_page_and_the_policy_has_nothing_to_report(
    house: House, opens: Opens, planted: Hostile
) -> None:
    house.agent("xander").post("/available", (303, 204), available="1")
    window = opens("xander")
    sees(window, "/desk", "line", "customer", "staff", "heard")
    assert "xss-note" in window.sees("[name=text]").input_value()
    sees(window, "/contacts", "customer", "staff")
    sees(window, "/contacts/unmatched", "staff")
    sees(window, f"/contacts/{planted.contact}", "customer", "question", "note", "heard", "staff", "engine")
    xander = house.agent("xander")
    xander.post(f"/customers/{planted.customer}/break-glass", reason="other", words=said("glass"))
    sees(window, f"/customers/{planted.customer}", "customer", "question")
    sees(window, "/supervision", "glass", "staff")
    sees(window, "/customers?q=xss-cust", "customer")
    sees(window, "/customers?q=" + quote(said("asked")))
    sees(window, f"/contacts/{planted.contact}?x={quote(SCRIPT)}", "customer")
    sees(window, "/operations", "staff")


def test_a_search_at_the_desk_and_a_login_are_shown_as_text(house: House, opens: Opens, planted: Hostile) -> None:
    window = opens("xander")
    sees(window, f"/contacts/{planted.contact}/search?q=xss-cust", "customer", "person")
    window.complaints.clear()  # a panel by itself names no icon, so the browser looks for one in vain
    outsider = opens()
    outsider.goes("/sign-in")
    outsider.page.fill("[name=login]", said("login"))
    outsider.page.fill("[name=password]", SCRIPT)
    outsider.page.keyboard.press("Enter")
    outsider.sees(".problem")
    assert outsider.page.evaluate(FOUND) == [0, 0]
    outsider.complaints.clear()  # the console names every answer that refuses, as this one did
