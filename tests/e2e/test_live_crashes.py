"""A stop-loss sells everything and leaves no order behind, whatever else is going on."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.values import Kind, Side
from tests.e2e.live_desk import grid_document
from tests.e2e.quick_desk import QuickDesk
from tests.e2e.reply_faults import CANCEL, PLACE, QUERIES, armed, in_sets

STOP = ("risk_management.stop_loss", {"enabled": True, "threshold": 85})
CRASH = "84"  # below the stop
QUICK = ("execution.order_polling_interval", 0.1)
SELLING = grid_document(
    STOP, QUICK, ("grid_strategy.num_grids", 5), ("grid_strategy.range", {"bottom": 100, "top": 120})
)
LARGE = grid_document(
    STOP,
    QUICK,
    ("grid_strategy.num_grids", 101),
    ("grid_strategy.range", {"bottom": 90, "top": 110}),
    ("trading_settings.initial_balance", 10_000),
)
FLAT = 30.0  # seconds that no exit takes unless something is broken


def check_flat(desk: QuickDesk) -> None:
    """See that everything is sold, that nothing is open, and that no order was placed behind the sale."""
    desk.wait_stopped(FLAT)
    (stopped,) = desk.stops.values()
    assert stopped.reason == "stop_loss"
    assert stopped.base < desk.grids[0].rules.market.amount_step
    assert not desk.exchange_orders()
    desk.assert_agrees()
    *_, last = desk.trades()
    assert (last.side, last.kind) == (Side.SELL, Kind.MARKET)
    assert desk.all_exchange_orders()[-1].client_order_id == last.client_order_id


@pytest.mark.parametrize("accepted", [0, 1, 30, 90])
def test_a_crash_while_a_hundred_orders_are_being_placed_ends_flat(accepted: int, tmp_path: Path) -> None:
    """Let it come when the purchase is done and so many of the orders are accepted."""
    slowly = {"route": PLACE, "action": "delay", "seconds": 0.02, "times": 0}
    with QuickDesk(tmp_path, LARGE, faults=[slowly]) as desk:
        desk.wait_until(lambda: len(desk.exchange_orders()) >= accepted and bool(desk.exchange_trades()), "orders")
        assert len(desk.exchange_orders()) < 100
        desk.move(CRASH)
        check_flat(desk)


@pytest.mark.parametrize("names", in_sets(3), ids=", ".join)
def test_a_crash_on_an_exchange_that_answers_badly_ends_flat(names: tuple[str, ...], tmp_path: Path) -> None:
    """Nothing but the sale is placed, so that all of them meet it until it is made."""
    with QuickDesk(tmp_path, SELLING) as desk:
        desk.wait_quiet()
        desk.arm(*(fault for name in names for fault in armed(name, (PLACE, CANCEL, *QUERIES))))
        desk.move(CRASH)
        check_flat(desk)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_while_nothing_is_answered_ends_flat_when_it_is(when: str, tmp_path: Path) -> None:
    with QuickDesk(tmp_path, SELLING) as desk:
        desk.wait_quiet()
        desk.arm({"route": "* /api/v3/*", "action": "drop", "when": when, "times": 0})
        desk.move(CRASH)
        desk.wait_until(lambda: desk.outcomes["Cancel", "Unknown"] > 1, "cancels without an answer")
        desk.clear_faults()
        check_flat(desk)


def test_a_crash_while_all_connections_are_gone_ends_flat_when_they_are_back(tmp_path: Path) -> None:
    with QuickDesk(tmp_path, SELLING) as desk:
        desk.wait_quiet()
        for route in ("user", "stream"):
            desk.arm({"route": route, "action": "refuse", "times": 0}, {"route": route, "action": "drop"})
        desk.arm({"route": "* /api/v3/*", "action": "drop", "times": 0})
        desk.wait_until(lambda: bool(desk.prices().trouble), "no prices")
        desk.move(CRASH)
        desk.clear_faults()
        check_flat(desk)


@pytest.mark.parametrize("share", ["0.3", "1"])
def test_orders_that_fill_while_they_are_cancelled_are_sold_too(share: str, tmp_path: Path) -> None:
    with QuickDesk(tmp_path, SELLING) as desk:
        desk.wait_quiet()
        names = [desk.order_at(price).client_order_id for price in ("105", "110")]
        desk.arm({"route": CANCEL, "action": "delay", "seconds": 0.2, "times": 0})
        desk.move(CRASH)
        desk.wait_until(lambda: desk.in_flight >= len(names), "cancels under way")
        for name in names:
            desk.fill_part(name, share)
        check_flat(desk)
        assert {trade.client_order_id for trade in desk.trades()} >= set(names)
