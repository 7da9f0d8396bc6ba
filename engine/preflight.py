"""What a grid would do with its money, before it does: costs, profit per cycle, worst cases, warnings."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from attrs import frozen

from engine.grid import GridRules, Plan, PlannedLevel, make_plan
from engine.settings.choices import InitialPurchase
from engine.values import ONE, ZERO, Side

_NAMED = 8  # levels that a warning names
_ENLARGE = "They stay empty: use fewer levels or more capital."


@frozen
class LevelCheck:
    """Tell what one level's first order costs and what a cycle of it earns.

    `reserves` is in quote for a buy, in base for a sell; `waits_because` is None for an order that will be placed.
    """

    slot: str
    side: Side
    low: Decimal
    high: Decimal
    price: Decimal
    quantity: Decimal
    reserves: Decimal
    waits_because: str | None
    cycle_profit: Decimal
    cycle_percent: Decimal


@frozen
class WorstCase:
    """Tell what is left when the price falls straight to `price`, every buy on the way filled."""

    price: Decimal
    value: Decimal
    loss: Decimal
    loss_percent: Decimal


@frozen
class Preflight:
    """Hold the whole check; money in quote."""

    price: Decimal
    capital: Decimal
    unit: Decimal
    purchase: Decimal
    purchase_price: Decimal
    purchase_cost: Decimal
    capital_used: Decimal
    capital_idle: Decimal
    break_even_percent: Decimal
    levels: tuple[LevelCheck, ...]
    at_bottom: WorstCase
    at_stop_loss: WorstCase | None
    warnings: tuple[str, ...]


@frozen
class _Purse:
    """Hold the money after the initial purchase."""

    quote: Decimal
    base: Decimal


def check(rules: GridRules, price: Decimal, quote: Decimal, stop_loss: Decimal | None) -> Preflight:
    """Work out what arming at `price` with `quote` would do; raise `LevelsCollide` like the plan."""
    plan = make_plan(rules, price, quote, ZERO)
    fees = rules.fees
    # Of a coin worth little, fees rounded up may cost more than quantities rounded down leave: then nothing is bought.
    purchase = plan.purchase if fees.need(Side.BUY, plan.purchase_price, plan.purchase) <= quote else ZERO
    purchase_cost = fees.need(Side.BUY, plan.purchase_price, purchase)
    bought = purchase
    if fees.in_received:
        bought -= fees.on(Side.BUY, plan.purchase_price, purchase)
    purse = _Purse(quote - purchase_cost, bought)
    levels = tuple(_check_levels(rules, plan, purse))
    placed = [level for level in levels if level.waits_because is None]
    idle_quote = purse.quote - sum((level.reserves for level in placed if level.side is Side.BUY), ZERO)
    idle_base = purse.base - sum((level.reserves for level in placed if level.side is Side.SELL), ZERO)
    idle = idle_quote + idle_base * price
    exit_price = None if stop_loss is None else _exit_price(stop_loss, price, levels, purse)
    at_stop = None if exit_price is None else _fall_to(exit_price, rules, levels, purse, quote, sells=True)
    return Preflight(
        price=price,
        capital=quote,
        unit=plan.unit,
        purchase=purchase,
        purchase_price=plan.purchase_price,
        purchase_cost=purchase_cost,
        capital_used=quote - idle,
        capital_idle=idle,
        break_even_percent=100 * (break_even_ratio(rules) - ONE),
        levels=levels,
        at_bottom=_fall_to(plan.prices[0], rules, levels, purse, quote, sells=False),
        at_stop_loss=at_stop,
        warnings=tuple(_warnings(rules, plan, purchase, levels, stop_loss)),
    )


def break_even_ratio(rules: GridRules) -> Decimal:
    """Give the high / low at which a cycle earns exactly its two fees."""
    kept = ONE - rules.fees.rate
    return ONE / (kept * kept) if rules.fees.in_received else (ONE + rules.fees.rate) / kept


def cycle_profit(rules: GridRules, level: PlannedLevel) -> Decimal:
    """Give what `level` earns by buying at its low and selling that at its high, after both fees."""
    fees, market = rules.fees, rules.market
    bought = level.quantity
    if level.side is Side.SELL:
        bought = bought * rules.buy_ratio
        bought = market.floor_amount(bought / (ONE - fees.rate) if fees.in_received else bought)
    if not bought:
        return ZERO
    buy_fee = fees.on(Side.BUY, level.low, bought)
    cost, received = level.low * bought, bought
    if fees.in_received:
        received -= buy_fee
    else:
        cost += buy_fee
    if not received:
        return -cost
    sold = market.floor_amount(received * rules.sell_ratio)
    return level.high * sold - fees.on(Side.SELL, level.high, sold) - sold * cost / received


def _check_levels(rules: GridRules, plan: Plan, purse: _Purse) -> Iterable[LevelCheck]:
    """Fund the levels as the ledger would: nearest first, each in full or not at all."""
    free = {Side.BUY: purse.quote, Side.SELL: purse.base}
    for level in plan.levels:
        need = rules.fees.need(level.side, level.price, level.quantity)
        waits = None
        if not level.quantity:
            waits = "idle: the quantity rounds to zero"
        elif not rules.market.accepts(level.price, level.quantity):
            waits = "waits: under the market's minimums"
        elif need > free[level.side]:
            waits = "waits for funds"
        else:
            free[level.side] -= need
        profit = cycle_profit(rules, level)
        cost = level.low * level.quantity
        yield LevelCheck(
            slot=level.slot,
            side=level.side,
            low=level.low,
            high=level.high,
            price=level.price,
            quantity=level.quantity,
            reserves=need,
            waits_because=waits,
            cycle_profit=profit,
            cycle_percent=100 * profit / cost if cost else ZERO,
        )


def _exit_price(stop_loss: Decimal, price: Decimal, levels: Iterable[LevelCheck], purse: _Purse) -> Decimal | None:
    """Give where a stop-loss sells when the price falls straight: as soon as something is held beyond it, if ever."""
    if purse.base:
        return min(stop_loss, price)
    buys = [level.price for level in levels if level.side is Side.BUY and level.waits_because is None]
    return min(stop_loss, max(buys)) if buys else None


def _fall_to(
    price: Decimal, rules: GridRules, levels: Iterable[LevelCheck], purse: _Purse, capital: Decimal, *, sells: bool
) -> WorstCase:
    """Fill every placed buy down to `price`, then value what is held; `sells` pays slippage and fee for it."""
    quote, base = purse.quote, purse.base
    for level in levels:
        if level.side is Side.BUY and level.waits_because is None and level.price >= price:
            quote -= level.reserves
            base += level.quantity
            if rules.fees.in_received:
                base -= rules.fees.on(Side.BUY, level.price, level.quantity)
    got = price
    if sells:
        got = price * (ONE - rules.slippage) * (ONE - rules.fees.rate)
    value = quote + base * got
    return WorstCase(price, value, capital - value, 100 * (capital - value) / capital)


def _warnings(
    rules: GridRules, plan: Plan, purchase: Decimal, levels: tuple[LevelCheck, ...], stop_loss: Decimal | None
) -> Iterable[str]:
    market = rules.market
    needed = break_even_ratio(rules)
    losing = [i for i in range(len(plan.prices) - 1) if plan.prices[i + 1] / plan.prices[i] <= needed]
    if losing:
        yield (
            f"{_count(len(losing), 'level')} of {len(plan.prices) - 1} lie closer than two fees cost "
            f"({100 * (needed - ONE):.4f} %): each cycle of {_these(losing)} loses money or earns nothing. "
            "Use fewer levels or a wider range."
        )
    for reason, advice in (
        ("waits for funds", "The purchase leaves too little for them; they are served as money comes in."),
        (
            "waits: under the market's minimums",
            f"Their orders are below {market.min_amount:f} {market.base} or {market.min_cost:f} {market.quote}. "
            + _ENLARGE,
        ),
        (
            "idle: the quantity rounds to zero",
            f"The step is {market.amount_step:f} {market.base}. " + _ENLARGE,
        ),
    ):
        slots = [level.slot for level in levels if level.waits_because == reason]
        if slots:
            yield f"{_count(len(slots), 'level')} ({_some(slots)}): {reason}. {advice}"
    if not purchase and rules.initial_purchase is not InitialPurchase.NONE:
        yield ("No initial purchase is made: it rounds to zero, is under the market's minimums or costs too much.")
    if stop_loss is not None and stop_loss >= plan.price:
        yield f"stop_loss.threshold {stop_loss:f} is at or above the price {plan.price:f}: the grid would stop at once."


def _some(slots: list[str]) -> str:
    """Name slots, but not hundreds."""
    return ", ".join(slots) if len(slots) <= _NAMED else f"{', '.join(slots[:_NAMED])} and {len(slots) - _NAMED} more"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _these(indices: list[int]) -> str:
    if len(indices) == indices[-1] - indices[0] + 1 and len(indices) > 2:
        return f"levels {indices[0]} to {indices[-1]}"
    return f"level{'' if len(indices) == 1 else 's'} {_some([str(index) for index in indices])}"
