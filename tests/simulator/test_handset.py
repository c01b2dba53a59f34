"""The telephone page in a real browser: ring, hear, press a key, hang up."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from contactcenter.simulator import Caller
from tests.simulator.conftest import Open
from tests.simulator.desk import JORIS, LINE, Desk, tone, wav

ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's chromium, else playwright's own."""
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        yield made
        made.close()


@pytest.fixture
def handset(browser: Browser, open_desk: Open, tmp_path: Path) -> Iterator[tuple[Desk, Page]]:
    """The page, with Joris and somebody withheld to ring as; whatever the browser complains of is an error."""
    (tmp_path / "question.wav").write_bytes(wav(tone(400, 60), tone(1000, 60)))
    callers = (Caller(JORIS, "Joris Jansen", "known"), Caller("anonymous", "Nobody", "withheld"))
    with open_desk(callers=callers, conversations_dir=tmp_path, speed=1, notice_speed=1) as desk:
        page = browser.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{desk.base}/telephone?lang=en")
        yield desk, page
        page.close()
        assert complaints == []


def test_joris_rings_hears_the_notice_refuses_and_hangs_up(handset: tuple[Desk, Page]) -> None:
    desk, page = handset
    expect(page.get_by_role("button", name="Hang up")).to_be_disabled()
    page.get_by_role("button", name="Ring").click()
    expect(page.get_by_role("status")).to_have_text("Connected")
    while page.evaluate("document.getElementById('level').value") <= 0.1:  # the test's own time limit ends this
        page.wait_for_timeout(50)
    page.get_by_role("button", name="Key 9").click()
    assert desk.product.await_("choice")["Digits"] == "9"
    desk.product.await_("talk")
    page.get_by_role("button", name="Hang up").click()
    expect(page.get_by_role("status")).to_have_text("Hung up")
    expect(page.locator("#log")).to_contain_text("You are in the conference")
    assert desk.product.of("voice")[0]["From"] == JORIS


def test_somebody_withheld_speaks_with_the_microphone_and_anna_hears_it(handset: tuple[Desk, Page]) -> None:
    desk, page = handset
    page.get_by_label(re.compile("Nobody")).check()
    page.get_by_label("What is said").select_option("")
    page.get_by_role("button", name="Ring").click()
    expect(page.get_by_role("checkbox", name="Microphone")).to_be_checked()
    page.keyboard.press("9")
    asked = desk.product.await_("talk")
    assert asked["From"] == "anonymous"
    with desk.softphone() as anna:
        desk.product.await_("conference", StatusCallbackEvent="conference-start")
        assert abs(anna.hear(1.2)).max() > 500
    page.get_by_role("button", name="Hang up").click()
    expect(page.get_by_role("status")).to_have_text("Hung up")


def test_messages_that_came_are_shown_newest_first(handset: tuple[Desk, Page]) -> None:
    desk, page = handset
    received = page.locator("#received li")
    desk.sdk.messages.create(to=JORIS, from_=LINE, body="Your code is <b>1234</b>")
    expect(received).to_have_count(1)
    desk.sdk.messages.create(to=JORIS, from_=LINE, body="Your code is 5678")
    expect(received).to_have_count(2)
    expect(received.first).to_contain_text(f"Text message: {JORIS}")
    expect(received.first).to_contain_text("5678")
    expect(received.last).to_contain_text("<b>1234</b>")
