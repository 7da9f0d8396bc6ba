from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.effects import Effect, Reply
from engine.grid_level import GridLevel, LevelDescribed, LevelState
from engine.messages import ArmLevel, DescribeLevel, NothingToPlace, PlaceOrder, WishFunded, WishWaited
from engine.values import ZERO, Fees, Kind, Market, Side
from tests.engine.samples import (
    ADDRESSES,
    BUY,
    CENT_RECEIVED,
    MARKET,
    SELL,
    D,
    Number,
    charged,
    grid_rules,
    messages,
    owner,
    planned,
    told,
    trade,
    wish,
)


def level(side: Side = BUY, quantity: Number = 2, slot: str = "1", **rules: Any) -> GridLevel:
    return GridLevel(planned(slot, 110, 120, side, quantity), grid_rules(**rules), ADDRESSES)


def wished(effects: list[Effect]) -> PlaceOrder:
    (one,) = told(effects, ADDRESSES.balance_tracker)
    assert len(effects) == 1
    assert isinstance(one, PlaceOrder)
    return one


def described(of: GridLevel) -> LevelDescribed:
    (reply,) = of.handle(DescribeLevel())
    assert isinstance(reply, Reply)
    assert isinstance(reply.value, LevelDescribed)
    return reply.value


def test_a_level_that_is_not_armed_stands_ready() -> None:
    assert described(level()) == LevelDescribed("1", D(110), D(120), LevelState.READY_TO_BUY_OR_SELL, ZERO, 0)


@pytest.mark.parametrize(("side", "price"), [(BUY, 110), (SELL, 120)])
def test_arming_wishes_the_planned_order(side: Side, price: int) -> None:
    of = level(side, slot="1b")
    assert wished(of.handle(ArmLevel())) == PlaceOrder(owner("1b"), 0, side, Kind.LIMIT, D(price), D(2), "")


def test_a_life_of_two_cycles() -> None:
    of = level()
    buy = wished(of.handle(ArmLevel()))
    sell = wished(of.handle(trade(buy, "1")))
    assert sell == wish("1", SELL, 120, 2, "1")
    again = wished(of.handle(trade(sell, "2")))
    assert again == wish("1", BUY, 110, 2, "2", cycle=1)
    assert wished(of.handle(trade(again, "3"))) == wish("1", SELL, 120, 2, "3", cycle=1)
    assert described(of) == LevelDescribed("1", D(110), D(120), LevelState.WAITING_FOR_SELL_FILL, D(2), 1)


def test_no_two_orders_of_a_life_share_side_and_cycle() -> None:
    for side in Side:
        of = level(side)
        one = wished(of.handle(ArmLevel()))
        seen = []
        for number in range(10):
            seen.append((one.cycle, one.side))
            one = wished(of.handle(trade(one, str(number))))
        assert len(set(seen)) == len(seen)


@settings(deadline=None, max_examples=50)
@given(parts=st.lists(st.integers(1, 5), min_size=1, max_size=5), side=st.sampled_from(Side))
def test_parts_are_answered_once_when_the_order_is_complete(parts: list[int], side: Side) -> None:
    of = level(side, sum(parts), fees=CENT_RECEIVED)
    one = wished(of.handle(ArmLevel()))
    *some, last = parts
    for number, part in enumerate(some):
        piece = trade(
            one,
            str(number),
            quantity=part,
            fee=D(part) / 100,
            fee_asset="SOL" if side is BUY else "USDT",
            complete=False,
        )
        assert of.handle(piece) == []
        assert described(of).state is (
            LevelState.WAITING_FOR_BUY_FILL if side is BUY else LevelState.WAITING_FOR_SELL_FILL
        )
    final = trade(one, "last", quantity=last, fee=D(last) / 100, fee_asset="SOL" if side is BUY else "USDT")
    answer = wished(of.handle(final))
    assert answer.answers == "last"
    # Fees in base are netted from what was bought; a buy that answers a sell grows by as much.
    whole = D(sum(parts))
    exact = whole * D("0.99") if side is BUY else whole / D("0.99")
    assert answer.quantity == MARKET.floor_amount(exact)
    # Nothing of this order is left over for the next.
    assert wished(of.handle(charged(CENT_RECEIVED, answer, "next"))).quantity <= whole


