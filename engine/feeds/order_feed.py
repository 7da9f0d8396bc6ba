"""The order feed of one grid: what the exchange reports of its orders, and when something may have been missed."""

from __future__ import annotations

from typing import assert_never

from engine.addresses import GridAddresses
from engine.effects import Effect, Reply, Send
from engine.feeds.connection import FeedConnection, StreamCommand
from engine.feeds.timers import FeedTimers, Purpose
from engine.messages import (
    FeedTimer,
    HeartbeatSeen,
    OrderFeedInbox,
    OrderFilled,
    OrderReported,
    OrdersUnobserved,
    StreamEnded,
    StreamLeaving,
    StreamOpened,
)
from engine.messages.questions import DescribeOrderFeed, OrderFeedDescribed


class OrderFeed:
    """Hand on what a private stream tells, and call for a catch-up after each gap and at intervals.

    The catch-ups at intervals go on beside a stream: they find what it has lost.
    """

    def __init__(self, connection: FeedConnection | None, polling_interval: float, addresses: GridAddresses) -> None:
        """Begin unconnected; without a `connection` there are only the catch-ups every `polling_interval` seconds."""
        self._connection = connection
        self._interval = polling_interval
        self._order_manager = addresses.order_manager
        self._timers = FeedTimers()

    @property
    def trouble(self) -> str | None:
        """Say why orders are only polled, None when there is nothing to say."""
        return None if self._connection is None else self._connection.trouble

    def start(self) -> list[Effect | StreamCommand]:
        """Have the first connection made."""
        connect = [] if self._connection is None else self._connection.start()
        return [*connect, self._timers.set(Purpose.POLL, self._interval)]

    def handle(self, message: OrderFeedInbox | DescribeOrderFeed) -> list[Effect | StreamCommand]:
        """Move on by one message."""
        match message:
            case OrderFilled() | OrderReported():
                # From whichever connection, and however late: a trade counts once, by its id.
                return [Send(self._order_manager, message)]
            case FeedTimer(purpose=Purpose.POLL):
                return self._poll(message)
            case StreamOpened() | StreamEnded() | StreamLeaving() | HeartbeatSeen() | FeedTimer():
                return self._connected(message)
            case DescribeOrderFeed():
                return [Reply(self._described())]
            case _:
                assert_never(message)

    def _poll(self, timer: FeedTimer) -> list[Effect | StreamCommand]:
        if not self._timers.is_due(timer):
            return []
        return [self._unobserved(), self._timers.set(Purpose.POLL, self._interval)]

    def _connected(
        self, message: StreamOpened | StreamEnded | StreamLeaving | HeartbeatSeen | FeedTimer
    ) -> list[Effect | StreamCommand]:
        if self._connection is None:
            return []
        effects = self._connection.handle(message)
        if isinstance(message, StreamOpened) and self._connection.current == message.connection:
            effects.append(self._unobserved())
        return effects

    def _described(self) -> OrderFeedDescribed:
        connection = self._connection
        return OrderFeedDescribed(self.trouble, connection is not None, 0 if connection is None else connection.signs)

    def _unobserved(self) -> Send:
        return Send(self._order_manager, OrdersUnobserved())
