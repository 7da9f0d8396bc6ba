"""Whatever the streams of a live grid do: no fill is lost or counted twice, and the next orders are the right ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from actors.opening.opening import CALLERS
from engine.feeds import price_feed
from engine.messages import StopGrid
from engine.values import Side
from tests.e2e.expected_fills import expected_fills
from tests.e2e.live_desk import grid_document
from tests.e2e.quick_desk import QuickDesk
from tests.e2e.reply_faults import CANCEL, CLIENT_WAITS, PLACE

PATH = ("100", "93", "108", "91")
POLLED = grid_document(("execution.order_polling_interval", 0.1))
UNPOLLED = grid_document(("execution.order_polling_interval", 600.0))  # so that only streams tell of fills
FILLS = expected_fills(POLLED, PATH)
HEALED = 20.0

Faults = Sequence[dict[str, Any]]


def go(desk: QuickDesk, faults: Faults) -> None:
    """Go the path, with the faults armed anew in each move."""
    for price, fills in zip(PATH[1:], FILLS, strict=True):
        before = len(desk.trades())
        desk.arm(*faults)
        desk.move(price)
        desk.wait_quiet(HEALED)
        assert desk.fills(before) == fills


def check_takes_down(desk: QuickDesk) -> None:
    desk.stop(timeout=HEALED)
    desk.assert_agrees()
    assert not desk.exchange_orders()


# --- connections -------------------------------------------------------------------------------------

ENDED: dict[str, Faults] = {
    "without a close frame": ({"action": "drop"},),
    **{f"with code {code}": ({"action": "close", "code": code},) for code in (1000, 1001, 1008, 4000)},
    "by silence": ({"action": "silence"},),
    "by silence and unanswered pings": ({"action": "silence"}, {"action": "unanswered_pings"}),
    "after a warning": ({"action": "shutdown", "seconds": 0.2},),
    "after its longest life": ({"action": "max_age", "seconds": 0.3},),
    "and refused three times": ({"action": "drop"}, {"action": "refuse", "times": 3}),
}


@pytest.mark.parametrize("faults", ENDED.values(), ids=ENDED)
def test_a_stream_of_orders_that_ends_is_replaced_and_its_gap_fetched(faults: Faults, tmp_path: Path) -> None:
    with QuickDesk(tmp_path, UNPOLLED) as desk:
        desk.wait_quiet()
        feed = desk.grids[0].addresses.order_feed
        before = desk.openings[feed]
        go(desk, [{"route": "user", **fault} for fault in faults])
        desk.wait_until(lambda: desk.openings[feed] > before, "another stream")
        check_takes_down(desk)


@pytest.mark.parametrize("faults", ENDED.values(), ids=ENDED)
def test_a_stream_of_prices_that_ends_is_replaced_and_shows_the_price(faults: Faults, tmp_path: Path) -> None:
    with QuickDesk(tmp_path, UNPOLLED) as desk:
        desk.wait_quiet()
        feed = desk.grids[0].addresses.price_feed
        before = desk.openings[feed]
        go(desk, [{"route": "stream", **fault} for fault in faults])  # quiet only when the feed has the price
        desk.wait_until(lambda: desk.openings[feed] > before, "another stream")


@pytest.mark.parametrize("action", ["no_pings", "unanswered_pings"])
def test_pings_that_fail_are_no_reason_to_miss_anything(action: str, tmp_path: Path) -> None:
    with QuickDesk(tmp_path, UNPOLLED) as desk:
        desk.wait_quiet()
        go(desk, [{"route": route, "action": action} for route in ("user", "stream")])


def test_orders_that_fill_while_the_stream_is_lost_are_answered_when_it_is_back(tmp_path: Path) -> None:
    with QuickDesk(tmp_path, UNPOLLED) as desk:
        desk.wait_quiet()
        desk.arm({"route": "user", "action": "refuse", "times": 0}, {"route": "user", "action": "drop"})
        for price in ("94", "92", "88"):
            desk.move(price)
        desk.wait_until(lambda: desk.prices().price == 88, "the price is seen")
        assert not desk.fills()
        desk.clear_faults()
        desk.wait_quiet(HEALED)
        assert [desk.fills()] == expected_fills(UNPOLLED, ("100", "88"))


# --- events ------------------------------------------------------------------------------------------

EVENTS: dict[str, Faults] = {
    "come twice": ({"route": "user", "action": "duplicate", "times": 0},),
    "come late": ({"route": "user", "action": "late", "seconds": 0.3, "times": 0},),
    "of trades come late": ({"route": "user", "action": "late", "seconds": 0.3, "times": 0, "execution": "TRADE"},),
    "are lost": ({"route": "user", "action": "lose", "times": 0},),
    "of trades are lost": ({"route": "user", "action": "lose", "times": 0, "execution": "TRADE"},),
    "of new orders are lost": ({"route": "user", "action": "lose", "times": 0, "execution": "NEW"},),
    "come before replies": ({"route": "events", "when": "before_reply", "seconds": 0.2, "times": 3},),
    "come after replies": ({"route": "events", "when": "after_reply", "seconds": 0.2, "times": 3},),
    "tell of fills in parts": ({"route": "fills", "action": "split", "parts": 3, "times": 100},),
    "tell of parts twice": (
        {"route": "fills", "action": "split", "parts": 3, "times": 100},
        {"route": "user", "action": "duplicate", "times": 0},
    ),
    "tell of parts late and not of all": (
        {"route": "fills", "action": "split", "parts": 4, "times": 100},
        {"route": "user", "action": "lose", "times": 1, "execution": "TRADE"},
        {"route": "user", "action": "late", "seconds": 0.2, "times": 2, "execution": "TRADE"},
    ),
    "tell of parts before a reply that is lost": (
        {"route": "fills", "action": "split", "parts": 2, "times": 100},
        {"route": PLACE, "action": "drop", "when": "after"},
        {"route": "events", "when": "before_reply", "seconds": 0.1},
    ),
}


@pytest.mark.parametrize("faults", EVENTS.values(), ids=EVENTS)
def test_events_of_orders_count_once_however_they_come(faults: Faults, tmp_path: Path) -> None:
    with QuickDesk(tmp_path, POLLED) as desk:
        desk.wait_quiet()
        go(desk, [{"action": "clear"}, *faults])
        parts = len(desk.trades()) - len(desk.fills())
        assert (parts > len(desk.fills())) is any(fault.get("action") == "split" for fault in faults)
        check_takes_down(desk)


@pytest.mark.parametrize("action", ["duplicate", "late", "lose"])
def test_events_of_prices_that_go_astray_do_not_mislead(
    action: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(price_feed, "QUIET", 0.3)  # seconds without a trade after which the exchange is asked
    with QuickDesk(tmp_path, UNPOLLED) as desk:
        desk.wait_quiet()
        go(desk, [{"action": "clear"}, {"route": "stream", "action": action, "seconds": 0.2, "times": 0}])


# --- cancels and fills -------------------------------------------------------------------------------


@pytest.mark.parametrize("events", ["told", "lost"])
@pytest.mark.parametrize("share", ["1", "0.5"])
def test_a_fill_that_comes_before_its_cancel_counts(share: str, events: str, tmp_path: Path) -> None:
    with QuickDesk(tmp_path, UNPOLLED) as desk:
        desk.wait_quiet()
        racing = [desk.order_at(price).client_order_id for price in ("95", "105")]
        desk.arm({"route": CANCEL, "action": "delay", "seconds": CLIENT_WAITS / 2, "times": 0})
        if events == "lost":
            desk.arm({"route": "user", "action": "lose", "times": 0})
        desk.post.send(desk.grids[0].addresses.grid_manager, StopGrid("stopped by the test"))
        desk.wait_until(lambda: desk.in_flight == CALLERS, "cancels under way")
        for name in racing:
            desk.fill_part(name, share)
        desk.wait_stopped(HEALED)
        desk.assert_agrees()
        assert not desk.exchange_orders()
        assert {trade.client_order_id for trade in desk.trades()} >= set(racing)
        assert desk.outcomes["Cancel", "NotFound"] == (2 if share == "1" else 0)


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_both_sides_count_when_two_levels_trade_with_each_other(lost: int, tmp_path: Path) -> None:
    """Let a sell that comes late meet the buy of the next level, at the same price, and events be lost."""
    with QuickDesk(tmp_path, POLLED) as desk:
        desk.wait_quiet()
        desk.move("93")
        desk.wait_quiet()
        desk.expire(desk.order_at("100").client_order_id)  # and placed again a second later
        desk.move("106")
        desk.wait_for_order("100")
        if lost:
            desk.arm({"route": "user", "action": "lose", "execution": "TRADE", "times": lost})
        desk.move("100.01")
        desk.wait_quiet(HEALED)
        *_, sold, bought = sorted(desk.trades(), key=lambda trade: (int(trade.trade_id), trade.side is Side.BUY))
        assert sold.trade_id == bought.trade_id
        assert (sold.owner.level, bought.owner.level) == (3, 4)
        check_takes_down(desk)
