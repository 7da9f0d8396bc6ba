"""What a grid orders at first, as a function of the price that it arms at."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate

from engine.grid import GridRules
from engine.recovery.stretches import Stretch
from engine.settings.choices import InitialPurchase
from engine.values import ONE, ZERO, Side


class Sizes:
    """Tell sizes for any tick of a stretch, each in a moment.

    The design's formulas stand here again, as they do in `make_plan`: whoever searches with these plans with that.
    """

    def __init__(self, rules: GridRules, quote: Decimal, base: Decimal, ladder: Sequence[int]) -> None:
        """Begin with `quote` and `base` in hand, at a ladder in ticks."""
        self._rules, self._market, self._quote, self._base = rules, rules.market, quote, base
        self._tick = rules.market.price_tick
        self._ratios = {Side.BUY: rules.buy_ratio, Side.SELL: rules.sell_ratio}
        costs = (price * self._tick * rules.buy_ratio for price in ladder[:-1])
        self._costs = list(accumulate(costs, initial=ZERO))  # of the buyers' orders at a unit of 1, by their number

    def of(self, side: Side, stretch: Stretch, tick: int) -> Decimal:
        """Give the quantity of each first order of `side`."""
        return self._market.floor_amount(self._unit(stretch, tick * self._tick) * self._ratios[side])

    def purchase(self, stretch: Stretch, tick: int) -> Decimal:
        """Give the base that is bought first, were there no minimums."""
        rules, price = self._rules, tick * self._tick
        match rules.initial_purchase:
            case InitialPurchase.HALF:
                to_hold = (self._quote + self._base * price) / 2 / (price * (ONE + rules.slippage))
            case InitialPurchase.EXACT:
                to_hold = stretch.sellers * self.of(Side.SELL, stretch, tick)
                if rules.fees.in_received:
                    to_hold /= ONE - rules.fees.rate
            case InitialPurchase.NONE:
                to_hold = ZERO
        return self._market.floor_amount(max(to_hold - self._base, ZERO))

    def _unit(self, stretch: Stretch, price: Decimal) -> Decimal:
        rules = self._rules
        capital = self._quote + self._base * price
        if rules.initial_purchase is not InitialPurchase.EXACT:
            return capital / rules.num_grids / price
        fee = rules.fees.rate
        buyers = self._costs[stretch.buyers]
        sellers = stretch.sellers * rules.sell_ratio * (price * (ONE + rules.slippage))
        if rules.fees.in_received:
            return capital / (buyers + sellers * (ONE / (ONE - fee)))
        return capital / ((buyers + sellers) * (ONE + fee))
