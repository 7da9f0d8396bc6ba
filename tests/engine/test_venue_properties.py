from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from engine.values import ZERO
from engine.venue.events import BalancesChanged, BalanceTransferred, Event, OrderChanged
from engine.venue.values import OrderRecord, OrderRequest, OrderSide, Refused
from engine.venue.venue import Venue
from tests.engine.venues import NOW, SOL, D, by_asset, request, rules

ACCOUNTS = {"ann": False, "bob": True, "cas": True}  # and whether they pay fees in BNB
BEGIN = {"USDT": D(3000), "SOL": D(30), "BNB": D("0.01")}
TICK = D("0.01")

# Few prices and few names: orders meet, and names come again.
prices = st.integers(9990, 10010).map(lambda cents: cents * TICK)
quantities = st.integers(60, 9000).map(lambda steps: steps * D("0.001"))  # never under the minimum notional
sides = st.sampled_from(["BUY", "SELL"])
names = st.sampled_from(["a", "b", "c", "d", None])
limits = st.builds(
    request,
    side=sides,
    quantity=quantities,
    price=prices,
    kind=st.just("LIMIT"),
    tif=st.sampled_from(["GTC", "GTC", "GTC", "IOC", "FOK"]),
    name=names,
)
makers = st.builds(request, side=sides, quantity=quantities, price=prices, kind=st.just("LIMIT_MAKER"), name=names)
markets = st.builds(request, side=sides, quantity=quantities, name=names)
by_quote = st.builds(request, side=sides, quantity=st.none(), quote=st.integers(5, 800), name=names)


def rank(order: OrderRecord) -> tuple[Decimal, int]:
    """Order those of one side by who trades first."""
    return (-order.price if order.side == "BUY" else order.price, order.order_id)


