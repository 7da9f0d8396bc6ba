"""Simulate one grid on candles, naively: the yardstick that the engine's backtests are compared with.

One sequential program, written from the trading semantics alone and sharing no code with the engine. Every candle is
walked point by point and every waiting wish is looked at after every fill; clarity goes before speed throughout.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from itertools import pairwise
from typing import Any

Candle = tuple[int, Decimal, Decimal, Decimal, Decimal]  # time in epoch ms, open, high, low, close

ZERO = Decimal(0)
ONE = Decimal(1)
HUNDRED = Decimal(100)
SATOSHI = Decimal("0.00000001")
RISK_FREE = Decimal("0.03")
YEAR_MS = 365 * 24 * 60 * 60 * 1000
UNIT_MS = {"s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}


@dataclass(eq=False)
class Level:
    """Hold the interval `index`; `twin` is 1 for the second, selling level of a hedged interval, else 0."""

    index: int
    twin: int
    low: Decimal
    high: Decimal
    first_side: str
    unit_cost: Decimal = ZERO  # quote per base of what the level holds


@dataclass(eq=False)
class Order:
    """Hold what a level wishes; in the book it is a limit order that arrived as number `arrival`."""

    level: Level
    side: str
    price: Decimal
    quantity: Decimal
    arrival: int = 0


class Rules:
    """Read what the simulation needs out of a configuration with the keys that users write."""

    def __init__(self, config: dict[str, Any]) -> None:
        exchange, pair = config.get("exchange", {}), config.get("pair", {})
        grid, risk = config["grid_strategy"], config.get("risk_management", {})
        market, execution = config.get("market", {}), config.get("execution", {})
        if grid.get("dynamic_spacing", {}).get("enabled") or risk.get("trailing_stop_loss", {}).get("enabled"):
            raise NotImplementedError("the reference knows neither dynamic spacing nor the trailing stop")
        self.pair = (pair.get("base_currency", "BASE"), pair.get("quote_currency", "QUOTE"))
        self.fee_rate = number(exchange.get("trading_fee", 0))
        self.fee_received = exchange.get("fee_asset", "quote") == "received"
        self.timeframe = config["trading_settings"].get("timeframe")
        self.initial_balance = number(config["trading_settings"]["initial_balance"])
        self.hedged = grid.get("type", "simple_grid") == "hedged_grid"
        self.geometric = grid.get("spacing", "arithmetic") == "geometric"
        self.num_grids = int(grid["num_grids"])
        self.top, self.bottom = number(grid["range"]["top"]), number(grid["range"]["bottom"])
        self.buy_ratio, self.sell_ratio = number(grid.get("buy_ratio", 1)), number(grid.get("sell_ratio", 1))
        self.initial_purchase = grid.get("initial_purchase", "half")
        self.take_profit = threshold(risk.get("take_profit", {}))
        self.stop_loss = threshold(risk.get("stop_loss", {}))
        self.slippage = number(execution.get("backtest_slippage", 0))
        self.tick, self.step = number(market.get("price_tick", SATOSHI)), number(market.get("amount_step", SATOSHI))
        self.min_amount, self.min_cost = number(market.get("min_amount", 0)), number(market.get("min_cost", 0))

    def floor(self, quantity: Decimal) -> Decimal:
        """Round a quantity down to the step."""
        return quantity // self.step * self.step

    def reaches_minimums(self, price: Decimal, quantity: Decimal) -> bool:
        """Tell whether the market takes an order of this size."""
        return quantity >= self.min_amount and price * quantity >= self.min_cost

    def fees(self, side: str, price: Decimal, quantity: Decimal) -> tuple[Decimal, Decimal]:
        """Give what a trade costs in quote and in base; one of them is zero."""
        if self.fee_received and side == "buy":
            return ZERO, (quantity * self.fee_rate).quantize(SATOSHI, ROUND_HALF_EVEN)
        return (price * quantity * self.fee_rate).quantize(SATOSHI, ROUND_HALF_EVEN), ZERO

    def prices(self) -> list[Decimal]:
        """Give the level prices, ascending; ValueError when two of them round to one."""
        last = self.num_grids - 1
        prices = []
        for i in range(self.num_grids):
            if self.geometric:
                price = self.bottom * (self.top / self.bottom) ** (Decimal(i) / last)
            else:
                price = self.bottom + i * (self.top - self.bottom) / last
            prices.append((price / self.tick).to_integral_value(ROUND_HALF_EVEN) * self.tick)
        if len(set(prices)) < len(prices):
            raise ValueError("levels round to the same price")
        return prices


class Grid:
    """Hold the whole state: totals, the book, who waits, where the price is, and what has happened."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.quote, self.base = rules.initial_balance, ZERO  # totals, what open orders reserve included
        self.price = ZERO
        self.last_fill = ZERO  # the last fill's price, or the price at arming
        self.time = 0
        self.armed = False
        self.stop_reason: str | None = None
        self.levels: list[Level] = []
        self.book: list[Order] = []
        self.waiting: list[Order] = []
        self.arrivals = 0
        self.trades: list[dict[str, Any]] = []
        self.cycles: list[dict[str, Any]] = []
        self.total_fees = ZERO
        self.base_cost = ZERO  # quote that the base still held has cost

    # ---- money

    def need(self, order: Order) -> Decimal:
        """Give what an order reserves: quote for a buy, base for a sell."""
        if order.side == "sell":
            return order.quantity
        return order.price * order.quantity + self.rules.fees("buy", order.price, order.quantity)[0]

    def free(self, side: str) -> Decimal:
        """Give what an order of this side may still reserve."""
        total = self.quote if side == "buy" else self.base
        free = total - sum((self.need(order) for order in self.book if order.side == side), ZERO)
        assert free >= 0, f"{side}s reserve more than there is"
        return free

    def trade(self, kind: str, side: str, price: Decimal, quantity: Decimal, level: int | None) -> None:
        """Move the money of one trade and write it down."""
        quote_fee, base_fee = self.rules.fees(side, price, quantity)
        sign = 1 if side == "buy" else -1
        self.quote -= sign * price * quantity + quote_fee
        self.base += sign * quantity - base_fee
        self.total_fees += quote_fee + base_fee * price
        if side == "buy":
            self.base_cost += price * quantity + quote_fee
        self.trades.append(
            {
                "time": self.time,
                "side": side,
                "kind": kind,
                "price": price,
                "quantity": quantity,
                "fee": base_fee or quote_fee,
                "level": level,
                "fee_asset": self.rules.pair[0] if self.rules.fee_received and side == "buy" else self.rules.pair[1],
            }
        )

    # ---- arming

    def arm(self) -> None:
        """Give the levels their roles at the current price, buy the inventory, place what can be funded."""
        self.armed = True
        self.last_fill = self.price
        self.levels = self.assign_roles()
        unit, purchase = self.size()
        cost = self.buy_inventory(purchase)
        for level in self.levels:
            if level.first_side == "buy":
                self.wish(level, "buy", level.low, self.rules.floor(unit * self.rules.buy_ratio))
            else:
                level.unit_cost = cost
                self.wish(level, "sell", level.high, self.rules.floor(unit * self.rules.sell_ratio))
        self.serve_waiting()

    def assign_roles(self) -> list[Level]:
        """Decide for each interval whether it starts by buying or by selling; a hedged one does both."""
        prices, now = self.rules.prices(), self.price
        levels = []
        for i in range(len(prices) - 1):
            low, high = prices[i], prices[i + 1]
            if high <= now:
                sides = ["buy"]
            elif low >= now:
                sides = ["sell"]
            elif self.rules.hedged:
                sides = ["buy", "sell"]
            else:
                sides = ["buy"] if now - low >= high - now else ["sell"]
            levels += [Level(i, twin, low, high, side) for twin, side in enumerate(sides)]
        return levels

    def size(self) -> tuple[Decimal, Decimal]:
        """Give the unit of the orders and the quantity to buy at market."""
        rules, fee = self.rules, self.rules.fee_rate
        capital = self.quote + self.base * self.price
        dear = self.price * (1 + rules.slippage)
        if rules.initial_purchase != "exact":
            unit = capital / rules.num_grids / self.price
            half = capital / 2 / dear - self.base
            return unit, rules.floor(half) if rules.initial_purchase == "half" else ZERO
        lows = [level.low for level in self.levels if level.first_side == "buy"]
        sellers = len(self.levels) - len(lows)
        buyer_factor, seller_factor = (ONE, 1 / (1 - fee)) if rules.fee_received else (1 + fee, 1 + fee)
        spent_per_unit = sum((low * rules.buy_ratio * buyer_factor for low in lows), ZERO)
        spent_per_unit += sellers * rules.sell_ratio * dear * seller_factor
        unit = capital / spent_per_unit
        to_sell = sellers * rules.floor(unit * rules.sell_ratio)
        return unit, rules.floor(to_sell / (1 - fee)) if rules.fee_received else to_sell

    def buy_inventory(self, quantity: Decimal) -> Decimal:
        """Make the initial purchase if there is one that the market takes; give its unit cost, else the price."""
        dear = self.price * (1 + self.rules.slippage)
        quote_fee, base_fee = self.rules.fees("buy", dear, quantity)
        cost = dear * quantity + quote_fee
        if quantity <= 0 or not self.rules.reaches_minimums(self.price, quantity) or cost > self.quote:
            return self.price
        self.trade("market", "buy", dear, quantity, None)
        return cost / (quantity - base_fee)

    # ---- orders

    def wish(self, level: Level, side: str, price: Decimal, quantity: Decimal) -> Order | None:
        """Make a level's wish and let it wait; a quantity of zero leaves the level idle."""
        if quantity <= 0:
            return None
        order = Order(level, side, price, quantity)
        self.waiting.append(order)
        return order

    def place(self, order: Order) -> None:
        """Put a waiting wish into the book if the market takes it and it can be funded in full."""
        if self.rules.reaches_minimums(order.price, order.quantity) and self.need(order) <= self.free(order.side):
            self.waiting.remove(order)
            self.arrivals += 1
            order.arrival = self.arrivals
            self.book.append(order)

    def serve_waiting(self) -> None:
        """Look at every waiting wish once: nearest to the last fill, lower level, buyer first."""

        def turn(order: Order) -> tuple[Decimal, int, bool, int]:
            level = order.level
            return abs(order.price - self.last_fill), level.index, order.side == "sell", level.twin

        for order in sorted(self.waiting, key=turn):
            self.place(order)

    def fill(self, order: Order) -> None:
        """Fill an order at the current price; then the level's own answer, then those that wait."""
        rules, level, price, quantity = self.rules, order.level, self.price, order.quantity
        self.book.remove(order)
        self.trade("limit", order.side, price, quantity, level.index)
        self.last_fill = price
        quote_fee, base_fee = rules.fees(order.side, price, quantity)
        if order.side == "buy":
            received = quantity - base_fee
            level.unit_cost = (price * quantity + quote_fee) / received
            answer = self.wish(level, "sell", level.high, rules.floor(received * rules.sell_ratio))
        else:
            cost = quantity * level.unit_cost
            self.base_cost -= cost
            self.cycles.append(
                {
                    "time": self.time,
                    "level": level.index,
                    "quantity": quantity,
                    "unit_cost": level.unit_cost,
                    "price": price,
                    "profit": price * quantity - quote_fee - cost,
                }
            )
            again = quantity * rules.buy_ratio
            if rules.fee_received:
                again /= 1 - rules.fee_rate
            answer = self.wish(level, "buy", level.low, rules.floor(again))
        if answer:
            self.place(answer)
        self.serve_waiting()

    # ---- the path of the price

    def walk(self, candle: Candle) -> None:
        """Move along the candle: open, the nearer extreme (low on a tie), the other one, close."""
        self.time, first, high, low, close = candle
        extremes = (low, high) if first - low <= high - first else (high, low)
        for target in (first, *extremes, close):
            while self.price != target and not self.stop_reason:
                self.price = self.next_point(target)
                self.settle()

    def next_point(self, target: Decimal) -> Decimal:
        """Give the first price on the way to `target` at which an order or a threshold may be met."""
        points = [order.price for order in self.book]
        points += [limit for limit in (self.rules.take_profit, self.rules.stop_loss) if limit is not None]
        if target > self.price:
            return min([point for point in points if self.price < point < target], default=target)
        return max([point for point in points if target < point < self.price], default=target)

    def settle(self) -> None:
        """Fill all that is met at the current price, oldest first, one at a time; then look at the thresholds."""
        while met := [order for order in self.book if self.meets(order)]:
            self.fill(min(met, key=lambda order: order.arrival))
        rules = self.rules
        if self.base > 0 and rules.take_profit is not None and self.price >= rules.take_profit:
            self.liquidate("take_profit")
        elif self.base > 0 and rules.stop_loss is not None and self.price <= rules.stop_loss:
            self.liquidate("stop_loss")

    def meets(self, order: Order) -> bool:
        """Tell whether the current price is at the order's limit or better than it."""
        return self.price <= order.price if order.side == "buy" else self.price >= order.price

    def liquidate(self, reason: str) -> None:
        """Cancel everything, sell all base at market, stop."""
        self.stop_reason = reason
        self.book.clear()
        self.waiting.clear()
        quantity = self.rules.floor(self.base)
        if quantity > 0 and self.rules.reaches_minimums(self.price, quantity):
            self.base_cost -= self.base_cost * quantity / self.base
            self.trade("market", "sell", self.price * (1 - self.rules.slippage), quantity, None)


