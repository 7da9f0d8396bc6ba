"""How each event is told to people."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.calls import Refusal
from engine.journal.events import Noted, told
from engine.journal.rows import EventRow
from engine.messages import (
    BalancesDiffered,
    CancelOrder,
    CaughtUp,
    GridArmed,
    GridStopped,
    InventoryBought,
    LevelsArmed,
    LevelWaited,
    LiquidationBegun,
    OrderAccepted,
)
from tests.engine.journalled import booked, ended, intent, order_row, plan
from tests.engine.samples import BUY, SELL, D, market_wish, wish

ONE = wish("1", BUY, "110.50", 2)
NAME = "tag-1-0b0"


@pytest.mark.parametrize(
    ("event", "kind", "slot", "name", "details"),
    [
        (
            intent(ONE),
            "order_intended",
            "1",
            NAME,
            {"side": "buy", "kind": "limit", "price": "110.5", "quantity": "2"},
        ),
        (
            intent(market_wish(SELL, 90, 5, cycle=3)),
            "order_intended",
            "grid",
            "tag-grid-3s0",
            {"side": "sell", "kind": "market", "price": "90", "quantity": "5"},
        ),
        (OrderAccepted(NAME, "x9"), "order_accepted", "1", NAME, {"order_id": "x9"}),
        (OrderAccepted(NAME, ""), "order_accepted", "1", NAME, {}),
        (
            booked(ONE, "7", quantity="0.5", fee="0.00000001", complete=False),
            "trade_booked",
            "1",
            NAME,
            {
                "trade_id": "7",
                "side": "buy",
                "price": "110.5",
                "quantity": "0.5",
                "fee": "0.00000001",
                "fee_asset": "USDT",
                "complete": "false",
            },
        ),
        (ended(ONE, "0.5", "7"), "order_ended", "1", NAME, {"side": "buy", "filled": "0.5"}),
        (
            ended(ONE, refusal=Refusal.FUNDS, text="insufficient balance"),
            "order_ended",
            "1",
            NAME,
            {"side": "buy", "filled": "0", "refusal": "funds", "text": "insufficient balance"},
        ),
        (CancelOrder(NAME), "cancel_asked", "1", NAME, {}),
        (LevelWaited("1", SELL, too_small=False), "level_waits", "1", None, {"side": "sell", "for": "funds"}),
        (LevelWaited("1", BUY, too_small=True), "level_waits", "1", None, {"side": "buy", "for": "too_small"}),
        (
            GridArmed("SOL/USDT", 5, plan()),
            "grid_armed",
            None,
            None,
            {"price": "120", "levels": "4", "unit": "2", "purchase": "5"},
        ),
        (InventoryBought(), "initial_purchase_done", None, None, {}),
        (LevelsArmed(), "grid_orders_initialized", None, None, {}),
        (
            LiquidationBegun("stop_loss", D("9.50")),
            "liquidation_begun",
            None,
            None,
            {"reason": "stop_loss", "price": "9.5"},
        ),
        (
            GridStopped("SOL/USDT", "SIGINT", Decimal("1E+3"), D("0E-8")),
            "grid_stopped",
            None,
            None,
            {"reason": "SIGINT", "quote": "1000", "base": "0"},
        ),
        (
            BalancesDiffered("SOL", D(2), D(1), "the account has 1 SOL, the grid holds 2"),
            "balances_differed",
            None,
            None,
            {"asset": "SOL", "ours": "2", "account": "1", "text": "the account has 1 SOL, the grid holds 2"},
        ),
    ],
    ids=lambda value: type(value).__name__ if hasattr(value, "__attrs_attrs__") else "",
)
def test_an_event_is_told_with_all_there_is_to_say_and_nothing_empty(
    event: Noted, kind: str, slot: str | None, name: str | None, details: dict[str, str]
) -> None:
    row = told(event, 77, order_row(ONE))
    assert row == EventRow(time=77, kind=kind, slot=slot, client_order_id=name, details=tuple(details.items()))


def test_a_bookmark_is_not_told() -> None:
    assert told(CaughtUp("7"), 77) is None


def test_the_end_of_an_order_nobody_can_name_is_told_all_the_same() -> None:
    row = told(ended(ONE), 77)
    assert row is not None
    assert (row.kind, row.slot, row.client_order_id) == ("order_ended", "1", None)
