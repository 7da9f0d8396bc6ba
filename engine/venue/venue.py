"""The exchange as a whole: what can be asked of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Literal

from engine.values import SATOSHI
from engine.venue import refusals
from engine.venue.desk import Desk
from engine.venue.events import BalancesChanged, BalanceTransferred, Event, PublicTrade
from engine.venue.fees import FeeSchedule
from engine.venue.market import Market
from engine.venue.market_data import AggregateTrade, BookTicker, Depth, Kline, Ticker24h
from engine.venue.orders import Order
from engine.venue.values import Balance, OrderRecord, OrderRequest, OrderSide, Placed, SymbolRules, TradeRecord

EXCHANGE_CANCELED = "EXCHANGE_CANCELED"  # why an order expired that the exchange itself ended


class Venue:
    """Trade for accounts among each other and against a house that always quotes around the market price.

    Times come in as epoch milliseconds. Every call that changes something returns what happened, in order.
    A call that is refused raises `Refused` and has changed nothing. Not for several threads at once.
    """

    def __init__(
        self,
        symbols: Sequence[SymbolRules],
        prices: Mapping[str, Decimal],
        *,
        seed: int,
        maker_fee: Decimal,
        taker_fee: Decimal,
        now: int,
    ) -> None:
        """Open at `prices` (by symbol, rounded to the tick), with a history of candles that ends there."""
        for rules in symbols:
            _check_rules(rules)
        self.symbols: Mapping[str, SymbolRules] = {rules.symbol: rules for rules in symbols}
        self.maker_fee = maker_fee
        self.taker_fee = taker_fee
        self._markets = {rules.symbol: Market(rules, prices[rules.symbol], seed, now) for rules in symbols}
        self._assets = {asset for rules in symbols for asset in (rules.base, rules.quote)}
        self._desk = Desk(FeeSchedule(maker_fee, taker_fee, self._price_or_none))

    # --- accounts ----------------------------------------------------------------------------------

    def open_account(self, account: str, balances: Mapping[str, Decimal], *, pays_fees_in_bnb: bool = False) -> None:
        """Open an account that holds `balances` (by asset)."""
        self._desk.accounts.open(account, balances, pays_fees_in_bnb=pays_fees_in_bnb)

    def balances(self, account: str) -> tuple[Balance, ...]:
        """Give all balances of an account, by asset; also those that are 0 of every asset that is traded."""
        return self._desk.accounts.wallet(account).balances(self._assets)

    def transfer(self, account: str, asset: str, delta: Decimal, now: int) -> list[Event]:
        """Deposit, or withdraw what is free (else Refused -2010)."""
        wallet = self._desk.accounts.wallet(account)
        if wallet.free(asset) + delta < 0:
            raise refusals.insufficient_balance()
        wallet.add(asset, delta)
        return [
            BalanceTransferred(account, asset, delta, now),
            BalancesChanged(account, now, (wallet.balance(asset),)),
        ]

    # --- orders ------------------------------------------------------------------------------------

    def place(self, account: str, request: OrderRequest, now: int) -> tuple[Placed, list[Event]]:
        """Take an order and match it; raise Refused for one that the exchange would not take."""
        order, trades, events = self._desk.place(self._market(request.symbol), account, request, now)
        return Placed(order.record(), trades), events

    def check(self, account: str, request: OrderRequest, now: int) -> None:  # noqa: ARG002 - called as `place` is
        """Raise Refused if `place` would; change nothing."""
        self._desk.plan(self._market(request.symbol), account, request)

    def cancel(
        self,
        account: str,
        symbol: str,
        now: int,
        *,
        order_id: int | None = None,
        client_order_id: str | None = None,
        cancel_id: str | None = None,
    ) -> tuple[OrderRecord, list[Event]]:
        """Take an open order down; Refused -2011 when there is none. `cancel_id` None lets the exchange make one.

        The id used is in the `OrderChanged` event.
        """
        market = self._market(symbol)
        if order_id is None and client_order_id is not None:
            order = self._desk.archive.open_with(account, symbol, client_order_id)
        else:
            order = self._desk.archive.find(account, symbol, order_id, client_order_id)
        if order is None or not order.is_open:
            raise refusals.unknown_order()
        events = self._desk.end(market, order, "CANCELED", now, cancel_id=cancel_id or self._desk.make_id())
        return order.record(), events

    def expire(self, order_id: int, now: int) -> list[Event]:
        """End an open order as EXPIRED, by the exchange itself; Refused -2011 when it is not open."""
        order = self._desk.archive.open_by_id(order_id)
        return self._desk.end(self._market_of(order), order, "EXPIRED", now, reason=EXCHANGE_CANCELED)

    def cancel_by_venue(self, order_id: int, now: int) -> list[Event]:
        """End an open order as CANCELED, by the exchange itself; Refused -2011 when it is not open."""
        order = self._desk.archive.open_by_id(order_id)
        return self._desk.end(self._market_of(order), order, "CANCELED", now, cancel_id=self._desk.make_id())

    def find(
        self, account: str, symbol: str, *, order_id: int | None = None, client_order_id: str | None = None
    ) -> OrderRecord:
        """Give an order, of a reused client id the newest; Refused -2013 for none, -2039 if the two ids disagree."""
        self._market(symbol)
        order = self._desk.archive.find(account, symbol, order_id, client_order_id)
        if order is None:
            raise refusals.no_such_order()
        return order.record()

    def open_orders(self, account: str, symbol: str | None = None) -> tuple[OrderRecord, ...]:
        """Give the open orders, oldest first, of one symbol or of all."""
        if symbol is not None:
            self._market(symbol)
        return tuple(order.record() for order in self._desk.archive.open_orders(account, symbol))

    def all_orders(
        self,
        account: str,
        symbol: str,
        *,
        from_id: int | None = None,
        start: int | None = None,
        end: int | None = None,
        limit: int = 500,
    ) -> tuple[OrderRecord, ...]:
        """Give orders, oldest first: from an id or a time on the oldest, else the newest; Refused -1127 over 24 h."""
        self._market(symbol)
        return self._desk.archive.orders(account, symbol, from_id=from_id, start=start, end=end, limit=limit)

    def my_trades(
        self,
        account: str,
        symbol: str,
        *,
        order_id: int | None = None,
        from_id: int | None = None,
        start: int | None = None,
        end: int | None = None,
        limit: int = 500,
    ) -> tuple[TradeRecord, ...]:
        """Give trades, oldest first: from an id or a time on the oldest, else the newest; Refused -1127 over 24 h."""
        self._market(symbol)
        return self._desk.archive.trades(
            account, symbol, order_id=order_id, from_id=from_id, start=start, end=end, limit=limit
        )

    # --- the market --------------------------------------------------------------------------------

    def price(self, symbol: str) -> Decimal:
        """Give the market price; Refused -1121 for an unknown symbol, as every call with one."""
        return self._market(symbol).price

    def last_price(self, symbol: str) -> Decimal:
        """Give the price of the last trade, which need not be the market's: whoever takes pays the spread."""
        return self._market(symbol).tape.last.price

    def move(self, symbol: str, price: Decimal, now: int) -> list[Event]:
        """Move the market to `price` (rounded to the tick), as one continuous path.

        It fills every resting order on the way, inclusive, in price-time order, each in full at its own price.
        Nothing moves while trading is halted.
        """
        market = self._market(symbol)
        if market.halted:
            return []
        target, before = market.on_tick(price), market.price
        events = []
        for order in market.reached_on_the_way(target):
            events += self._desk.fill_resting(market, order, market.parts_of(order), now)
        market.go_to(target, now)
        events.append(market.print_own(now, is_rise=target >= before))
        return [*events, market.change_book(now)]

    def trade(
        self, symbol: str, side: OrderSide, quantity: Decimal, now: int, limit_price: Decimal | None = None
    ) -> list[Event]:
        """Let an outsider take up to `quantity` from resting orders of accounts, best first; the house steps aside.

        The market price stays where it is.
        """
        market = self._market(symbol)
        return self._desk.take_from_accounts(market, side, market.on_step(quantity), limit_price, now)

    def split_fills(self, symbol: str, parts: int, orders: int) -> None:
        """Fill the next `orders` resting orders that the market reaches in `parts` trades each."""
        self._market(symbol).split_next(parts, orders)

    def fill_part(self, order_id: int, share: Decimal, now: int) -> list[Event]:
        """Fill `share` (0 to 1) of what is left of an open order, at its price, in one trade; the rest stays open.

        Rounded down to the step, but at least one step. Refused -2011 when it is not open.
        """
        order = self._desk.archive.open_by_id(order_id)
        market = self._market_of(order)
        quantity = min(market.on_step(order.remaining * share) or market.rules.amount_step, order.remaining)
        return self._desk.fill_resting(market, order, [quantity], now)

    def set_liquidity(self, symbol: str, quantity: Decimal | None, now: int) -> list[Event]:
        """Let the house trade at most `quantity` on each side until the price next moves; None for no bound.

        Resting orders that the market reaches fill all the same.
        """
        market = self._market(symbol)
        market.house.bound(quantity)
        return [market.change_book(now)]

    def halt(self, symbol: str) -> None:
        """Stop trading: orders are refused with "Market is closed.", and the price stands still."""
        self._market(symbol).halted = True

    def resume(self, symbol: str) -> None:
        """Go on trading after a halt."""
        self._market(symbol).halted = False

    def status(self, symbol: str) -> Literal["TRADING", "HALT"]:
        """Tell whether a symbol is traded."""
        return "HALT" if self._market(symbol).halted else "TRADING"

    # --- market data -------------------------------------------------------------------------------

    def depth(self, symbol: str, limit: int = 100) -> Depth:
        """Give the book with at most `limit` prices a side: the house's quotes and the accounts' orders."""
        return self._market(symbol).depth(limit)

    def best(self, symbol: str) -> BookTicker:
        """Give the best bid and ask."""
        return self._market(symbol).best()

    def recent_trades(self, symbol: str, limit: int = 500) -> tuple[PublicTrade, ...]:
        """Give the newest trades, oldest first."""
        return self._market(symbol).tape.recent(limit)

    def agg_trades(
        self,
        symbol: str,
        *,
        from_id: int | None = None,
        start: int | None = None,
        end: int | None = None,
        limit: int = 500,
    ) -> tuple[AggregateTrade, ...]:
        """Give trades by taker and price, oldest first: from an id or a time on the oldest, else the newest."""
        return self._market(symbol).tape.aggregates(from_id=from_id, start=start, end=end, limit=limit)

    def ticker_24h(self, symbol: str, now: int) -> Ticker24h:
        """Sum up the 24 hours before `now`."""
        return self._market(symbol).ticker_24h(now)

    def klines(
        self,
        symbol: str,
        interval: str,
        *,
        now: int,
        start: int | None = None,
        end: int | None = None,
        limit: int = 500,
    ) -> tuple[Kline, ...]:
        """Give candles of a Binance interval (``1s`` to ``1M``; else Refused -1120), oldest first.

        With `start` the oldest that open at or after it, else the newest that open up to `end`; the unfinished one
        is the last. The past reaches back 400 days, and is the same at every call and in every interval.
        """
        return self._market(symbol).chart.klines(interval, now=now, start=start, end=end, limit=limit)

    # --- what is inside ----------------------------------------------------------------------------

    @property
    def fees_taken(self) -> Mapping[str, Decimal]:
        """Give all fees taken so far, by asset."""
        return dict(self._desk.accounts.fees)

    @property
    def house_money(self) -> Mapping[str, Decimal]:
        """Give what the house has received less what it has paid, by asset."""
        return dict(self._desk.accounts.house)

    def _market(self, symbol: str) -> Market:
        market = self._markets.get(symbol)
        if market is None:
            raise refusals.invalid_symbol()
        return market

    def _market_of(self, order: Order) -> Market:
        return self._markets[order.rules.symbol]

    def _price_or_none(self, symbol: str) -> Decimal | None:
        market = self._markets.get(symbol)
        return None if market is None else market.price


def _check_rules(rules: SymbolRules) -> None:
    """Raise ValueError for rules under which amounts of quote would have more than 8 decimals."""
    if (rules.price_tick * rules.amount_step) % SATOSHI or min(rules.price_tick, rules.amount_step) < SATOSHI:
        raise ValueError(f"{rules.symbol}: price_tick times amount_step must be a multiple of 1e-8")
