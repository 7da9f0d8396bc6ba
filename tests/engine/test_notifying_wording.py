"""What people read of what happens to a grid."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from engine.calls import Refusal
from engine.grid_manager import OWN_SLOT
from engine.journal.events import Noted
from engine.journal.events import told as row_of
from engine.journal.rows import EventRow, OrderRow
from engine.messages import (
    BalancesDiffered,
    CancelOrder,
    GridStopped,
    LiquidationBegun,
    OrderAccepted,
    OrderEnded,
    OrdersRecovered,
    PlaceOrder,
    RecordIntent,
    SubmitOrder,
)
from engine.messages.alerting import AlertKind
from engine.messages.steering import GridPaused, GridResumed, PauseBegun
from engine.notifying.letters import MANNERS
from engine.notifying.samples import SAMPLES
from engine.notifying.wording import Narrator
from engine.values import Kind, Side
from tests.engine.alerts import GRID, MARKET, NOON, owner, told, trade

D = Decimal


def row(event: Noted, order: OrderRow | None = None) -> EventRow:
    made = row_of(event, NOON, order)
    assert made is not None
    return made


def intent(name: str = "o1", slot: str = "9", kind: Kind = Kind.LIMIT) -> RecordIntent:
    values: dict[str, Any] = {"side": Side.BUY, "kind": kind, "price": D("167.77"), "quantity": D("2.943")}
    wish = PlaceOrder(owner=owner(slot), cycle=0, answers="", **values)
    return RecordIntent(SubmitOrder(client_order_id=name, **values), wish)


def order(name: str = "o1", slot: str = "9") -> OrderRow:
    return OrderRow(
        client_order_id=name,
        slot=slot,
        level=9,
        cycle=0,
        attempt=0,
        side=Side.BUY,
        kind=Kind.LIMIT,
        price=D("167.77"),
        quantity=D("2.943"),
        answers="",
        reserved=D(0),
        placed_at=NOON,
    )


def ended(refusal: Refusal | None = None, filled: str = "0", text: str = "") -> EventRow:
    return row(OrderEnded(owner(), Side.BUY, D(filled), "", refusal, text), order())


INTENT = row(intent())
ACCEPTED = row(OrderAccepted("o1", "77"), order())


@pytest.mark.parametrize(
    ("sold", "text"),
    [
        (trade(), "bought 2.943 SOL at 167.77 USDT (level 9), fee 0.00294 SOL"),
        (
            trade(side=Side.SELL, price="170", fee="0.5", fee_asset="USDT"),
            "sold 2.943 SOL at 170 USDT (level 9), fee 0.5 USDT",
        ),
        (trade(fee="0"), "bought 2.943 SOL at 167.77 USDT (level 9)"),
        (
            trade(complete=False),
            "bought 2.943 SOL at 167.77 USDT (level 9), a part of its order, fee 0.00294 SOL",
        ),
        (
            trade(slot=OWN_SLOT, kind=Kind.MARKET),
            "initial purchase: bought 2.943 SOL at 167.77 USDT, fee 0.00294 SOL",
        ),
        (
            trade(side=Side.SELL, slot=OWN_SLOT, kind=Kind.MARKET, fee="0.5", fee_asset="BNB"),
            "sale of what it held: sold 2.943 SOL at 167.77 USDT, fee 0.5 BNB",
        ),
    ],
)
def test_trade_is_told_with_figures_units_level_and_fee(sold: Any, text: str) -> None:
    (alert,) = Narrator(GRID, MARKET).alerts(told([row(sold)], [sold]))

    assert (alert.kind, alert.text, alert.side) == (AlertKind.ORDER_FILLED, f"{GRID}: {text}", sold.side)


@pytest.mark.parametrize(
    ("rows", "kind", "text"),
    [
        ([INTENT, ACCEPTED], AlertKind.ORDER_PLACED, "placed a buy of 2.943 SOL at 167.77 USDT (level 9)"),
        ([ACCEPTED], AlertKind.ORDER_PLACED, "placed an order (level 9)"),
        (
            [row(intent("m", OWN_SLOT, Kind.MARKET)), row(OrderAccepted("m", "8"), order("m", OWN_SLOT))],
            AlertKind.ORDER_PLACED,
            "placed a buy of 2.943 SOL at market",
        ),
        (
            [INTENT, ended(Refusal.FUNDS, text="not enough")],
            AlertKind.ORDER_FAILED,
            "a buy of 2.943 SOL at 167.77 USDT (level 9) was refused (funds): not enough",
        ),
        (
            [INTENT, ended()],
            AlertKind.ORDER_CANCELLED,
            "a buy of 2.943 SOL at 167.77 USDT (level 9) was cancelled or has expired",
        ),
        (
            [ended(filled="1.2")],
            AlertKind.ORDER_CANCELLED,
            "a buy (level 9) was cancelled or has expired, 1.2 SOL of it filled",
        ),
        (
            [row(LiquidationBegun("take_profit", D(210)))],
            AlertKind.TAKE_PROFIT,
            "take-profit at 210 USDT: all orders are taken down and what it holds is sold",
        ),
        (
            [row(LiquidationBegun("stop_loss", D(120)))],
            AlertKind.STOP_LOSS,
            "stop-loss at 120 USDT: all orders are taken down and what it holds is sold",
        ),
        (
            [row(GridStopped(GRID, "stop_loss", D("4102.7"), D(0)))],
            AlertKind.STOP_LOSS,
            "stopped by stop-loss, holds 4102.7 USDT and 0 SOL",
        ),
        (
            [row(GridStopped(GRID, "SIGINT", D(10), D("0.5")))],
            AlertKind.GRID_STATE,
            "stopped by Ctrl-C, holds 10 USDT and 0.5 SOL",
        ),
        (
            [row(GridPaused(GRID, "its owner", NOON, D(10), D("0.5")))],
            AlertKind.GRID_STATE,
            "paused until 2026-11-22T12:00:00Z (its owner), holds 10 USDT and 0.5 SOL",
        ),
        (
            [row(GridPaused(GRID, "its owner", None, D(10), D(1)))],
            AlertKind.GRID_STATE,
            "paused until somebody resumes it (its owner), holds 10 USDT and 1 SOL",
        ),
        ([row(GridResumed(GRID, "its owner"))], AlertKind.GRID_STATE, "goes on (its owner)"),
        (
            [row(OrdersRecovered(12, 10))],
            AlertKind.RECOVERY,
            "goes on from what was written down: 10 of 12 orders that were live still are",
        ),
        (
            [row(BalancesDiffered("SOL", D(3), D(1), "the account has 1 SOL, the grid holds 3"))],
            AlertKind.MISMATCH,
            "the account has 1 SOL, the grid holds 3",
        ),
        (
            [
                row(
                    BalancesDiffered(
                        "SOL", D(3), D(4), "the account has 1 SOL more than before, by nothing that the grid did"
                    )
                )
            ],
            AlertKind.DRIFT,
            "the account has 1 SOL more than before, by nothing that the grid did",
        ),
    ],
)
def test_event_is_told_as_its_kind_in_a_sentence(rows: list[EventRow], kind: AlertKind, text: str) -> None:
    (alert,) = Narrator(GRID, MARKET).alerts(told(rows))

    assert (alert.kind, alert.text) == (kind, f"{GRID}: {text}")


@pytest.mark.parametrize(
    "event",
    [
        INTENT,
        row(CancelOrder("o1"), order()),
        row(PauseBegun(GRID, "its owner", None)),
        EventRow(time=NOON, kind="something new"),
    ],
)
def test_event_that_is_nobodys_business_is_left_out(event: EventRow) -> None:
    assert Narrator(GRID, MARKET).alerts(told([event])) == []


def test_trades_are_told_once_each_where_their_event_stands() -> None:
    first, second = trade(1), trade(2, Side.SELL)
    stopped = row(GridStopped(GRID, "SIGINT", D(10), D(0)))

    alerts = Narrator(GRID, MARKET).alerts(told([row(first), stopped], [second, first]))

    assert [(alert.kind, alert.side) for alert in alerts] == [
        (AlertKind.ORDER_FILLED, Side.BUY),
        (AlertKind.GRID_STATE, None),
        (AlertKind.ORDER_FILLED, Side.SELL),
    ]


def test_orders_that_are_remembered_do_not_grow_without_end() -> None:
    narrator = Narrator(GRID, MARKET)
    for number in range(10_050):
        narrator.alerts(told([row(intent(f"o{number}"))]))

    assert len(narrator._orders) == 10_000


def test_order_that_was_filled_is_forgotten() -> None:
    narrator = Narrator(GRID, MARKET)
    filled = trade(1)
    narrator.alerts(told([INTENT, row(filled)], [filled]))

    assert not narrator._orders


def test_every_kind_has_a_manner_and_a_sample() -> None:
    assert set(MANNERS) == set(SAMPLES) == set(AlertKind)
