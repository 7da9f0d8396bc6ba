"""The page when the program goes away, comes back, falls silent or wants a login."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visiting
from tests.browser.pretend_server import CODE, PAGE
from tests.browser.visits import Visit


def test_a_program_that_was_gone_is_found_again_without_anybody_doing_anything(visit: Visit) -> None:
    visit.server.stop()
    expect(visit.at("lost")).to_have_text(re.compile(r"Connection lost, last seen \d+ s ago, reconnecting…"))
    expect(visit.at("lost-said")).to_have_text("Connection lost, reconnecting…")
    expect(visit.page).to_have_title("Connection lost · gridactors")
    expect(visit.at("grid")).to_have_css("opacity", "0.5")
    visit.grid.status["price"] = "170.07"
    visit.server.start()
    expect(visit.at("price")).to_have_text("170.07")
    expect(visit.at("lost")).to_be_hidden()
    expect(visit.at("grid")).to_have_css("opacity", "1")
    visit.forgive()


def test_a_stream_that_was_cut_off_is_opened_again(visit: Visit) -> None:
    visit.server.sees_a_stream()
    visit.server.drop()
    visit.server.sees_a_stream()
    visit.grid.status["price"] = "170.07"
    visit.tell("status")
    expect(visit.at("price")).to_have_text("170.07")
    visit.forgive()


def test_a_stream_that_fell_silent_is_helped_by_plain_requests_and_then_opened_again(visiting: Visiting) -> None:
    visit = visiting()
    visit.page.clock.install()
    visit.arrive()
    visit.server.sees_a_stream()
    visit.grid.status["price"] = "170.07"
    visit.page.clock.run_for(8_000)
    expect(visit.at("price")).to_have_text("170.07")
    visit.page.clock.run_for(20_000)
    visit.server.sees_a_stream()


def test_a_login_that_is_over_leads_to_the_login_page(visit: Visit) -> None:
    visit.server.is_locked = True
    visit.server.drop()
    expect(visit.page.get_by_label("Code")).to_be_visible()
    visit.forgive()


def test_the_login_page_tells_a_wrong_code_and_takes_the_right_one(visiting: Visiting) -> None:
    visit = visiting()
    visit.server.is_locked = True
    visit.page.goto(visit.server.url)
    expect(visit.page.get_by_label("Code")).to_be_focused()
    visit.page.get_by_label("Code").fill("guess")
    visit.page.keyboard.press("Enter")
    expect(visit.at("refused")).to_have_text("Refused: that is not the code")
    visit.page.get_by_label("Code").fill(CODE)
    visit.button("Log in").click()
    expect(visit.at("price")).to_have_text("168.42")
    visit.forgive()


@pytest.mark.parametrize(("code", "shown"), [(CODE, "#price"), ("used-before", "#refused")])
def test_a_login_link_leads_to_the_dashboard_or_says_that_it_is_used_up(
    visiting: Visiting, code: str, shown: str
) -> None:
    visit = visiting()
    visit.server.is_locked = True
    visit.page.goto(f"{visit.server.url}login?code={code}")
    expect(visit.page.locator(shown)).to_have_text(re.compile("168.42|was not taken"))


def test_logging_out_ends_at_the_login_page(visit: Visit) -> None:
    visit.button("Log out").click()
    assert visit.server.sent() == ("/logout", {})
    expect(visit.page.get_by_label("Code")).to_be_visible()
    visit.forgive()


def test_a_program_of_another_version_brings_its_own_page(visit: Visit) -> None:
    visit.page.evaluate("window.isOld = true")
    visit.server.version = "0.2.0"
    with visit.page.expect_event("load"):
        visit.tell("status")
    expect(visit.at("process")).to_contain_text("gridactors 0.2.0")
    assert visit.page.evaluate("window.isOld") is None


def test_a_program_that_is_ending_says_so(visit: Visit) -> None:
    visit.server.is_stopping = True
    visit.tell("status")
    expect(visit.at("ending")).to_have_text("The program is ending: orders are taken down.")


@pytest.mark.parametrize("name", ["index.html", "login.html"])
def test_what_is_told_of_where_one_comes_from_is_left_to_the_server(name: str) -> None:
    assert "referrer" not in (PAGE / name).read_text()
