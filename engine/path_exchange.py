"""Fill orders along a path of prices, one event at a time."""

from __future__ import annotations

from collections import deque
from decimal import Decimal

from engine.addresses import GridAddresses
from engine.effects import Effect, Send
from engine.matching import Book
from engine.messages import (
    OrderFilled,
    OrderReported,
    PriceReached,
    RangeEntered,
    SubmitOrder,
    WatchPrices,
    WatchRange,
)
from engine.values import ONE, ZERO, Fees, Kind, Market, Side

_NO_WATCH = WatchPrices(None, None)


class PathExchange:
    """Move the price along what lies ahead, up to the first thing that happens: a fill, or a watched price.

    Where the path comes from is a subclass's business.
    """

    def __init__(self, market: Market, fees: Fees, slippage: Decimal, addresses: GridAddresses) -> None:
        """Stand before the path; there is no price yet. Market orders trade `slippage` (a share) off the price."""
        self._market, self._fees, self._slippage = market, fees, slippage
        self._order_manager = addresses.order_manager
        self._risk_monitor = addresses.risk_monitor
        self._grid_manager = addresses.grid_manager
        self._book = Book()
        self._due: deque[SubmitOrder] = deque()  # marketable at the current price (or before any), by arrival
        self._watch = _NO_WATCH
        self._range: WatchRange | None = None
        self._price: Decimal | None = None
        self._time = 0
        self._ahead: deque[Decimal] = deque()
        self._trades = 0

    def _submit(self, order: SubmitOrder) -> None:
        price = self._price
        if price is None or order.kind is Kind.MARKET:
            self._due.append(order)
        elif order.price >= price if order.side is Side.BUY else order.price <= price:
            self._due.append(order)  # it trades at once
        else:
            self._book.rest(order)

    def _cancel(self, client_order_id: str) -> list[Effect]:
        self._take_out(client_order_id)
        return [Send(self._order_manager, OrderReported(client_order_id, ZERO, is_open=False))]

    def _take_out(self, client_order_id: str) -> None:
        if self._book.remove(client_order_id) is None:
            self._due = deque(order for order in self._due if order.client_order_id != client_order_id)

    # --- the path ----------------------------------------------------------------------------------

    def _at_this_price(self) -> list[Effect]:
        """Fill the first order that the current price meets; else tell of a watched price that it is at or beyond.

        Only what came since the last event can stand here: `_go_toward` stops at all the rest.
        """
        price = self._price
        if price is None:
            return []
        sell, buy = self._book.best_sell, self._book.best_buy
        if sell is not None and sell.price <= price:
            return self._fill_resting(sell)
        if buy is not None and buy.price >= price:
            return self._fill_resting(buy)
        if self._due:
            order = self._due.popleft()
            return self._fill(order, self._taker_price(order, price))
        below, above = self._watch.below, self._watch.above
        if (below is not None and price <= below) or (above is not None and price >= above):
            return self._watched_price_reached(price)
        return []

    def _walk(self) -> list[Effect]:
        """Go along what lies ahead, to the first event or to the end."""
        while self._ahead:
            if effects := self._go_toward(self._ahead[0]):
                return effects
        return []

    def _go_toward(self, target: Decimal) -> list[Effect]:
        """Move to the first order or watched price on the way to `target`, an order first; or all the way."""
        price = self._price
        if price is None:
            return self._see_first_price()
        if price < target:
            order, watched = self._book.best_sell, self._watch.above
            if order is not None and order.price <= target and (watched is None or order.price <= watched):
                return self._fill_resting(order)
            if watched is not None and watched <= target:
                return self._watched_price_reached(watched)
        elif price > target:
            order, watched = self._book.best_buy, self._watch.below
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

    def _in_range(self) -> list[Effect]:
        watched = self._range
        if watched is None or self._price is None or not watched.bottom <= self._price <= watched.top:
            return []
        self._range = None
        return [Send(self._grid_manager, RangeEntered(self._time, self._price))]

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
