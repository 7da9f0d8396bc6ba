"""Paper trading's exchange in a market that is never deep enough: it fills in parts, and some orders expire."""

from __future__ import annotations

from decimal import Decimal
from random import Random

from attrs import evolve

from engine.addresses import GridAddresses
from engine.effects import Effect
from engine.messages import OrderFilled, RecalledOrder, SubmitOrder
from engine.paper_exchange import PaperExchange
from engine.paper_records import PaperRecords
from engine.values import ZERO, Fees, Kind, Market


class _PartsRecords(PaperRecords):
    """Know an order as open until all of it has been filled."""

    def __init__(self) -> None:
        super().__init__()
        self.quantities: dict[str, Decimal] = {}

    def filled(self, fill: OrderFilled) -> None:
        self._fills.append(fill)
        self._open[fill.client_order_id] += fill.quantity
        if self._open[fill.client_order_id] == self.quantities[fill.client_order_id]:
            self.ended(fill.client_order_id)


class PartsExchange(PaperExchange):
    """Fill half of all orders in two parts or more; of those a third expires behind its first."""

    def __init__(self, market: Market, fees: Fees, slippage: Decimal, addresses: GridAddresses, seed: int) -> None:
        super().__init__(market, fees, slippage, addresses)
        self._records = self._parts = _PartsRecords()
        self._random = Random(seed)
        self._expiring: list[str] = []

    def _order(self, order: SubmitOrder) -> list[Effect]:
        self._parts.quantities.setdefault(order.client_order_id, order.quantity)
        return super()._order(order)

    def _take_in(self, recalled: RecalledOrder) -> None:
        self._parts.quantities.setdefault(recalled.order.client_order_id, recalled.order.quantity)
        super()._take_in(recalled)

    def _fill(self, order: SubmitOrder, price: Decimal) -> list[Effect]:
        part = self._market.floor_amount(order.quantity * self._random.randint(1, 9) / 10)
        if self._random.random() < 0.5 or part == ZERO:
            return super()._fill(order, price)
        rest = evolve(order, quantity=order.quantity - part)
        if order.kind is Kind.MARKET:
            self._due.appendleft(rest)
        else:
            self._submit(rest)
        if self._random.random() < 0.33:
            self._expiring.append(order.client_order_id)
        return super()._fill(evolve(order, quantity=part), price)

    def _go(self) -> list[Effect]:
        effects = super()._go()
        expiring, self._expiring = self._expiring, []
        for name in expiring:
            self._take_out(name)
            self._records.ended(name)
            effects.append(self._told(name))
        return effects
