"""What everybody may ask about a symbol: depth, best prices, candles, the last 24 hours."""

from __future__ import annotations

from decimal import Decimal

from engine.freezing import frozen


@frozen
class PriceLevel:
    """Show what is offered at one price."""

    price: Decimal
    quantity: Decimal


@frozen
class Depth:
    """Show the book, best prices first; `last_update_id` grows with every change."""

    last_update_id: int
    bids: tuple[PriceLevel, ...]
    asks: tuple[PriceLevel, ...]


@frozen
class BookTicker:
    """Show the best bid and ask; price and quantity are 0 where a side is empty."""

    symbol: str
    update_id: int
    bid_price: Decimal
    bid_quantity: Decimal
    ask_price: Decimal
    ask_quantity: Decimal


@frozen
class AggregateTrade:
    """Sum up the trades of one taker at one price."""

    aggregate_id: int
    price: Decimal
    quantity: Decimal
    first_trade_id: int
    last_trade_id: int
    time: int
    buyer_is_maker: bool


@frozen
class Kline:
    """Show one candle; trades that were none, or were before the opening, have ids of -1."""

    open_time: int
    close_time: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    quote_volume: Decimal
    trades: int
    taker_buy_volume: Decimal
    taker_buy_quote_volume: Decimal
    first_trade_id: int
    last_trade_id: int
    is_closed: bool


@frozen
class Ticker24h:
    """Sum up the last 24 hours."""

    symbol: str
    open_time: int
    close_time: int
    open: Decimal
    high: Decimal
    low: Decimal
    last: Decimal
    last_quantity: Decimal
    previous_close: Decimal
    weighted_average: Decimal
    change: Decimal
    change_percent: Decimal
    volume: Decimal
    quote_volume: Decimal
    trades: int
    first_trade_id: int
    last_trade_id: int
    best: BookTicker
