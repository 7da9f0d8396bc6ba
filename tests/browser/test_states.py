"""What the page shows of a grid in each state, in a real browser."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visiting
from tests.browser.pretend_grids import Json, PretendGrid, health, now
from tests.browser.visits import DASH, MINUS, Visit

HOUR = 3_600_000


@pytest.mark.parametrize(
    ("standing", "why", "more", "sentence", "ladder"),
    [
        (
            "paused",
            "the dashboard",
            {"paused_until": None},
            "Paused until somebody resumes it: the dashboard.",
            "No orders while the grid is paused",
        ),
        (
            "paused",
            "the dashboard",
            {"paused_until": now() + 2 * HOUR + 30_000},
            r"/Paused until .*\d\d:\d\d, for another (2 h|1 h \d+ min)/",
            "No orders while the grid is paused",
        ),
        ("pausing", "lunch", {}, "Pausing: lunch. 0 orders still to take down.", "No levels are known yet"),
        (
            "waiting",
            None,
            {"armed_at": None},
            "Waiting for the price to enter 150.00 to 190.00.",
            "waiting for the price to enter 150.00 to 190.00",
        ),
        (
            "arming",
            None,
            {"armed_at": None},
            "Arming: it buys what it needs and places its orders.",
            "the grid is arming",
        ),
        ("stopped", "stopped by take-profit", {}, "Stopped by take-profit.", "the grid is stopped"),
        ("stopped", "take_profit", {}, "Stopped: take-profit.", "the grid is stopped"),
    ],
)
def test_a_grid_without_orders_says_in_words_where_it_stands_and_why(
    staying: Visit, standing: str, why: str | None, more: dict[str, Any], sentence: str, ladder: str
) -> None:
    grid = PretendGrid()
    grid.rest(standing, why, **more)
    visit = staying
    visit.show(grid)
    wanted: str | re.Pattern[str] = re.compile(sentence.strip("/")) if sentence.startswith("/") else sentence
    expect(visit.at("sentence")).to_have_text(wanted)
    expect(visit.at("standing")).to_have_text(standing)
    expect(visit.at("ladder-empty")).to_contain_text(ladder)
    expect(visit.at("open")).to_have_text("0")
    expect(visit.page).to_have_title(f"168.42 USDT · {standing} · SOL/USDT")


def test_a_running_grid_shows_its_price_and_its_figures_profit_apart_from_what_is_unrealised(staying: Visit) -> None:
    visit = staying
    shown = {
        "price": "168.42",
        "change": "+1.23 %",
        "since": "since the start",
        "mode": "paper",
        "grid-profit": "+45.11",
        "unrealized": f"{MINUS}12.03",
        "value": "10,086.41",
        "value-note": "+86.41 on 10,000.00",
        "fees": "4.59",
        "other-fees": "and 0.01877 BNB",
        "cycles": "112",
        "trades-count": "231 fills",
        "open": "19",
        "empty-levels": "1 level empty",
        "next-buy": f"buy at 166.00 ({MINUS}1.44 %)",
        "next-sell": "sell at 170.00 (+0.94 %)",
        "ladder-note": "20 levels, 1 empty",
        "balance-value": "10,086.41 USDT",
    }
    for name, text in shown.items():
        expect(visit.at(name)).to_have_text(text)
    expect(visit.at("grid-profit")).to_have_attribute("data-gain", "gain")
    expect(visit.at("unrealized")).to_have_attribute("data-gain", "loss")


def test_the_ladder_says_of_each_level_what_it_does_and_why_it_is_empty(staying: Visit) -> None:
    visit = staying
    visit.grid.levels[3].update(filled="1.512")
    visit.tell("levels")
    rows = visit.page.locator("#ladder tbody")
    expect(rows).to_have_count(21)
    expect(rows.nth(3).locator("td")).to_have_text(["16", "sell 50 %", "184.00", "3.024", "1.512", DASH, DASH, "", ""])
    expect(rows.nth(20)).to_contain_text("waits to buy")
    expect(rows.nth(20)).to_contain_text("Empty: needs 453.60 USDT, 412.05 free")
    expect(visit.page.locator("#ladder tbody.now")).to_have_text("168.42 USDT now")
    above, below = visit.page.locator("#ladder tbody:has(+ tbody.now)"), visit.page.locator("#ladder tbody.now + tbody")
    expect(above).to_contain_text("170.00")
    expect(below).to_contain_text("166.00")


def test_buys_and_sells_in_the_chart_differ_by_more_than_colour(staying: Visit) -> None:
    visit = staying
    lines = {side: visit.page.locator(f"#chart .{side}") for side in ("buys", "sells", "bought", "sold")}
    for line in lines.values():
        expect(line).to_have_attribute("d", re.compile("M"))
    dashes = [
        line.evaluate("node => getComputedStyle(node).strokeDasharray") for line in (lines["buys"], lines["sells"])
    ]
    assert dashes[0] != dashes[1]
    expect(visit.page.locator("#chart svg")).to_have_attribute(
        "aria-label", re.compile("8 buy orders below, 11 sell orders above, 32 fills")
    )


def test_who_points_at_the_chart_reads_off_a_candle(staying: Visit) -> None:
    visit = staying
    visit.page.locator("#chart svg").hover(position={"x": 200, "y": 100})
    expect(visit.at("readout")).to_contain_text(
        re.compile(r"O 1\d\d\.\d\d  H 1\d\d\.\d\d  L 1\d\d\.\d\d  C 1\d\d\.\d\d")
    )
    visit.at("pair").hover()
    expect(visit.at("readout")).to_have_text("")


def test_prices_that_are_no_longer_fresh_are_greyed_and_the_reason_is_told(staying: Visit) -> None:
    visit = staying
    visit.grid.status["feed_trouble"] = "no price for 34 s"
    visit.tell("status")
    expect(visit.at("trouble")).to_have_text("No fresh prices: no price for 34 s")
    expect(visit.at("price-line")).to_have_css("opacity", "0.45")
    visit.grid.status["feed_trouble"] = None
    visit.tell("status")
    expect(visit.at("trouble")).to_be_hidden()
    expect(visit.at("price-line")).to_have_css("opacity", "1")


def test_events_are_told_in_sentences_and_order_traffic_only_to_who_asks(staying: Visit) -> None:
    visit = staying
    visit.grid.events.insert(
        0, {"time": now(), "kind": "moon_landed", "level": None, "client_order_id": None, "details": {"crew": "3"}}
    )
    visit.tell("events")
    told = visit.page.locator("#events tbody .told")
    expect(told).to_have_text(
        [
            "Moon landed: crew 3",
            "Bought 3.024 SOL at 168, fee 0.50803 USDT",
            "Waits to buy: not enough money is free",
            "Refused: an order to sell, it breaks a rule of the market, Filter failure: PRICE_FILTER",
            "SOL: the account has 31.24, the books say 30.24: the account has 1 SOL more than before",
            "Resumed: the dashboard",
            "Paused: the dashboard; holds 4,993.27 USDT and 30.24 SOL",
            "The ladder stands",
            "The initial purchase is done",
            "Armed at 170.1 with 20 levels of 3.024 SOL; buys 30.24 SOL first",
        ]
    )
    expect(visit.at("events-note")).to_have_text("2 left out")
    visit.at("everything").check()
    expect(told.nth(3)).to_have_text("Orders to buy 3.024 SOL at 168")
    expect(told.nth(2)).to_have_text("The exchange took the order as number 40017")


def moves(kind: str, slots: range, before: int = 0, **details: str) -> list[Json]:
    """Give one event for each order, `before` ms ago."""
    return [
        {
            "time": now() - before,
            "kind": kind,
            "level": str(slot),
            "client_order_id": f"ga-{slot}",
            "details": {"side": "sell", **details},
        }
        for slot in slots
    ]


@pytest.mark.parametrize(
    ("events", "told"),
    [
        (
            moves("order_ended", range(18), filled="0") + moves("cancel_asked", range(18), 900),
            ["18 orders cancelled"],
        ),
        (
            moves("order_ended", range(1), filled="1.2") + moves("order_ended", range(1, 4), filled="0"),
            ["4 orders cancelled, 1 of them partly filled"],
        ),
        (
            moves("order_accepted", range(8), order_id="7") + moves("order_intended", range(8), 50),
            ["8 orders placed"],
        ),
        (
            moves("order_intended", range(3)) + moves("order_ended", range(5), 2_000, filled="0"),
            ["5 orders cancelled; 3 orders placed"],
        ),
        (
            moves("order_ended", range(2), filled="0") + moves("order_ended", range(2, 5), 60_000, filled="0"),
            ["2 orders cancelled", "3 orders cancelled"],
        ),
        (
            moves("order_ended", range(2), filled="0") + moves("order_ended", range(2, 4), refusal="closed"),
            ["2 orders cancelled", *["Refused: an order to sell, the market does not trade now"] * 2],
        ),
        (
            moves("order_ended", range(1), filled="0.5") + moves("cancel_asked", range(1), 40),
            ["Cancelled: an order to sell; 0.5 SOL of it was filled"],
        ),
        (
            moves("order_accepted", range(1)) + moves("order_intended", range(1), 40),
            [],
        ),
        (moves("order_ended", range(100), filled="0"), ["At least 100 orders cancelled"]),
    ],
)
def test_orders_that_come_or_go_together_are_told_in_one_line(
    staying: Visit, events: list[Json], told: list[str]
) -> None:
    visit = staying
    visit.grid.events = events
    visit.tell("events")
    expect(visit.page.locator("#events tbody .told")).to_have_text(told)
    visit.at("everything").check()
    expect(visit.page.locator("#events tbody tr")).to_have_count(len(events))


def test_a_line_for_many_orders_grows_where_it_is(staying: Visit) -> None:
    visit = staying
    visit.grid.events = moves("order_ended", range(2), 200, filled="0")
    visit.tell("events")
    row = visit.page.locator("#events tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("2 orders cancelled")
    row.evaluate("row => { row.dataset.known = 'yes' }")
    visit.grid.events = moves("order_ended", range(2, 6), filled="0") + visit.grid.events
    visit.tell("events")
    expect(row).to_contain_text("6 orders cancelled")
    expect(row).to_have_attribute("data-known", "yes")


@pytest.mark.parametrize(("standing", "why"), [("paused", "lunch"), ("stopped", "stopped by its owner")])
def test_why_all_levels_are_empty_is_told_once(staying: Visit, standing: str, why: str) -> None:
    grid = PretendGrid()
    grid.empty(standing, why)
    visit = staying
    visit.show(grid)
    expect(visit.at("ladder-why")).to_have_text(f"All 20 levels are empty: the grid is {standing}.")
    expect(visit.page.locator("#ladder .why:visible")).to_have_count(0)
    visit.show(PretendGrid())
    expect(visit.at("ladder-why")).to_be_hidden()
    expect(visit.page.locator("#ladder .why:visible")).to_have_count(1)


@pytest.mark.parametrize(("shown", "labels"), [(1, r"\d\d:\d\d:[0-5]0"), (5, r"\d\d:\d\d$")])
def test_the_chart_of_a_new_grid_fills_its_width(staying: Visit, shown: int, labels: str) -> None:
    visit = staying
    visit.show(PretendGrid("new", candles=shown))
    expect(visit.at("name")).to_have_text("new")
    box = visit.page.locator("#chart .range").bounding_box()
    assert box is not None
    ends = visit.page.evaluate(
        """() => ["rise", "fall"].flatMap((look) =>
            [...document.querySelector(`#chart .${look}`).getAttribute("d").matchAll(/M(\\d+\\.5) [\\d.]+V/g)])
            .map(([, x]) => Number(x))"""
    )
    assert min(ends) == pytest.approx(box["width"] / shown / 2, abs=8)
    assert max(ends) == pytest.approx(box["width"] * (1 - 1 / shown / 2), abs=8)
    expect(visit.page.locator("#chart .labels text[text-anchor=middle]").first).to_have_text(re.compile(labels))


def test_times_are_the_readers_own_with_utc_in_the_title(visiting: Visiting) -> None:
    visit = visiting(timezone_id="Asia/Tokyo").arrive()
    visit.grid.trades.insert(0, {**visit.grid.trades[0], "trade_id": "old", "time": 1_700_000_000_000})
    visit.tell("trades")
    first = visit.page.locator("#trades tbody td").first
    expect(first).to_have_text("15 Nov 2023, 07:13")
    expect(first).to_have_attribute("title", "2023-11-14 22:13:20 UTC")


def test_health_shows_what_is_worst_first_and_since_when(staying: Visit) -> None:
    visit = staying
    visit.server.health = health("critical")
    visit.tell("status")
    expect(visit.at("health-chip")).to_have_text("Health: critical")
    worst = visit.page.locator("#checks li").first
    expect(worst).to_contain_text("critical")
    expect(worst.locator(".check-name")).to_have_text("memory")
    expect(worst).to_contain_text("182 MB, 1.2 MB more in an hour")
    expect(worst.locator(".since")).to_have_text(re.compile("for 12 min"))
    expect(visit.page.locator("#checks .check-name")).to_have_text(
        [
            "memory",
            "processor",
            "disk",
            "open files",
            "clock",
            "prices",
            "order stream",
            "actors",
            "supervisor",
            "reconciliation",
        ]
    )
    visit.server.health = None
    visit.tell("status")
    expect(visit.at("health-empty")).to_have_text("Nothing is known of its health yet.")


def test_a_grid_that_nothing_is_known_of_says_so_everywhere(staying: Visit) -> None:
    grid = PretendGrid()
    grid.rest("waiting", None, armed_at=None, price=None)
    grid.trades, grid.days, grid.events, grid.candles, grid.assets = [], [], [], [], []
    visit = staying
    visit.show(grid)
    words = {
        "orders": "No orders: waiting for the price to enter 150.00 to 190.00.",
        "trades": "Nothing was bought or sold yet.",
        "days": "No day yet",
        "events": "Nothing has happened yet.",
        "balance": "Nothing is known of the balances yet.",
    }
    for name, text in words.items():
        expect(visit.page.locator(f"#{name} .empty")).to_contain_text(text)
    expect(visit.at("chart-empty")).to_have_text("No candles yet.")
    expect(visit.at("price")).to_have_text(DASH)


def test_a_program_without_grids_says_so(staying: Visit) -> None:
    visit = staying
    visit.show()
    expect(visit.at("no-grids")).to_be_visible()
    expect(visit.page).to_have_title("no grid · gridactors")


def test_several_grids_are_seen_together_and_each_by_itself(visiting: Visiting) -> None:
    paused = PretendGrid("eth-range")
    paused.rest("paused", "lunch")
    visit = visiting(PretendGrid(), paused).arrive()
    expect(visit.at("totals")).to_have_text(f"Grid profit +90.22 USDT, unrealised {MINUS}24.07 USDT")
    expect(visit.page).to_have_title("1 running, 1 paused · gridactors")
    visit.page.get_by_role("button", name=re.compile("eth-range")).click()
    expect(visit.at("sentence")).to_have_text("Paused until somebody resumes it: lunch.")
    visit.page.reload()
    expect(visit.at("name")).to_have_text("eth-range")
    visit.page.get_by_role("tab", name="eth-range").press("ArrowLeft")
    expect(visit.page.get_by_role("tab", name="SOL/USDT")).to_be_focused()
    expect(visit.at("standing")).to_have_text("running")


def test_a_new_fill_is_added_above_the_others_which_stay_as_they_are(staying: Visit) -> None:
    visit = staying
    rows = visit.page.locator("#trades tbody tr")
    expect(rows).to_have_count(32)
    rows.first.evaluate("row => { row.dataset.known = 'yes' }")
    visit.grid.trades.insert(0, {**visit.grid.trades[0], "trade_id": "99", "price": "169.5"})
    visit.tell("trades")
    expect(rows).to_have_count(33)
    expect(rows.first).to_contain_text("169.50")
    expect(rows.first).to_have_class(re.compile("fresh"))
    expect(rows.nth(1)).to_have_attribute("data-known", "yes")


def test_of_500_levels_only_the_one_that_changed_is_touched(visiting: Visiting) -> None:
    visit = visiting(PretendGrid("BTC/USDT", levels=500, bottom=50_000, top=90_000, price="64210.5")).arrive()
    rows = visit.page.locator("#ladder tbody")
    expect(rows).to_have_count(501)
    expect(visit.page.locator("#ladder tbody.now")).to_be_in_viewport()
    visit.at("ladder").evaluate("""node => {
        window.touched = new Set();
        const row = (one) => (one.nodeType === 1 ? one : one.parentElement)?.closest("tbody");
        new MutationObserver((all) => all.forEach((one) => window.touched.add(row(one.target))))
            .observe(node, { subtree: true, childList: true, characterData: true, attributes: true });
    }""")
    visit.grid.levels[200]["quantity"] = "9.999"
    visit.tell("levels", "status")
    expect(rows.nth(200)).to_contain_text("9.999")
    assert visit.page.evaluate("window.touched.size") == 1


def test_the_figures_stay_where_they_are_when_the_price_changes(staying: Visit) -> None:
    visit = staying
    places = """() => ["change", "grid-profit", "chart", "ladder", "orders"]
        .map((id) => JSON.stringify(document.getElementById(id).getBoundingClientRect()))"""
    before = visit.page.evaluate(places)
    visit.grid.status.update(price="171.18", change_percent="4.5671", grid_profit="51.88")
    visit.tell()
    expect(visit.at("price")).to_have_text("171.18")
    assert visit.page.evaluate(places) == before
