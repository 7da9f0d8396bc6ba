"""The simulated exchange: moves the price along the candles' path and fills what it meets."""

from __future__ import annotations

import math
from collections import deque
from decimal import Decimal
from typing import assert_never

from engine.addresses import GridAddresses
from engine.candles import Candles
from engine.candles.path import QuietScan, waypoints
from engine.effects import Effect, Reply, Send
from engine.matching import Book
from engine.messages import (
    Advance,
    CancelOrder,
    CandleClosed,
    ExchangeInbox,
    OrderCancelled,
    OrderFilled,
    PriceReached,
    SubmitOrder,
    WatchCloses,
    WatchPrices,
)
from engine.values import ONE, Fees, Kind, Market, Side

PATH_ENDED = -1
_NO_WATCH = WatchPrices(None, None)


class SimulatedExchange:
    """Fill one grid's orders on candles, one event for each `Advance`.

    `every_candle` visits quiet candles too; it is slower and changes nothing else.
    """

    def __init__(
        self,
        candles: Candles,
        market: Market,
        fees: Fees,
        slippage: Decimal,
        addresses: GridAddresses,
        *,
        every_candle: bool = False,
    ) -> None:
        """Stand before the first candle; there is no price yet."""
        self._candles = candles
        self._scan = QuietScan(candles)
        self._market, self._fees, self._slippage = market, fees, slippage
        self._order_manager = addresses.order_manager
        self._risk_monitor = addresses.risk_monitor
        self._grid_manager = addresses.grid_manager
        self._every_candle = every_candle
        self._book = Book()
        self._due: deque[SubmitOrder] = deque()  # marketable at the current price (or before any), by arrival
        self._watch = _NO_WATCH
        self._closes: WatchCloses | None = None
        self._price: Decimal | None = None
        self._index = -1
        self._time = 0
        self._ahead: deque[Decimal] = deque()  # what is left of the current candle's path
        self._trades = 0

    def handle(self, message: ExchangeInbox) -> list[Effect]:
        """Take an order or a wish to be told, or move on."""
        match message:
            case Advance():
                return self._advance()
            case SubmitOrder():
                return self._submit(message)
            case CancelOrder():
                return self._cancel(message.client_order_id)
            case WatchPrices():
                self._watch = message
                return []
            case WatchCloses():
                self._closes = message
                return []
            case _:
                assert_never(message)

    def _submit(self, order: SubmitOrder) -> list[Effect]:
        if self._price is None or order.kind is Kind.MARKET or self._is_met(order):
            self._due.append(order)
        else:
            self._book.rest(order)
        return []

    def _is_met(self, order: SubmitOrder) -> bool:
        assert self._price is not None
        return order.price >= self._price if order.side is Side.BUY else order.price <= self._price

    def _cancel(self, client_order_id: str) -> list[Effect]:
        if self._book.remove(client_order_id) is None:
            self._due = deque(order for order in self._due if order.client_order_id != client_order_id)
        return [Send(self._order_manager, OrderCancelled(client_order_id))]

    # --- the path ----------------------------------------------------------------------------------

    def _advance(self) -> list[Effect]:
        """Go on to the next event, over as many points and candles as it takes."""
        effects = self._at_this_price()
        while not effects:
            if self._ahead:
                effects = self._go_toward(self._ahead[0])
                continue
            effects = self._at_close()
            if not effects and not self._enter_next_candle():
                return [Reply(PATH_ENDED)]
        effects.append(Reply(self._index))
        return effects

    def _at_this_price(self) -> list[Effect]:
        """Fill the first order that the current price meets; else tell of a watched price that it is at or beyond.

        Only what came since the last event can stand here: `_go_toward` stops at all the rest.
        """
        price = self._price
        if price is None:
            return []
        for order in (self._book.best_sell(), self._book.best_buy()):
            if order is not None and self._is_met(order):
                return self._fill_resting(order)
        if self._due:
            order = self._due.popleft()
            return self._fill(order, self._taker_price(order, price))
        below, above = self._watch.below, self._watch.above
        if (below is not None and price <= below) or (above is not None and price >= above):
            return self._watched_price_reached(price)
        return []

    def _go_toward(self, target: Decimal) -> list[Effect]:
        """Move to the first order or watched price on the way to `target`, an order first; or all the way."""
        price = self._price
        if price is None:
            return self._see_first_price()
        if price < target:
            order, watched = self._book.best_sell(), self._watch.above
            if order is not None and order.price <= target and (watched is None or order.price <= watched):
                return self._fill_resting(order)
            if watched is not None and watched <= target:
                return self._watched_price_reached(watched)
        elif price > target:
            order, watched = self._book.best_buy(), self._watch.below
            if order is not None and order.price >= target and (watched is None or order.price >= watched):
                return self._fill_resting(order)
            if watched is not None and watched >= target:
                return self._watched_price_reached(watched)
        self._price = target
        self._ahead.popleft()
        return []

    def _see_first_price(self) -> list[Effect]:
        """Start the path, and sort out what came before there was a price."""
        self._price = self._ahead.popleft()
        early, self._due = self._due, deque()
        for order in early:
            self._submit(order)
        return self._at_this_price()

    def _at_close(self) -> list[Effect]:
        closes = self._closes
        if closes is None or self._price is None or not closes.bottom <= self._price <= closes.top:
            return []
        self._closes = None
        return [Send(self._grid_manager, CandleClosed(self._time, self._price))]

    def _enter_next_candle(self) -> bool:
        """Enter the next candle in which something happens; False, at the last close, when there is none."""
        index = self._index + 1 if self._every_candle else self._next_lively()
        if index >= len(self._candles):
            self._index = len(self._candles) - 1
            return False
        candle = self._candles.exact(index)
        self._index, self._time = index, candle.time
        self._ahead.extend(waypoints(candle))
        return True

    def _next_lively(self) -> int:
        """Give the next candle that is not quiet."""
        start = self._index + 1
        if self._price is None:
            return start
        if self._closes is not None:
            return self._scan.next_closing(start, float(self._closes.bottom), float(self._closes.top))
        buy, sell = self._book.best_buy(), self._book.best_sell()
        below, above = -math.inf, math.inf
        if buy is not None:
            below = float(buy.price)
        if sell is not None:
            above = float(sell.price)
        if self._watch.below is not None:
            below = max(below, float(self._watch.below))
        if self._watch.above is not None:
            above = min(above, float(self._watch.above))
        return self._scan.next_reaching(start, below, above)

    # --- fills -------------------------------------------------------------------------------------

    def _taker_price(self, order: SubmitOrder, price: Decimal) -> Decimal:
        if order.kind is Kind.LIMIT:
            return price
        return price * (ONE + self._slippage if order.side is Side.BUY else ONE - self._slippage)

    def _watched_price_reached(self, price: Decimal) -> list[Effect]:
        self._price = price
        self._watch = _NO_WATCH
        return [Send(self._risk_monitor, PriceReached(price))]

    def _fill_resting(self, order: SubmitOrder) -> list[Effect]:
        self._book.remove(order.client_order_id)
        self._price = order.price
        return self._fill(order, order.price)

    def _fill(self, order: SubmitOrder, price: Decimal) -> list[Effect]:
        self._trades += 1
        fill = OrderFilled(
            order.client_order_id,
            str(self._trades),
            price,
            order.quantity,
            self._fees.on(order.side, price, order.quantity),
            self._fees.asset(order.side, self._market),
            self._time,
        )
        return [Send(self._order_manager, fill)]
