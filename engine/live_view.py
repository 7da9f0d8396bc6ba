"""What running grids look like at one moment, made of what their actors answer."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from attrs import evolve, frozen

from engine.grid import GridRules, level_prices
from engine.grid_level import LevelDescribed, LevelState
from engine.journal.rows import EventRow
from engine.measures import MeasuresTold
from engine.messages import FundsDescribed, OpenOrder, PlaceOrder, PricesDescribed, TradeBooked
from engine.messages.vitals import HealthDescribed
from engine.plain import plain, rounded
from engine.reporter import GridHistory, Pause
from engine.tally import TallyTold
from engine.values import ONE, ZERO, Market, Side

_SIDES = {
    LevelState.READY_TO_BUY: Side.BUY,
    LevelState.WAITING_FOR_BUY_FILL: Side.BUY,
    LevelState.READY_TO_SELL: Side.SELL,
    LevelState.WAITING_FOR_SELL_FILL: Side.SELL,
}
_FILLS_AWAITED = {Side.BUY: LevelState.WAITING_FOR_BUY_FILL, Side.SELL: LevelState.WAITING_FOR_SELL_FILL}


class Standing(StrEnum):
    """Where a grid stands: before its range was entered, while it buys and arms, at work, at rest, at its end."""

    WAITING = "waiting"
    ARMING = "arming"
    RUNNING = "running"
    PAUSING = "pausing"
    PAUSED = "paused"
    STOPPED = "stopped"


@frozen
class GridAnswers:
    """Hold what one grid's actors answered; None, and no levels, where nobody did in time."""

    prices: PricesDescribed | None = None
    funds: FundsDescribed | None = None
    orders: tuple[OpenOrder, ...] | None = None
    levels: tuple[LevelDescribed, ...] = ()
    history: GridHistory | None = None


@frozen
class Rung:
    """Show one side of a level at its price; `why` says why there is no order, None when there is one.

    `side` is None before the level is armed. `filled` is what the order has filled so far.
    """

    slot: str
    side: Side | None
    price: Decimal
    quantity: Decimal
    filled: Decimal
    state: LevelState
    why: str | None


@frozen
class LiveGrid:
    """Show one grid; money in quote unless named base, times in epoch ms.

    `change` is that of the price since the first one that was seen, a share. `rungs` come highest price first,
    `trades` and `events` are the newest, oldest first, `tally` adds up all. `grid_profit` is after fees, but for
    `other_fees`, which were paid in other assets.
    """

    name: str
    mode: str
    standing: Standing
    market: Market
    bottom: Decimal
    top: Decimal
    budget: Decimal
    price: Decimal | None
    change: Decimal
    feed_trouble: str | None
    rungs: tuple[Rung, ...]
    orders: tuple[OpenOrder, ...]
    funds: FundsDescribed | None
    armed_at: int | None
    stop_reason: str | None
    pause: Pause | None
    trades: tuple[TradeBooked, ...]
    cycles: int
    tally: TallyTold
    events: tuple[EventRow, ...]
    measures: MeasuresTold
    value: Decimal
    grid_profit: Decimal
    unrealized_profit: Decimal
    total_fees: Decimal
    other_fees: tuple[tuple[str, Decimal], ...]


@frozen
class LiveView:
    """Show all grids of a process at `time`; it has run since `started_at`, both epoch ms.

    `is_stopping` from the moment that somebody wants it to end. `health` is None when nobody has told.
    """

    time: int
    started_at: int
    grids: tuple[LiveGrid, ...]
    is_stopping: bool = False
    health: HealthDescribed | None = None


class GridWatch:
    """Turn one grid's answers into its picture; who does not answer is shown as last seen."""

    def __init__(self, name: str, mode: str, rules: GridRules, budget: Decimal) -> None:
        """Watch a grid that begins with `budget` in quote."""
        self._name, self._mode, self._rules, self._budget = name, mode, rules, budget
        self._prices = level_prices(rules)
        self._last = GridAnswers(orders=(), history=GridHistory(None, None, None, ()))
        self._first_price: Decimal | None = None

    def look(self, answers: GridAnswers) -> LiveGrid:
        """Make the picture of this moment."""
        last = self._last = _newest(answers, self._last)
        assert last.orders is not None
        assert last.history is not None
        price = last.prices.price if last.prices else None
        if self._first_price is None:
            self._first_price = price
        tally = last.history.tally or TallyTold(*(last.history.capital or (self._budget, ZERO)))
        worth = price or ZERO
        return LiveGrid(
            name=self._name,
            mode=self._mode,
            standing=_standing(last),
            market=self._rules.market,
            bottom=self._prices[0],
            top=self._prices[-1],
            budget=_worth(last.history) or self._budget,
            price=price,
            change=price / self._first_price - ONE if price and self._first_price else ZERO,
            feed_trouble=last.prices.trouble if last.prices else None,
            rungs=() if last.history.stop_reason else _ladder(last, self._rules),
            orders=last.orders,
            funds=last.funds,
            armed_at=last.history.armed_at,
            stop_reason=last.history.stop_reason,
            pause=last.history.pause,
            trades=last.history.trades,
            cycles=tally.cycles,
            tally=tally,
            events=last.history.events,
            measures=last.history.measures,
            value=tally.quote + tally.base * worth,
            grid_profit=tally.grid_profit,
            unrealized_profit=tally.base * worth - tally.held_cost if price else ZERO,
            total_fees=tally.total_fees,
            other_fees=tally.other_fees,
        )