class Exchange(RuleBasedStateMachine):
    """Do anything that can be done to an exchange, and keep account of it by its events alone."""

    def __init__(self) -> None:
        super().__init__()
        # BNB trades against USDT at the price of SOL: fees in BNB and the asset itself get in each other's way.
        symbols = [rules(), rules("BNBUSDT", "BNB")]
        start = {SOL: D(100), "BNBUSDT": D(100)}
        self.venue = Venue(symbols, start, seed=3, maker_fee=D("0.001"), taker_fee=D("0.0015"), now=NOW)
        for account, in_bnb in ACCOUNTS.items():
            self.venue.open_account(account, BEGIN, pays_fees_in_bnb=in_bnb)
        self.money = {asset: amount * len(ACCOUNTS) for asset, amount in BEGIN.items()}
        self.now = NOW
        self.told_orders: dict[int, OrderRecord] = {}
        self.told_balances = {account: by_asset(self.venue.balances(account)) for account in ACCOUNTS}
        self.filled: Counter[int] = Counter()
        self.executions = 0

    # --- what can be done --------------------------------------------------------------------------

    @rule(account=st.sampled_from(list(ACCOUNTS)), wish=st.one_of(limits, makers, markets, by_quote))
    def place(self, account: str, wish: OrderRequest) -> None:
        is_duplicate = wish.client_order_id in {it.client_order_id for it in self.venue.open_orders(account, SOL)}
        before = self.resting()
        if (refused := self.refusal(account, wish)) is not None:
            assert refused.code in {-1013, -2010}
            assert not is_duplicate or refused.message == "Duplicate order sent."
            with pytest.raises(Refused, match=refused.message):
                self.venue.place(account, wish, self.now)
            return
        assert not is_duplicate
        placed, events = self.venue.place(account, wish, self.now)
        self.hear(events)
        assert placed.order == self.told_orders[placed.order.order_id]
        assert sum((trade.quantity for trade in placed.trades), ZERO) == placed.order.executed
        if wish.price is not None:
            sign = 1 if wish.side == "BUY" else -1
            assert all(sign * trade.price <= sign * wish.price for trade in placed.trades)
        self.best_were_served_first(before, events, "SELL" if wish.side == "BUY" else "BUY")

    @rule(price=prices)
    def move(self, price: Decimal) -> None:
        before = self.resting()
        events = self.venue.move(SOL, price, self.now)
        self.hear(events)
        for side in ("BUY", "SELL"):
            self.best_were_served_first(before, events, side)
        assert not [it for it in self.resting() if (it.price >= price if it.side == "BUY" else it.price <= price)]

    @rule(side=sides, quantity=quantities, price=st.none() | prices)
    def trade(self, side: OrderSide, quantity: Decimal, price: Decimal | None) -> None:
        before = self.resting()
        events = self.venue.trade(SOL, side, quantity, self.now, price)
        self.hear(events)
        self.best_were_served_first(before, events, "SELL" if side == "BUY" else "BUY")

    @rule(data=st.data(), share=st.sampled_from([D("0.0001"), D("0.3"), D(1)]))
    def fill_part(self, data: st.DataObject, share: Decimal) -> None:
        self.with_an_open_order(data, lambda order: self.venue.fill_part(order.order_id, share, self.now))

    @rule(data=st.data(), way=st.sampled_from(["cancel", "expire", "cancel_by_venue"]))
    def end(self, data: st.DataObject, way: str) -> None:
        ways: dict[str, Callable[[OrderRecord], list[Event]]] = {
            "cancel": lambda order: self.venue.cancel(self.owner(order), SOL, self.now, order_id=order.order_id)[1],
            "expire": lambda order: self.venue.expire(order.order_id, self.now),
            "cancel_by_venue": lambda order: self.venue.cancel_by_venue(order.order_id, self.now),
        }
        self.with_an_open_order(data, ways[way])

    @rule(quantity=st.sampled_from([None, D(0), D(3)]))
    def set_liquidity(self, quantity: Decimal | None) -> None:
        self.hear(self.venue.set_liquidity(SOL, quantity, self.now))

    @rule(parts=st.integers(1, 4))
    def split_fills(self, parts: int) -> None:
        self.venue.split_fills(SOL, parts, 2)

    @rule(account=st.sampled_from(list(ACCOUNTS)), asset=st.sampled_from(list(BEGIN)), units=st.integers(-5, 5))
    def transfer(self, account: str, asset: str, units: int) -> None:
        delta = units * D("0.01")
        try:
            events = self.venue.transfer(account, asset, delta, self.now)
        except Refused:
            assert self.told_balances[account][asset].free + delta < 0
            return
        self.hear(events)
        self.money[asset] += delta

    # --- how it is followed ------------------------------------------------------------------------

    def refusal(self, account: str, wish: OrderRequest) -> Refused | None:
        try:
            self.venue.check(account, wish, self.now)
        except Refused as refused:
            return refused
        return None

    def with_an_open_order(self, data: st.DataObject, act: Callable[[OrderRecord], list[Event]]) -> None:
        if resting := self.resting():
            self.hear(act(data.draw(st.sampled_from(resting))))

    def resting(self) -> list[OrderRecord]:
        return [order for account in ACCOUNTS for order in self.venue.open_orders(account, SOL)]

    def owner(self, order: OrderRecord) -> str:
        (account,) = [name for name in ACCOUNTS if order in self.venue.open_orders(name)]
        return account

    def hear(self, events: list[Event]) -> None:
        for event in events:
            if isinstance(event, OrderChanged):
                assert event.execution_id > self.executions
                self.executions = event.execution_id
                self.hear_order(event)
            elif isinstance(event, BalancesChanged):
                self.told_balances[event.account] = self.told_balances[event.account] | by_asset(event.balances)
            else:
                assert isinstance(event, BalanceTransferred) or event.symbol == SOL
        self.now += 1

    def hear_order(self, event: OrderChanged) -> None:
        order = event.order
        last = self.told_orders.get(order.order_id)
        assert (last is None) == (event.execution == "NEW")
        assert last is None or last.is_open
        assert (event.trade is not None) == (event.execution == "TRADE")
        if event.trade is not None:
            assert last is not None
            assert order.executed == last.executed + event.trade.quantity
            assert order.cumulative_quote == last.cumulative_quote + event.trade.quote_quantity
            assert order.is_open == (order.executed < order.quantity)
        self.told_orders[order.order_id] = order

    def best_were_served_first(self, before: list[OrderRecord], events: list[Event], side: str) -> None:
        resting = {order.order_id for order in before if order.side == side}
        served = [
            it.order
            for it in events
            if isinstance(it, OrderChanged) and it.execution == "TRADE" and it.order.order_id in resting
        ]
        assert [rank(order) for order in served] == sorted(rank(order) for order in served)
        left = [order for order in self.resting() if order.order_id in resting]
        if served and left:
            assert rank(served[-1]) <= min(rank(order) for order in left)

    # --- what always holds -------------------------------------------------------------------------

    @invariant()
    def money_is_conserved(self) -> None:
        for asset, amount in self.money.items():
            held = [by_asset(self.venue.balances(account))[asset] for account in ACCOUNTS]
            assert all(balance.free >= 0 and balance.locked >= 0 for balance in held)
            total = sum((balance.free + balance.locked for balance in held), ZERO)
            house, fees = self.venue.house_money.get(asset, ZERO), self.venue.fees_taken.get(asset, ZERO)
            assert total + house + fees == amount

    @invariant()
    def what_is_locked_is_what_open_orders_need(self) -> None:
        for account in ACCOUNTS:
            balances = by_asset(self.venue.balances(account))
            orders = self.venue.open_orders(account)
            needed = {side: [it for it in orders if it.side == side] for side in ("BUY", "SELL")}
            quote = sum(((it.quantity - it.executed) * it.price for it in needed["BUY"]), ZERO)
            base = sum((it.quantity - it.executed for it in needed["SELL"]), ZERO)
            assert (balances["USDT"].locked, balances["SOL"].locked, balances["BNB"].locked) == (quote, base, ZERO)

    @invariant()
    def events_tell_everything(self) -> None:
        listed = {order.order_id: order for name in ACCOUNTS for order in self.venue.all_orders(name, SOL, limit=1000)}
        assert listed == self.told_orders
        for account in ACCOUNTS:
            assert by_asset(self.venue.balances(account)) == self.told_balances[account]

    @invariant()
    def trades_add_up_to_their_orders(self) -> None:
        for account in ACCOUNTS:
            trades = self.venue.my_trades(account, SOL, limit=1000)
            for order in self.venue.all_orders(account, SOL, limit=1000):
                own = [trade for trade in trades if trade.order_id == order.order_id]
                assert sum((trade.quantity for trade in own), ZERO) == order.executed
                assert sum((trade.price * trade.quantity for trade in own), ZERO) == order.cumulative_quote

    @invariant()
    def the_book_does_not_cross(self) -> None:
        best = self.venue.best(SOL)
        assert not best.bid_price or not best.ask_price or best.bid_price < best.ask_price


TestExchange = Exchange.TestCase
TestExchange.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
