from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from engine.balance_tracker import BalanceTracker
from engine.balances import Ledger
from engine.effects import Effect, Reply
from engine.messages import (
    AGAIN,
    ARMING,
    CancelAllOrders,
    DescribeFunds,
    ExpectWishes,
    FundsCleared,
    FundsDescribed,
    HaltTrading,
    HoldingsChanged,
    NothingToPlace,
    OrderEnded,
    PlaceOrder,
    TradeBooked,
    WishFunded,
    WishWaited,
)
from engine.values import ZERO, Fees, Market, Side
from tests.engine.samples import (
    ADDRESSES,
    BUY,
    CENT,
    CENT_RECEIVED,
    FREE,
    MARKET,
    SELL,
    D,
    Number,
    charged,
    market_wish,
    messages,
    owner,
    told,
    trade,
    wish,
)


def tracker(quote: Number = 1000, base: Number = 0, fees: Fees = FREE, market: Market = MARKET) -> BalanceTracker:
    return BalanceTracker(Ledger(market, fees, D(quote), D(base)), market, ADDRESSES)


def armed(of: BalanceTracker, *wishes: PlaceOrder, price: Number = 115) -> list[Effect]:
    """Expect and tell first wishes; give all that came of it."""
    effects = of.handle(ExpectWishes(tuple(one.owner for one in wishes), D(price)))
    for one in wishes:
        effects += of.handle(one)
    return effects


def funds(of: BalanceTracker) -> FundsDescribed:
    (reply,) = of.handle(DescribeFunds())
    assert isinstance(reply, Reply)
    assert isinstance(reply.value, FundsDescribed)
    return reply.value


def funded(effects: list[Effect]) -> list[str]:
    """Give the slots whose wishes went on to the order manager, in order."""
    return [one.owner.slot for one in told(effects, ADDRESSES.order_manager) if isinstance(one, PlaceOrder)]


# --- arming --------------------------------------------------------------------------------------------


def test_nobody_is_funded_before_the_last_level_has_wished() -> None:
    of = tracker()
    near, far = wish("1", BUY, 110, 1), wish("0", BUY, 100, 1)
    assert of.handle(ExpectWishes((far.owner, near.owner), D(115))) == []
    assert of.handle(far) == []
    assert funded(of.handle(near)) == ["1", "0"]


def test_first_wishes_are_served_nearest_first_whatever_order_they_come_in() -> None:
    wishes = [wish("0", BUY, 100, 2), wish("1", BUY, 110, 2), wish("2", SELL, 130, 1), wish("3", SELL, 140, 1)]
    for one_order in (wishes, wishes[::-1], wishes[2:] + wishes[:2]):
        of = tracker(quote=300, base=1)
        effects = armed(of, *one_order, price=120)
        assert funded(effects) == ["1", "2"]
        assert {one.owner.slot for one in funds(of).waiting} == {"0", "3"}


def test_an_order_that_cannot_be_funded_in_full_is_passed_over() -> None:
    of = tracker(quote=250)
    effects = armed(of, wish("2", BUY, 110, 2), wish("1", BUY, 105, 3), wish("0", BUY, 30, 1))
    assert funded(effects) == ["2", "0"]
    assert told(effects, owner("1").address) == [WishWaited(BUY, too_small=False)]
    assert told(effects, owner("2").address) == []


def test_a_level_with_nothing_to_place_holds_nobody_up() -> None:
    of = tracker()
    one, idle = wish("1", BUY, 110, 1), owner("0")
    of.handle(ExpectWishes((one.owner, idle), D(115)))
    assert of.handle(one) == []
    assert funded(of.handle(NothingToPlace(idle, ARMING))) == ["1"]


def test_an_order_under_the_minimums_waits_though_there_is_money() -> None:
    of = tracker(market=Market("SOL", "USDT", min_cost=D(105)))
    effects = armed(of, wish("0", BUY, 100, 1), wish("1", BUY, 110, 1))
    assert funded(effects) == ["1"]
    assert told(effects, owner("0").address) == [WishWaited(BUY, too_small=True)]
    assert [one.owner.slot for one in funds(of).waiting] == ["0"]


# --- after a fill --------------------------------------------------------------------------------------


def test_a_levels_own_answer_goes_before_a_nearer_one_that_waits() -> None:
    of = tracker(quote=210)
    buy, waits = wish("1", BUY, 110, 1), wish("0", BUY, 101, 1)
    armed(of, buy, waits)
    of.handle(trade(buy, "1"))
    assert funded(of.handle(wish("1", SELL, 120, 1, "1"))) == ["1"]
    of.handle(trade(wish("1", SELL, 120, 1), "2"))
    assert funded(of.handle(wish("1", BUY, 110, 2, "2"))) == ["1"]  # it leaves nothing for the other
    assert [one.owner.slot for one in funds(of).waiting] == ["0"]


