"""The price on its way: what is watched for, what was reached, what moved."""

from __future__ import annotations

from decimal import Decimal

from engine.freezing import frozen


@frozen
class PriceMoved:
    """Report the next point of the price's path."""

    time: int
    price: Decimal


@frozen
class PriceNoted:
    """Tell the reporter a point of a grid's price path."""

    grid: str
    time: int
    price: Decimal


@frozen
class WatchRange:
    """Ask to be told of the first price within [bottom, top]; of candles, the first close."""

    bottom: Decimal
    top: Decimal


@frozen
class RangeEntered:
    """Report a price within the range that was watched for."""

    time: int
    price: Decimal


@frozen
class WatchPrices:
    """Replace what is watched: tell me once when the price is at or beyond one of these; None watches nothing."""

    below: Decimal | None
    above: Decimal | None


@frozen
class PriceReached:
    """Report that the price on the path is at or beyond a watched one."""

    price: Decimal


@frozen
class PricesUnwatched:
    """Report that a price feed has begun and watches nothing: whoever wants to be told asks again."""


@frozen
class Advance:
    """Move along the path to the next point at which something happens.

    Replied to with the index of the candle reached, or -1 when the path has ended.
    """
