"""Symbols, books, candles and tickers as Binance's JSON shows them."""

from __future__ import annotations

from typing import Any

from actors.sandbox.order_json import amount
from actors.sandbox.order_requests import ORDER_TYPES
from engine.venue.events import PublicTrade
from engine.venue.market_data import AggregateTrade, BookTicker, Depth, Kline, PriceLevel, Ticker24h
from engine.venue.values import SymbolRules

_STP_MODES = ["NONE"]


def listing(rules: SymbolRules, status: str) -> dict[str, Any]:
    """Show a symbol as ``exchangeInfo`` lists it."""
    return {
        "symbol": rules.symbol,
        "status": status,
        "baseAsset": rules.base,
        "baseAssetPrecision": rules.base_precision,
        "quoteAsset": rules.quote,
        "quotePrecision": rules.quote_precision,
        "quoteAssetPrecision": rules.quote_precision,
        "baseCommissionPrecision": rules.base_precision,
        "quoteCommissionPrecision": rules.quote_precision,
        "orderTypes": list(ORDER_TYPES),
        "icebergAllowed": False,
        "ocoAllowed": False,
        "otoAllowed": False,
        "opoAllowed": False,
        "quoteOrderQtyMarketAllowed": True,
        "allowTrailingStop": False,
        "cancelReplaceAllowed": True,
        "amendAllowed": False,
        "pegInstructionsAllowed": False,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "filters": _filters(rules),
        "permissions": [],
        "permissionSets": [["SPOT"]],
        "defaultSelfTradePreventionMode": "NONE",
        "allowedSelfTradePreventionModes": _STP_MODES,
    }


def depth(book: Depth) -> dict[str, Any]:
    """Show a book."""
    return {
        "lastUpdateId": book.last_update_id,
        "bids": [_level(level) for level in book.bids],
        "asks": [_level(level) for level in book.asks],
    }


def best(ticker: BookTicker) -> dict[str, Any]:
    """Show the best prices."""
    return {"symbol": ticker.symbol, **_best(ticker)}


def public_trade(trade: PublicTrade) -> dict[str, Any]:
    """Show a trade to everybody."""
    return {
        "id": trade.trade_id,
        "price": amount(trade.price),
        "qty": amount(trade.quantity),
        "quoteQty": amount(trade.price * trade.quantity),
        "time": trade.time,
        "isBuyerMaker": trade.buyer_is_maker,
        "isBestMatch": True,
    }


def aggregate_trade(trade: AggregateTrade) -> dict[str, Any]:
    """Show the trades of one taker at one price."""
    return {
        "a": trade.aggregate_id,
        "p": amount(trade.price),
        "q": amount(trade.quantity),
        "f": trade.first_trade_id,
        "l": trade.last_trade_id,
        "T": trade.time,
        "m": trade.buyer_is_maker,
        "M": True,
    }


def kline(candle: Kline) -> list[Any]:
    """Show a candle as a row of twelve."""
    return [
        candle.open_time,
        amount(candle.open),
        amount(candle.high),
        amount(candle.low),
        amount(candle.close),
        amount(candle.volume),
        candle.close_time,
        amount(candle.quote_volume),
        candle.trades,
        amount(candle.taker_buy_volume),
        amount(candle.taker_buy_quote_volume),
        "0",
    ]


def window(ticker: Ticker24h) -> dict[str, Any]:
    """Show a rolling window."""
    return {
        "symbol": ticker.symbol,
        "priceChange": amount(ticker.change),
        "priceChangePercent": f"{ticker.change_percent:.3f}",
        "weightedAvgPrice": amount(ticker.weighted_average),
        "openPrice": amount(ticker.open),
        "highPrice": amount(ticker.high),
        "lowPrice": amount(ticker.low),
        "lastPrice": amount(ticker.last),
        "volume": amount(ticker.volume),
        "quoteVolume": amount(ticker.quote_volume),
        "openTime": ticker.open_time,
        "closeTime": ticker.close_time,
        "firstId": ticker.first_trade_id,
        "lastId": ticker.last_trade_id,
        "count": ticker.trades,
    }


def day(ticker: Ticker24h) -> dict[str, Any]:
    """Show the last 24 hours."""
    return {
        **window(ticker),
        "prevClosePrice": amount(ticker.previous_close),
        "lastQty": amount(ticker.last_quantity),
        **_best(ticker.best),
    }


def _best(ticker: BookTicker) -> dict[str, Any]:
    return {
        "bidPrice": amount(ticker.bid_price),
        "bidQty": amount(ticker.bid_quantity),
        "askPrice": amount(ticker.ask_price),
        "askQty": amount(ticker.ask_quantity),
    }


def _level(level: PriceLevel) -> list[str]:
    return [amount(level.price), amount(level.quantity)]


def _filters(rules: SymbolRules) -> list[dict[str, Any]]:
    sizes = {"minQty": amount(rules.min_amount), "maxQty": amount(rules.max_amount)}
    return [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": amount(rules.min_price),
            "maxPrice": amount(rules.max_price),
            "tickSize": amount(rules.price_tick),
        },
        {"filterType": "LOT_SIZE", **sizes, "stepSize": amount(rules.amount_step)},
        {"filterType": "MARKET_LOT_SIZE", **sizes, "stepSize": amount(rules.amount_step)},
        {
            "filterType": "NOTIONAL",
            "minNotional": amount(rules.min_notional),
            "applyMinToMarket": True,
            "maxNotional": "9000000.00000000",
            "applyMaxToMarket": False,
            "avgPriceMins": 0,
        },
        {
            "filterType": "PERCENT_PRICE_BY_SIDE",
            "bidMultiplierUp": str(rules.percent_up),
            "bidMultiplierDown": str(rules.percent_down),
            "askMultiplierUp": str(rules.percent_up),
            "askMultiplierDown": str(rules.percent_down),
            "avgPriceMins": 0,
        },
        {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": rules.max_open_orders},
    ]
