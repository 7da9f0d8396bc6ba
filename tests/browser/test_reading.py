"""The page on a phone and in the dark, and with texts that want to be more than text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visiting
from tests.browser.pretend_grids import PretendGrid, health, now
from tests.browser.visits import PHONE, Visit

Grids = Callable[[], list[PretendGrid]]

SIDEWAYS = """[...document.querySelectorAll(".scroll")]
    .filter((node) => node.checkVisibility() && node.scrollWidth > node.clientWidth)
    .map((node) => node.closest(".panel").id)"""

HOSTILE = "<img src=x onerror=window.hacked=1><script>window.hacked=1</script>"


def running() -> list[PretendGrid]:
    return [PretendGrid()]


def paused() -> list[PretendGrid]:
    grid = PretendGrid(mode="live")
    grid.empty("paused", "the dashboard", paused_until=now() + 7_980_000)
    return [grid]


def stopped() -> list[PretendGrid]:
    grid = PretendGrid(mode="live")
    grid.empty("stopped", "stopped by its owner")
    return [grid]


def large() -> list[PretendGrid]:
    return [PretendGrid("BTC/USDT", levels=500, bottom=50_000, top=90_000, price="64210.5", mode="live")]


def old_and_small() -> list[PretendGrid]:
    """Give a grid of a coin that is worth little, which last traded years ago, and long words in its ladder."""
    grid = PretendGrid(price="0.00001234", bottom=0, top=1)
    grid.status.update(price_places=8, amount_places=1)
    for order in (*grid.levels, *grid.orders):
        order.update(price="0.00001234", quantity="12345678.9", profit="12345.67")
    for trade in grid.trades:
        trade.update(time=1_700_000_000_000, price="0.00001234", quantity="12345678.9", fee="0.001104", level=None)
    for event in grid.events:
        event.update(time=1_700_000_000_000)
    return [grid]


def several() -> list[PretendGrid]:
    return [*running(), *large(), *stopped(), *paused(), PretendGrid("a-configuration-with-quite-a-long-name-2026")]


def hostile() -> list[PretendGrid]:
    """Give a grid in which every text is an attack."""
    grid = PretendGrid()
    grid.name = HOSTILE
    grid.status.update(
        name=HOSTILE,
        why=HOSTILE,
        feed_trouble=HOSTILE,
        base=HOSTILE,
        mode=HOSTILE,
        standing=HOSTILE,
        price=HOSTILE,
        other_fees={HOSTILE: HOSTILE},
    )
    grid.levels[0].update(level=HOSTILE, side=HOSTILE, state=HOSTILE, why=HOSTILE, quantity=HOSTILE, profit=HOSTILE)
    grid.orders[0].update(client_order_id=HOSTILE, level=HOSTILE, side=HOSTILE)
    grid.trades[0].update(fee_asset=HOSTILE, trade_id=HOSTILE, level=HOSTILE)
    grid.events[0].update(kind="constructor", details={HOSTILE: HOSTILE})
    grid.events[4]["details"].update(text=HOSTILE, refusal="__proto__")
    grid.days[0]["day"] = HOSTILE
    grid.assets[0]["asset"] = HOSTILE
    return [grid]


def test_texts_are_shown_as_text_and_never_obeyed(visiting: Visiting) -> None:
    visit = visiting(*hostile())
    visit.server.health = health()
    visit.server.health["checks"][0].update(name=HOSTILE, text=HOSTILE, level=HOSTILE)
    visit.server.version = HOSTILE
    visit.arrive()
    for name in ("name", "sentence", "trouble", "ladder", "orders", "days", "balance", "events", "checks", "process"):
        expect(visit.at(name)).to_contain_text(HOSTILE)
    visit.server.answer = 200, {"grids": [{"name": HOSTILE, "done": True, "standing": HOSTILE, "text": HOSTILE}]}
    visit.button("Pause…").click()
    visit.button("Pause").click()
    expect(visit.at("outcomes")).to_contain_text(HOSTILE)
    expect(visit.page.locator("img")).to_have_count(0)
    expect(visit.page.locator("script")).to_have_count(1)
    assert visit.page.evaluate("window.hacked") is None


@pytest.mark.parametrize("grids", [running, paused, stopped, large, old_and_small, several, hostile])
def test_nothing_is_wider_than_a_phone(staying: Visit, grids: Grids, tmp_path: Path) -> None:
    visit = staying
    visit.show(*grids())
    expect(visit.page.locator("h1:visible, .grid-card:visible").first).to_contain_text(grids()[0].name)
    for width in (390, 320):
        visit.page.set_viewport_size({"width": width, "height": PHONE["height"]})
        visit.wait_until(f"document.documentElement.scrollWidth <= {width}")
        for button in visit.page.locator(".actions button:visible").all():
            box = button.bounding_box()
            assert box is not None
            assert box["height"] >= 44
            assert box["x"] + box["width"] <= width
    if grids is not hostile:
        visit.page.set_viewport_size(PHONE)
        assert visit.page.evaluate(SIDEWAYS) == []
    visit.page.screenshot(path=tmp_path / "phone.png")


@pytest.mark.parametrize("grids", [running, large])
def test_on_a_phone_no_number_is_broken_in_two(staying: Visit, grids: Grids) -> None:
    visit = staying
    visit.show(*grids())
    expect(visit.at("pair")).to_have_text(grids()[0].name)
    visit.page.set_viewport_size(PHONE)
    for table in ("ladder", "orders", "trades", "days", "balance"):
        heights = f"[...document.querySelectorAll('#{table} tbody > tr:not(.why)')].map((row) => row.clientHeight)"
        found = visit.page.evaluate(heights)
        assert max(found) < 32, table
    when = visit.page.locator("#events tbody td").first.bounding_box()
    assert when is not None
    assert when["width"] > 50


def test_to_wait_for_something_offends_nobody(staying: Visit) -> None:
    staying.page.evaluate("setTimeout(() => { window.isLate = true; }, 100)")
    staying.wait_until("window.isLate")


def test_cards_of_all_grids_show_each_price_on_one_line(staying: Visit) -> None:
    visit = staying
    visit.show(*several())
    prices = visit.page.locator(".card-price")
    expect(prices).to_have_count(5)
    for width in (1280, 1024, PHONE["width"]):
        visit.page.set_viewport_size({"width": width, "height": 900})
        assert max(prices.evaluate_all("all => all.map((one) => one.clientHeight)")) < 45
        visit.wait_until(f"document.documentElement.scrollWidth <= {width}")


def test_a_dialog_fits_a_phone(staying: Visit) -> None:
    visit = staying
    visit.page.set_viewport_size(PHONE)
    visit.button("Pause…").click()
    for part in (visit.at("confirm-title"), visit.button("Pause")):
        expect(part).to_be_in_viewport(ratio=1)
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_follows_the_theme_and_its_words_stand_out(staying: Visit, theme: Literal["light", "dark"]) -> None:
    visit = staying
    visit.page.emulate_media(color_scheme=theme)
    faint = visit.page.evaluate(
        """() => {
            const numbers = (text) => text.match(/[\\d.]+/g).map(Number);
            const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
            const light = (text) => {
                const [r, g, b] = numbers(text).map((v) => linear(v / 255));
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
            };
            const behind = (node) => {
                for (let one = node; one; one = one.parentElement) {
                    const colour = getComputedStyle(one).backgroundColor;
                    if (/^rgb\\(/.test(colour)) return colour;
                }
                return "rgb(255, 255, 255)";
            };
            return [...document.querySelectorAll("main :is(p, dd, dt, td, th, h1, h2, button, span)")]
                .filter((node) => node.checkVisibility() && node.textContent.trim() && !node.children.length)
                .filter((node) => !node.closest(":disabled"))
                .map((node) => {
                    const [a, b] = [getComputedStyle(node).color, behind(node)].map(light).sort((x, y) => y - x);
                    return [(a + 0.05) / (b + 0.05), node.textContent];
                })
                .filter(([contrast]) => contrast < 4.5);
        }"""
    )
    assert faint == []
    shade = visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (shade == "rgb(14, 17, 21)") is (theme == "dark")


def test_the_page_can_be_steered_by_the_keyboard_alone(visit: Visit) -> None:
    for name in ("Log out", "Pause…", "Restart…", "Stop…"):
        visit.page.keyboard.press("Tab")
        expect(visit.button(name)).to_be_focused()
    visit.page.keyboard.press("Enter")
    expect(visit.button("Stop")).to_be_enabled()
    visit.page.keyboard.press("Tab")
    visit.page.keyboard.press("Enter")
    assert visit.server.sent()[0] == "/api/stop"
    expect(visit.button("Close")).to_be_focused()