def _worth(history: GridHistory) -> Decimal | None:
    """Give what a grid that goes on began with, in quote, None where that is not known."""
    if history.capital is None:
        return None
    quote, base = history.capital
    if not base:
        return quote
    return None if history.plan is None else quote + base * history.plan.price


def _newest(answers: GridAnswers, last: GridAnswers) -> GridAnswers:
    return GridAnswers(
        answers.prices or last.prices,
        answers.funds or last.funds,
        last.orders if answers.orders is None else answers.orders,
        answers.levels or last.levels,
        answers.history or last.history,
    )


def _standing(answers: GridAnswers) -> Standing:
    history = answers.history
    assert history is not None
    if history.stop_reason is not None:
        return Standing.STOPPED
    if history.pause is not None:
        return Standing.PAUSED if history.pause.is_resting else Standing.PAUSING
    if history.armed_at is None:
        return Standing.WAITING
    return Standing.RUNNING if answers.levels else Standing.ARMING


def _ladder(answers: GridAnswers, rules: GridRules) -> tuple[Rung, ...]:
    """Show every level, twice when it has orders on both sides, which a part of a fill can bring about."""
    orders = {(order.wish.owner.slot, order.wish.side): order for order in answers.orders or ()}
    rungs = []
    rests = answers.history is not None and answers.history.pause is not None
    for level in answers.levels:
        own = _SIDES.get(level.state)
        rung = _rung(level, own, orders.get((level.slot, own)) if own else None, answers.funds, rules)
        # Nobody tells the levels: it is the ledger that funds nothing meanwhile.
        is_empty = rests and (level.slot, own) not in orders
        rungs.append(evolve(rung, why="the grid is paused") if is_empty else rung)
        for side in (Side.BUY, Side.SELL):
            other = orders.get((level.slot, side))
            if other is not None and side is not own:
                rungs.append(_rung(level, side, other, answers.funds, rules))
    return tuple(sorted(rungs, key=lambda rung: rung.price, reverse=True))


def _rung(
    level: LevelDescribed, side: Side | None, order: OpenOrder | None, funds: FundsDescribed | None, rules: GridRules
) -> Rung:
    price = level.high if side is Side.SELL else level.low
    if order is not None:
        state = _FILLS_AWAITED[order.wish.side]
        return Rung(level.slot, side, price, order.wish.quantity, order.filled, state, None)
    why = None if level.state in _FILLS_AWAITED.values() else _why_empty(level, funds, rules)
    return Rung(level.slot, side, price, level.quantity, ZERO, level.state, why)


def _why_empty(level: LevelDescribed, funds: FundsDescribed | None, rules: GridRules) -> str:
    """Tell why a level has no order, by its money first."""
    for wish in funds.waiting if funds else ():
        if wish.owner.slot == level.slot and (lack := _lack(wish, funds, rules)):
            return lack
    if level.trouble:
        return level.trouble
    if level.state is LevelState.READY_TO_BUY_OR_SELL:
        return "not armed yet"
    return "its turn is near" if level.quantity else "its order rounds to zero"


def _lack(wish: PlaceOrder, funds: FundsDescribed | None, rules: GridRules) -> str | None:
    """Tell what money a waiting wish lacks, None when it is there."""
    need = rules.fees.need(wish.side, wish.price, wish.quantity)
    if funds is None:
        return None
    if wish.side is Side.BUY:
        lacks = need > funds.free_quote
        return f"needs {rounded(need)} {rules.market.quote}, {rounded(funds.free_quote)} free" if lacks else None
    lacks = need > funds.free_base
    return f"needs {plain(need)} {rules.market.base}, {plain(funds.free_base)} free" if lacks else None
