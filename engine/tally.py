"""What a grid's trades come to so far, by day and by level: as much memory after a year as after a day."""

from __future__ import annotations

from decimal import Decimal

from attrs import define, frozen

from engine.grid import GridRules, Plan
from engine.messages import TradeBooked
from engine.open_books import open_books
from engine.results import Cycle
from engine.values import ZERO, Side

DAY = 86_400_000  # ms
_DAYS_KEPT = 400


@frozen
class DayTold:
    """Tell what one UTC day came to, the `number`-th since the epoch; profit of its cycles and fees in quote."""

    number: int
    profit: Decimal
    cycles: int
    trades: int
    fees: Decimal


@frozen
class LevelTold:
    """Tell what one level has earned, in quote."""

    slot: str
    profit: Decimal
    cycles: int


@frozen
class TallyTold:
    """Tell what all trades come to: what they left, what was earned, what is held had cost; `days` oldest first."""

    quote: Decimal
    base: Decimal
    buys: int = 0
    sells: int = 0
    cycles: int = 0
    grid_profit: Decimal = ZERO
    held_cost: Decimal = ZERO
    total_fees: Decimal = ZERO
    other_fees: tuple[tuple[str, Decimal], ...] = ()
    days: tuple[DayTold, ...] = ()
    levels: tuple[LevelTold, ...] = ()

    @property
    def trades(self) -> int:
        """Count the trades."""
        return self.buys + self.sells


@define
class _Earned:
    profit: Decimal = ZERO
    cycles: int = 0
    trades: int = 0
    fees: Decimal = ZERO


class Tally:
    """Book each trade once, and keep sums."""

    def __init__(self, plan: Plan | None, rules: GridRules, capital: tuple[Decimal, Decimal], price: Decimal) -> None:
        """Begin like `open_books`."""
        self._market = rules.market
        self._books = open_books(plan, rules, capital, price, keep=1)
        self._trades = {Side.BUY: 0, Side.SELL: 0}
        self._days: dict[int, _Earned] = {}
        self._levels: dict[str, _Earned] = {}

    def book(self, trade: TradeBooked) -> Cycle | None:
        """Go on by one trade; give the cycle that it completed."""
        self._trades[trade.side] += 1
        cycles = self._books.cycles
        self._books.book(trade)
        day = self._day(trade.time)
        day.trades += 1
        day.fees += self._fee(trade)
        if self._books.cycles == cycles:
            return None
        cycle = self._books.accounts().cycles[-1]
        for earned in (self._day(cycle.time), self._levels.setdefault(cycle.slot, _Earned())):
            earned.profit += cycle.profit
            earned.cycles += 1
        return cycle

    def told(self) -> TallyTold:
        """Tell all so far."""
        accounts = self._books.accounts()
        return TallyTold(
            quote=accounts.quotes[-1],
            base=accounts.bases[-1],
            buys=self._trades[Side.BUY],
            sells=self._trades[Side.SELL],
            cycles=self._books.cycles,
            grid_profit=self._books.profit,
            held_cost=accounts.held_cost,
            total_fees=accounts.total_fees,
            other_fees=accounts.other_fees,
            days=tuple(
                DayTold(number, one.profit, one.cycles, one.trades, one.fees) for number, one in self._in_order()
            ),
            levels=tuple(LevelTold(slot, one.profit, one.cycles) for slot, one in self._levels.items()),
        )

    def _day(self, time: int) -> _Earned:
        number = time // DAY
        if number not in self._days and len(self._days) >= _DAYS_KEPT:
            del self._days[min(self._days)]
        return self._days.setdefault(number, _Earned())

    def _in_order(self) -> list[tuple[int, _Earned]]:
        return sorted(self._days.items())

    def _fee(self, trade: TradeBooked) -> Decimal:
        """Value a fee in quote at its trade's price; one in a third asset is apart."""
        if trade.fee_asset == self._market.quote:
            return trade.fee
        return trade.fee * trade.price if trade.fee_asset == self._market.base else ZERO
