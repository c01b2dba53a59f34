"""People at the sign-in door: what they give, and what their telephones show."""

import re
from datetime import datetime

import httpx2
import pyotp
from starlette.testclient import TestClient

from tests.desks import served
from tests.factories import PASSWORD, World

KEY_ON_PAGE = re.compile(r'class="key">([A-Z2-7 ]+)<')
CODE_ON_PAGE = re.compile(r"<li>((?:[A-Z2-7]{4}-){3}[A-Z2-7]{4})</li>")


def gives_password(world: World, login: str, user_agent: str = "", **settings: str) -> TestClient:
    """A browser in which somebody gave login and password."""
    browser = served(world, **settings)
    browser.headers["user-agent"] = user_agent
    answer = browser.post("/sign-in", data={"login": login, "password": PASSWORD})
    assert answer.status_code == 303, answer.text
    browser.cookies.set("language", "en")
    return browser


def where(browser: TestClient) -> str:
    """To which page the start page leads."""
    return str(browser.get("/").headers["location"])


def app_of(browser: httpx2.Client) -> pyotp.TOTP:
    """An app on a telephone that read the key of the account page."""
    assert browser.post("/account/app").status_code == 303
    found = KEY_ON_PAGE.search(browser.get("/account").text)
    assert found
    return pyotp.TOTP(found.group(1).replace(" ", ""))


def set_up(browser: httpx2.Client, now: datetime) -> tuple[pyotp.TOTP, list[str]]:
    """Set up an app; it, and the recovery codes that came with it."""
    app = app_of(browser)
    answer = browser.post("/account/app/code", data={"code": app.at(now)})
    assert answer.status_code == 200, answer.text
    return app, CODE_ON_PAGE.findall(answer.text)


def shows(browser: TestClient, code: str) -> httpx2.Response:
    """The second step."""
    return browser.post("/sign-in/second", data={"code": code})
