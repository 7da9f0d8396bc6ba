"""One symbol's market: its price, its book, its house, its tape and its candles."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from heapq import merge
from itertools import islice
from random import Random
from zlib import crc32

from attrs import frozen

from engine.values import ONE, SATOSHI, ZERO
from engine.venue.bars import still
from engine.venue.candles import CandleChart
from engine.venue.events import BookChanged, PublicTrade
from engine.venue.house import House
from engine.venue.intervals import DAY_MS
from engine.venue.market_data import BookTicker, Depth, PriceLevel, Ticker24h
from engine.venue.orders import Order
from engine.venue.resting import RestingOrders
from engine.venue.tape import Tape, bar_of
from engine.venue.values import OrderSide, SymbolRules

_THOUSANDTH = Decimal("0.001")  # how exactly Binance gives a percentage
_PRINTS_A_MINUTE = 100  # how many of the house's own trades make the usual minute's volume


@frozen
class Offer:
    """Say what a taker can have at a price: of an account's order, or (`maker` None) of the house."""

    price: Decimal
    quantity: Decimal
    maker: Order | None


class Market:
    """Keep what everybody can see of one symbol."""

    def __init__(self, rules: SymbolRules, price: Decimal, seed: int, now: int) -> None:
        """Open at `price`, rounded to the tick, with one trade of the house."""
        self.rules = rules
        self.price = self.on_tick(price)
        self.halted = False
        self.resting = RestingOrders()
        self.house = House(rules, self.price, seed)
        self.tape = Tape(rules.symbol)
        self.chart = CandleChart(rules, self.price, self.house.usual_notional, seed, now)
        self.update_id = 1
        self._chance = Random(seed ^ crc32(rules.symbol.encode()))
        self._takers = 0
        self._split: tuple[int, int] = (1, 0)
        self.print_own(now, is_rise=True)

    def on_tick(self, price: Decimal) -> Decimal:
        """Round to the tick, half-even; at least one."""
        tick = self.rules.price_tick
        return max((price / tick).quantize(ONE) * tick, tick)

    def on_step(self, quantity: Decimal) -> Decimal:
        """Round down to the step."""
        return quantity // self.rules.amount_step * self.rules.amount_step

    # --- trades ------------------------------------------------------------------------------------

    def next_taker(self) -> int:
        """Tell the next taker from all before."""
        self._takers += 1
        return self._takers

    def print(self, price: Decimal, quantity: Decimal, now: int, taker: int, *, buyer_is_maker: bool) -> PublicTrade:
        """Make a trade public."""
        trade = self.tape.print(price, quantity, now, taker, buyer_is_maker=buyer_is_maker)
        self.chart.add(bar_of(trade, self.price), now)
        return trade

    def go_to(self, price: Decimal, now: int) -> None:
        """Move the price, with all on the way in the candles; the house quotes anew."""
        self.price = price
        self.chart.add(still(price), now)
        self.house.requote()

    def print_own(self, now: int, *, is_rise: bool) -> PublicTrade:
        """Let the house trade with itself at the market price, so that everybody sees it."""
        usual = 5000 * self.house.usual_notional / self.price / _PRINTS_A_MINUTE
        quantity = self.on_step(usual * self._chance.randint(50, 150) / 100) or self.rules.amount_step
        return self.print(self.price, quantity, now, self.next_taker(), buyer_is_maker=not is_rise)

    def split_next(self, parts: int, orders: int) -> None:
        """Fill the next `orders` that the price reaches in `parts` each."""
        self._split = (parts, orders)

    def parts_of(self, order: Order) -> list[Decimal]:
        """Say in which quantities an order that the price has reached fills."""
        parts, orders = self._split
        if not orders:
            return [order.remaining]
        self._split = (parts, orders - 1)
        part = self.on_step(order.remaining / parts) or self.rules.amount_step
        count = min(parts, int(order.remaining / part))
        return [part] * (count - 1) + [order.remaining - part * (count - 1)]

    def change_book(self, now: int) -> BookChanged:
        """Count a change of the book, and report it."""
        self.update_id += 1
        return BookChanged(self.rules.symbol, now)

    # --- who offers what ---------------------------------------------------------------------------

    def offers(self, side: OrderSide, limit: Decimal | None) -> Iterator[Offer]:
        """Give what a taker on `side` finds within its limit: best price first, accounts before the house."""
        of_house = (Offer(it.price, it.quantity, None) for it in self.house.offers(side, self.price, limit))
        sign = 1 if side == "BUY" else -1
        # Stable: where prices are equal, what comes from the first is first.
        return merge(self.orders_against(side, limit), of_house, key=lambda offer: sign * offer.price)

    def orders_against(self, side: OrderSide, limit: Decimal | None) -> Iterator[Offer]:
        """Give the orders of accounts that a taker on `side` finds within its limit, best first."""
        makers: OrderSide = "SELL" if side == "BUY" else "BUY"
        orders = self.resting.best_first(makers) if limit is None else self.resting.within(makers, limit)
        return (Offer(order.price, order.remaining, order) for order in orders)

    def reached_on_the_way(self, target: Decimal) -> list[Order]:
        """Give the orders that fill when the price goes to `target`, in the order in which it meets them.

        Those that the price is at or beyond already (the house was dry when they came) are met first.
        """
        buys = self.resting.within("BUY", min(target, self.price))
        sells = self.resting.within("SELL", max(target, self.price))
        return buys + sells if target >= self.price else sells + buys

    # --- what everybody can ask --------------------------------------------------------------------

    def depth(self, limit: int) -> Depth:
        """Give the book, at most `limit` prices a side."""
        asks = self._side("BUY", limit)
        return Depth(self.update_id, self._side("SELL", limit), asks)

    def _side(self, taker: OrderSide, limit: int) -> tuple[PriceLevel, ...]:
        """Give what takers on a side see; the house does not quote through the orders of accounts."""
        levels: dict[Decimal, Decimal] = {}
        for offer in self.orders_against(taker, None):
            levels[offer.price] = levels.get(offer.price, ZERO) + offer.quantity
        opposite = self.resting.best(taker)
        sign = 1 if taker == "BUY" else -1
        quotes = (
            quote
            for quote in self.house.quotes(taker, self.price)
            if opposite is None or sign * quote.price > sign * opposite.price
        )
        for quote in islice(quotes, limit):
            levels[quote.price] = levels.get(quote.price, ZERO) + quote.quantity
        prices = sorted(levels, reverse=taker == "SELL")[:limit]
        return tuple(PriceLevel(price, levels[price]) for price in prices)

    def best(self) -> BookTicker:
        """Give the best bid and ask, 0 where there is none."""
        nothing = (PriceLevel(ZERO, ZERO),)
        book = self.depth(1)
        bid, ask = (book.bids or nothing)[0], (book.asks or nothing)[0]
        return BookTicker(self.rules.symbol, self.update_id, bid.price, bid.quantity, ask.price, ask.quantity)

    def ticker_24h(self, now: int) -> Ticker24h:
        """Sum up the last 24 hours."""
        bar, last = self.chart.last_day(now), self.tape.last
        change = last.price - bar.open
        return Ticker24h(
            symbol=self.rules.symbol,
            open_time=now - DAY_MS,
            close_time=now,
            open=bar.open,
            high=bar.high,
            low=bar.low,
            last=last.price,
            last_quantity=last.quantity,
            previous_close=bar.open,
            weighted_average=(bar.quote_volume / bar.volume).quantize(SATOSHI) if bar.volume else self.price,
            change=change,
            change_percent=(100 * change / bar.open).quantize(_THOUSANDTH),
            volume=bar.volume,
            quote_volume=bar.quote_volume,
            trades=bar.trades,
            first_trade_id=last.trade_id - bar.trades + 1,
            last_trade_id=last.trade_id,
            best=self.best(),
        )
