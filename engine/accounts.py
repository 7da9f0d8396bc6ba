"""What trades come to: balances after each, fees, cycles and their profit, the cost of what is held.

A level's own purchases are its lot, what it sells first is its share of what the grid armed with; it sells at the
unit cost of its lot. A cycle is one completed sell order: what an order sold before it was cancelled or
expired counts with the next of its level that completes, so that cycles are as many as completed sells, and its profit
is part of the grid's from the moment of the trade.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from decimal import Decimal

from attrs import define, frozen

from engine.grid import PlannedLevel
from engine.messages import TradeBooked
from engine.results import Cycle
from engine.values import ONE, ZERO, Kind, Market, Side


@frozen
class Accounts:
    """Hold the books of one grid after its last trade.

    `quotes[k]` and `bases[k]` are the balances after k trades; `held_cost` is what the base still held cost, in quote;
    `total_fees` those paid in quote or base, in quote; `unfinished_profit` what sell orders earned that are not
    complete; `other_fees` what was paid in other assets, by asset, which is in no other figure.
    """

    quotes: tuple[Decimal, ...]
    bases: tuple[Decimal, ...]
    total_fees: Decimal
    cycles: tuple[Cycle, ...]
    held_cost: Decimal
    unfinished_profit: Decimal = ZERO
    other_fees: tuple[tuple[str, Decimal], ...] = ()

    @property
    def grid_profit(self) -> Decimal:
        """Give the profit of all cycles, and what unfinished ones have earned so far."""
        return sum((cycle.profit for cycle in self.cycles), self.unfinished_profit)


@define
class _Lot:
    """Hold what a level has bought and not sold; `for_sale` is what of it the level's rules will sell."""

    unit_cost: Decimal
    held: Decimal
    for_sale: Decimal
    is_filling: bool = False  # its last purchase was a part of an order

    def add(self, cost: Decimal, received: Decimal) -> None:
        held = max(self.held, ZERO) + received
        self.unit_cost = ((held - received) * self.unit_cost + cost) / held
        self.held = held


@define
class _Sale:
    """Add up what parts of orders have sold of a level since its last cycle, in quote but for `quantity`."""

    quantity: Decimal = ZERO
    value: Decimal = ZERO
    cost: Decimal = ZERO
    profit: Decimal = ZERO


