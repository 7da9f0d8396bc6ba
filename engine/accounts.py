"""What trades come to: balances after each, fees, cycles and their profit, the cost of what is held."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from attrs import frozen

from engine.messages import TradeBooked
from engine.results import Cycle
from engine.values import ZERO, Kind, Market, Side


@frozen
class Accounts:
    """Hold the books of one grid after its last trade.

    `quotes[k]` and `bases[k]` are the balances after k trades; `held_cost` is what the base still held cost, in quote.
    """

    quotes: tuple[Decimal, ...]
    bases: tuple[Decimal, ...]
    total_fees: Decimal
    cycles: tuple[Cycle, ...]
    held_cost: Decimal

    @property
    def grid_profit(self) -> Decimal:
        """Give the sum of all cycles' profit."""
        return sum((cycle.profit for cycle in self.cycles), ZERO)


class _Books:
    """Go through trades in order; see `keep_accounts`."""

    def __init__(self, market: Market, quote: Decimal, base: Decimal, armed_price: Decimal) -> None:
        self._base_name = market.base
        self.quotes, self.bases = [quote], [base]
        self.total_fees = ZERO
        self.cycles: list[Cycle] = []
        self.held_cost = base * armed_price
        self._first_cost = armed_price  # unit cost of what the grid armed with
        self._unit_costs: dict[str, Decimal] = {}

    def buy(self, trade: TradeBooked) -> None:
        cost, received = trade.price * trade.quantity, trade.quantity
        if trade.fee_asset == self._base_name:
            self.total_fees += trade.fee * trade.price
            received -= trade.fee
        else:
            self.total_fees += trade.fee
            cost += trade.fee
        self.held_cost += cost
        self.quotes.append(self.quotes[-1] - cost)
        self.bases.append(self.bases[-1] + received)
        if not received:
            return  # the fee took it all
        if trade.kind is Kind.LIMIT:
            self._unit_costs[trade.owner.slot] = cost / received
        elif self.bases[-1]:
            self._first_cost = self.held_cost / self.bases[-1]

    def sell(self, trade: TradeBooked) -> None:
        proceeds = trade.price * trade.quantity - trade.fee
        self.total_fees += trade.fee
        if trade.kind is Kind.LIMIT:
            cost = self._complete_cycle(trade, proceeds)
        else:
            held = self.bases[-1]
            cost = self.held_cost if trade.quantity == held else self.held_cost * trade.quantity / held
        self.held_cost -= cost
        self.quotes.append(self.quotes[-1] + proceeds)
        self.bases.append(self.bases[-1] - trade.quantity)

    def _complete_cycle(self, trade: TradeBooked, proceeds: Decimal) -> Decimal:
        owner = trade.owner
        assert owner.level is not None
        unit_cost = self._unit_costs.get(owner.slot, self._first_cost)
        cost = trade.quantity * unit_cost
        self.cycles.append(
            Cycle(trade.time, owner.slot, owner.level, trade.quantity, unit_cost, trade.price, proceeds - cost)
        )
        return cost


def keep_accounts(
    trades: Sequence[TradeBooked], market: Market, quote: Decimal, base: Decimal, armed_price: Decimal
) -> Accounts:
    """Book `trades` in order, from `quote` and `base` held at `armed_price`."""
    books = _Books(market, quote, base, armed_price)
    for trade in trades:
        if trade.side is Side.BUY:
            books.buy(trade)
        else:
            books.sell(trade)
    return Accounts(tuple(books.quotes), tuple(books.bases), books.total_fees, tuple(books.cycles), books.held_cost)