def simulate(candles: list[Candle], config: dict[str, Any]) -> dict[str, Any]:
    """Run a grid over candles and give the results with the names that users see.

    Decimals stay decimals, times are epoch ms. Beyond those names: `equity` (one per candle, at its close),
    `cycle_list`, `book` and `waiting` (what is left at the end, as tuples of level, side, price, quantity).
    """
    with localcontext(Context(prec=28, rounding=ROUND_HALF_EVEN)):
        grid = Grid(Rules(config))
        prices = grid.rules.prices()
        equity = []
        for candle in candles:
            close = candle[4]
            if grid.armed:
                grid.walk(candle)
            elif prices[0] <= close <= prices[-1]:
                grid.time, grid.price = candle[0], close
                grid.arm()
                grid.settle()
            equity.append(grid.quote + grid.base * close)
        return {**outcome(grid, candles), **performance(grid.rules, candles, equity), "equity": equity}


def outcome(grid: Grid, candles: list[Candle]) -> dict[str, Any]:
    """Give what can be read off the state at the end."""
    sides = [trade["side"] for trade in grid.trades]
    return {
        "pair": "/".join(grid.rules.pair),
        "mode": "backtest",
        "start": candles[0][0],
        "end": candles[-1][0],
        "candles": len(candles),
        "armed": grid.armed,
        "stop_reason": grid.stop_reason,
        "final_quote": grid.quote,
        "final_base": grid.base,
        "total_fees": grid.total_fees,
        "grid_profit": sum((cycle["profit"] for cycle in grid.cycles), ZERO),
        "unrealized_profit": grid.base * candles[-1][4] - grid.base_cost,
        "buys": sides.count("buy"),
        "sells": sides.count("sell"),
        "cycles": len(grid.cycles),
        "open_orders": len(grid.book),
        "waiting_levels": len(grid.waiting),
        "trades": grid.trades,
        "cycle_list": grid.cycles,
        "book": sorted((o.level.index, o.side, o.price, o.quantity) for o in grid.book),
        "waiting": sorted((o.level.index, o.side, o.price, o.quantity) for o in grid.waiting),
    }


