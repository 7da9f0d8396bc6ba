"""Which order of the exchange goes by which of our names, as far as this process has seen."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

_KEPT = 10_000  # orders; of older ones nobody asks any more


class OrderIds:
    """Remember exchange ids by client order id; shared by all callers of one exchange."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._ids: OrderedDict[str, str] = OrderedDict()

    def note(self, client_order_id: str, order_id: str) -> None:
        """Remember one order."""
        with self._lock:
            self._ids[client_order_id] = order_id
            self._ids.move_to_end(client_order_id)
            while len(self._ids) > _KEPT:
                self._ids.popitem(last=False)

    def find(self, client_order_id: str) -> str | None:
        """Give the exchange's id of an order, None when it has not been seen."""
        with self._lock:
            return self._ids.get(client_order_id)
