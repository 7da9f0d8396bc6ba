"""Views of grids that trade, made up: what their actors would answer while the price goes along a path."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from attrs import evolve

from engine.addresses import GridAddresses
from engine.grid import GridRules, PlannedLevel, make_plan
from engine.grid_level import LevelDescribed, LevelState
from engine.live_view import GridAnswers, GridWatch, LiveGrid, LiveView
from engine.messages import FundsDescribed, OpenOrder, Owner, PlaceOrder, PricesDescribed, TradeBooked
from engine.reporter import GridHistory
from engine.tally import Tally
from engine.values import ZERO, Kind, Market, Side
from tests.engine.samples import D, Number, grid_rules

NOW = 1_733_821_200_000  # 2024-12-10T09:00:00Z
SECOND = 1_000
BUDGET = D(1000)
_WAITING = {Side.BUY: LevelState.WAITING_FOR_BUY_FILL, Side.SELL: LevelState.WAITING_FOR_SELL_FILL}
_READY = {Side.BUY: LevelState.READY_TO_BUY, Side.SELL: LevelState.READY_TO_SELL}


def rules(
    pair: str = "SOL/USDT", bottom: Number = 100, top: Number = 200, prices: int = 11, **changes: Any
) -> GridRules:
    base, quote = pair.split("/")
    market = Market(base, quote, D("0.01"), D("0.0001"))
    return grid_rules(num_grids=prices, bottom=D(bottom), top=D(top), market=market, **changes)


class Desk:
    """Play one grid: fill what the price meets, and answer as its actors would."""

    def __init__(self, name: str = "SOL/USDT", start: Number = 152, of: GridRules | None = None) -> None:
        self.name, self.rules = name, of or rules(name.split(maxsplit=1)[0])
        self.watch = GridWatch(name, "paper_trading", self.rules, BUDGET)
        self.addresses = GridAddresses(name)
        self.price = D(start)
        self.plan = make_plan(self.rules, self.price, BUDGET, ZERO)
        self.sides = {level.slot: level.side for level in self.plan.levels}
        self.troubles: dict[str, str] = {}
        self.partly: dict[str, Decimal] = {}
        self.quote, self.base = BUDGET, ZERO
        self.trades: list[TradeBooked] = []
        self.answers = GridAnswers()
        market_order = PlaceOrder(self._owner(None), 0, Side.BUY, Kind.MARKET, self.price, self.plan.purchase, "")
        self._book(market_order, NOW)

    def move(self, price: Number, time: int = NOW) -> None:
        """Go to a price and fill all orders on the way there, the nearest first."""
        target, rising = D(price), D(price) > self.price
        side = Side.SELL if rising else Side.BUY
        for level in sorted(self.plan.levels, key=lambda level: level.low, reverse=not rising):
            at = level.high if rising else level.low
            met = self.price <= at <= target if rising else target <= at <= self.price
            if met and self.sides[level.slot] is side and level.slot not in self.troubles:
                self._book(self._wish(level), time)
                self.partly.pop(level.slot, None)
                self.sides[level.slot] = Side.BUY if rising else Side.SELL
        self.price = target

    def look(self, *, trouble: str | None = None, stop_reason: str | None = None, **changes: Any) -> LiveGrid:
        """Answer, with some answers changed, and give the picture."""
        wishes = [self._wish(level) for level in self.plan.levels]
        waiting = tuple(wish for wish in wishes if wish.owner.slot in self.troubles)
        orders = tuple(
            OpenOrder(f"ga-{wish.owner.slot}", wish, self.partly.get(wish.owner.slot, ZERO), is_accepted=True)
            for wish in wishes
            if wish.owner.slot not in self.troubles
        )
        quote, base = (sum((_need(o.wish) for o in orders if o.wish.side is side), ZERO) for side in Side)
        answers = GridAnswers(
            PricesDescribed(self.price, NOW, trouble),
            FundsDescribed(max(self.quote - quote, ZERO), max(self.base - base, ZERO), quote, base, waiting),
            orders,
            tuple(map(self._described, self.plan.levels)),
            self.history(stop_reason),
        )
        return self.watch.look(evolve(answers, **changes))

    def history(self, stop_reason: str | None = None) -> GridHistory:
        """Give what the reporter would tell."""
        tally = Tally(self.plan, self.rules, (BUDGET, ZERO), self.price)
        for trade in self.trades:
            tally.book(trade)
        return GridHistory(self.plan, NOW, stop_reason, tuple(self.trades), tally=tally.told())

    def _described(self, level: PlannedLevel) -> LevelDescribed:
        side, trouble = self.sides[level.slot], self.troubles.get(level.slot)
        state = (_READY if trouble else _WAITING)[side]
        return LevelDescribed(level.slot, level.low, level.high, state, level.quantity, 0, trouble)

    def _wish(self, level: PlannedLevel) -> PlaceOrder:
        side = self.sides[level.slot]
        price = level.low if side is Side.BUY else level.high
        return PlaceOrder(self._owner(level), 0, side, Kind.LIMIT, price, level.quantity, "")

    def _owner(self, level: PlannedLevel | None) -> Owner:
        slot = level.slot if level else "grid"
        return Owner(self.name, slot, level.index if level else None, self.addresses.level(slot))

    def _book(self, wish: PlaceOrder, time: int) -> None:
        fee = wish.price * wish.quantity / 1000
        sign = 1 if wish.side is Side.BUY else -1
        self.quote -= sign * wish.price * wish.quantity + fee
        self.base += sign * wish.quantity
        number, quote = str(len(self.trades)), self.rules.market.quote
        self.trades.append(
            TradeBooked(
                *(number, f"ga-{wish.owner.slot}", wish.owner, time, wish.side, wish.kind),
                *(wish.price, wish.quantity, fee, quote),
                complete=True,
            )
        )


def view(grids: Sequence[LiveGrid], up: int = 8_000 * SECOND) -> LiveView:
    return LiveView(NOW + up, NOW, tuple(grids))


def _need(wish: PlaceOrder) -> Decimal:
    return wish.quantity * wish.price if wish.side is Side.BUY else wish.quantity
