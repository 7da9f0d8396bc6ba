"""At which price a grid must have armed, seeing the first orders that it placed."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_CEILING, Decimal
from functools import partial

from engine.grid import GridRules, Plan, level_prices, make_plan
from engine.grid_manager import OWN_SLOT
from engine.recovery.sizes import Sizes
from engine.recovery.stretches import Stretch, stretches, where
from engine.values import ONE, Market, Side

First = tuple[Side, Decimal]  # side and quantity of a first order
_Size = Callable[[Stretch, int], Decimal]


def explain(
    rules: GridRules, quote: Decimal, base: Decimal, firsts: Mapping[str, First], near: Decimal | None = None
) -> Plan | None:
    """Find a plan, made at a price on the tick with `quote` and `base`, that begins with all orders of `firsts`.

    These are the first orders by slot; levels may be missing, for want of funds say, and the initial purchase stands
    in the slot ``"grid"``. Of several such prices the one nearest to `near` counts; without that, one at which no level
    is missing, or from which those are far, as orders are placed nearest first. None when there is no such price.
    """
    market = rules.market
    ladder = [_tick_at(market, price) for price in level_prices(rules)]
    goal = None if near is None else _tick_at(market, near)
    observed = _observed_sizes(Sizes(rules, quote, base, ladder), firsts)
    for stretch in _likely_stretches(rules, ladder, firsts, goal):
        first, last = _where_sizes_fit(stretch, observed, _least_tick(market, firsts))
        if first > last:
            continue
        tick = (first + last) // 2 if goal is None else min(max(goal, first), last)
        plan = make_plan(rules, tick * market.price_tick, quote, base)
        if _begins_with(plan, firsts):
            return plan
    return None


def _tick_at(market: Market, price: Decimal) -> int:
    return int((price / market.price_tick).quantize(ONE))


def _begins_with(plan: Plan, firsts: Mapping[str, First]) -> bool:
    planned: dict[str, First] = {level.slot: (level.side, level.quantity) for level in plan.levels}
    planned[OWN_SLOT] = (Side.BUY, plan.purchase)
    return all(planned.get(slot) == first and first[1] for slot, first in firsts.items())


def _likely_stretches(
    rules: GridRules, ladder: Sequence[int], firsts: Mapping[str, First], goal: int | None
) -> list[Stretch]:
    """Give the stretches on which all levels have the sides that were seen, the likeliest first."""
    first, last = ladder[0], ladder[-1]
    sides = {slot: side for slot, (side, _) in firsts.items() if slot != OWN_SLOT}
    for slot, side in sides.items():
        lowest, highest = where(rules.type, ladder, slot, side)
        first, last = max(first, lowest), min(last, highest)
    seen = set(sides.values())
    likeliest = first if seen == {Side.BUY} else last if seen == {Side.SELL} else (first + last) // 2

    def rank(one: Stretch) -> tuple[bool, int]:
        is_short = goal is None and one.buyers + one.sellers > len(sides)
        to = likeliest if goal is None else goal
        return is_short, max(one.first - to, to - one.last, 0)

    within = (
        Stretch(max(one.first, first), min(one.last, last), one.buyers, one.sellers)
        for one in stretches(rules.type, ladder)
    )
    return sorted((one for one in within if one.first <= one.last), key=rank)


# --- sizes -------------------------------------------------------------------------------------------


def _observed_sizes(sizes: Sizes, firsts: Mapping[str, First]) -> list[tuple[_Size, Decimal]]:
    """Give each size that was seen, with how it comes about."""
    seen: dict[tuple[_Size, Decimal], None] = {}
    of = {side: partial(sizes.of, side) for side in Side}
    for slot, (side, quantity) in firsts.items():
        seen[sizes.purchase if slot == OWN_SLOT else of[side], quantity] = None
    return list(seen)


def _least_tick(market: Market, firsts: Mapping[str, First]) -> int:
    """Give the lowest tick at which the purchase that was made reached the minimum cost."""
    _, purchase = firsts.get(OWN_SLOT, (Side.BUY, None))
    return int((market.min_cost / purchase / market.price_tick).to_integral_value(ROUND_CEILING)) if purchase else 0


def _where_sizes_fit(stretch: Stretch, observed: list[tuple[_Size, Decimal]], least: int) -> tuple[int, int]:
    """Give the first and the last tick at which every size is what was seen; the wrong way round for none."""
    first, last = max(stretch.first, least), stretch.last
    for size, quantity in observed:
        if first > last:
            break
        first, last = _where_equal(partial(size, stretch), quantity, first, last)
    return first, last


def _where_equal(size: Callable[[int], Decimal], quantity: Decimal, first: int, last: int) -> tuple[int, int]:
    """Halve, for on a stretch a size only falls as the price rises; or only rises, where much base is held."""
    at_first, at_last = size(first), size(last)
    if not min(at_first, at_last) <= quantity <= max(at_first, at_last):
        return last, first - 1
    sign = 1 if at_first <= at_last else -1
    ticks = range(first, last + 1)
    begin = bisect_left(ticks, sign * quantity, key=lambda tick: sign * size(tick))
    end = bisect_right(ticks, sign * quantity, lo=begin, key=lambda tick: sign * size(tick))
    return first + begin, first + end - 1
