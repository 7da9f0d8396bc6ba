"""Binance Spot for one pair and one account, on one thread and a clock that is given.

A second implementation of what the sandbox is: it shares no code with it, and `tests/e2e/test_model_agrees.py` puts
the same scripts to both. Trades at market and marketable limit orders find all they want at the market price, or one
tick beyond it when their limit lies further off, as on a still sandbox with unbounded liquidity.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final, assert_never

from engine.calls import (
    Call,
    Cancel,
    Done,
    ListBalances,
    ListOpenOrders,
    ListOrders,
    ListTrades,
    LookUp,
    NotFound,
    Outcome,
    Place,
    Refusal,
    Refused,
    TradeReport,
    Unknown,
)
from engine.messages import OrderFilled, OrderReported
from engine.values import ZERO, Kind, Market, Side
from tests.simulation.spot.book import RestingSide
from tests.simulation.spot.fees import THIRD, Fees, Terms
from tests.simulation.spot.orders import SpotOrder
from tests.simulation.spot.screening import TOO_MANY, Screen
from tests.simulation.spot.wallet import Wallet

__all__ = ["SpotExchange", "SpotOrder", "Terms"]

Told = OrderFilled | OrderReported

_CLOSED: Final = Refused(Refusal.CLOSED, "Market is closed. (-1013)")
_DUPLICATE: Final = Unknown("Duplicate order sent. (-2010)")  # a caller cannot tell whether the open one is its own
_WOULD_TAKE: Final = Refused(Refusal.WOULD_TAKE, "Order would immediately match and take. (-2010)")
_NO_FUNDS: Final = Refused(Refusal.FUNDS, "Account has insufficient balance for requested action. (-2010)")
_NOT_OPEN: Final = NotFound("Unknown order sent. (-2011)")
_NO_SUCH: Final = NotFound("Order does not exist. (-2013)")


class SpotExchange:
    """Trade for one account; `now` gives epoch milliseconds, and `listeners` hear of every change of every order."""

    def __init__(
        self, market: Market, terms: Terms, balances: Mapping[str, Decimal], price: Decimal, now: Callable[[], int]
    ) -> None:
        """Open at `price`, rounded to the tick, for an account that holds `balances`, all free."""
        self.market = market
        self.terms = terms
        self.wallet = Wallet(balances, (market.base, market.quote))
        self.listeners: list[Callable[[Told], None]] = []
        self.orders: dict[str, SpotOrder] = {}
        self.open_by_name: dict[str, SpotOrder] = {}
        self.trades: list[TradeReport] = []
        self.is_halted = False
        self.price = self._on_tick(price)
        self._now = now
        self._screen = Screen(market)
        self._fees = Fees(market, terms)
        self._every: list[SpotOrder] = []  # order n + 1 at place n
        self._newest: dict[str, SpotOrder] = {}  # by client order id
        self._trade_numbers: list[int] = []  # of `trades`
        self._buys = RestingSide(-1)
        self._sells = RestingSide(+1)

    def balance(self, asset: str) -> tuple[Decimal, Decimal]:
        """Give what is free and what is locked."""
        return self.wallet.balance(asset)

    # --- what a caller asks --------------------------------------------------------------------------

    def answer(self, call: Call) -> Outcome:
        """Do what is asked, as put through by a caller whose every message arrives."""
        match call:
            case Place():
                return self._place(call)
            case Cancel():
                return self._cancel(call.client_order_id)
            case LookUp():
                order = self._newest.get(call.client_order_id)
                return _NO_SUCH if order is None else Done((order.report(),), tuple(order.trades))
            case ListTrades():
                return Done(trades=self._trades_after(call.after))
            case ListOpenOrders():
                return Done(tuple(order.report() for order in self.open_by_name.values()))
            case ListOrders():
                after = 0 if call.after is None else int(call.after)
                return Done(found=tuple(order.found() for order in self._every[after:]))
            case ListBalances():
                return Done(balances=self.wallet.reports())
            case _:
                assert_never(call)

    def _trades_after(self, after: str | None) -> tuple[TradeReport, ...]:
        if after is None:
            return tuple(self.trades[-1:])
        return tuple(self.trades[bisect_right(self._trade_numbers, int(after)) :])

    def _cancel(self, name: str) -> Outcome:
        order = self.open_by_name.get(name)
        if order is None:
            return _NOT_OPEN
        self._end(order)
        return Done((order.report(),))

    # --- an order comes ------------------------------------------------------------------------------

    def _place(self, place: Place) -> Outcome:
        """Take an order: it trades what it can at once, then rests, or ends if it may not rest."""
        is_buy = place.side is Side.BUY
        rests = place.kind is Kind.LIMIT
        limit: Decimal | None = place.price
        if not rests:
            limit = self._screen.limit_of_purchase(place.price) if is_buy else None
        lock = place.quantity if limit is None or not is_buy else limit * place.quantity
        takes = limit is None or (limit >= self.price if is_buy else limit <= self.price)
        refused = self._refusal(place, limit, lock, takes=takes)
        if refused is not None:
            return refused
        order = self._open(place, ZERO if limit is None else limit, lock)
        if not takes:
            if rests:
                (self._buys if is_buy else self._sells).add(order)
            else:
                self._end(order)
            return Done((order.report(),))
        self._take(order, limit)
        return Done((order.report(),), tuple(order.trades))

    def _refusal(self, place: Place, limit: Decimal | None, lock: Decimal, *, takes: bool) -> Outcome | None:
        refused = self._screen.refusal(place.client_order_id, limit, place.quantity, self.price)
        if refused is not None:
            return refused
        if limit is not None and len(self.open_by_name) >= self.terms.max_open_orders:
            return TOO_MANY
        if self.is_halted:
            return _CLOSED
        if place.client_order_id in self.open_by_name:
            return _DUPLICATE
        if takes and place.post_only and place.kind is Kind.LIMIT:
            return _WOULD_TAKE
        pays = self.market.quote if place.side is Side.BUY else self.market.base
        if lock > self.wallet.free[pays]:
            return _NO_FUNDS
        return None

    def _open(self, place: Place, price: Decimal, lock: Decimal) -> SpotOrder:
        name, number = place.client_order_id, len(self._every) + 1
        order = SpotOrder(name, number, place.side, place.kind, price, place.quantity, self._now())
        self.wallet.lock(self.market.quote if order.is_buy else self.market.base, lock)
        self._every.append(order)
        self.orders[order.order_id] = order
        self.open_by_name[name] = order
        self._newest[name] = order
        if self.listeners:
            self._tell(order.told())
        return order

    def _take(self, order: SpotOrder, limit: Decimal | None) -> None:
        """Trade all of an order: with the account's own orders where these are as good, else with the house."""
        price = self.price
        if limit is not None and limit != price:
            price += self.market.price_tick if order.is_buy else -self.market.price_tick
        for maker in (self._sells if order.is_buy else self._buys).within(price):
            quantity = min(order.left, maker.left)
            if not quantity:
                return
            number = self._next_trade()
            self._fill(order, maker.price, quantity, number)
            self._fill(maker, maker.price, quantity, number)
        if order.left:
            self._fill(order, price, order.left, self._next_trade())

    # --- an order fills, an order ends ---------------------------------------------------------------

    def _next_trade(self) -> int:
        return self._trade_numbers[-1] + 1 if self._trade_numbers else 1

    def _fill(self, order: SpotOrder, price: Decimal, quantity: Decimal, number: int) -> None:
        """Book one trade of one order; both sides of a trade of the account with itself have one number."""
        wallet, market, is_buy, now = self.wallet, self.market, order.is_buy, self._now()
        cost = price * quantity
        if is_buy:
            wallet.pay_locked(market.quote, order.price * quantity, cost)
            wallet.free[market.base] += quantity
        else:
            wallet.pay_locked(market.base, quantity, quantity)
            wallet.free[market.quote] += cost
        asset, fee = self._fees.charge(
            is_buy=is_buy, price=price, quantity=quantity, free_third=wallet.free.get(THIRD, ZERO)
        )
        if fee:
            wallet.free[asset] -= fee
        trade = TradeReport(str(number), order.order_id, price, quantity, fee, asset, now)
        self.trades.append(trade)
        self._trade_numbers.append(number)
        order.trades.append(trade)
        order.filled += quantity
        order.changed_at = now
        if order.filled == order.quantity:
            self._take_down(order)
        if self.listeners:
            name, order_id = order.client_order_id, order.order_id
            self._tell(OrderFilled(name, trade.trade_id, price, quantity, fee, asset, now, order_id))
            self._tell(order.told())

    def _end(self, order: SpotOrder) -> None:
        """End an order before it is filled."""
        self.wallet.release(self.market.quote if order.is_buy else self.market.base, order.lock)
        order.changed_at = self._now()
        self._take_down(order)
        if self.listeners:
            self._tell(order.told())

    def _take_down(self, order: SpotOrder) -> None:
        order.is_open = False
        del self.open_by_name[order.client_order_id]
        (self._buys if order.is_buy else self._sells).remove(order)

    def _tell(self, message: Told) -> None:
        for listener in self.listeners:
            listener(message)

    # --- what others do ------------------------------------------------------------------------------

    def move(self, price: Decimal) -> None:
        """Walk to `price` (rounded to the tick); every order on the way fills in full at its own price.

        They fill in the order in which the way meets them, older first at one price. Nothing moves in a halt.
        """
        if self.is_halted:
            return
        target = self._on_tick(price)
        for order in (self._sells if target >= self.price else self._buys).within(target):
            self._fill(order, order.price, order.left, self._next_trade())
        self.price = target

    def fill_part(self, client_order_id: str, share: Decimal) -> None:
        """Let an outsider trade with `share` of what is left of an order: whole steps, never none, never all."""
        order, step = self.open_by_name.get(client_order_id), self.market.amount_step
        if order is None or order.left <= step:
            return
        quantity = min(max(self.market.floor_amount(order.left * share), step), order.left - step)
        self._fill(order, order.price, quantity, self._next_trade())

    def expire(self, client_order_id: str) -> None:
        """End an order as the exchange itself does; nothing if it is not open."""
        order = self.open_by_name.get(client_order_id)
        if order is not None:
            self._end(order)

    def transfer(self, asset: str, delta: Decimal) -> None:
        """Deposit, or withdraw at most what is free."""
        self.wallet.add(asset, max(delta, -self.balance(asset)[0]))

    def halt(self) -> None:
        """Stop trading: orders are refused, the price stands still, cancels work."""
        self.is_halted = True

    def resume(self) -> None:
        """Go on trading."""
        self.is_halted = False

    def _on_tick(self, price: Decimal) -> Decimal:
        return max(self.market.round_price(price), self.market.price_tick)