@pytest.mark.parametrize(
    ("side", "rules", "quantity"),
    [
        (BUY, {"sell_ratio": D("0.5")}, "5"),
        (BUY, {"buy_ratio": D("0.5")}, "10"),
        (SELL, {"buy_ratio": D("0.5")}, "5"),
        (SELL, {"sell_ratio": D("0.5")}, "10"),
        (BUY, {"fees": CENT_RECEIVED}, "9.9"),
        (BUY, {"fees": CENT_RECEIVED, "sell_ratio": D("0.5")}, "4.95"),
        (SELL, {"fees": CENT_RECEIVED}, "10.10101010"),
        (SELL, {"fees": CENT_RECEIVED, "buy_ratio": D("0.99")}, "10"),
        (BUY, {"market": Market("SOL", "USDT", amount_step=D(3))}, "9"),
        (BUY, {"fees": CENT_RECEIVED, "market": Market("SOL", "USDT", amount_step=D("0.5"))}, "9.5"),
        (BUY, {"fees": Fees(D("0.01"))}, "10"),
    ],
)
def test_an_answer_is_the_fill_net_of_base_fees_times_the_ratio_down_to_the_step(
    side: Side, rules: dict[str, Any], quantity: str
) -> None:
    of = level(side, 10, **rules)
    one = wished(of.handle(ArmLevel()))
    fees = rules.get("fees", Fees(ZERO))
    assert wished(of.handle(charged(fees, one, "1"))).quantity == D(quantity)


def test_a_fee_in_a_third_asset_takes_nothing_from_the_answer() -> None:
    of = level()
    one = wished(of.handle(ArmLevel()))
    assert wished(of.handle(trade(one, "1", fee=1, fee_asset="BNB"))).quantity == 2


def test_size_does_not_decay_where_fees_are_taken_in_base() -> None:
    of = level(BUY, 100, fees=CENT_RECEIVED)
    one = wished(of.handle(ArmLevel()))
    for number in range(40):
        one = wished(of.handle(charged(CENT_RECEIVED, one, str(number))))
    assert one.side is BUY
    assert abs(one.quantity - 100) < D("1e-6")


@pytest.mark.parametrize("fee", [{"fee": 1, "fee_asset": "BNB"}, {"fee": 0, "fee_asset": "SOL"}])
def test_size_does_not_grow_where_nothing_is_taken_from_what_is_bought(fee: dict[str, Any]) -> None:
    of = level(BUY, 100, fees=CENT_RECEIVED)
    one = wished(of.handle(ArmLevel()))
    for number in range(4):
        one = wished(of.handle(trade(one, str(number), **fee)))
        assert one.quantity == 100


def test_size_is_kept_again_when_the_third_asset_has_run_out() -> None:
    of = level(SELL, 100, fees=CENT_RECEIVED)
    sell = wished(of.handle(ArmLevel()))
    buy = wished(of.handle(trade(sell, "1", fee=1, fee_asset="BNB")))
    sell = wished(of.handle(charged(CENT_RECEIVED, buy, "2")))
    assert (buy.quantity, sell.quantity) == (D(100), D(99))
    assert abs(wished(of.handle(charged(CENT_RECEIVED, sell, "3"))).quantity - 100) < D("1e-6")


@pytest.mark.parametrize(("side", "state"), [(BUY, LevelState.READY_TO_BUY), (SELL, LevelState.READY_TO_SELL)])
def test_a_planned_quantity_of_zero_leaves_the_level_idle(side: Side, state: LevelState) -> None:
    of = level(side, 0)
    assert messages(of.handle(ArmLevel())) == [NothingToPlace(owner("1"), "")]
    assert (described(of).state, described(of).quantity) == (state, D(0))


def test_an_answer_that_rounds_to_zero_is_nothing_to_place_for_that_trade() -> None:
    of = level(BUY, 1, sell_ratio=D("0.5"), market=Market("SOL", "USDT", amount_step=D(1)))
    one = wished(of.handle(ArmLevel()))
    assert messages(of.handle(trade(one, "t"))) == [NothingToPlace(owner("1"), "t")]
    assert (described(of).state, described(of).quantity) == (LevelState.READY_TO_SELL, D(0))


@pytest.mark.parametrize(
    ("side", "ready", "live"),
    [
        (BUY, LevelState.READY_TO_BUY, LevelState.WAITING_FOR_BUY_FILL),
        (SELL, LevelState.READY_TO_SELL, LevelState.WAITING_FOR_SELL_FILL),
    ],
)
def test_a_level_is_ready_with_an_amount_while_its_wish_waits_for_funds(
    side: Side, ready: LevelState, live: LevelState
) -> None:
    of = level(side)
    of.handle(ArmLevel())
    states: list[tuple[LevelState, Decimal]] = []
    for news in (WishWaited(side, too_small=False), WishFunded(side)):
        assert of.handle(news) == []
        states.append((described(of).state, described(of).quantity))
    assert states == [(ready, D(2)), (live, D(2))]
