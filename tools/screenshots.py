"""Pictures of the pages, with a call on them: `python -m tools.screenshots FOLDER [--base-url URL]`.

Each page is taken wide and light, wide and dark, and narrow. Without an address a temporary demo is served for it.
The pictures in docs/pictures are `desk-live`, `contact`, `customer`, `telephone` and `operations` of such a folder.
"""

import argparse
import contextlib
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
from playwright.sync_api import Browser, Page, sync_playwright

from contactcenter.core.web import PACKAGE
from contactcenter.demo import people
from contactcenter.verification.questions import FACTS
from tools.browser import ARGUMENTS, chromium

PRIYA, SHARED = "+31622222222", "+31633333333"
PRIYA_KNOWS = {  # as demo/customers.jsonl has it
    "postcode": "1011 AA",
    "licence-provider": "Veldwijk",
    "licence-count": "25",
    "last-order": "message boxes for reception",
    "last-invoice-month": "November",
    "last-invoice-amount": "150 euro",
    "contract-start": "September 2024",
    "active-licences": "24",
}
SILENCE = PACKAGE / "core" / "static" / "silence.wav"
DEVICES = [
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    f"--use-file-for-fake-audio-capture={SILENCE}",
]
WIDE, NARROW = 1440, 400
HEIGHT = 900
PATIENCE = 600  # seconds; the demo writes down real speech, and the machine may be busy


class Photographer:
    """Takes pictures of one running demo."""

    def __init__(self, browser: Browser, url: str, folder: Path) -> None:
        self.browser, self.url, self.folder = browser, url, folder

    def signed_in(self, login: str) -> Page:
        """A window in English of this demo login, who is available if that can be."""
        page = self.window()
        page.goto(f"{self.url}/sign-in")
        page.fill("#login", login)
        page.fill("#password", people.PASSWORD)
        page.press("#password", "Enter")
        page.wait_for_url(lambda address: "sign-in" not in address)
        if page.get_by_role("button", name="Become available").count():
            page.get_by_role("button", name="Become available").click()
            page.locator(".chip", has_text="available").wait_for()
        return page

    def window(self) -> Page:
        """A window in English in which nobody has signed in."""
        context = self.browser.new_context(viewport={"width": WIDE, "height": HEIGHT}, locale="en-GB")
        context.add_cookies([{"name": "language", "value": "en", "url": self.url}])
        return context.new_page()

    def take(self, page: Page, name: str, height: int = HEIGHT) -> None:
        """The three pictures of what a window shows."""
        looks = (("", WIDE, "light"), ("-dark", WIDE, "dark"), ("-narrow", NARROW, "light"))
        for suffix, width, scheme in looks:
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            page.set_viewport_size({"width": width, "height": height if width == WIDE else HEIGHT})
            page.wait_for_timeout(300)  # canvases are drawn again
            page.screenshot(path=self.folder / f"{name}{suffix}.png", full_page=width == NARROW)
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": WIDE, "height": HEIGHT})

    def ring(self, caller: str, conversation: str, speed: float) -> str:
        """Somebody rings the English line; the CallSid."""
        order = {"from": caller, "to": people.ENGLISH_LINE, "audio": conversation, "speed": speed, "notice_speed": 20}
        answer = httpx2.post(f"{self.url}/simulator/calls", json=order | {"hangup": "after-audio"}, timeout=20)
        return str(answer.raise_for_status().json()["sid"])

    def contact(self, sid: str) -> str:
        """The public id of the contact that this call became."""
        answer = httpx2.get(f"{self.url}/telephone/calls/{sid}/outcome", timeout=20)
        return str(answer.raise_for_status().json()["contact"]["id"])


def take_all(photographer: Photographer) -> None:
    """Two calls of Harbour Dental, pictures on their way, and the pages that are left after them."""
    desk = photographer.signed_in("anna")
    desk.wait_for_selector("#call[data-stage=idle]")
    photographer.take(desk, "desk-idle")
    photographer.ring(PRIYA, "complaint_en", 20)
    desk.press("[data-key=a]", "a")
    _wrap_up(desk, "complaint", "call-back", "The drive was away for a morning; wants to hear what we do about it.")
    outage = photographer.ring(PRIYA, "outage_en", 1)
    shared = photographer.ring(SHARED, "question_en", 1)
    desk.locator("#ringing li").nth(1).wait_for()
    photographer.take(desk, "desk-ringing")
    desk.press("[data-key=a]", "a")
    _talk(desk)
    photographer.take(desk, "desk-live", 980)
    httpx2.post(f"{photographer.url}/simulator/calls/{shared}/hangup", timeout=20)
    desk.wait_for_selector(".draft", timeout=PATIENCE * 1000)
    photographer.take(desk, "desk-wrap-up", 820)
    _wrap_up(desk, "outage", "solved", "Reception can't open new files since this morning.")
    _afterwards(photographer, desk, photographer.contact(outage))


