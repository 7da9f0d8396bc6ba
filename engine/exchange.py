"""The simulated exchange of a backtest: a path of candles, on which it fills what the price meets."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import assert_never

from engine.addresses import GridAddresses
from engine.candles import Candles
from engine.candles.path import QuietScan, waypoints
from engine.effects import Effect, Reply
from engine.messages import (
    Advance,
    CancelOrder,
    CatchUp,
    LookUpOrder,
    RecallOrders,
    SimulatedExchangeInbox,
    SubmitOrder,
    WatchPrices,
    WatchRange,
)
from engine.path_exchange import PathExchange
from engine.values import Fees, Market

PATH_ENDED = -1


class SimulatedExchange(PathExchange):
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
        super().__init__(market, fees, slippage, addresses)
        self._candles = candles
        self._scan = QuietScan(candles)
        self._every_candle = every_candle
        self._index = -1

    def handle(self, message: SimulatedExchangeInbox) -> list[Effect]:
        """Take an order or a wish to be told, or move on."""
        match message:
            case Advance():
                return self._advance()
            case SubmitOrder():
                self._submit(message)
                return []
            case CancelOrder():
                return self._cancel(message.client_order_id)
            case WatchPrices():
                self._watch = message
                return []
            case WatchRange():
                self._range = message
                return []
            case RecallOrders() | LookUpOrder() | CatchUp():
                return []  # nothing is ever missed here
            case _:
                assert_never(message)

    def _advance(self) -> list[Effect]:
        """Go on to the next event, over as many points and candles as it takes."""
        effects = self._at_this_price() or self._walk()
        while not effects:
            effects = self._in_range()
            if not effects:
                if not self._enter_next_candle():
                    return [Reply(PATH_ENDED)]
                effects = self._walk()
        effects.append(Reply(self._index))
        return effects

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
        if self._range is not None:
            return self._scan.next_closing(start, float(self._range.bottom), float(self._range.top))
        buy, sell = self._book.best_buy, self._book.best_sell
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
