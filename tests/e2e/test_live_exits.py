"""Take-profit and stop-loss of a live grid: out of the market until flat, whatever the exchange does; and no more."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from engine.messages import GridStopped
from tests.e2e.expected_fills import expected_fills
from tests.e2e.live_desk import LiveDesk, grid_document
from tests.e2e.other_side import Price

D = Decimal
STEP = D("0.001")
TAKE_PROFIT = ("risk_management.take_profit", {"enabled": True, "threshold": 112})
STOP_LOSS = ("risk_management.stop_loss", {"enabled": True, "threshold": 86})


def exits(desk: LiveDesk, grid: int = 0) -> list[tuple[str, Decimal]]:
    """Give how each sale ended and what it sold, oldest first."""
    prefix = desk.grids[grid].prefix
    return [
        (order.status, order.executed)
        for order in desk.all_exchange_orders()
        if order.type == "MARKET" and order.side == "SELL" and order.client_order_id.startswith(prefix)
    ]


def is_out(desk: LiveDesk) -> GridStopped:
    """Wait for the end, and assert that it left no order and nothing that could be sold; give what was said of it."""
    desk.wait_stopped()
    desk.wait_quiet()
    assert not desk.exchange_orders()
    (stopped,) = desk.stops.values()
    assert (stopped.quote, stopped.base) == (desk.account()["USDT"][0], desk.account()["SOL"][0])
    return stopped


@pytest.mark.parametrize(
    ("exit_", "path", "beyond"),
    [
        (TAKE_PROFIT, (95, 106, "111.99"), 112),
        (TAKE_PROFIT, (95, 106), 119),
        (STOP_LOSS, (106, 95, "86.01"), 86),
        (STOP_LOSS, (106, 95), 81),
    ],
    ids=["profit, exactly", "profit, through a gap", "loss, exactly", "loss, through a gap"],
)
def test_threshold_on_live_prices_ends_the_grid_flat(
    tmp_path: Path, exit_: tuple[str, object], path: tuple[Price, ...], beyond: int
) -> None:
    document = grid_document(exit_)
    with LiveDesk(tmp_path, document) as desk:
        desk.wait_quiet()
        assert desk.travel(path) == expected_fills(document, [100, *path])
        desk.move(beyond)
        stopped = is_out(desk)

        assert stopped.reason == exit_[0].split(".")[1]
        assert [status for status, _ in exits(desk)] == ["FILLED"]
        assert ZERO < stopped.base < STEP, "fees in base leave some dust"


ZERO = D(0)


@pytest.mark.parametrize(("exit_", "beyond"), [(TAKE_PROFIT, 113), (STOP_LOSS, 85)])
def test_nothing_is_ordered_once_the_grid_is_out(tmp_path: Path, exit_: tuple[str, object], beyond: int) -> None:
    with LiveDesk(tmp_path, grid_document(exit_)) as desk:
        desk.wait_quiet()
        desk.move(beyond)
        is_out(desk)
        orders = len(desk.all_exchange_orders())
        for price in (100, 95, 106, beyond):
            desk.move(price)
            desk.wait_quiet()
        assert len(desk.all_exchange_orders()) == orders


def test_thin_market_is_sold_to_until_all_is_sold(tmp_path: Path) -> None:
    with LiveDesk(tmp_path, grid_document(TAKE_PROFIT)) as desk:
        desk.wait_quiet()
        desk.move(111)
        desk.wait_quiet()
        held = desk.funds().free_base + desk.funds().reserved_base
        with desk.sandbox.hall.lock:
            desk.move(113)
            desk.liquidity(1)
        desk.wait_until(lambda: ("EXPIRED", D(1)) in exits(desk), "a first part was sold")
        assert not desk.exchange_orders()
        desk.liquidity("0.5")
        desk.wait_until(lambda: ("EXPIRED", D("0.5")) in exits(desk), "another part was sold")
        desk.liquidity(None)
        stopped = is_out(desk)

        assert sum(sold for _, sold in exits(desk)) == held // STEP * STEP
        assert stopped.base == held % STEP


def test_market_that_leaves_less_than_an_order_leaves_dust(tmp_path: Path) -> None:
    with LiveDesk(tmp_path, grid_document(TAKE_PROFIT)) as desk:
        desk.wait_quiet()
        desk.move(111)
        desk.wait_quiet()
        held = desk.funds().free_base + desk.funds().reserved_base
        with desk.sandbox.hall.lock:
            desk.move(113)
            desk.liquidity((held - D("0.04")) // STEP * STEP)
        stopped = is_out(desk)

        assert [status for status, _ in exits(desk)] == ["EXPIRED"]
        assert D("0.04") <= stopped.base < D("0.042"), "0.04 at 113 is below the least cost of an order, 5"


@pytest.mark.parametrize(
    "fault",
    [
        {"action": "error", "code": -1013, "msg": "Filter failure: MARKET_LOT_SIZE", "times": 2},
        {"action": "error", "code": -2010, "msg": "Account has insufficient balance for requested action.", "times": 2},
        {"action": "drop", "when": "after", "times": 1},
    ],
    ids=["filter", "balance", "reply lost"],
)
def test_sale_that_goes_wrong_is_made_all_the_same_and_once(tmp_path: Path, fault: dict[str, object]) -> None:
    with LiveDesk(tmp_path, grid_document(STOP_LOSS)) as desk:
        desk.wait_quiet()
        desk.move("86.5")
        desk.wait_quiet()
        held = desk.funds().free_base + desk.funds().reserved_base
        desk.arm_fault({"route": "POST /api/v3/order", **fault})
        desk.move("85.5")
        is_out(desk)

        assert exits(desk) == [("FILLED", held // STEP * STEP)]


def test_halted_market_is_left_when_it_opens_again(tmp_path: Path) -> None:
    with LiveDesk(tmp_path, grid_document(STOP_LOSS)) as desk:
        desk.wait_quiet()
        with desk.sandbox.hall.lock:
            desk.move(85)
            desk.arm_fault({"route": "market", "action": "halt"})
        desk.wait_until(lambda: not desk.exchange_orders(), "every order was taken down")
        desk.wait_until(lambda: not desk.orders() and desk.is_idle, "the first sale was refused")
        assert not exits(desk)
        desk.arm_fault({"route": "market", "action": "resume"})
        is_out(desk)

        assert [status for status, _ in exits(desk)] == ["FILLED"]


def test_what_others_hold_on_the_account_is_not_sold(tmp_path: Path) -> None:
    documents = (grid_document(STOP_LOSS), grid_document(("grid_strategy.num_grids", 12)))
    with LiveDesk(tmp_path, *documents, spare={"SOL": 3}) as desk:
        desk.wait_quiet()
        desk.place_outside("mine", "SELL", 115, 1)
        desk.move("85.5")
        desk.wait_until(lambda: desk.history(0).stop_reason == "stop_loss", "the first grid is out")
        desk.wait_quiet()

        left = desk.funds(0).free_base
        others = desk.funds(1).free_base + desk.funds(1).reserved_base
        assert left < STEP
        assert sum(desk.account()["SOL"]) == 3 + others + left
        assert "mine" in {order.client_order_id for order in desk.exchange_orders()}
        assert len(desk.orders(1)) > 5


# --- prices that nobody believes ---------------------------------------------------------------------


def wait_for_doubts(desk: LiveDesk, price: Price) -> None:
    """Wait until a price was seen and not believed."""
    desk.wait_until(lambda: f" to {price}, by more than" in (desk.prices().trouble or ""), f"{price} was doubted")


JUMPS = pytest.mark.parametrize(
    ("name", "threshold", "absurd", "spike", "back"),
    [("stop_loss", 70, 60, "0.01", 90), ("take_profit", 150, 160, 9999, 110)],
)


@JUMPS
def test_absurd_jump_is_not_acted_on(
    tmp_path: Path, name: str, threshold: int, absurd: int, spike: Price, back: int
) -> None:
    exit_ = (f"risk_management.{name}", {"enabled": True, "threshold": threshold})
    with LiveDesk(tmp_path, grid_document(exit_)) as desk:
        desk.wait_quiet()
        desk.move(absurd)
        wait_for_doubts(desk, absurd)
        desk.wait_quiet(prices=False)
        desk.move(back)
        desk.wait_quiet()
        with desk.sandbox.hall.lock:  # there and back before anybody could order anything
            desk.move(spike)
            desk.move(back)
        desk.wait_quiet()

        assert desk.prices().trouble is None
        assert not desk.stops
        assert not exits(desk)
        assert len(desk.orders()) == 8


def test_jump_that_is_confirmed_is_acted_on(tmp_path: Path) -> None:
    exit_ = ("risk_management.stop_loss", {"enabled": True, "threshold": 70})
    with LiveDesk(tmp_path, grid_document(exit_)) as desk:
        desk.wait_quiet()
        for price, skew in (("60", 0), ("60.5", 1500)):  # seconds pass at the exchange, and none here
            desk.arm_fault({"route": "clock", "skew_ms": skew})
            desk.move(price)
            wait_for_doubts(desk, price)
        assert not desk.stops
        desk.arm_fault({"route": "clock", "skew_ms": 3000})
        desk.move("60.2")
        stopped = is_out(desk)

        assert stopped.reason == "stop_loss"
        assert desk.prices().trouble is None
