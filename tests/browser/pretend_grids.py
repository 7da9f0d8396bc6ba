"""Made-up grids in the JSON that the dashboard reads: any state that a real one could be in."""

from __future__ import annotations

import random
import time
from decimal import Decimal
from typing import Any

Json = dict[str, Any]

MINUTE = 60_000
DAY = 86_400_000
PARTS = ("status", "levels", "orders", "balance", "trades", "events", "days", "candles")
STATES = {"buy": "WAITING_FOR_BUY_FILL", "sell": "WAITING_FOR_SELL_FILL"}


def now() -> int:
    """Give the time of now in epoch ms."""
    return time.time_ns() // 1_000_000


class PretendGrid:
    """Be a grid that a test may put into any state: change `status` and the parts, then tell the server."""

    def __init__(
        self,
        name: str = "SOL/USDT",
        *,
        levels: int = 20,
        bottom: int = 150,
        top: int = 190,
        price: str = "168.42",
        mode: str = "paper_trading",
        seed: int = 7,
        candles: int = 300,
    ) -> None:
        self.name, self.time, self.chance = name, now(), random.Random(seed)
        base, _, quote = (name if "/" in name else "SOL/USDT").partition("/")
        self.base, self.quote, self.price = base, quote, Decimal(price)
        self.step = Decimal(top - bottom) / levels
        self.levels = [self._level(slot, bottom) for slot in reversed(range(levels))]
        self.orders = [self._order(level) for level in self.levels if level["why"] is None]
        self.candles = self._candles()[-candles:]
        self.trades = self._trades()
        self.events = self._events()
        self.days = [
            {
                "day": time.strftime("%Y-%m-%d", time.gmtime(self.time / 1000 - 86400 * back)),
                "profit": profit,
                "cycles": cycles,
                "trades": cycles * 2 + 1,
                "fees": f"{cycles * 0.041:.4f}",
            }
            for back, (profit, cycles) in enumerate(
                [("3.1204", 9), ("12.8790", 31), ("-0.4410", 2), ("8.0013", 22), ("21.5500", 48)]
            )
        ]
        self.assets = [
            {"asset": quote, "free": "412.0518", "reserved": "4581.2200", "total": "4993.2718"},
            {"asset": base, "free": "0.00041", "reserved": "30.24", "total": "30.24041"},
            {"asset": "BNB", "free": "0.08123", "reserved": "0", "total": "0.08123"},
        ]
        self.status: Json = {
            "name": name,
            "mode": mode,
            "base": base,
            "quote": quote,
            "standing": "running",
            "why": None,
            "paused_until": None,
            "price": str(self.price),
            "change_percent": "1.2345",
            "feed_trouble": None,
            "bottom": str(bottom),
            "top": str(top),
            "budget": "10000",
            "value": "10086.4102",
            "grid_profit": "45.1097",
            "unrealized_profit": "-12.0341",
            "total_fees": "4.5923",
            "other_fees": {"BNB": "0.01877"},
            "cycles": 112,
            "trades": 231,
            "armed_at": self.time - 4 * DAY - 7_300_000,
            "price_places": 2,
            "amount_places": 3,
            "money_places": 2,
        }
        self.count()

    def count(self) -> None:
        """Let the figures say how many orders there are."""
        sides = [order["side"] for order in self.orders]
        empty = sum(level["why"] is not None for level in self.levels)
        self.status.update(open_buys=sides.count("buy"), open_sells=sides.count("sell"), empty_levels=empty)

    def rest(self, standing: str, why: str | None, **more: Any) -> None:
        """Have no orders: paused, stopped or waiting."""
        self.orders = []
        self.levels = []
        self.count()
        self.status.update(standing=standing, why=why, **more)

    def empty(self, standing: str, why: str, **more: Any) -> None:
        """Have a ladder without orders, and be told of how each was taken down: as a real one is after a pause."""
        self.events = [*self._taken_down(why), *self.events]
        self.orders = []
        for level in self.levels:
            level["why"] = "the grid is paused"
        self.count()
        self.status.update(standing=standing, why=why, **more)

    def _taken_down(self, why: str) -> list[Json]:
        held = {"quote": "4993.27184", "base": "30.24"}
        ended: Json = {"side": "sell", "filled": "0"}
        told = [
            ("grid_paused", None, {"reason": why, **held}),
            *(("order_ended", order, ended) for order in self.orders),
            *(("cancel_asked", order, {}) for order in self.orders),
            ("pause_begun", None, {"reason": why}),
        ]
        return [
            {
                "time": self.time - number * 20,
                "kind": kind,
                "level": order and order["level"],
                "client_order_id": order and order["client_order_id"],
                "details": details,
            }
            for number, (kind, order, details) in enumerate(told)
        ]

    def part(self, name: str) -> Json:
        """Give what a part says of this grid."""
        if name == "balance":
            return {
                "name": self.name,
                "assets": self.assets,
                "value": self.status["value"],
                "budget": self.status["budget"],
            }
        if name == "candles":
            return {"name": self.name, "timeframe_ms": MINUTE, "candles": self.candles}
        return {"name": self.name, name: getattr(self, name)}

    def _level(self, slot: int, bottom: int) -> Json:
        low = bottom + self.step * slot
        high = low + self.step
        side = "buy" if high <= self.price + self.step / 2 else "sell"
        worked = abs(low - self.price) < 6 * self.step
        profit = Decimal(self.chance.randrange(1, 9000)) / 1000 if worked else Decimal(0)
        level: Json = {
            "level": str(slot),
            "side": side,
            "price": str(low if side == "buy" else high),
            "quantity": "3.024",
            "filled": "0",
            "state": STATES[side],
            "why": None,
            "profit": str(profit),
            "cycles": int(profit * 2),
        }
        if slot == 0:
            level.update(state="READY_TO_BUY", why=f"needs 453.60 {self.quote}, 412.05 free")
        return level

    def _order(self, level: Json) -> Json:
        return {
            "client_order_id": f"ga1x9k-{level['level']}-{level['cycles']}",
            "level": level["level"],
            "side": level["side"],
            "kind": "limit",
            "price": level["price"],
            "quantity": level["quantity"],
            "filled": level["filled"],
            "is_accepted": True,
        }

    def _candles(self) -> list[list[Any]]:
        close, start = float(self.price), self.time // MINUTE * MINUTE
        candles: list[list[Any]] = []
        for back in range(300):
            open_ = close + self.chance.gauss(0, float(self.step) / 9)
            high = max(open_, close) + abs(self.chance.gauss(0, float(self.step) / 16))
            low = min(open_, close) - abs(self.chance.gauss(0, float(self.step) / 16))
            candles.append([start - back * MINUTE, *(f"{number:.2f}" for number in (open_, high, low, close))])
            close = open_
        return candles[::-1]

    def _trades(self) -> list[Json]:
        trades = []
        for number, candle in enumerate(self.candles[8:292:9]):
            side = "buy" if float(candle[4]) < float(candle[1]) else "sell"
            trades.append(
                {
                    "time": candle[0] + 20_500,
                    "side": side,
                    "kind": "limit",
                    "price": candle[4],
                    "quantity": "3.024",
                    "fee": "0.49873",
                    "fee_asset": self.quote if side == "sell" else "BNB",
                    "level": str(number % 20),
                    "trade_id": str(88_000 + number),
                    "order_id": str(4_000 + number),
                    "client_order_id": f"ga1x9k-{number}",
                }
            )
        return trades[::-1]

    def _events(self) -> list[Json]:
        told: list[tuple[str, str | None, Json]] = [
            (
                "trade_booked",
                "9",
                {
                    "trade_id": "88031",
                    "side": "buy",
                    "price": "168",
                    "quantity": "3.024",
                    "fee": "0.50803",
                    "fee_asset": self.quote,
                    "complete": "true",
                },
            ),
            ("order_accepted", "9", {"order_id": "40017"}),
            ("order_intended", "9", {"side": "buy", "kind": "limit", "price": "168", "quantity": "3.024"}),
            ("level_waits", "0", {"side": "buy", "for": "funds"}),
            (
                "order_ended",
                "3",
                {"side": "sell", "filled": "0", "refusal": "rules", "text": "Filter failure: PRICE_FILTER"},
            ),
            (
                "balances_differed",
                None,
                {
                    "asset": "SOL",
                    "ours": "30.24",
                    "account": "31.24",
                    "text": "the account has 1 SOL more than before",
                },
            ),
            ("grid_resumed", None, {"reason": "the dashboard"}),
            ("grid_paused", None, {"reason": "the dashboard", "quote": "4993.27", "base": "30.24"}),
            ("grid_orders_initialized", None, {}),
            ("initial_purchase_done", None, {}),
            ("grid_armed", None, {"price": "170.1", "levels": "20", "unit": "3.024", "purchase": "30.24"}),
        ]
        return [
            {
                "time": self.time - number * 754_321,
                "kind": kind,
                "level": level,
                "client_order_id": f"ga1x9k-{level}" if level else None,
                "details": details,
            }
            for number, (kind, level, details) in enumerate(told)
        ]


def health(level: str = "ok") -> Json:
    """Give what the health monitor would say."""
    time_, chance = now(), random.Random(3)

    def check(name: str, text: str, level: str = "ok", grid: str | None = None) -> Json:
        trend = [chance.gauss(50, 6) for _ in range(40)]
        return {
            "name": name,
            "grid": grid,
            "level": level,
            "text": text,
            "since": time_ - 754_000,
            "number": trend[-1],
            "unit": "",
            "trend": trend,
        }

    return {
        "time": time_,
        "level": level,
        "checks": [
            check("process.cpu", "4 % of one core"),
            check("process.memory", "182 MB, 1.2 MB more in an hour", level),
            check("process.disk", "41.2 GB free"),
            check("process.files", "56 open files and sockets"),
            check("clock", "12 ms behind the exchange", grid="SOL/USDT"),
            check("prices", "168.42; the stream was heard 0.4 s ago", grid="SOL/USDT"),
            check("order_stream", "connected; orders are asked for every 30 s too", grid="SOL/USDT"),
            check("actors", "65 actors answer, the slowest after 0 s"),
            check("supervisor", "answers within 1 ms"),
            check("reconciliation", "31 s ago, nothing differed", grid="SOL/USDT"),
        ],
    }
