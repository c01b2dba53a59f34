"""Windows of a real browser: what people do in them by keyboard, and what the windows complain of."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeVar
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, sync_playwright

from contactcenter.core import web
from tests.house import House
from tools.browser import ARGUMENTS, chromium

PATIENCE_MS = 100_000
MOST_TABS = 60
SILENCE = Path(web.PACKAGE) / "core" / "static" / "silence.wav"  # what the agent's microphone hears
DEVICES = [
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    f"--use-file-for-fake-audio-capture={SILENCE}",
]
# Told on the console: any use of a mouse or a finger. Heard in `window.ear`: what goes to the loudspeaker.
WATCH = """
for (const kind of ["mousedown", "mousemove", "pointerdown", "touchstart", "wheel"]) {
  addEventListener(kind, () => console.debug("by hand: " + kind), { capture: true });
}
const connect = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (target, ...rest) {
  if (target instanceof AudioDestinationNode) {
    window.ear = new AnalyserNode(this.context, { fftSize: 2048 });
    connect.call(this, window.ear);
  }
  return connect.call(this, target, ...rest);
};
"""
LOUDNESS = """() => {
  if (!window.ear) return 0;
  const samples = new Float32Array(window.ear.fftSize);
  window.ear.getFloatTimeDomainData(samples);
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
}"""
Found = TypeVar("Found")


@dataclass(frozen=True)
class Look:
    """How a window looks: its width in CSS pixels, light or dark, the language of its pages."""

    width: int
    scheme: Literal["light", "dark"]
    language: str


WIDE_LIGHT = Look(1440, "light", "en")
NARROW_DARK = Look(400, "dark", "nl")
WIDE_DARK = Look(1440, "dark", "nl")
NARROW_LIGHT = Look(400, "light", "en")


@dataclass
class Window:
    """One window with one page at a time; it remembers errors, foreign addresses and uses of the mouse."""

    house: House
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    by_hand: list[str] = field(default_factory=list)
    interactions: int = 0  # keys pressed and texts typed

    def __post_init__(self) -> None:
        """Begin to watch."""
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("console", self._told)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.context.on("request", self._requested)

    def goes(self, path: str) -> None:
        """Open a page of the house."""
        self.page.goto(self.house.url + path)

    def sees(self, selector: str, text: str | None = None) -> Locator:
        """Wait for something visible; what it is."""
        found = self.page.locator(selector).filter(has_text=text).first
        found.wait_for()
        return found

    def no_longer_sees(self, selector: str) -> None:
        """Wait until it is gone."""
        self.page.locator(selector).first.wait_for(state="hidden")

    def presses(self, *keys: str) -> None:
        """Press keys, one after another."""
        for key in keys:
            self.interactions += 1
            self.page.keyboard.press(key)

    def types(self, text: str) -> None:
        """Type into what has the focus."""
        self.interactions += 1
        self.page.keyboard.type(text)

    def tabs_to(self, selector: str) -> Locator:
        """Walk with Tab until it has the focus; nothing may need a mouse to be reached."""
        wanted = self.sees(selector)
        for _ in range(MOST_TABS):
            if wanted.evaluate("element => element === document.activeElement"):
                return wanted
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{MOST_TABS} times Tab do not reach {selector}")

    def until(self, look: Callable[[], Found | None], what: str, patience: float = 20) -> Found:
        """Look again and again, and let the page go on meanwhile."""
        for _ in range(int(patience / 0.05)):
            found = look()
            if found:
                return found
            self.page.wait_for_timeout(50)
        raise AssertionError(f"It never happened: {what}")

    def answers(self) -> None:
        """Wait until it rings, and answer by key."""
        self.sees("#ringing [data-key=a]")
        self.presses("a")
        self.sees("[role=timer]")

    def hears(self) -> float:
        """How loud the loudspeaker is right now: root mean square, 0 to 1."""
        return float(self.page.evaluate(LOUDNESS))

    def focus(self) -> str:
        """The name of the field that has the focus."""
        return str(self.page.evaluate("document.activeElement.name ?? ''"))

    def _told(self, message: ConsoleMessage) -> None:
        if message.text.startswith("by hand: "):
            self.by_hand.append(message.text)
        elif message.type in ("error", "warning"):
            self.complaints.append(f"{message.text} ({urlsplit(message.location['url']).path})")

    def _requested(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob") and address.netloc != urlsplit(self.house.url).netloc:
            self.elsewhere.append(request.url)


@contextmanager
def browsing() -> Iterator[Browser]:
    """A Chromium of its own, gone afterwards."""
    path = chromium()
    assert path is not None, "There is no Chromium that playwright can drive; ./run.sh test installs one."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*ARGUMENTS, *DEVICES])
        yield browser
        browser.close()


def at_the_desk(window: Window, login: str) -> Window:
    """The desk of an agent who is available."""
    window.house.agent(login).post("/available", (303, 204), available="1")
    window.goes("/desk")
    window.sees(".chip", "available")
    return window


def open_window(browser: Browser, house: House, login: str | None, look: Look = WIDE_LIGHT) -> Window:
    """A window that looks like this, signed in unless `login` is None."""
    context = browser.new_context(
        viewport={"width": look.width, "height": 900}, color_scheme=look.scheme, locale=look.language
    )
    cookies = {"language": look.language}
    if login is not None:
        cookies |= dict(house.agent(login).http.cookies)
    context.add_cookies([{"name": name, "value": value, "url": house.url} for name, value in cookies.items()])
    context.add_init_script(WATCH)
    return Window(house, context, context.new_page())
