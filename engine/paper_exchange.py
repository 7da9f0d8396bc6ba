"""The exchange of paper trading: live prices, simulated fills."""

from __future__ import annotations

from decimal import Decimal
from typing import assert_never

from attrs import evolve

from engine.addresses import GridAddresses
from engine.effects import After, Effect, Send
from engine.messages import (
    CancelOrder,
    CatchUp,
    GoOnDue,
    LookUpOrder,
    OpenOrdersListed,
    OrderFilled,
    PaperExchangeInbox,
    PriceMoved,
    RecalledOrder,
    RecallOrders,
    SubmitOrder,
    WatchPrices,
    WatchRange,
)
from engine.paper_records import PaperRecords
from engine.path_exchange import PathExchange
from engine.values import Fees, Kind, Market

PAUSE = 0.005  # seconds after each event, for its answers to arrive before the price goes on


class PaperExchange(PathExchange):
    """Fill one grid's orders where live prices meet them: every price is the next point of the path.

    A fresh one knows nothing: it goes on with the orders that are recalled, and looks at no price that it has missed.
    """

    def __init__(self, market: Market, fees: Fees, slippage: Decimal, addresses: GridAddresses) -> None:
        """Stand before the first price, with no orders."""
        super().__init__(market, fees, slippage, addresses)
        self._records = PaperRecords()
        self._pauses = False

    def handle(self, message: PaperExchangeInbox) -> list[Effect]:
        """Take an order, a question, a wish to be told or a price, and go on."""
        match message:
            case PriceMoved():
                self._ahead.append(message.price)
                self._time = message.time
                return self._go()
            case SubmitOrder():
                return self._order(message)
            case CancelOrder():
                self._take_out(message.client_order_id)
                self._records.ended(message.client_order_id)
                return [self._told(message.client_order_id)]
            case WatchPrices():
                self._watch = message
                return self._go()
            case WatchRange():
                self._range = message
                return self._go()
            case GoOnDue():
                self._pauses = False
                return self._go()
            case LookUpOrder():
                return self._look_up(message.client_order_id)
            case CatchUp():
                return self._catch_up(message.after)
            case RecallOrders():
                return self._recall(message)
            case _:
                assert_never(message)

    def _go(self) -> list[Effect]:
        """Go on to the next event, and pause behind it."""
        if self._pauses:
            return []
        effects = self._at_this_price() or self._walk() or self._in_range()
        for effect in effects:
            if isinstance(effect, Send) and isinstance(effect.message, OrderFilled):
                self._records.filled(effect.message)
        if effects:
            self._pauses = True
            effects.append(After(PAUSE, GoOnDue()))
        return effects

    # --- orders --------------------------------------------------------------------------------------

    def _order(self, order: SubmitOrder) -> list[Effect]:
        name = order.client_order_id
        if name in self._records:
            return self._look_up(name)
        self._records.opened(name)
        self._submit(order)
        return [self._told(name), *self._go()]

    def _recall(self, recall: RecallOrders) -> list[Effect]:
        """Have open what is recalled and not known to have ended, and nothing else; go on counting trades."""
        names = {recalled.order.client_order_id for recalled in recall.orders}
        for name in [name for name in self._records.open_orders if name not in names]:
            self._take_out(name)
            self._records.forget(name)
        for recalled in recall.orders:
            self._take_in(recalled)
        self._trades = max(self._trades, int(recall.newest_trade or 0))
        return self._go()

    def _take_in(self, recalled: RecalledOrder) -> None:
        """Rest the unfilled part of a limit order; a market order never rested, so that one we lack never arrived."""
        order = recalled.order
        if order.client_order_id in self._records:
            return
        self._records.opened(order.client_order_id, recalled.filled)
        rest = order.quantity - recalled.filled
        if order.kind is Kind.MARKET or rest <= 0:
            self._records.ended(order.client_order_id)
        else:
            self._submit(evolve(order, quantity=rest))

    # --- questions -----------------------------------------------------------------------------------

    def _look_up(self, name: str) -> list[Effect]:
        return [*self._sent(self._records.fills_of(name)), self._told(name)]

    def _catch_up(self, after: str | None) -> list[Effect]:
        listed = OpenOrdersListed(tuple(map(self._records.report, self._records.open_orders)))
        return [*self._sent(self._records.fills_after(after)), Send(self._order_manager, listed)]

    def _told(self, name: str) -> Send:
        return Send(self._order_manager, self._records.report(name))

    def _sent(self, fills: list[OrderFilled]) -> list[Effect]:
        return [Send(self._order_manager, fill) for fill in fills]
