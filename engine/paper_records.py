"""What an exchange in process knows of its orders, for those who ask."""

from __future__ import annotations

from collections import deque
from decimal import Decimal

from engine.messages import OrderFilled, OrderReported
from engine.values import ZERO

MOST = 10_000


class PaperRecords:
    """Know the open orders, and the `most` orders and fills that ended last; an order fills in one go."""

    def __init__(self, most: int = MOST) -> None:
        """Begin with none."""
        self._most = most
        self._open: dict[str, Decimal] = {}  # with what was filled of it; the oldest comes first, as in the next
        self._ended: dict[str, Decimal] = {}
        self._fills: deque[OrderFilled] = deque(maxlen=most)

    def __contains__(self, name: str) -> bool:
        return name in self._open or name in self._ended

    @property
    def open_orders(self) -> tuple[str, ...]:
        """Name the open orders, the oldest first."""
        return tuple(self._open)

    def opened(self, name: str, filled: Decimal = ZERO) -> None:
        """Note an order that is there now, `filled` of it before."""
        self._open[name] = filled

    def filled(self, fill: OrderFilled) -> None:
        """Note the fill that an order ends with."""
        self._fills.append(fill)
        self._open[fill.client_order_id] += fill.quantity
        self.ended(fill.client_order_id)

    def ended(self, name: str) -> None:
        """Note that an order is open no more, if it was."""
        filled = self._open.pop(name, None)
        if filled is None:
            return
        self._ended[name] = filled
        while len(self._ended) > self._most:
            del self._ended[next(iter(self._ended))]

    def forget(self, name: str) -> None:
        """Know nothing of an open order any more."""
        del self._open[name]

    def report(self, name: str) -> OrderReported:
        """Say how an order stands; one that is not known is not open, and has filled nothing."""
        filled = self._open.get(name, self._ended.get(name, ZERO))
        return OrderReported(name, filled, is_open=name in self._open)

    def fills_of(self, name: str) -> list[OrderFilled]:
        """Give the fills of one order."""
        return [fill for fill in self._fills if fill.client_order_id == name]

    def fills_after(self, trade_id: str | None) -> list[OrderFilled]:
        """Give the fills that came after `trade_id`; none when that is None, for then there is nothing to go by."""
        if trade_id is None:
            return []
        return [fill for fill in self._fills if int(fill.trade_id) > int(trade_id)]
