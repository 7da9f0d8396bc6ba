"""The page behind the real door: the controller and its server, with grids whose actors are played."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from engine.messages.steering import PauseGrid
from tests.browser.visits import FAILED
from tests.control.town import Town


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with Town(tmp_path) as town:
        yield town


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    context.set_default_timeout(10_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert [one for one in complaints if FAILED not in one] == []


def login_link(town: Town) -> str:
    with requests.Session() as owner:
        owner.trust_env = False
        headers = {"Authorization": f"Bearer {town.door.token}"}
        answer = owner.post(f"{town.door.url}/api/login-link", json={}, headers=headers, timeout=5)
    link = answer.json()["url"]
    assert isinstance(link, str)
    return link


def test_a_login_link_leads_to_the_grid_which_can_be_paused(town: Town, page: Page) -> None:
    link = login_link(town)
    page.goto(link)
    expect(page.locator("#standing")).to_have_text("running")
    expect(page.locator("#price")).to_have_text("130.00")
    expect(page.locator("#ladder tbody.now")).to_have_count(1)
    page.get_by_role("button", name="Pause…", exact=True).click()
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.locator("#confirm-title")).to_have_text("Done")
    assert isinstance(town.grid.told[0], PauseGrid)
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.locator("#standing")).to_have_text("paused")
    page.get_by_role("button", name="Log out", exact=True).click()
    expect(page.get_by_label("Code")).to_be_visible()
    page.goto(link)
    expect(page.locator("#refused")).to_contain_text("it was used before")


def test_a_wrong_code_is_refused_at_the_login_page(town: Town, page: Page) -> None:
    page.goto(town.door.url)
    page.get_by_label("Code").fill("guess")
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.locator("#refused")).to_contain_text("Refused: ")