def test_who_waits_is_measured_from_the_last_fill() -> None:
    of = tracker(quote=110, base=1)
    low, high, sell = wish("0", BUY, 60, 2), wish("3", BUY, 110, 2), wish("4", SELL, 130, 1)
    armed(of, low, high, sell, price=61)
    assert {one.owner.slot for one in funds(of).waiting} == {"0", "3"}
    of.handle(trade(sell, "1"))  # 240 of quote: enough for either, not for both
    effects = of.handle(NothingToPlace(sell.owner, "1"))
    assert funded(effects) == ["3"]
    assert told(effects, high.owner.address) == [WishFunded(BUY)]


def test_who_waits_is_not_served_while_another_level_owes() -> None:
    of = tracker(quote=110, base=2)
    first, second, waits = wish("4", SELL, 130, 1), wish("5", SELL, 140, 1), wish("0", BUY, 100, 2)
    armed(of, first, second, waits)
    of.handle(trade(first, "1"))
    of.handle(trade(second, "2"))
    assert of.handle(NothingToPlace(first.owner, "1")) == []
    assert funded(of.handle(wish("5", BUY, 130, 1, "2"))) == ["5", "0"]


def test_an_answer_that_cannot_be_funded_waits_and_is_told_once() -> None:
    of = tracker(quote=110)
    buy = wish("1", BUY, 110, 1)
    armed(of, buy)
    of.handle(trade(buy, "1"))
    assert messages(of.handle(wish("1", SELL, 120, 2, "1"))) == [WishWaited(SELL, too_small=False)]
    assert [one.owner.slot for one in funds(of).waiting] == ["1"]


@pytest.mark.parametrize("stale", [ARMING, "0", "2"])
def test_a_wish_that_answers_anything_but_the_last_fill_is_ignored(stale: str) -> None:
    of = tracker()
    buy = wish("1", BUY, 110, 1)
    armed(of, buy)
    of.handle(trade(buy, "1"))
    assert of.handle(wish("1", SELL, 120, 1, stale)) == []
    assert of.handle(NothingToPlace(buy.owner, stale)) == []
    assert funded(of.handle(wish("1", SELL, 120, 1, "1"))) == ["1"]


def test_a_repeated_wish_is_ignored_whether_it_was_funded_or_waits() -> None:
    of = tracker(quote=110)
    rich, poor = wish("1", BUY, 110, 1), wish("0", BUY, 100, 1)
    armed(of, rich, poor)
    before = funds(of)
    assert of.handle(rich) == []
    assert of.handle(poor) == []
    assert funds(of) == before


def test_a_partial_fill_is_not_owed_an_answer() -> None:
    of = tracker()
    buy = wish("1", BUY, 110, 2)
    armed(of, buy)
    of.handle(trade(buy, "1", quantity=1, complete=False))
    assert of.handle(wish("1", SELL, 120, 1, "1")) == []
    of.handle(trade(buy, "2", quantity=1))
    assert funded(of.handle(wish("1", SELL, 120, 2, "2"))) == ["1"]


def test_money_freed_by_a_better_price_serves_who_waits() -> None:
    of = tracker(quote=210)
    buy, waits = wish("1", BUY, 110, 1), wish("0", BUY, 101, 1)
    armed(of, buy, waits)
    of.handle(trade(buy, "1", price=109))
    assert funded(of.handle(wish("1", SELL, 120, 1, "1"))) == ["1", "0"]


# --- holdings, market orders, the halt -----------------------------------------------------------------


def test_holdings_are_told_when_they_begin_and_when_they_end() -> None:
    of = tracker()
    buys = [wish("0", BUY, 100, 1), wish("1", BUY, 110, 1)]
    armed(of, *buys)
    assert told(of.handle(trade(buys[0], "1", quantity=D("0.4"), complete=False)), ADDRESSES.risk_monitor) == [
        HoldingsChanged(D("0.4"))
    ]
    assert messages(of.handle(trade(buys[0], "2", quantity=D("0.6")))) == []
    assert messages(of.handle(trade(buys[1], "3"))) == []
    of.handle(wish("0", SELL, 110, 1, "2"))
    of.handle(wish("1", SELL, 120, 1, "3"))
    assert messages(of.handle(trade(wish("0", SELL, 110, 1), "4"))) == []
    assert messages(of.handle(trade(wish("1", SELL, 120, 1), "5"))) == [HoldingsChanged(D(0))]


