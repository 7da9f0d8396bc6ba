"""What happened to orders, one event after the other, as the journal would have heard of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from attrs import frozen

from engine.addresses import GridAddresses
from engine.messages import OrderAccepted, OrderEnded, PlaceOrder, RecordIntent, SubmitOrder, TradeBooked
from engine.plain import plain
from engine.recovery.own_orders import CannotRebuild, OwnOrder, OwnTrade
from engine.values import ZERO, Side

OrderEvent = RecordIntent | OrderAccepted | TradeBooked | OrderEnded


@frozen
class Known:
    """Hold what a journal has of an order: nothing, of one that it never heard of.

    `order_id` is empty where the exchange has not said it. `filled` is what its `trades` came to, ids oldest first.
    """

    is_noted: bool = False
    order_id: str = ""
    filled: Decimal = ZERO
    trades: tuple[str, ...] = ()


UNKNOWN = Known()


@frozen
class Happening:
    """Hold one event of one order, and when it was: epoch milliseconds of the exchange."""

    time: int
    order: OwnOrder
    event: OrderEvent
    rank: tuple[int, int, int, int]


def timeline(orders: Sequence[tuple[OwnOrder, Known]], addresses: GridAddresses) -> list[Happening]:
    """Tell what a journal lacks of orders, which come oldest first, in the order in which it happened.

    Within one millisecond that is what became of older orders, then one new order after the other, each with what
    became of it. Raises `CannotRebuild` when an order has not filled what its trades come to.
    """
    happenings: list[Happening] = []
    successors = _successors([order for order, _ in orders])
    for place, (order, known) in enumerate(orders):
        happenings += _Life(order, known, place, successors[place], addresses).missing()
    return sorted(happenings, key=lambda happening: happening.rank)


def _successors(orders: Sequence[OwnOrder]) -> list[int | None]:
    """Tell of each order when the next one of its owner and side was placed."""
    placed_at: dict[tuple[str, Side], int] = {}
    times: list[int | None] = []
    for order in reversed(orders):
        key = (order.name.slot, order.name.side)
        times.append(placed_at.get(key))
        placed_at[key] = order.found.placed_at
    return times[::-1]


@frozen
class _Life:
    """Tell the life of one order, the `place`-th of all; its owner placed the next one at `succeeded_at`."""

    order: OwnOrder
    known: Known
    place: int
    succeeded_at: int | None
    addresses: GridAddresses

    def missing(self) -> Iterator[Happening]:
        """Tell what is not known of it."""
        found, known = self.order.found, self.known
        if not known.is_noted:
            yield self._at(found.placed_at, 0, self._intent())
        if found.order_id != known.order_id:
            yield self._at(found.placed_at, 1, OrderAccepted(found.client_order_id, found.order_id))
        time, filled = found.placed_at, known.filled
        last = known.trades[-1] if known.trades else ""
        for trade in self.order.trades:
            if trade.report.trade_id in known.trades:
                continue
            time = max(time, trade.report.time)
            filled += trade.report.quantity
            last = trade.report.trade_id
            yield self._at(time, 2, self._booked(trade, complete=filled == found.quantity), trade.place)
        self._check(filled)
        if not found.is_open and (filled < found.quantity or not filled):
            ended = OrderEnded(self.order.owner(self.addresses), found.side, filled, last)
            yield self._at(self._ended_at(time), 3, ended)

    def _at(self, time: int, stage: int, event: OrderEvent, number: int = 0) -> Happening:
        is_new = time == self.order.found.placed_at
        return Happening(time, self.order, event, (time, self.place if is_new else -1, stage, number))

    def _intent(self) -> RecordIntent:
        order, found, name = self.order, self.order.found, self.order.name
        submit = SubmitOrder(found.client_order_id, found.side, order.kind, order.price, found.quantity)
        owner = order.owner(self.addresses)
        # What it answered nobody knows any more, and nobody needs to: it has been answered.
        wish = PlaceOrder(
            owner, name.cycle, found.side, order.kind, order.price, found.quantity, "", attempt=name.attempt
        )
        return RecordIntent(submit, wish)

    def _booked(self, trade: OwnTrade, *, complete: bool) -> TradeBooked:
        order, told = self.order, trade.report
        return TradeBooked(
            told.trade_id,
            order.client_order_id,
            order.owner(self.addresses),
            told.time,
            order.found.side,
            order.kind,
            told.price,
            told.quantity,
            told.fee,
            told.fee_asset,
            complete,
            told.order_id,
        )

    def _check(self, filled: Decimal) -> None:
        found = self.order.found
        if filled != found.filled or filled > found.quantity:
            raise CannotRebuild(
                f"order {found.client_order_id} has filled {plain(found.filled)} of {plain(found.quantity)}, "
                f"and its trades come to {plain(filled)}"
            )

    def _ended_at(self, last: int) -> int:
        """Say when it ended: behind its last trade, and before its owner placed the next; not every exchange tells."""
        time = self.order.found.changed_at
        if self.succeeded_at is not None:
            time = min(time, self.succeeded_at)
        return max(time, last)
