"""What a running process answers, as the API writes it."""

from __future__ import annotations

from typing import Any

NOW = 1_733_829_200_000  # 2024-12-10T11:13:20Z
STARTED = NOW - 8_000_000


def grid(name: str = "SOL/USDT", **changes: Any) -> dict[str, Any]:
    base, quote = name.split(" ", maxsplit=1)[0].split("/")
    return {
        "name": name,
        "mode": "paper_trading",
        "base": base,
        "quote": quote,
        "standing": "running",
        "why": None,
        "paused_until": None,
        "price": "149",
        "change_percent": "-1.9736842105263",
        "feed_trouble": None,
        "bottom": "100",
        "top": "200",
        "budget": "1000",
        "value": "995.4321",
        "grid_profit": "4.5987",
        "unrealized_profit": "-9.1666",
        "total_fees": "0.6914",
        "other_fees": {},
        "cycles": 1,
        "trades": 3,
        "open_buys": 4,
        "open_sells": 5,
        "empty_levels": 1,
        "armed_at": STARTED,
        "price_places": 2,
        "amount_places": 3,
        "money_places": 2,
    } | changes


def check(name: str, level: str = "ok", **changes: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {"grid": None, "text": "", "since": None, "number": None, "unit": None, "trend": []}
    return {"name": name, "level": level} | empty | changes


HEALTH: dict[str, Any] = {
    "time": NOW,
    "level": "warning",
    "checks": [
        check("cpu", text="3 %", number=3, unit="%", trend=[0, 1, 2, 7]),
        check("price_feed", "warning", grid="SOL/USDT", text="no news for 12 s", since=NOW - 12_000),
    ],
}


def status(*grids: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "version": "0.1.0",
        "pid": 4711,
        "time": NOW,
        "started_at": STARTED,
        "is_stopping": False,
        "grids": list(grids) or [grid()],
        "health": None,
    } | changes


def rows(part: str, *some: dict[str, Any], name: str = "SOL/USDT") -> dict[str, Any]:
    return {"grids": [{"name": name, part: list(some)}]}


def order(level: str, side: str, price: str, **changes: Any) -> dict[str, Any]:
    return {
        "client_order_id": f"ga-{level}",
        "level": level,
        "side": side,
        "kind": "limit",
        "price": price,
        "quantity": "0.598",
        "filled": "0",
        "is_accepted": True,
    } | changes


def level(slot: str, side: str | None, price: str, **changes: Any) -> dict[str, Any]:
    return {
        "level": slot,
        "side": side,
        "price": price,
        "quantity": "0.598",
        "filled": "0",
        "state": "WAITING_FOR_BUY_FILL",
        "why": None,
        "profit": "0",
        "cycles": 0,
    } | changes


def trade(number: int, side: str, **changes: Any) -> dict[str, Any]:
    return {
        "time": NOW - number * 1000 + 7,
        "side": side,
        "kind": "limit",
        "price": "149.5",
        "quantity": "0.59",
        "fee": "0.0897",
        "fee_asset": "USDT",
        "level": "5",
        "trade_id": str(number),
        "order_id": f"o{number}",
        "client_order_id": f"ga-{number}",
    } | changes


def event(kind: str, **changes: Any) -> dict[str, Any]:
    return {"time": NOW, "kind": kind, "level": None, "client_order_id": None, "details": {}} | changes


BALANCE: dict[str, Any] = {
    "grids": [
        {
            "name": "SOL/USDT",
            "value": "995.4321",
            "budget": "1000",
            "assets": [
                {"asset": "USDT", "free": "218.27", "reserved": "1287.04", "total": "1505.31"},
                {"asset": "SOL", "free": "0.299", "reserved": "2.99", "total": "3.289"},
            ],
        }
    ]
}


def outcome(*told: tuple[str, bool, str, str]) -> dict[str, Any]:
    return {
        "grids": [{"name": name, "done": done, "standing": stands, "text": text} for name, done, stands, text in told]
    }