@pytest.mark.parametrize(
    ("quote", "market", "made"),
    [(222, MARKET, True), (221, MARKET, False), (1000, Market("SOL", "USDT", min_amount=D(3)), False)],
)
def test_a_market_order_is_funded_at_once_or_refused(quote: int, market: Market, made: bool) -> None:  # noqa: FBT001 - a table's column
    of = tracker(quote=quote, market=market)
    one = market_wish(BUY, 111, 2)
    effects = of.handle(one)
    assert told(effects, ADDRESSES.order_manager) == ([one] if made else [])
    assert told(effects, ADDRESSES.grid_manager) == ([] if made else [WishWaited(BUY, too_small=market is not MARKET)])
    assert funds(of).waiting == ()
    assert funds(of).free_quote == (quote - 222 if made else quote)


def test_a_purchase_owes_no_answer() -> None:
    of = tracker()
    one = market_wish(BUY, 111, 2)
    of.handle(one)
    of.handle(trade(one, "1"))
    assert funded(armed(of, wish("1", BUY, 110, 1))) == ["1"]


def test_a_halt_drops_who_waits_cancels_all_and_clears_when_the_last_order_has_ended() -> None:
    of = tracker(quote=215)
    near, far, waits = wish("1", BUY, 110, 1), wish("0", BUY, 100, 1), wish("2", BUY, 90, 1)
    armed(of, near, far, waits)
    assert messages(of.handle(HaltTrading())) == [CancelAllOrders()]
    assert funds(of).waiting == ()
    assert messages(of.handle(OrderEnded(near.owner, near.side, ZERO, ""))) == []
    assert told(of.handle(OrderEnded(far.owner, far.side, ZERO, "")), ADDRESSES.grid_manager) == [
        FundsCleared(D(215), ZERO)
    ]


def test_a_halt_without_orders_clears_at_once() -> None:
    of = tracker(quote=5, base=7)
    assert messages(of.handle(HaltTrading())) == [CancelAllOrders(), FundsCleared(D(5), D(7))]


def test_after_a_halt_no_level_is_funded_but_the_liquidation_is() -> None:
    of = tracker(base=2)
    late = wish("1", BUY, 110, 1)
    of.handle(ExpectWishes((late.owner,), D(115)))
    of.handle(HaltTrading())
    assert of.handle(late) == []
    sale = market_wish(SELL, 90, 2)
    assert messages(of.handle(sale)) == [sale]
    assert messages(of.handle(trade(sale, "1"))) == [HoldingsChanged(ZERO), FundsCleared(D(1180), ZERO)]


def test_an_order_that_fills_before_its_cancel_arrives_clears_the_funds_too() -> None:
    """A live exchange may fill what a halt is cancelling; the liquidation must not wait for ever."""
    of = tracker(quote=110)
    buy = wish("1", BUY, 110, 1)
    armed(of, buy)
    of.handle(HaltTrading())
    assert told(of.handle(trade(buy, "1")), ADDRESSES.grid_manager) == [FundsCleared(ZERO, D(1))]


# --- any sequence --------------------------------------------------------------------------------------


