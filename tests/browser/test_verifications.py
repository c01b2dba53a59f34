"""A supervisor looks back at how a caller was verified: by keys, over the recording, in every look (P05, P06)."""

import pytest
from sqlmodel import col, select

from contactcenter.coaching.models import Review
from contactcenter.coaching.rules import SampleKind
from contactcenter.demo import people
from contactcenter.staff import service as staff
from contactcenter.staff.rules import Role
from contactcenter.verification.models import Verification
from tests.browser.axe import violations
from tests.browser.conftest import Opens
from tests.browser.windows import NARROW_DARK, NARROW_LIGHT, WIDE_DARK, WIDE_LIGHT, Look, Window
from tests.house import House

AT = "document.querySelector('audio').currentTime"
WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def pages(house: House) -> dict[str, str]:
    """Paths of a verification that was recorded, of its contact and its review; enough take calls to show figures."""
    phone, anna = house.ring(), house.agent("anna")
    with anna.on_the_line(phone):
        anna.asks(phone.contact)
    phone.recording_is("stored", "transcribed", "attached")
    anna.closes(phone.contact)
    with house.parts.db.writing() as session:
        found = session.exec(select(Verification).order_by(col(Verification.id).desc())).first()
        assert found is not None
        drawn = Review(contact_id=found.contact_id, why=SampleKind.ONE_IN, drawn_at=house.clock())
        session.add(drawn)
        for name in ("Gijs", "Hugo", "Irma", "Jan", "Kees"):
            staff.add(session, house.clock(), login=name.lower(), name=name, role=Role.AGENT, password=people.PASSWORD)
    return {
        "verification": f"/verifications/{found.public_id}",
        "review": f"/reviews/{drawn.public_id}",
        "contact": f"/contacts/{phone.contact}",
    }


def is_for_everybody(window: Window) -> None:
    """The page in this window breaks no rule of accessibility and fits."""
    assert violations(window) == []
    assert not window.page.evaluate(WIDER)


def test_a_moment_of_a_verification_plays_by_keys(opens: Opens, pages: dict[str, str]) -> None:
    window = opens("dirk")
    window.goes(pages["verification"])
    window.sees("#timeline-title")
    assert window.page.locator("#player, [data-start]").count() == 0
    window.presses("l")
    window.sees("#player")
    window.until(lambda: window.page.evaluate("document.querySelector('audio').readyState") > 0, "the sound is there")
    moment = window.tabs_to(".timeline li:has-text('Asked') button")
    window.presses("ArrowRight")
    start = float(moment.get_attribute("data-start") or -1)
    window.presses("Enter")
    window.until(lambda: abs(window.page.evaluate(AT) - start) < 0.05, "the player jumps to the question")
    is_for_everybody(window)


def test_who_listens_for_training_sees_where_it_is_silent(opens: Opens, pages: dict[str, str]) -> None:
    window = opens("carla", NARROW_DARK)
    window.goes(pages["contact"])
    window.tabs_to("[name=purpose]").select_option("training")
    window.presses("Tab", "Enter")
    window.sees("#player")
    window.sees("#marks")
    is_for_everybody(window)


@pytest.mark.parametrize(
    ("page", "marker", "looks"),
    [
        ("/verifications", "#figures-title", (WIDE_LIGHT, NARROW_DARK)),
        ("verification", "#timeline-title", (WIDE_DARK, NARROW_LIGHT)),
        ("/reviews", "table", (WIDE_DARK, NARROW_LIGHT)),
        ("review", "#listened-title", (WIDE_LIGHT, NARROW_DARK)),
    ],
)
def test_its_pages_are_for_everybody(
    opens: Opens, pages: dict[str, str], page: str, marker: str, looks: tuple[Look, Look]
) -> None:
    for look in looks:
        window = opens("dirk", look)
        window.goes(pages.get(page, page))
        window.sees(marker)
        is_for_everybody(window)


def test_a_review_is_given_by_keys_and_the_agent_answers(opens: Opens, pages: dict[str, str]) -> None:
    window = opens("dirk")
    window.goes(pages["review"])
    for name, value in (("asked", "yes"), ("answered", "no"), ("told_before", "no")):
        window.tabs_to(f"[name={name}][value=yes]")
        window.presses("Space", *(["ArrowRight"] if value == "no" else []))
    window.tabs_to("#verdict").select_option("to-improve")
    window.tabs_to("#comment")
    window.types("The second question would have helped.")
    window.presses("Tab", "Enter")
    window.sees("#found-title")
    agent = opens("anna")
    agent.goes(pages["review"])
    agent.tabs_to("#words")
    agent.types("The caller hung up before I could.")
    agent.presses("Tab", "Enter")
    agent.no_longer_sees("#words")
    agent.sees("#panel", "The caller hung up before I could.")
    is_for_everybody(agent)
