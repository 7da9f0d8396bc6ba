"""What a live grid begins with: a purchase on a thin or running market, and levels that wait for money."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from tests.e2e.expected_fills import expected_fills, expected_outcome
from tests.e2e.live_desk import LiveDesk, grid_document

D = Decimal
PURCHASE = D("4.950")  # of 1000 USDT at 100, when half may cost 1 % more


def purchases(desk: LiveDesk) -> list[tuple[str, Decimal]]:
    """Give how each purchase ended and what it got."""
    return [(order.status, order.executed) for order in desk.all_exchange_orders() if order.time_in_force == "IOC"]


def waiting(desk: LiveDesk) -> set[str]:
    return {slot for slot, level in desk.levels().items() if level.trouble == "waits for funds"}


def test_purchase_on_a_thin_market_is_tried_again_and_then_done_with(tmp_path: Path) -> None:
    document = grid_document(("execution.max_retries", 1))
    with LiveDesk(tmp_path, document, liquidity=D(2)) as desk:
        desk.wait_quiet()

        assert purchases(desk) == [("EXPIRED", D(2)), ("EXPIRED", D(0))]
        assert sorted(order.wish.price for order in desk.orders()) == [80, 85, 90, 95, 105]
        assert waiting(desk) == {"5", "6", "7"}


def test_purchase_is_completed_when_the_market_fills_up_again(tmp_path: Path) -> None:
    with LiveDesk(tmp_path, grid_document(), liquidity=D(2)) as desk:
        desk.wait_until(lambda: len(desk.trades()) > 0, "a first part was bought")
        desk.liquidity(None)
        desk.wait_quiet()

        assert purchases(desk)[0] == ("EXPIRED", D(2))
        assert purchases(desk)[-1] == ("FILLED", PURCHASE - 2)
        assert len(desk.orders()) == 8


def test_purchase_never_pays_more_than_it_may(tmp_path: Path) -> None:
    document = grid_document(("execution.max_retries", 1), ("execution.max_slippage", D("0.002")))
    desk = LiveDesk(tmp_path, document)
    desk.arm_fault({"route": "POST /api/v3/order", "action": "delay", "seconds": 0.2})
    with desk:
        desk.wait_until(lambda: desk.history().plan is not None, "the grid has a plan")
        desk.move("100.5")  # 0.5 % above, while the order is on its way
        desk.wait_quiet()

        assert purchases(desk) == [("EXPIRED", D(0)), ("EXPIRED", D(0))]
        assert not desk.trades()
        assert waiting(desk) == {"4", "5", "6", "7"}


def test_grid_that_may_pay_nothing_more_buys_at_the_price(tmp_path: Path) -> None:
    with LiveDesk(tmp_path, grid_document(("execution.max_slippage", 0))) as desk:
        desk.wait_quiet()
        (trade,) = desk.trades()
        assert (trade.price, trade.quantity) == (D(100), D(5))


def test_grid_below_its_range_waits_and_arms_where_the_price_enters(tmp_path: Path) -> None:
    document = grid_document(("grid_strategy.range", {"bottom": 105, "top": 145}))
    with LiveDesk(tmp_path, document) as desk:
        desk.travel([95, "104.99"])
        assert not desk.all_exchange_orders()

        desk.move(112)
        desk.wait_quiet()
        assert desk.travel([109, 116, 104]) == expected_fills(document, [112, 109, 116, 104])


def test_levels_that_wait_get_the_money_that_others_leave(tmp_path: Path) -> None:
    document = grid_document(
        ("grid_strategy.initial_purchase", "none"),
        ("grid_strategy.sell_ratio", D("0.5")),
        ("grid_strategy.num_grids", 17),
    )
    path = (96, 93, 89, 94, 103, 88, 104, 90, 84, 99, 106, 112)
    with LiveDesk(tmp_path, document) as desk:
        desk.wait_quiet()
        at_first = waiting(desk)
        assert len(at_first) == 8
        assert desk.travel(path) == expected_fills(document, [100, *path])

        expected = expected_outcome(document, [100, *path])
        wishes = [order.wish for order in desk.orders()]
        book = sorted((wish.owner.level or 0, wish.side.value, wish.price, wish.quantity) for wish in wishes)
        assert book == expected["book"]
        assert waiting(desk) == {str(level) for level, *_ in expected["waiting"]}
        assert waiting(desk) < at_first
        funds = desk.funds()
        assert funds.free_quote + funds.reserved_quote == expected["final_quote"]
        assert funds.free_base + funds.reserved_base == expected["final_base"]
