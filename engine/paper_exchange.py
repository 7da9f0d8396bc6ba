"""The exchange of paper trading: live prices, simulated fills."""

from __future__ import annotations

from typing import assert_never

from engine.effects import After, Effect, Send
from engine.messages import (
    CancelOrder,
    CatchUp,
    GoOnDue,
    LookUpOrder,
    OrderReported,
    PaperExchangeInbox,
    PriceMoved,
    SubmitOrder,
    WatchPrices,
    WatchRange,
)
from engine.path_exchange import PathExchange
from engine.values import ZERO

PAUSE = 0.005  # seconds after each event, for its answers to arrive before the price goes on


class PaperExchange(PathExchange):
    """Fill one grid's orders where live prices meet them: every price is the next point of the path."""

    _pauses = False

    def handle(self, message: PaperExchangeInbox) -> list[Effect]:
        """Take an order, a wish to be told or a price, and go on."""
        match message:
            case PriceMoved():
                self._ahead.append(message.price)
                self._time = message.time
                return self._go()
            case SubmitOrder():
                self._submit(message)
                accepted = OrderReported(message.client_order_id, ZERO, is_open=True)
                return [Send(self._order_manager, accepted), *self._go()]
            case CancelOrder():
                return self._cancel(message.client_order_id)
            case WatchPrices():
                self._watch = message
                return self._go()
            case WatchRange():
                self._range = message
                return self._go()
            case GoOnDue():
                self._pauses = False
                return self._go()
            case LookUpOrder() | CatchUp():
                return []  # nothing is ever missed here
            case _:
                assert_never(message)

    def _go(self) -> list[Effect]:
        """Go on to the next event, and pause behind it."""
        if self._pauses:
            return []
        effects = self._at_this_price() or self._walk() or self._in_range()
        if effects:
            self._pauses = True
            effects.append(After(PAUSE, GoOnDue()))
        return effects
