"""A level that is made anew from its row goes on like the one that lived through what led there."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.effects import After, Effect
from engine.grid_level import GridLevel
from engine.journal.rows import HalfRow, LevelRow
from engine.messages import (
    AGAIN,
    ARMING,
    ArmLevel,
    NothingToPlace,
    OrderEnded,
    PlaceOrder,
    RewishDue,
    TradeBooked,
    WishWaited,
)
from engine.values import ZERO, Market, Side
from tests.engine.journalled import ended
from tests.engine.samples import BUY, CENT_RECEIVED, SELL, D, Number, messages, owner, trade
from tests.engine.test_grid_level import described, level

UNIT = Market("SOL", "USDT", amount_step=D(1))
FIVE = Market("SOL", "USDT", amount_step=D("0.1"), min_cost=D(50))
Wish = tuple[Side, Decimal, Decimal]


class Followed:
    """A level, and the one that the journal follows it with, which hears only of what becomes of orders."""

    def __init__(self, side: Side = BUY, quantity: Number = 2, **rules: Any) -> None:
        self._make: Callable[[], GridLevel] = lambda: level(side, quantity, **rules)
        self.lived, self.journal = self._make(), self._make()
        self.wished: dict[Side, PlaceOrder] = {}
        self.timers: list[RewishDue] = []
        self.take(self.lived.handle(ArmLevel()))
        self.journal.handle(ArmLevel())

    def take(self, effects: list[Effect]) -> None:
        self.wished.update((one.side, one) for one in messages(effects) if isinstance(one, PlaceOrder))
        self.timers += [effect.message for effect in effects if isinstance(effect, After)]

    def ordered(self, side: Side) -> PlaceOrder:
        """Let a wish become an order."""
        wish = self.wished.pop(side)
        self.journal.ordered(wish)
        return wish

    def waits(self, side: Side) -> None:
        self.lived.handle(WishWaited(side, too_small=False))
        self.journal.waited(side, too_small=False)

    def hear(self, news: TradeBooked | OrderEnded) -> None:
        self.take(self.lived.handle(news))
        self.journal.handle(news)

    def time_passes(self) -> None:
        timers, self.timers = self.timers, []
        for due in timers:
            self.take(self.lived.handle(due))

    def again(self) -> tuple[GridLevel, list[Effect]]:
        """Make the level anew from its row."""
        of = self._make()
        return of, of.handle(ArmLevel(self.journal.row()))


def wishes(effects: list[Effect]) -> list[Wish]:
    return [(one.side, one.price, one.quantity) for one in messages(effects) if isinstance(one, PlaceOrder)]


# --- the states that a level may be in ---------------------------------------------------------------------


def armed_but_unfunded(of: Followed) -> dict[Side, PlaceOrder]:
    assert of.wished
    return {}


def waiting(of: Followed) -> dict[Side, PlaceOrder]:
    of.waits(BUY)
    return {}


def ordered(of: Followed) -> dict[Side, PlaceOrder]:
    return {BUY: of.ordered(BUY)}


def partly_filled(of: Followed) -> dict[Side, PlaceOrder]:
    buy = of.ordered(BUY)
    of.hear(trade(buy, "t1", quantity="0.5", complete=False))
    return {BUY: buy}


def answering(of: Followed) -> dict[Side, PlaceOrder]:
    of.hear(trade(of.ordered(BUY), "t1"))
    return {}


def answering_and_waiting(of: Followed) -> dict[Side, PlaceOrder]:
    of.hear(trade(of.ordered(BUY), "t1"))
    of.waits(SELL)
    return {}


def both_sides(of: Followed) -> dict[Side, PlaceOrder]:
    buy = of.ordered(BUY)
    of.hear(trade(buy, "t1", quantity="0.5", complete=False))
    of.hear(ended(buy, "0.5", "t1"))
    return {SELL: of.ordered(SELL), BUY: of.ordered(BUY)}


def one_side_ordered_and_one_wished(of: Followed) -> dict[Side, PlaceOrder]:
    buy = of.ordered(BUY)
    of.hear(trade(buy, "t1", quantity="0.5", complete=False))
    of.hear(ended(buy, "0.5", "t1"))
    return {BUY: of.ordered(BUY)}


def ended_unfilled(of: Followed) -> dict[Side, PlaceOrder]:
    of.hear(ended(of.ordered(BUY)))
    of.time_passes()
    return {}


def carried_into_an_order(of: Followed) -> dict[Side, PlaceOrder]:
    """Have 0.5 on sale, and 1.5 more to sell that came when that was there already."""
    live = both_sides(of)
    of.hear(trade(live[BUY], "t2"))
    return {SELL: live[SELL]}


def in_its_second_cycle(of: Followed) -> dict[Side, PlaceOrder]:
    of.hear(trade(of.ordered(BUY), "t1"))
    of.hear(trade(of.ordered(SELL), "t2"))
    return {BUY: of.ordered(BUY)}


STATES = (
    armed_but_unfunded,
    waiting,
    ordered,
    partly_filled,
    answering,
    answering_and_waiting,
    both_sides,
    one_side_ordered_and_one_wished,
    ended_unfilled,
    carried_into_an_order,
    in_its_second_cycle,
)


@pytest.mark.parametrize("fees", [{}, {"fees": CENT_RECEIVED}])
@pytest.mark.parametrize("state", STATES)
def test_a_level_that_is_made_anew_wishes_and_answers_like_the_one_that_lived(
    state: Callable[[Followed], dict[Side, PlaceOrder]], fees: dict[str, Any]
) -> None:
    of = Followed(**fees)
    live = state(of)
    again, effects = of.again()
    assert sorted(wishes(effects)) == sorted((one.side, one.price, one.quantity) for one in of.wished.values())
    assert messages(effects)[-1] == NothingToPlace(owner("1"), ARMING)  # it has said all that there is to say
    assert described(again).low == described(of.lived).low
    everything = {**live, **of.wished}
    for number, (side, order) in enumerate(sorted(everything.items())):
        rest = order.quantity - (again._buying.filled if side is BUY else again._selling.filled)
        last = trade(order, f"last{number}", quantity=rest)
        assert wishes(again.handle(last)) == wishes(of.lived.handle(last))
    assert again.row().cycle == of.lived.row().cycle
    assert again.row().kept_of_buy == of.lived.row().kept_of_buy


@pytest.mark.parametrize(
    ("state", "answers"),
    [
        (armed_but_unfunded, {BUY: ARMING}),
        (waiting, {BUY: AGAIN}),
        (answering, {SELL: "t1"}),
        (answering_and_waiting, {SELL: AGAIN}),
        (one_side_ordered_and_one_wished, {SELL: "t1"}),
        (ended_unfilled, {BUY: AGAIN}),
        (ordered, {}),
        (both_sides, {}),
    ],
)
def test_only_what_answers_a_trade_and_has_not_waited_may_be_served_first(
    state: Callable[[Followed], dict[Side, PlaceOrder]], answers: dict[Side, str]
) -> None:
    of = Followed()
    state(of)
    row = of.journal.row()
    _, effects = of.again()
    assert {one.side: one.answers for one in messages(effects) if isinstance(one, PlaceOrder)} == answers
    owed = {side: half.owes for side, half in ((BUY, row.buying), (SELL, row.selling)) if half.owes is not None}
    assert owed == {side: trade_id for side, trade_id in answers.items() if trade_id not in (ARMING, AGAIN)}


def test_what_is_under_the_minimum_is_carried_over_a_start_into_the_next_order() -> None:
    of = Followed(quantity=1, market=FIVE)
    buy = of.ordered(BUY)
    of.hear(trade(buy, "t", quantity="0.9", complete=False))
    of.hear(ended(buy, "0.9", "t"))
    sell = of.ordered(SELL)
    again, effects = of.again()
    assert wishes(effects) == []
    assert wishes(again.handle(trade(sell, "u"))) == [(BUY, D(110), D("1.0"))]


def test_an_order_that_ended_unfilled_is_wished_again_at_the_start_and_never_under_a_used_number() -> None:
    of = Followed()
    buy = of.ordered(BUY)
    of.hear(ended(buy))
    _, effects = of.again()
    (again,) = [one for one in messages(effects) if isinstance(one, PlaceOrder)]
    assert (again.quantity, again.answers, again.cycle, again.attempt) == (D(2), AGAIN, 0, 1)


def test_rewishes_go_on_slower_and_slower_over_starts() -> None:
    of = Followed()
    for _ in range(3):
        of.hear(ended(of.ordered(BUY)))
        of.time_passes()
    buy = of.ordered(BUY)
    again, _ = of.again()
    (due,) = [effect for effect in again.handle(ended(buy)) if isinstance(effect, After)]
    assert due.delay == 8.0


def test_an_idle_level_stays_idle() -> None:
    _, effects = Followed(quantity=0).again()
    assert messages(effects) == [NothingToPlace(owner("1"), ARMING)]


halves = st.builds(
    HalfRow,
    is_taken=st.booleans(),
    is_ordered=st.booleans(),
    waits=st.booleans(),
    quantity=st.decimals(0, 9, places=2),
    filled=st.decimals(0, 9, places=2),
    carried=st.decimals(0, 9, places=2),
    cycle=st.integers(-1, 9),
    attempt=st.integers(0, 9),
    failures=st.integers(0, 9),
    answers=st.sampled_from([ARMING, AGAIN, "t"]),
    trouble=st.sampled_from([None, "waits for funds"]),
)


@given(
    row=st.builds(
        LevelRow,
        slot=st.just("1"),
        state=st.sampled_from(["READY_TO_BUY", "WAITING_FOR_SELL_FILL"]),
        latest=st.sampled_from(Side),
        cycle=st.integers(0, 9),
        kept_of_buy=st.sampled_from([D(1), D("0.99")]),
        buying=halves,
        selling=halves,
    )
)
def test_a_row_becomes_a_level_and_a_row_again(row: LevelRow) -> None:
    of = level()
    of.recall(row)
    assert of.row() == row


# --- nothing is lost, nothing doubled -------------------------------------------------------------------------


class Shaken:
    """Let anything happen to a level; it and its journal are cut off and made anew now and then."""

    SIZE = D(12)

    def __init__(self, side: Side) -> None:
        self.of = Followed(side, self.SIZE, market=UNIT)
        self.live: dict[Side, tuple[PlaceOrder, Decimal]] = {}
        self.owned = self.SIZE if side is SELL else ZERO
        self.trades = 0
        self.used: set[tuple[Side, int, int]] = set()

    def happen(self, what: str, pick: int) -> None:
        of, sides = self.of, sorted(self.live)
        side = sides[pick % len(sides)] if sides else None
        wished = sorted(of.wished)
        if what == "order" and wished:
            self._order(wished[pick % len(wished)])
        elif what == "wait" and wished:
            of.waits(wished[pick % len(wished)])
        elif what == "fill" and side is not None:
            self._fill(side, pick, complete=True)
        elif what == "part" and side is not None:
            self._fill(side, pick, complete=False)
        elif what == "end" and side is not None:
            order, filled = self.live.pop(side)
            of.hear(ended(order, filled, str(self.trades) if filled else ""))
        elif what == "time":
            of.time_passes()
        elif what == "cut":
            of.wished, of.timers = {}, []
            of.lived, effects = of.again()
            of.take(effects)
        elif what == "journal":
            row, of.journal = of.journal.row(), of._make()
            of.journal.recall(row)

    def _order(self, side: Side) -> None:
        assert side not in self.live, "one live order a side"
        order = self.of.ordered(side)
        number = (side, order.cycle, order.attempt)
        assert number not in self.used, "a client order id is used once"
        self.used.add(number)
        self.live[side] = (order, ZERO)

    def _fill(self, side: Side, pick: int, *, complete: bool) -> None:
        order, filled = self.live[side]
        rest = order.quantity - filled
        quantity = rest if complete else D(1 + pick % 5)
        if quantity > rest or (not complete and quantity == rest):
            return
        self.trades += 1
        self.owned += quantity if side is BUY else -quantity
        if complete:
            del self.live[side]
        else:
            self.live[side] = (order, filled + quantity)
        self.of.hear(trade(order, str(self.trades), quantity=quantity, complete=complete))

    def adds_up(self) -> None:
        """What is to be bought and what is to be sold make a level's size, wherever one looks."""
        for of in (self.of.lived, self.of.journal):
            for half, other, all_of_it in (
                (of._selling, of._buying, self.owned),
                (of._buying, of._selling, self.SIZE - self.owned),
            ):
                to_place = half.carried + (half.quantity - half.filled if half.is_taken else ZERO) + other.filled
                assert to_place == all_of_it
        for side, (order, filled) in self.live.items():
            half = self.of.journal._half(side)
            assert (half.is_ordered, half.quantity, half.filled) == (True, order.quantity, filled)
        assert self.live or self.of.wished or self.of.timers, "a level never stands still"


@settings(deadline=None, max_examples=300)
@given(
    side=st.sampled_from(Side),
    steps=st.lists(
        st.tuples(
            st.sampled_from(["order", "order", "fill", "part", "part", "end", "wait", "time", "cut", "journal"]),
            st.integers(0, 9),
        ),
        max_size=40,
    ),
)
def test_what_a_level_has_to_place_is_never_lost_nor_doubled(side: Side, steps: list[tuple[str, int]]) -> None:
    of = Shaken(side)
    of.adds_up()
    for what, pick in steps:
        of.happen(what, pick)
        of.adds_up()