def _talk(desk: Page) -> None:
    """What an agent does during a call, until there is something to see."""
    desk.wait_for_selector("[role=timer]")
    desk.click("[data-key=v]")
    question = desk.locator(".ask q").inner_text()
    desk.fill("[name=typed]", next(PRIYA_KNOWS[fact.key] for fact in FACTS.values() if fact.text == question))
    desk.press("[name=typed]", "Enter")
    desk.locator(".ladder [aria-current]", has_text="verified").wait_for()
    desk.select_option("select[id^=kind-]", "outage")
    desk.fill("[name=question]", "Reception can't open new files since this morning")
    desk.fill("[name=text]", "All computers show a red cross. Old files open, new X-rays do not arrive.")
    desk.locator("form [role=status]", has_text="saved").wait_for()
    desk.wait_for_timeout(20_000)  # a call of some length looks like one


def _wrap_up(desk: Page, kind: str, outcome: str, question: str) -> None:
    desk.wait_for_selector(".draft", timeout=PATIENCE * 1000)
    desk.check(f"[name=outcome][value={outcome}]")
    desk.select_option("select[id^=kind-]", kind)
    desk.fill("[name=question]", question)
    desk.press("[name=question]", "Control+Enter")
    desk.wait_for_selector("#call[data-stage=idle]")


def _afterwards(photographer: Photographer, desk: Page, contact: str) -> None:
    url = photographer.url
    desk.goto(f"{url}/contacts/{contact}")
    desk.click("text=Open for 30 minutes")
    desk.wait_for_selector("#player")
    desk.press("body", "ArrowRight")
    photographer.take(desk, "contact", 1040)
    desk.click("aside a")
    photographer.take(desk, "customer", 800)
    desk.goto(f"{url}/contacts")
    photographer.take(desk, "contacts", 520)
    operations = photographer.signed_in("fleur")
    operations.goto(f"{url}/operations")
    photographer.take(operations, "operations", 640)
    telephone = photographer.window()
    telephone.goto(f"{url}/telephone?lang=en")
    telephone.check(f"[value='{PRIYA}']")
    telephone.select_option("#to", people.ENGLISH_LINE)
    telephone.select_option("#conversation", "outage_en")
    telephone.click("#ring")
    telephone.locator("#log li").nth(2).wait_for(timeout=60_000)
    photographer.take(telephone, "telephone")
    telephone.click("#hangup")


@contextlib.contextmanager
def served() -> Iterator[str]:
    """A demo of its own in a temporary folder, gone afterwards."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        command = [sys.executable, "-m", "contactcenter", "demo", "--folder", folder, "--port", str(port)]
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield _ready(f"http://127.0.0.1:{port}", lambda: child.poll() is None)
        finally:
            child.terminate()
            child.wait(timeout=20)


def _ready(url: str, runs: Callable[[], bool]) -> str:
    while runs():
        with contextlib.suppress(httpx2.TransportError):
            httpx2.get(f"{url}/readyz", timeout=2).raise_for_status()
            return url
        time.sleep(0.3)
    raise SystemExit("The temporary demo ended at once; run `contactcenter demo` to see why.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--base-url", help="a running demo; without, a temporary one is served")
    wish = parser.parse_args()
    wish.folder.mkdir(parents=True, exist_ok=True)
    path = chromium()
    if path is None:
        raise SystemExit("There is no Chromium that playwright can drive; ./run.sh test installs one.")
    here = contextlib.nullcontext(wish.base_url.rstrip("/")) if wish.base_url else served()
    with here as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*ARGUMENTS, *DEVICES])
        take_all(Photographer(browser, url, wish.folder))
        browser.close()


if __name__ == "__main__":
    main()