class Books:
    """Go through a grid's trades in order; see `keep_accounts`."""

    def __init__(
        self,
        market: Market,
        quote: Decimal,
        base: Decimal,
        armed_price: Decimal,
        sell_ratio: Decimal = ONE,
        levels: Sequence[PlannedLevel] = (),
        keep: int | None = None,
    ) -> None:
        """Open with `quote` and `base` held at `armed_price`; `levels` are those that were planned.

        With `keep` accounts hold only so many of the newest balances and cycles.
        """
        self._market, self._sell_ratio = market, sell_ratio
        self._quotes, self._bases = deque([quote], keep), deque([base], keep)
        self._total_fees = ZERO
        self._other_fees: dict[str, Decimal] = {}
        self._cycles: deque[Cycle] = deque(maxlen=keep)
        self._completed, self._earned = 0, ZERO
        self._held_cost = base * armed_price
        self._first_cost = armed_price  # unit cost of what the grid armed with
        self._lots: dict[str, _Lot] = {}
        # slot -> what a level is to sell of what the grid armed with
        self._stock = {level.slot: level.quantity for level in levels if level.side is Side.SELL}
        self._sales: dict[str, _Sale] = {}

    @property
    def cycles(self) -> int:
        """Count the cycles so far."""
        return self._completed

    @property
    def profit(self) -> Decimal:
        """Give what all cycles, and those that are not complete, have earned so far."""
        return sum((sale.profit for sale in self._sales.values()), self._earned)

    def book(self, trade: TradeBooked) -> None:
        """Go on by one trade."""
        if trade.side is Side.BUY:
            self._buy(trade)
        else:
            self._sell(trade)

    def accounts(self) -> Accounts:
        """Give what all trades so far come to."""
        return Accounts(
            tuple(self._quotes),
            tuple(self._bases),
            self._total_fees,
            tuple(self._cycles),
            self._held_cost,
            sum((sale.profit for sale in self._sales.values()), ZERO),
            tuple(sorted(self._other_fees.items())),
        )

    def _buy(self, trade: TradeBooked) -> None:
        quote_fee, base_fee = self._pay_fee(trade)
        cost = trade.price * trade.quantity + quote_fee
        received = trade.quantity - base_fee
        self._held_cost += cost
        self._quotes.append(self._quotes[-1] - cost)
        self._bases.append(self._bases[-1] + received)
        if not received:
            return  # the fee took it all
        if trade.kind is Kind.LIMIT:
            self._fill_lot(trade, cost, received)
        elif self._bases[-1]:
            self._first_cost = self._held_cost / self._bases[-1]

    def _sell(self, trade: TradeBooked) -> None:
        quote_fee, base_fee = self._pay_fee(trade)
        proceeds = trade.price * trade.quantity - quote_fee
        given = trade.quantity + base_fee
        if trade.kind is Kind.LIMIT:
            cost = self._sell_from_lot(trade, proceeds, given)
        else:
            held = self._bases[-1]
            cost = self._held_cost if given == held else self._held_cost * given / held
        self._held_cost -= cost
        self._quotes.append(self._quotes[-1] + proceeds)
        self._bases.append(self._bases[-1] - given)

    def _pay_fee(self, trade: TradeBooked) -> tuple[Decimal, Decimal]:
        """Book a fee and tell what of it was quote and what base; a third asset is neither."""
        if trade.fee_asset == self._market.quote:
            self._total_fees += trade.fee
            return trade.fee, ZERO
        if trade.fee_asset == self._market.base:
            self._total_fees += trade.fee * trade.price
            return ZERO, trade.fee
        if trade.fee:
            self._other_fees[trade.fee_asset] = self._other_fees.get(trade.fee_asset, ZERO) + trade.fee
        return ZERO, ZERO

    def _fill_lot(self, trade: TradeBooked, cost: Decimal, received: Decimal) -> None:
        lot = self._lots.get(trade.owner.slot)
        if lot is None or not (lot.is_filling or lot.for_sale >= self._market.amount_step):
            # What is left of the last lot is not to be sold: rounded off, or kept on purpose.
            lot = self._lots[trade.owner.slot] = _Lot(cost / received, received, ZERO)
        else:
            lot.add(cost, received)
        lot.for_sale += received * self._sell_ratio
        lot.is_filling = not trade.complete

    def _sell_from_lot(self, trade: TradeBooked, proceeds: Decimal, given: Decimal) -> Decimal:
        """Count a sale towards the level's cycle, and give what was sold had cost."""
        slot = trade.owner.slot
        lot = self._lots.get(slot)
        if lot is None:
            stock = self._stock.get(slot, ZERO)
            lot = self._lots[slot] = _Lot(self._first_cost, stock, stock)
        lot.held -= given
        lot.for_sale -= given
        cost = given * lot.unit_cost
        if trade.complete and slot not in self._sales:
            self._add_cycle(trade, trade.quantity, lot.unit_cost, trade.price, proceeds - cost)
            return cost
        sale = self._sales.setdefault(slot, _Sale())
        sale.quantity += trade.quantity
        sale.value += trade.price * trade.quantity
        sale.cost += cost
        sale.profit += proceeds - cost
        if trade.complete:
            del self._sales[slot]
            unit_cost, price = sale.cost / sale.quantity, sale.value / sale.quantity
            self._add_cycle(trade, sale.quantity, unit_cost, price, sale.profit)
        return cost

    def _add_cycle(
        self, trade: TradeBooked, quantity: Decimal, unit_cost: Decimal, price: Decimal, profit: Decimal
    ) -> None:
        owner = trade.owner
        assert owner.level is not None, "only levels place limit orders"
        self._completed += 1
        self._earned += profit
        self._cycles.append(Cycle(trade.time, owner.slot, owner.level, quantity, unit_cost, price, profit))


def keep_accounts(
    trades: Sequence[TradeBooked],
    market: Market,
    quote: Decimal,
    base: Decimal,
    armed_price: Decimal,
    sell_ratio: Decimal = ONE,
    levels: Sequence[PlannedLevel] = (),
) -> Accounts:
    """Book `trades` in order, from `quote` and `base` held at `armed_price`; `levels` are those that were planned."""
    books = Books(market, quote, base, armed_price, sell_ratio, levels)
    for trade in trades:
        books.book(trade)
    return books.accounts()
