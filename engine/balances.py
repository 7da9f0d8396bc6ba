"""The ledger: free and reserved money per asset, and what each open order has reserved."""

from __future__ import annotations

from decimal import Decimal

from attrs import define

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
        self._base_name = market.base
        self.free_quote, self.free_base = quote, base
        self.reserved_quote, self.reserved_base = ZERO, ZERO
        self._reservations: dict[str, Reservation] = {}

    @property
    def base(self) -> Decimal:
        """Give all base held, free and reserved."""
        return self.free_base + self.reserved_base

    @property
    def has_live_orders(self) -> bool:
        """Tell whether any order still reserves something."""
        return bool(self._reservations)

    def need(self, wish: PlaceOrder) -> Decimal:
        """Give what `wish` would reserve."""
        return self._fees.need(wish.side, wish.price, wish.quantity)

    def can_fund(self, side: Side, need: Decimal) -> bool:
        """Tell whether `need` is free."""
        return need <= (self.free_quote if side is Side.BUY else self.free_base)

    def reserve(self, wish: PlaceOrder, need: Decimal) -> None:
        """Set `need` aside for `wish`; raise `LedgerBroken` if it is not there or the slot has a live order."""
        slot = wish.owner.slot
        if slot in self._reservations:
            raise LedgerBroken(f"slot {slot} has a live order already")
        if not self.can_fund(wish.side, need):
            raise LedgerBroken(f"slot {slot} needs {need}, which is not free")
        self._reservations[slot] = Reservation(wish, need)
        self._move(wish.side, need)

    def settle(self, trade: TradeBooked) -> None:
        """Book one trade against its order's reservation; raise `LedgerBroken` when it does not fit."""
        cost = trade.price * trade.quantity
        base_fee = trade.fee if trade.fee_asset == self._base_name else ZERO
        quote_fee = trade.fee if trade.fee_asset == self._market.quote else ZERO
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

    def release(self, slot: str) -> None:
        """Free what an ended order still reserves."""
        reservation = self._reservations.pop(slot, None)
        if reservation is not None:
            self._move(reservation.wish.side, -reservation.amount)

    def _consume(self, trade: TradeBooked, spent: Decimal) -> None:
        """Turn what the traded part had reserved back into free money, out of which `spent` will be taken."""
        slot = trade.owner.slot
        reservation = self._reservations.get(slot)
        if reservation is None:
            raise LedgerBroken(f"trade {trade.trade_id} is of slot {slot}, which has no live order")
        if trade.complete:
            del self._reservations[slot]
            self._move(trade.side, -reservation.amount)
            return
        # All that is left, not what the rest would need by itself: its fees may be rounded up part by part.
        kept = reservation.amount - spent
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
