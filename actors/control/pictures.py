"""Running grids as JSON: what the API, the page and the commands speak; decimals as text, times in epoch ms."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from actors.display.live_figures import figures_of
from actors.log_lines.secrets import redacted
from engine.candles import Candles
from engine.live_view import LiveGrid, Rung
from engine.messages.vitals import HealthDescribed
from engine.plain import ending, plain
from engine.tally import DAY, LevelTold
from engine.values import SATOSHI, Side

Json = dict[str, Any]


def status(grid: LiveGrid) -> Json:
    """Show where a grid stands and what it has come to."""
    figures = figures_of(grid)
    orders = [order.wish.side for order in grid.orders]
    return {
        "name": grid.name,
        "mode": grid.mode,
        "base": grid.market.base,
        "quote": grid.market.quote,
        "standing": str(grid.standing),
        "why": _why(grid),
        "paused_until": grid.pause.until if grid.pause else None,
        "price": _plain(grid.price),
        "change_percent": plain((grid.change * 100).quantize(Decimal("0.0001"))),
        "feed_trouble": grid.feed_trouble,
        "bottom": plain(grid.bottom),
        "top": plain(grid.top),
        "budget": _money(grid.budget),
        "value": _money(grid.value),
        "grid_profit": _money(grid.grid_profit),
        "unrealized_profit": _money(grid.unrealized_profit),
        "total_fees": _money(grid.total_fees),
        "other_fees": {asset: plain(amount) for asset, amount in grid.other_fees},
        "cycles": grid.cycles,
        "trades": grid.tally.trades,
        "open_buys": orders.count(Side.BUY),
        "open_sells": orders.count(Side.SELL),
        "empty_levels": sum(rung.why is not None for rung in grid.rungs),
        "armed_at": grid.armed_at,
        "price_places": figures.price_places,
        "amount_places": figures.amount_places,
        "money_places": figures.money_places,
    }


def orders(grid: LiveGrid) -> Json:
    """Show what a grid has on the exchange."""
    return {
        "name": grid.name,
        "orders": [
            {
                "client_order_id": order.client_order_id,
                "level": None if order.wish.owner.level is None else order.wish.owner.slot,
                "side": str(order.wish.side),
                "kind": str(order.wish.kind),
                "price": plain(order.wish.price),
                "quantity": plain(order.wish.quantity),
                "filled": plain(order.filled),
                "is_accepted": order.is_accepted,
            }
            for order in grid.orders
        ],
    }


def levels(grid: LiveGrid) -> Json:
    """Show a grid's ladder, highest price first, with what each level has earned."""
    told = {level.slot: level for level in grid.tally.levels}
    return {"name": grid.name, "levels": [_rung(rung, told.get(rung.slot)) for rung in grid.rungs]}


def balance(grid: LiveGrid) -> Json:
    """Show what a grid has of its two assets; nothing before its ledger has spoken."""
    funds, market = grid.funds, grid.market
    held = (
        ()
        if funds is None
        else (
            (market.quote, funds.free_quote, funds.reserved_quote),
            (market.base, funds.free_base, funds.reserved_base),
        )
    )
    return {
        "name": grid.name,
        "assets": [
            {"asset": asset, "free": plain(free), "reserved": plain(reserved), "total": plain(free + reserved)}
            for asset, free, reserved in held
        ],
        "value": _money(grid.value),
        "budget": _money(grid.budget),
    }


def trades(grid: LiveGrid, limit: int) -> Json:
    """Show a grid's latest trades, newest first."""
    return {
        "name": grid.name,
        "trades": [
            {
                "time": trade.time,
                "side": str(trade.side),
                "kind": str(trade.kind),
                "price": plain(trade.price),
                "quantity": plain(trade.quantity),
                "fee": plain(trade.fee),
                "fee_asset": trade.fee_asset,
                "level": None if trade.owner.level is None else trade.owner.slot,
                "trade_id": trade.trade_id,
                "order_id": trade.order_id,
                "client_order_id": trade.client_order_id,
            }
            for trade in reversed(grid.trades[-limit:])
        ],
    }


def events(grid: LiveGrid, limit: int) -> Json:
    """Show what was written down of a grid lately, newest first."""
    return {
        "name": grid.name,
        "events": [
            {
                "time": event.time,
                "kind": event.kind,
                "level": event.slot,
                "client_order_id": event.client_order_id,
                "details": dict(event.details),
            }
            for event in reversed(grid.events[-limit:])
        ],
    }


def days(grid: LiveGrid, limit: int) -> Json:
    """Show what a grid's latest UTC days came to, newest first."""
    return {
        "name": grid.name,
        "days": [
            {
                "day": datetime.fromtimestamp(day.number * DAY // 1000, UTC).date().isoformat(),
                "profit": _money(day.profit),
                "cycles": day.cycles,
                "trades": day.trades,
                "fees": _money(day.fees),
            }
            for day in reversed(grid.tally.days[-limit:])
        ],
    }


def candles(name: str, timeframe_ms: int, seen: Candles | None, limit: int) -> Json:
    """Show the newest candles of a grid's price, oldest first, exact."""
    count = 0 if seen is None else len(seen)
    shown = [] if seen is None else [seen.exact(index) for index in range(max(0, count - limit), count)]
    return {
        "name": name,
        "timeframe_ms": timeframe_ms,
        "candles": [
            [candle.time, *(plain(price) for price in (candle.open, candle.high, candle.low, candle.close))]
            for candle in shown
        ],
    }


def health(described: HealthDescribed) -> Json:
    """Show how the process and its grids are."""
    return {
        "time": described.time,
        "level": str(described.level),
        "checks": [
            {
                "name": check.name,
                "grid": check.grid,
                "level": str(check.level),
                "text": redacted(check.text),  # it may say why an actor failed, in the error's own words
                "since": check.since,
                "number": _finite(check.number),
                "unit": check.unit,
                "trend": [number for number in check.trend if math.isfinite(number)],
            }
            for check in described.checks
        ],
    }


def _finite(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None


def _why(grid: LiveGrid) -> str | None:
    if grid.stop_reason is not None:
        return f"stopped by {ending(grid.stop_reason)}"
    return None if grid.pause is None else grid.pause.reason


def _rung(rung: Rung, earned: LevelTold | None) -> Json:
    return {
        "level": rung.slot,
        "side": None if rung.side is None else str(rung.side),
        "price": plain(rung.price),
        "quantity": plain(rung.quantity),
        "filled": plain(rung.filled),
        "state": str(rung.state),
        "why": rung.why,
        "profit": "0" if earned is None else _money(earned.profit),
        "cycles": 0 if earned is None else earned.cycles,
    }


def _plain(number: Decimal | None) -> str | None:
    return None if number is None else plain(number)


def _money(amount: Decimal) -> str:
    return plain(amount.quantize(SATOSHI))
