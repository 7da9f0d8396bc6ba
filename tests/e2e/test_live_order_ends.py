"""Orders of a live grid that end before they are complete, and orders that may not trade at once."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from tests.e2e.live_desk import LiveDesk, grid_document

D = Decimal
QUANTITY = D("1.111")  # of every order: 1000 USDT over nine grids at 100, on the step
ENDS: dict[str, Callable[[LiveDesk, str], None]] = {"cancelled": LiveDesk.cancel_outside, "expired": LiveDesk.expire}


def of_slot(desk: LiveDesk, slot: str) -> dict[str, tuple[Decimal, Decimal]]:
    """Give the price and the quantity of a slot's open orders, by side."""
    wishes = [order.wish for order in desk.orders() if order.wish.owner.slot == slot]
    return {wish.side.value: (wish.price, wish.quantity) for wish in wishes}


def ended_after(desk: LiveDesk, price: int, share: str, end: Callable[[LiveDesk, str], None]) -> None:
    """Have a share of the order at a price fill, and the rest of it end."""
    name = desk.order_at(price).client_order_id
    desk.fill_part(name, share)
    end(desk, name)
    desk.wait_quiet()


# --- ended from outside ------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ENDS)
def test_orders_that_end_untouched_are_placed_again_under_other_names(tmp_path: Path, end: str) -> None:
    with LiveDesk(tmp_path, grid_document()) as desk:
        desk.wait_quiet()
        before = {order.client_order_id: (order.wish.side, order.wish.price) for order in desk.orders()}
        assert len(before) == 8
        for name in before:
            ENDS[end](desk, name)
        desk.wait_quiet()

        after = {order.client_order_id: (order.wish.side, order.wish.price) for order in desk.orders()}
        assert sorted(after.values()) == sorted(before.values())
        assert not after.keys() & before.keys()
        assert {order.wish.quantity for order in desk.orders()} == {QUANTITY}
        assert len(desk.trades()) == len(desk.exchange_trades())


@pytest.mark.parametrize("end", ENDS)
def test_part_of_a_buy_is_sold_and_the_rest_is_wished_again(tmp_path: Path, end: str) -> None:
    with LiveDesk(tmp_path, grid_document()) as desk:
        desk.wait_quiet()
        desk.move(98)
        ended_after(desk, 95, "0.5", ENDS[end])

        assert of_slot(desk, "3") == {"sell": (D(100), D("0.554")), "buy": (D(95), QUANTITY - D("0.555"))}


@pytest.mark.parametrize("end", ENDS)
def test_part_of_a_sell_is_bought_back_and_the_rest_is_wished_again(tmp_path: Path, end: str) -> None:
    with LiveDesk(tmp_path, grid_document()) as desk:
        desk.wait_quiet()
        desk.move(103)
        ended_after(desk, 105, "0.5", ENDS[end])

        assert of_slot(desk, "4") == {"buy": (D(100), D("0.555")), "sell": (D(105), QUANTITY - D("0.555"))}


def test_part_too_small_to_sell_goes_into_the_next_sell(tmp_path: Path) -> None:
    with LiveDesk(tmp_path, grid_document()) as desk:
        desk.wait_quiet()
        desk.move(98)
        ended_after(desk, 95, "0.02", LiveDesk.expire)
        assert of_slot(desk, "3") == {"buy": (D(95), D("1.089"))}

        desk.travel([94])
        assert of_slot(desk, "3") == {"sell": (D(100), (QUANTITY * D("0.999")).quantize(D("0.001"), "ROUND_DOWN"))}


def test_rest_too_small_to_buy_goes_into_the_next_buy(tmp_path: Path) -> None:
    with LiveDesk(tmp_path, grid_document()) as desk:
        desk.wait_quiet()
        desk.move(98)
        ended_after(desk, 95, "0.97", LiveDesk.expire)
        assert of_slot(desk, "3") == {"sell": (D(100), D("1.075"))}

        desk.travel([101])
        rest = QUANTITY - D("1.077")
        again = (D("1.075") / D("0.999") + rest).quantize(D("0.001"), "ROUND_DOWN")
        assert of_slot(desk, "3") == {"buy": (D(95), again)}


def test_level_whose_two_parts_are_both_at_work_comes_together_again(tmp_path: Path) -> None:
    with LiveDesk(tmp_path, grid_document()) as desk:
        desk.wait_quiet()
        desk.move(98)
        ended_after(desk, 95, "0.5", LiveDesk.expire)
        desk.travel([94, 96, 101])

        assert of_slot(desk, "3")["buy"][0] == 95
        bought = sum(fill.quantity for fill in desk.fills() if fill.level == 3 and fill.side == "buy")
        sold = sum(fill.quantity for fill in desk.fills() if fill.level == 3 and fill.side == "sell")
        assert bought == QUANTITY
        assert bought * D("0.999") - 2 * D("0.001") < sold < bought
        assert of_slot(desk, "3").keys() == {"buy"}


def test_order_that_fills_while_it_is_cancelled_from_outside_is_answered(tmp_path: Path) -> None:
    with LiveDesk(tmp_path, grid_document()) as desk:
        desk.wait_quiet()
        name = desk.order_at(95).client_order_id
        with desk.sandbox.hall.lock:  # all of it before anybody hears of any
            for _ in range(3):
                desk.fill_part(name, "0.3")
            desk.cancel_outside(name)
            desk.move("97.5")
        desk.wait_quiet()

        filled, rest = D("0.333") + D("0.233") + D("0.163"), D("0.382")
        assert of_slot(desk, "3") == {"sell": (D(100), D("0.728")), "buy": (D(95), rest)}
        assert filled + rest == QUANTITY


# --- post only ---------------------------------------------------------------------------------------


def overtaken(desk: LiveDesk) -> None:
    """Have level 3 sell what it bought at 95 only when the price is above its 100."""
    desk.wait_quiet()
    desk.arm_fault({"route": "POST /api/v3/order", "action": "delay", "seconds": 0.2})
    desk.move(94)
    desk.wait_until(lambda: any(fill.side == "buy" for fill in desk.fills()), "the buy was booked")
    desk.move("103")


def test_answer_that_the_price_has_overtaken_trades_at_once(tmp_path: Path) -> None:
    with LiveDesk(tmp_path, grid_document(), maker_fee=D(0)) as desk:
        overtaken(desk)
        desk.wait_quiet()

        _, sold = desk.fills()
        assert (sold.side, sold.level) == ("sell", 3)
        assert sold.price > 100
        assert sold.fee > 0, "as taker"
        assert of_slot(desk, "3").keys() == {"buy"}


def test_post_only_answer_waits_until_it_can_rest(tmp_path: Path) -> None:
    with LiveDesk(tmp_path, grid_document(("execution.post_only", True)), maker_fee=D(0)) as desk:
        overtaken(desk)
        desk.wait_until(lambda: "immediately match" in (desk.levels()["3"].trouble or ""), "the order was refused")
        assert not of_slot(desk, "3")
        desk.move(99)
        desk.wait_quiet()

        assert of_slot(desk, "3") == {"sell": (D(100), QUANTITY)}
        assert {order.type for order in desk.exchange_orders()} == {"LIMIT_MAKER"}
        assert {trade.is_maker for trade in desk.exchange_trades()[1:]} == {True}
