"""What trades come to: balances after each, fees, cycles and their profit, the cost of what is held.

A level's own purchases are its lot, what it sells first is its share of what the grid armed with; it sells at the
unit cost of its lot. A cycle is one completed sell order: what an order sold before it was cancelled or
expired counts with the next of its level that completes, so that cycles are as many as completed sells, and its profit
is part of the grid's from the moment of the trade.
"""

from __future__ import annotations

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
    """Add up what a level has sold since its last cycle, in quote but for `quantity`."""

    parts: int = 0
    quantity: Decimal = ZERO
    value: Decimal = ZERO
    cost: Decimal = ZERO
    profit: Decimal = ZERO


class _Books:
    """Go through trades in order; see `keep_accounts`."""

    def __init__(
        self, market: Market, quote: Decimal, base: Decimal, armed_price: Decimal, sell_ratio: Decimal
    ) -> None:
        self._market, self._sell_ratio = market, sell_ratio
        self.quotes, self.bases = [quote], [base]
        self.total_fees = ZERO
        self.other_fees: dict[str, Decimal] = {}
        self.cycles: list[Cycle] = []
        self.held_cost = base * armed_price
        self._first_cost = armed_price  # unit cost of what the grid armed with
        self._lots: dict[str, _Lot] = {}
        self.stock: dict[str, Decimal] = {}  # slot -> what of that a level is to sell
        self.sales: dict[str, _Sale] = {}

    def buy(self, trade: TradeBooked) -> None:
        quote_fee, base_fee = self._pay_fee(trade)
        cost = trade.price * trade.quantity + quote_fee
        received = trade.quantity - base_fee
        self.held_cost += cost
        self.quotes.append(self.quotes[-1] - cost)
        self.bases.append(self.bases[-1] + received)
        if not received:
            return  # the fee took it all
        if trade.kind is Kind.LIMIT:
            self._fill_lot(trade, cost, received)
        elif self.bases[-1]:
            self._first_cost = self.held_cost / self.bases[-1]

    def sell(self, trade: TradeBooked) -> None:
        quote_fee, base_fee = self._pay_fee(trade)
        proceeds = trade.price * trade.quantity - quote_fee
        given = trade.quantity + base_fee
        if trade.kind is Kind.LIMIT:
            cost = self._sell_from_lot(trade, proceeds, given)
        else:
            held = self.bases[-1]
            cost = self.held_cost if given == held else self.held_cost * given / held
        self.held_cost -= cost
        self.quotes.append(self.quotes[-1] + proceeds)
        self.bases.append(self.bases[-1] - given)

    def _pay_fee(self, trade: TradeBooked) -> tuple[Decimal, Decimal]:
        """Book a fee and tell what of it was quote and what base; a third asset is neither."""
        if trade.fee_asset == self._market.quote:
            self.total_fees += trade.fee
            return trade.fee, ZERO
        if trade.fee_asset == self._market.base:
            self.total_fees += trade.fee * trade.price
            return ZERO, trade.fee
        if trade.fee:
            self.other_fees[trade.fee_asset] = self.other_fees.get(trade.fee_asset, ZERO) + trade.fee
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
            stock = self.stock.get(slot, ZERO)
            lot = self._lots[slot] = _Lot(self._first_cost, stock, stock)
        lot.held -= given
        lot.for_sale -= given
        cost = given * lot.unit_cost
        sale = self.sales.setdefault(slot, _Sale())
        sale.parts += 1
        sale.quantity += trade.quantity
        sale.value += trade.price * trade.quantity
        sale.cost += cost
        sale.profit += proceeds - cost
        if trade.complete:
            self._complete_cycle(trade, lot.unit_cost)
        return cost

    def _complete_cycle(self, trade: TradeBooked, unit_cost: Decimal) -> None:
        owner, sale = trade.owner, self.sales.pop(trade.owner.slot)
        assert owner.level is not None, "only levels place limit orders"
        price = trade.price
        if sale.parts > 1:
            price, unit_cost = sale.value / sale.quantity, sale.cost / sale.quantity
        self.cycles.append(Cycle(trade.time, owner.slot, owner.level, sale.quantity, unit_cost, price, sale.profit))


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
    books = _Books(market, quote, base, armed_price, sell_ratio)
    books.stock.update((level.slot, level.quantity) for level in levels if level.side is Side.SELL)
    for trade in trades:
        if trade.side is Side.BUY:
            books.buy(trade)
        else:
            books.sell(trade)
    return Accounts(
        tuple(books.quotes),
        tuple(books.bases),
        books.total_fees,
        tuple(books.cycles),
        books.held_cost,
        sum((sale.profit for sale in books.sales.values()), ZERO),
        tuple(sorted(books.other_fees.items())),
    )