def performance(rules: Rules, candles: list[Candle], equity: list[Decimal]) -> dict[str, Any]:
    """Give what follows from the equity at each close and the initial value before it; shares in percent."""
    initial = rules.initial_balance
    series = [initial, *equity]
    drawdown = runup = ZERO
    peak = trough = initial
    for value in series:
        peak, trough = max(peak, value), min(trough, value)
        drawdown, runup = max(drawdown, (peak - value) / peak), max(runup, (value - trough) / trough)
    sharpe, sortino = ratios(series, period_ms(rules.timeframe, candles))
    return {
        "initial_value": initial,
        "final_value": equity[-1],
        "roi_percent": (equity[-1] - initial) / initial * HUNDRED,
        "buy_and_hold_percent": (candles[-1][4] - candles[0][4]) / candles[0][4] * HUNDRED,
        "max_drawdown_percent": drawdown * HUNDRED,
        "max_runup_percent": runup * HUNDRED,
        "time_in_profit_percent": HUNDRED * sum(value > initial for value in equity) / len(equity),
        "time_in_loss_percent": HUNDRED * sum(value < initial for value in equity) / len(equity),
        "sharpe": sharpe,
        "sortino": sortino,
    }


def ratios(series: list[Decimal], period: int) -> tuple[Decimal | None, Decimal | None]:
    """Give Sharpe and Sortino of the returns of a series, annualised; None where the deviation is zero."""
    per_year = Decimal(YEAR_MS) / period
    returns = [after / before - 1 for before, after in pairwise(series)]
    excess = [value - RISK_FREE / per_year for value in returns]
    mean = sum(excess, ZERO) / len(excess)
    average = sum(returns, ZERO) / len(returns)
    spread = sum(((value - average) ** 2 for value in returns), ZERO)
    deviation = (spread / (len(returns) - 1)).sqrt() if len(returns) > 1 else ZERO
    downside = (sum((min(value, ZERO) ** 2 for value in excess), ZERO) / len(excess)).sqrt()
    annual = per_year.sqrt()
    return mean / deviation * annual if deviation else None, mean / downside * annual if downside else None


def period_ms(timeframe: str | None, candles: list[Candle]) -> int:
    """Give a candle's length, from its name (`5m`) or else from the first two candles."""
    if timeframe:
        return int(timeframe[:-1]) * UNIT_MS[timeframe[-1]]
    return candles[1][0] - candles[0][0]


def number(value: Decimal | str | float) -> Decimal:
    """Read a number as it is written."""
    return Decimal(str(value))


def threshold(section: dict[str, Any]) -> Decimal | None:
    """Give the price of a take-profit or stop-loss, None when it is not enabled."""
    return number(section["threshold"]) if section.get("enabled") else None