class TrackerAgainstAModel(RuleBasedStateMachine):
    """Compare the tracker with lists that are looked through, over wishes, trades, cancellations and a halt."""

    def __init__(self) -> None:
        super().__init__()
        self.fees = FREE
        self.of = tracker()
        self.quote, self.base = ZERO, ZERO  # everything, reserved included
        self.live: dict[str, tuple[PlaceOrder, Decimal]] = {}  # with what is not filled yet
        self.waiting: dict[str, PlaceOrder] = {}
        self.owed: dict[str, str] = {}
        self.told: set[str] = set()
        self.last = ZERO
        self.trades = 0
        self.last_trades: dict[str, str] = {}  # of live orders that have traded
        self.kept: dict[str, tuple[Side, Decimal]] = {}  # what they brought in, of which nobody else is served
        self.market = MARKET
        self.clears = False  # halted, and it has not been told that every order is gone
        self.halted = False

    @initialize(
        quote=st.integers(0, 1500),
        base=st.integers(0, 8),
        fees=st.sampled_from([FREE, CENT, CENT_RECEIVED]),
        slots=st.sets(st.sampled_from(["0", "1", "2", "2b", "3", "4"]), min_size=1),
        price=st.integers(80, 160),
    )
    def begin(self, quote: int, base: int, fees: Fees, slots: set[str], price: int) -> None:
        self.fees = fees
        self.of = tracker(quote, base, fees)
        self.quote, self.base = D(quote), D(base)
        self.owed = dict.fromkeys(sorted(slots), ARMING)
        self.last = D(price)
        assert self.of.handle(ExpectWishes(tuple(map(owner, sorted(slots))), self.last)) == []

    def free(self, side: Side) -> Decimal:
        reserved = sum((self.need(one, left) for one, left in self.live.values() if one.side is side), ZERO)
        return (self.quote if side is BUY else self.base) - reserved

    def need(self, one: PlaceOrder, quantity: Decimal) -> Decimal:
        if one.side is SELL:
            return quantity
        return one.price * quantity * (1 if self.fees.in_received else 1 + self.fees.rate)

    def reserve(self, one: PlaceOrder) -> bool:
        if self.need(one, one.quantity) > self.free(one.side):
            return False
        self.live[one.owner.slot] = (one, one.quantity)
        return True

    def has_beside_what_is_kept(self, one: PlaceOrder) -> bool:
        kept = sum((got for side, got in self.kept.values() if side is not one.side), ZERO)
        return self.need(one, one.quantity) + kept <= self.free(one.side)

    def serve(self) -> tuple[list[PlaceOrder], list[tuple[str, object]]]:
        """Give whom the waiting money goes to, and who is told what, when nobody owes."""
        if self.owed:
            return [], []
        placed: list[PlaceOrder] = []
        news: list[tuple[str, object]] = []
        queue = sorted(
            self.waiting.values(),
            key=lambda one: (abs(one.price - self.last), one.owner.level, one.side is SELL, one.owner.slot),
        )
        for one in queue:
            if self.has_beside_what_is_kept(one):
                assert self.reserve(one)
                placed.append(self.waiting.pop(one.owner.slot))
                if one.owner.slot in self.told:
                    self.told.remove(one.owner.slot)
                    news.append((one.owner.slot, WishFunded(one.side)))
        for slot, one in self.waiting.items():
            if slot not in self.told:
                self.told.add(slot)
                news.append((slot, WishWaited(one.side, too_small=not self.market.accepts(one.price, one.quantity))))
        return placed, news

    def check(self, effects: list[Effect], placed: list[PlaceOrder], news: list[tuple[str, object]]) -> None:
        assert told(effects, ADDRESSES.order_manager) == placed
        for slot in ("0", "1", "2", "2b", "3", "4"):
            assert told(effects, owner(slot).address) == [message for to, message in news if to == slot]

    @precondition(lambda self: self.owed and not self.halted)
    @rule(
        pick=st.integers(0, 9),
        side=st.sampled_from([BUY, SELL]),
        price=st.integers(80, 160),
        quantity=st.integers(0, 5),
    )
    def a_level_answers(self, pick: int, side: Side, price: int, quantity: int) -> None:
        slot = sorted(self.owed)[pick % len(self.owed)]
        answers = self.owed.pop(slot)
        if not quantity:
            self.check(self.of.handle(NothingToPlace(owner(slot), answers)), *self.serve())
            return
        # Two levels of one interval at one price are another test's matter.
        at = D(price) + (D("0.5") if slot.endswith("b") else ZERO)
        one = wish(slot, side, at, quantity, answers)
        own: list[PlaceOrder] = []
        if answers != ARMING and self.has_beside_what_is_kept(one):
            assert self.reserve(one)
            own = [one]
        else:
            self.waiting[slot] = one
        placed, news = self.serve()
        self.check(self.of.handle(one), own + placed, news)

    @rule(slot=st.sampled_from(["0", "1", "2b"]), answers=st.sampled_from([ARMING, "1", "2", "no such trade"]))
    def a_wish_comes_that_nobody_owes(self, slot: str, answers: str) -> None:
        if self.owed.get(slot) == answers:
            return
        assert self.of.handle(wish(slot, BUY, 100, 1, answers)) == []
        assert self.of.handle(NothingToPlace(owner(slot), answers)) == []

    @precondition(lambda self: not self.halted)
    @rule(slot=st.sampled_from(["0", "1", "2b"]), side=st.sampled_from([BUY, SELL]), price=st.integers(80, 160))
    def a_level_wishes_again_what_an_ended_order_left(self, slot: str, side: Side, price: int) -> None:
        """Wish for a slot that has nothing else; a second wish of the same side is the same one, told again."""
        known = self.waiting.get(slot) or (self.live[slot][0] if slot in self.live else None)
        one = wish(slot, side, D(price) + (D("0.5") if slot.endswith("b") else ZERO), 2, AGAIN)
        if slot in self.owed or known is not None:
            if known is not None and known.side is side:
                assert self.of.handle(one) == []
            return
        self.waiting[slot] = one
        placed, news = self.serve()
        self.check(self.of.handle(one), placed, news)

    def book(self, of: TradeBooked) -> None:
        """Expect a trade to move the money, holdings to be told when they begin or end, funds when they are clear."""
        held = self.base > 0
        sign = 1 if of.side is BUY else -1
        self.quote -= sign * of.price * of.quantity + (of.fee if of.fee_asset == "USDT" else ZERO)
        self.base += sign * of.quantity - (of.fee if of.fee_asset == "SOL" else ZERO)
        self.last = of.price
        effects = self.of.handle(of)
        self.check(effects, [], [])
        changed: list[object] = [HoldingsChanged(self.base)] if (self.base > 0) != held else []
        assert told(effects, ADDRESSES.risk_monitor) == changed
        assert told(effects, ADDRESSES.grid_manager) == self.clear()

    def clear(self) -> list[object]:
        """Give what is to be told when the last order of a halted grid has gone."""
        if not self.clears or self.live:
            return []
        self.clears = False
        return [FundsCleared(self.quote, self.base)]

    @precondition(lambda self: self.live)
    @rule(pick=st.integers(0, 9), part=st.integers(1, 5))
    def an_order_trades(self, pick: int, part: int) -> None:
        slot = sorted(self.live)[pick % len(self.live)]
        one, left = self.live.pop(slot)
        quantity = min(D(part), left)
        self.trades += 1
        trade_id = f"t{self.trades}"
        if quantity < left:
            self.live[slot] = (one, left - quantity)
            self.last_trades[slot] = trade_id
        else:
            self.last_trades.pop(slot, None)
            self.kept.pop(slot, None)
            self.owed[slot] = trade_id
        fee, asset = self.fees.on(one.side, one.price, quantity), self.fees.asset(one.side, MARKET)
        if quantity < left:
            got = quantity if one.side is BUY else one.price * quantity
            charged_on_it = (asset == "SOL") is (one.side is BUY)
            self.kept[slot] = (one.side, self.kept.get(slot, (one.side, ZERO))[1] + got - fee * charged_on_it)
        self.book(trade(one, trade_id, quantity=quantity, fee=fee, fee_asset=asset, complete=quantity == left))

    @precondition(lambda self: self.live)
    @rule(pick=st.integers(0, 9))
    def an_order_is_cancelled(self, pick: int) -> None:
        slot = sorted(self.live)[pick % len(self.live)]
        one, left = self.live.pop(slot)
        last_trade = self.last_trades.pop(slot, "")
        self.kept.pop(slot, None)
        if last_trade:
            self.owed[slot] = last_trade
        placed, news = self.serve()
        effects = self.of.handle(OrderEnded(one.owner, one.side, one.quantity - left, last_trade))
        self.check(effects, placed, news)
        assert told(effects, ADDRESSES.grid_manager) == self.clear()

    @precondition(lambda self: not self.halted)
    @rule()
    def trading_is_halted(self) -> None:
        self.halted = self.clears = True
        self.waiting.clear()
        assert messages(self.of.handle(HaltTrading())) == [CancelAllOrders(), *self.clear()]

    @precondition(lambda self: self.halted and not self.clears)
    @rule()
    def the_base_is_sold(self) -> None:
        if self.base:
            sale = market_wish(SELL, 95, self.base)
            assert messages(self.of.handle(sale)) == [sale]
            self.clears = True
            self.book(charged(self.fees, sale, "sale"))

    @precondition(lambda self: self.halted and self.owed)
    @rule(pick=st.integers(0, 9))
    def a_level_answers_after_the_halt(self, pick: int) -> None:
        slot = sorted(self.owed)[pick % len(self.owed)]
        assert self.of.handle(wish(slot, BUY, 100, 1, self.owed[slot])) == []

    @invariant()
    def free_and_reserved_are_what_live_orders_leave_and_need(self) -> None:
        known = funds(self.of)
        assert (known.free_quote, known.free_base) == (self.free(BUY), self.free(SELL))
        assert known.free_quote + known.reserved_quote == self.quote
        assert known.free_base + known.reserved_base == self.base
        assert min(known.free_quote, known.free_base, known.reserved_quote, known.reserved_base) >= 0
        assert {one.owner.slot: one for one in known.waiting} == self.waiting
        assert not set(self.waiting) & set(self.live)


TrackerAgainstAModel.TestCase.settings = settings(deadline=None, max_examples=120, stateful_step_count=30)
test_any_sequence_agrees_with_the_model = TrackerAgainstAModel.TestCase
