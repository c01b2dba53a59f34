"""A passkey in a real browser: Chromium's own virtual authenticator makes it, and it lets its owner in by keyboard."""

from dataclasses import replace

import pytest
from playwright.sync_api import Browser

from contactcenter.demo import people
from contactcenter.staff import factors
from tests.browser.axe import violations
from tests.browser.windows import Window, open_window
from tests.house import House

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def window(house: House, browser: Browser) -> Window:
    """A window at `localhost`, since passkeys are bound to a name."""
    named = replace(house, url=house.url.replace("127.0.0.1", "localhost"))
    return open_window(browser, named, None)


def test_eva_makes_a_passkey_and_signs_in_with_it_by_keyboard(house: House, window: Window) -> None:
    session = window.context.new_cdp_session(window.page)
    session.send("WebAuthn.enable")
    key = session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})["authenticatorId"]
    _gives_password(window)
    window.sees("nav")
    window.goes("/account")
    window.tabs_to("button:text('Make a passkey')")
    window.presses("Enter")
    window.sees("h1", "Your recovery codes")
    window.goes("/account")
    window.sees("li", "Passkey made in Chrome")
    assert violations(window) == []

    _signs_out(window)
    _gives_password(window)
    window.sees("h1", "One more step")
    assert violations(window) == []
    window.tabs_to("button:text('Use my passkey')")
    window.presses("Enter")
    window.sees("nav")

    _signs_out(window)
    session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": key})
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    _gives_password(window)
    window.tabs_to("button:text('Use my passkey')")
    window.presses("Enter")
    window.sees("[data-slot]", "The passkey was not accepted")
    assert (window.complaints, window.elsewhere, window.by_hand) == ([], [], [])
    window.context.close()
    with house.parts.db.writing() as opened:
        factors.reset(opened, house.clock(), "eva")


def _gives_password(window: Window) -> None:
    window.goes("/sign-in")
    window.types("eva")
    window.presses("Tab")
    window.types(people.PASSWORD)
    window.presses("Enter")


def _signs_out(window: Window) -> None:
    window.tabs_to("header button:text('Sign out')")
    window.presses("Enter")
    window.sees("#password")
