"""The dashboard of a real process in a real browser: looked at, steered from, and found again after a crash."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from decimal import Decimal

import pytest
from attrs import define, field
from playwright.sync_api import Browser, BrowserContext, Locator, Page, ViewportSize, expect, sync_playwright

from tests.e2e.attended import AttendedDesk, attended_document

D = Decimal
NAMES = ("chromium", "chromium-browser", "google-chrome")
DESK = ViewportSize(width=1280, height=900)
PHONE = ViewportSize(width=390, height=844)
PATIENCE = 10_000  # ms
FAILED = "Failed to load resource"  # what a browser says of a server that is gone, or wants a login


@define(eq=False)
class Visit:
    """Be one browser at the dashboard; `complaints` are errors on its console, `hosts` whom it asked for anything."""

    desk: AttendedDesk
    context: BrowserContext
    page: Page
    complaints: list[str] = field(factory=list)
    hosts: set[str] = field(factory=set)

    @classmethod
    def begin(cls, browser: Browser, desk: AttendedDesk) -> Visit:
        """Open an empty page that is listened to."""
        context = browser.new_context(viewport=DESK)
        context.set_default_timeout(PATIENCE)
        visit = cls(desk, context, context.new_page())
        visit.page.on("console", lambda message: visit.complain(message.type, message.text))
        visit.page.on("pageerror", lambda error: visit.complain("error", str(error)))
        visit.page.on("request", lambda request: visit.hosts.add(request.url.split("/")[2]))
        return visit

    def complain(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and FAILED not in text:
            self.complaints.append(text)

    def log_in(self) -> str:
        """Come in by the link that `gridactors dashboard` prints; give it."""
        link = self.desk.run_here("dashboard").out.strip()
        self.page.goto(link)
        expect(self.at("link")).to_have_text("live")
        self.page.get_by_role("tab", name="SOL/USDT").click()
        return link

    def at(self, name: str) -> Locator:
        return self.page.locator(f"#{name}")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def steer(self, action: str) -> None:
        """Press a button, and say yes; leave when that is done."""
        self.button(f"{action}…").click()
        expect(self.at("confirm-title")).to_have_text(f"{action} SOL/USDT?")
        self.button(action).click()
        expect(self.at("confirm-title")).to_have_text("Done")
        self.button("Close").click()

    def shows(self, standing: str) -> None:
        expect(self.at("standing")).to_have_text(standing)

    def end(self) -> None:
        """Leave, and find that nothing was wrong and nobody else was asked."""
        self.context.close()
        assert self.complaints == []
        assert self.hosts == {self.desk.door}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start this machine's Chromium."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AttendedDesk]:
    """Give two live grids for as long as the tests of this module take."""
    small = attended_document(("grid_strategy.num_grids", 5))
    with AttendedDesk(tmp_path_factory.mktemp("attended"), attended_document(), small) as desk:
        desk.start()
        desk.wait_quiet()
        yield desk


@pytest.fixture
def visit(browser: Browser, desk: AttendedDesk) -> Iterator[Visit]:
    """Look at the first grid as it runs."""
    desk.wait_quiet()
    visit = Visit.begin(browser, desk)
    visit.log_in()
    visit.shows("running")
    yield visit
    visit.end()


def test_link_lets_one_browser_in_until_it_logs_out(browser: Browser, desk: AttendedDesk) -> None:
    visit = Visit.begin(browser, desk)
    visit.page.goto(desk.running.url)
    expect(visit.page.get_by_label("Code")).to_be_visible()
    link = visit.log_in()
    expect(visit.at("mode")).to_have_text("live")
    (cookie,) = visit.context.cookies()
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"
    assert desk.running.token not in visit.page.content()

    visit.button("Log out").click()
    expect(visit.page.get_by_label("Code")).to_be_visible()
    visit.page.goto(link)
    expect(visit.at("refused")).to_contain_text("used before")
    visit.page.goto(desk.running.url)
    expect(visit.page.get_by_label("Code")).to_be_visible()
    visit.end()


def test_price_fills_and_orders_come_by_themselves(visit: Visit) -> None:
    desk = visit.desk
    cycles, fills = visit.at("cycles"), visit.at("trades")
    expect(visit.at("open")).to_have_text(str(len(desk.exchange_orders())))
    before = int(cycles.inner_text())
    desk.move("94.5")
    expect(visit.at("price")).to_have_text("94.50")
    expect(visit.at("next-buy")).to_contain_text("90.00")
    expect(fills).to_contain_text("95.00")
    desk.move("101")
    expect(visit.at("price")).to_have_text("101.00")
    expect(cycles).to_have_text(str(before + 1))
    expect(visit.at("grid-profit")).to_have_text(re.compile(r"^\+\d"))
    desk.wait_quiet()
    newest = desk.get("trades")["grids"][0]["trades"][0]
    expect(fills.locator("tbody tr").first).to_contain_text("100.00" if newest["price"] == "100" else newest["price"])
    expect(visit.at("ladder")).to_contain_text("101.00 USDT now")


def test_grid_is_paused_and_resumed_by_buttons(visit: Visit) -> None:
    desk = visit.desk
    visit.steer("Pause")
    assert desk.exchange_orders() == ()
    visit.shows("paused")
    expect(visit.at("open")).to_have_text("0")
    visit.steer("Resume")
    visit.shows("running")
    desk.wait_quiet()
    expect(visit.at("open")).to_have_text(str(len(desk.exchange_orders())))


def test_dialog_that_is_cancelled_does_nothing(visit: Visit) -> None:
    orders = visit.desk.open_ids()
    visit.button("Stop…").click()
    expect(visit.at("real-money")).to_be_visible()
    visit.button("Cancel").click()
    expect(visit.at("confirm")).to_be_hidden()
    assert visit.desk.open_ids() == orders
    assert visit.desk.standings() == ("running", "running")


def test_grid_is_stopped_and_begun_again_by_buttons(visit: Visit) -> None:
    desk = visit.desk
    held = desk.holds("SOL")
    visit.steer("Stop")
    assert desk.exchange_orders() == ()
    assert desk.account()["SOL"] == (held, D(0))
    visit.shows("stopped")
    expect(visit.at("sentence")).to_contain_text("Stopped")
    assert desk.exchange_orders("ETHUSDT")
    visit.steer("Resume")
    visit.shows("running")
    desk.wait_quiet()


def test_price_stream_that_is_lost_shows_and_comes_back(visit: Visit) -> None:
    desk, checks = visit.desk, visit.at("checks")
    expect(visit.at("health-chip")).to_have_text("Health: well")
    desk.arm_fault({"route": "stream", "action": "refuse", "times": 0})
    desk.arm_fault({"route": "stream", "action": "drop"})
    try:
        expect(visit.at("trouble")).to_contain_text("No fresh prices: ")
        expect(visit.at("health-chip")).to_have_text("Health: critical")
        expect(checks.locator("li").first).to_contain_text("prices")
    finally:
        desk.clear_faults()
    desk.move("103")
    expect(visit.at("price")).to_have_text("103.00")
    expect(visit.at("trouble")).to_be_hidden()
    expect(visit.at("health-chip")).to_have_text("Health: well")
    desk.move("100")


def test_page_finds_the_process_again_after_it_was_killed(visit: Visit) -> None:
    desk, door = visit.desk, visit.desk.door
    pid = desk.running.pid
    desk.kill()
    expect(visit.at("lost")).to_be_visible()
    desk.move("97")
    desk.start(door)
    expect(visit.at("lost")).to_be_hidden()
    expect(visit.at("link")).to_have_text("live")
    expect(visit.at("process")).to_contain_text(f"process {desk.running.pid}")
    assert desk.running.pid != pid
    visit.shows("running")
    expect(visit.at("price")).to_have_text("97.00")
    desk.wait_quiet()


def test_phone_shows_everything_within_its_width(visit: Visit) -> None:
    visit.page.set_viewport_size(PHONE)
    expect(visit.at("price")).to_be_in_viewport()
    expect(visit.button("Pause…")).to_be_in_viewport()
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    visit.button("Orders").click()
    expect(visit.at("orders")).to_be_in_viewport()
    visit.button("Pause…").scroll_into_view_if_needed()
    visit.steer("Pause")
    visit.shows("paused")
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    visit.steer("Resume")
    visit.shows("running")
