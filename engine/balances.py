"""The ledger: free and reserved money per asset, and what each open order has reserved."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from attrs import define

from engine.journal.rows import BalanceRow
from engine.messages import PlaceOrder, TradeBooked
from engine.values import ZERO, Fees, Market, Side


class LedgerBroken(Exception):
    """Money would be negative or be spent twice: a bug, never a matter of the market."""


@define
class Reservation:
    """Hold what one live order has reserved: quote for a buy, base for a sell."""

    wish: PlaceOrder
    amount: Decimal


class Ledger:
    """Keep one grid's own money; every change keeps free and reserved at zero or more."""

    def __init__(self, market: Market, fees: Fees, quote: Decimal, base: Decimal) -> None:
        """Open with `quote` and `base`, all free."""
        self._market, self._fees = market, fees
        self._base_name, self._quote_name = market.base, market.quote
        self.free_quote, self.free_base = quote, base
        self.reserved_quote, self.reserved_base = ZERO, ZERO
        self.other_fees: dict[str, Decimal] = {}  # taken in assets that are not this grid's
        self._reservations: dict[tuple[str, Side], Reservation] = {}

    def recall(self, balances: Iterable[BalanceRow], reservations: Iterable[Reservation]) -> None:
        """Go on from what the journal knows."""
        for row in balances:
            if row.asset == self._quote_name:
                self.free_quote, self.reserved_quote = row.free, row.reserved
            elif row.asset == self._base_name:
                self.free_base, self.reserved_base = row.free, row.reserved
            else:
                self.other_fees[row.asset] = row.fees_paid
        self._reservations = {(one.wish.owner.slot, one.wish.side): one for one in reservations}

    def balances(self) -> tuple[BalanceRow, ...]:
        """Give what the journal writes of it."""
        return (
            BalanceRow(self._quote_name, self.free_quote, self.reserved_quote),
            BalanceRow(self._base_name, self.free_base, self.reserved_base),
            *(BalanceRow(asset, ZERO, ZERO, paid) for asset, paid in self.other_fees.items()),
        )

    def reserved_by(self, slot: str, side: Side) -> Decimal:
        """Give what the live order of this slot and side still reserves, 0 without one."""
        reservation = self._reservations.get((slot, side))
        return ZERO if reservation is None else reservation.amount

    @property
    def base(self) -> Decimal:
        """Give all base held, free and reserved."""
        return self.free_base + self.reserved_base

    @property
    def has_live_orders(self) -> bool:
        """Tell whether any order still reserves something."""
        return bool(self._reservations)

    def has_live_order(self, slot: str, side: Side) -> bool:
        """Tell whether an order of this slot and side reserves something."""
        return (slot, side) in self._reservations

    def need(self, wish: PlaceOrder) -> Decimal:
        """Give what `wish` would reserve."""
        return self._fees.need(wish.side, wish.price, wish.quantity)

    def can_fund(self, side: Side, need: Decimal) -> bool:
        """Tell whether `need` is free."""
        return need <= (self.free_quote if side is Side.BUY else self.free_base)

    def reserve(self, wish: PlaceOrder, need: Decimal) -> None:
        """Set `need` aside for `wish`; raise `LedgerBroken` if it is not there or there is such an order already."""
        key = (wish.owner.slot, wish.side)
        if key in self._reservations:
            raise LedgerBroken(f"slot {key[0]} has a live {wish.side} order already")
        if not self.can_fund(wish.side, need):
            raise LedgerBroken(f"slot {key[0]} needs {need}, which is not free")
        self._reservations[key] = Reservation(wish, need)
        self._move(wish.side, need)

    def settle(self, trade: TradeBooked) -> None:
        """Book one trade against its order's reservation; raise `LedgerBroken` when it does not fit."""
        cost = trade.price * trade.quantity
        base_fee = quote_fee = ZERO
        if trade.fee_asset == self._quote_name:
            quote_fee = trade.fee
        elif trade.fee_asset == self._base_name:
            base_fee = trade.fee
        else:
            self.other_fees[trade.fee_asset] = self.other_fees.get(trade.fee_asset, ZERO) + trade.fee
        if trade.side is Side.BUY:
            self._consume(trade, cost + quote_fee)
            self.free_quote -= cost + quote_fee
            self.free_base += trade.quantity - base_fee
        else:
            self._consume(trade, trade.quantity + base_fee)
            self.free_base -= trade.quantity + base_fee
            self.free_quote += cost - quote_fee
        if self.free_quote < ZERO or self.free_base < ZERO:
            raise LedgerBroken(f"trade {trade.trade_id} leaves {self.free_quote} quote and {self.free_base} base free")

    def brought_in(self, trade: TradeBooked) -> Decimal:
        """Give what a trade got, net of what was taken from that: base for a buy, quote for a sell."""
        got, asset = trade.quantity, self._base_name
        if trade.side is Side.SELL:
            got, asset = trade.price * trade.quantity, self._quote_name
        return got - trade.fee if trade.fee_asset == asset else got

    def release(self, slot: str, side: Side) -> None:
        """Free what an ended order still reserves."""
        reservation = self._reservations.pop((slot, side), None)
        if reservation is not None:
            self._move(reservation.wish.side, -reservation.amount)

    def _consume(self, trade: TradeBooked, spent: Decimal) -> None:
        """Turn what the traded part had reserved back into free money, out of which `spent` will be taken."""
        key = (trade.owner.slot, trade.side)
        reservation = self._reservations.get(key)
        if reservation is None:
            raise LedgerBroken(f"trade {trade.trade_id} is of slot {key[0]}, which has no live {trade.side} order")
        if trade.complete:
            del self._reservations[key]
            self._move(trade.side, -reservation.amount)
            return
        # All that is left, not what the rest would need by itself: its fees may be rounded up part by part.
        kept = max(reservation.amount - spent, ZERO)
        self._move(trade.side, kept - reservation.amount)
        reservation.amount = kept

    def _move(self, side: Side, amount: Decimal) -> None:
        """Move `amount` from free to reserved, or back when it is negative."""
        if side is Side.BUY:
            self.free_quote -= amount
            self.reserved_quote += amount
        else:
            self.free_base -= amount
            self.reserved_base += amount
