"""What a feed hears from its connections and from its timers."""

from __future__ import annotations

from decimal import Decimal

from engine.freezing import frozen


@frozen
class StreamOpened:
    """Report that a connection is up and subscribed; `connection` numbers the connections of one feed, from 1."""

    connection: int


@frozen
class StreamEnded:
    """Report that a connection is gone or could not be made, and why."""

    connection: int
    reason: str


@frozen
class StreamLeaving:
    """Report that the other side will end a connection soon: another one is to be made first."""

    connection: int


@frozen
class HeartbeatSeen:
    """Report that a connection lives, though it has no news."""

    connection: int


@frozen
class PricesSeen:
    """Report what a stream or a poll showed since the last report: the newest price and how far it had gone."""

    connection: int
    time: int
    low: Decimal
    high: Decimal
    newest: Decimal


@frozen
class PricesWaiting:
    """Report that a connection has shown prices, which wait to be taken as one `PricesSeen`."""

    connection: int


@frozen
class PriceFetched:
    """Report the last price as the exchange tells it when it is asked, beside the stream of `connection`."""

    connection: int
    time: int
    price: Decimal


@frozen
class FeedTimer:
    """Remind a feed of something; overtaken when `ticket` is not its latest of that `purpose`."""

    purpose: str
    ticket: int
