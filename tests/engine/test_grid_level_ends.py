"""A level whose orders end before they are complete: what was filled is answered, the rest is wished again."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.calls import Refusal
from engine.effects import After, Effect
from engine.grid_level import GridLevel, LevelState
from engine.messages import AGAIN, ArmLevel, NothingToPlace, OrderEnded, PlaceOrder, RewishDue, TradeBooked
from engine.values import ZERO, Market, Side
from tests.engine.samples import ADDRESSES, BUY, CENT_RECEIVED, SELL, D, Number, charged, messages, owner, trade
from tests.engine.test_grid_level import described, level, wished

FIVE = Market("SOL", "USDT", amount_step=D("0.1"), min_cost=D(50))


def ended(of: PlaceOrder, filled: Number = 0, last_trade: str = "", **refused: Any) -> OrderEnded:
    return OrderEnded(of.owner, of.side, D(filled), last_trade, **refused)


def wishes(effects: list[Effect]) -> list[tuple[Side, Decimal, Decimal, str, tuple[int, int]]]:
    return [
        (one.side, one.price, one.quantity, one.answers, (one.cycle, one.attempt))
        for one in messages(effects)
        if isinstance(one, PlaceOrder)
    ]


def part(of: PlaceOrder, quantity: Number, trade_id: str) -> TradeBooked:
    return trade(of, trade_id, quantity=quantity, complete=False)


def test_an_order_that_ended_unfilled_is_wished_again_after_a_while() -> None:
    of = level()
    buy = wished(of.handle(ArmLevel()))
    assert of.handle(ended(buy)) == [After(1.0, RewishDue(BUY))]
    assert described(of).state is LevelState.READY_TO_BUY
    assert described(of).trouble == "its order was cancelled or expired"
    assert wishes(of.handle(RewishDue(BUY))) == [(BUY, D(110), D(2), AGAIN, (0, 1))]
    assert described(of).state is LevelState.WAITING_FOR_BUY_FILL
    assert described(of).trouble is None


def test_a_refused_order_says_why_and_is_tried_at_longer_and_longer_intervals() -> None:
    of = level()
    one = wished(of.handle(ArmLevel()))
    delays = []
    for attempt in range(1, 9):
        (due,) = of.handle(ended(one, refusal=Refusal.WOULD_TAKE, text="would match"))
        assert isinstance(due, After)
        delays.append(due.delay)
        assert described(of).trouble == "would match"
        one = wished(of.handle(due.message))
        assert (one.cycle, one.attempt, one.quantity) == (0, attempt, D(2))
    assert delays == [1, 2, 4, 8, 16, 32, 60, 60]


def test_a_reminder_changes_nothing_while_there_is_an_order() -> None:
    of = level()
    buy = wished(of.handle(ArmLevel()))
    of.handle(ended(buy))
    of.handle(RewishDue(BUY))
    assert of.handle(RewishDue(BUY)) == []


def test_an_end_that_is_told_twice_counts_once() -> None:
    of = level()
    buy = wished(of.handle(ArmLevel()))
    of.handle(ended(buy))
    assert of.handle(ended(buy)) == []
    assert wishes(of.handle(RewishDue(BUY))) == [(BUY, D(110), D(2), AGAIN, (0, 1))]


@pytest.mark.parametrize(
    ("side", "answer", "rest"),
    [
        (BUY, (SELL, D(120), D("0.5"), "t", (0, 0)), (BUY, D(110), D("1.5"), AGAIN, (0, 1))),
        (SELL, (BUY, D(110), D("0.5"), "t", (1, 0)), (SELL, D(120), D("1.5"), AGAIN, (1, 0))),
    ],
)
def test_what_was_filled_is_answered_and_the_rest_wished_again(side: Side, answer: object, rest: object) -> None:
    of = level(side)
    one = wished(of.handle(ArmLevel()))
    assert of.handle(part(one, "0.5", "t")) == []
    assert wishes(of.handle(ended(one, "0.5", "t"))) == [answer, rest]


def test_while_the_other_side_has_an_order_an_answer_is_carried_into_its_next_one() -> None:
    of = level()
    buy = wished(of.handle(ArmLevel()))
    of.handle(part(buy, "0.5", "t"))
    sell, rest = [one for one in messages(of.handle(ended(buy, "0.5", "t"))) if isinstance(one, PlaceOrder)]
    assert messages(of.handle(trade(rest, "u"))) == [NothingToPlace(owner("1"), "u")]
    assert (described(of).state, described(of).quantity) == (LevelState.WAITING_FOR_SELL_FILL, D("0.5"))
    assert wishes(of.handle(trade(sell, "v"))) == [
        (BUY, D(110), D("0.5"), "v", (1, 0)),
        (SELL, D(120), D("1.5"), AGAIN, (1, 0)),
    ]


def test_a_rest_under_the_minimum_is_carried_into_the_next_order_of_its_side() -> None:
    of = level(quantity=1, market=FIVE)
    buy = wished(of.handle(ArmLevel()))
    of.handle(part(buy, "0.9", "t"))
    (sell,) = [one for one in messages(of.handle(ended(buy, "0.9", "t"))) if isinstance(one, PlaceOrder)]
    assert (sell.side, sell.quantity) == (SELL, D("0.9"))
    assert wishes(of.handle(trade(sell, "u"))) == [(BUY, D(110), D("1.0"), "u", (1, 0))]


def test_an_answer_under_the_minimum_is_carried_and_the_rest_wished_again() -> None:
    of = level(quantity=1, market=FIVE)
    buy = wished(of.handle(ArmLevel()))
    of.handle(part(buy, "0.1", "t"))
    effects = of.handle(ended(buy, "0.1", "t"))
    assert messages(effects)[0] == NothingToPlace(owner("1"), "t")
    (rest,) = [one for one in messages(effects) if isinstance(one, PlaceOrder)]
    assert (rest.side, rest.quantity, rest.answers, rest.attempt) == (BUY, D("0.9"), AGAIN, 1)
    assert wishes(of.handle(trade(rest, "u"))) == [(SELL, D(120), D("1.0"), "u", (0, 0))]


def test_a_level_of_which_neither_part_makes_an_order_wishes_the_least_that_does() -> None:
    of = level(quantity="0.5", market=FIVE)
    buy = wished(of.handle(ArmLevel()))
    of.handle(part(buy, "0.2", "t"))
    (rest,) = [one for one in messages(of.handle(ended(buy, "0.2", "t"))) if isinstance(one, PlaceOrder)]
    assert (rest.side, rest.quantity) == (BUY, D("0.5"))
    assert wishes(of.handle(trade(rest, "u"))) == [(SELL, D(120), D("0.7"), "u", (0, 0))]


def test_fees_taken_in_base_are_not_sold_after_a_part_either() -> None:
    of = level(fees=CENT_RECEIVED)
    buy = wished(of.handle(ArmLevel()))
    of.handle(trade(buy, "t", quantity=1, fee=D("0.01"), fee_asset="SOL", complete=False))
    sell, _ = [one for one in messages(of.handle(ended(buy, 1, "t"))) if isinstance(one, PlaceOrder)]
    assert sell.quantity == D("0.99")


Ending = tuple[bool, int, int]


@settings(deadline=None, max_examples=150)
@given(
    side=st.sampled_from([BUY, SELL]),
    min_cost=st.sampled_from([0, 300]),
    steps=st.lists(st.tuples(st.booleans(), st.integers(0, 9), st.integers(0, 9)), max_size=25),
)
def test_whatever_ends_early_no_number_is_used_twice_and_no_amount_is_lost(
    side: Side, min_cost: int, steps: list[Ending]
) -> None:
    """Fill orders in part or whole in any order; what is on order, carried and owned always adds up."""
    of: GridLevel = level(side, quantity=10, market=Market("SOL", "USDT", amount_step=D(1), min_cost=D(min_cost)))
    live: dict[Side, PlaceOrder] = {}
    seen: set[tuple[Side, int, int]] = set()
    bought = sold = ZERO

    def take(effects: list[Effect]) -> None:
        for message in messages(effects):
            if isinstance(message, PlaceOrder):
                assert message.side not in live
                identity = (message.side, message.cycle, message.attempt)
                assert identity not in seen
                seen.add(identity)
                live[message.side] = message
        for effect in effects:
            if isinstance(effect, After):
                take(of.handle(effect.message))

    take(of.handle(ArmLevel()))
    for number, (is_complete, pick, tenths) in enumerate(steps):
        assert live, "a level never stands still"
        one = live.pop(sorted(live)[pick % len(live)])
        quantity = one.quantity if is_complete else one.quantity * tenths // 10
        if quantity:
            name = str(number)
            bought += quantity if one.side is BUY else ZERO
            sold += quantity if one.side is SELL else ZERO
            done = quantity == one.quantity
            effects = of.handle(trade(one, name, quantity=quantity, complete=done))
            take(effects if done else of.handle(ended(one, quantity, name)))
        else:
            take(of.handle(ended(one)))
    owned = (10 if side is SELL else 0) + bought - sold
    to_sell = of._selling.carried + (live[SELL].quantity if SELL in live else ZERO)
    if not min_cost:  # else a level that was stuck has bought or sold more than it was to
        assert to_sell == owned


def test_fees_of_a_complete_order_do_not_go_into_what_is_carried() -> None:
    of = level(fees=CENT_RECEIVED, market=Market("SOL", "USDT", amount_step=D("0.1")))
    buy = wished(of.handle(ArmLevel()))
    sell = wished(of.handle(charged(CENT_RECEIVED, buy, "1")))
    assert sell.quantity == D("1.9")
    assert (of._selling.carried, of._buying.carried) == (ZERO, ZERO)
    assert sell.owner.address == ADDRESSES.level("1")
