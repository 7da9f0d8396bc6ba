"""What a trade costs: a share of what is received, or the same worth of BNB, discounted."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

from attrs import frozen

from engine.values import SATOSHI
from engine.venue.accounts import Wallet
from engine.venue.orders import Order

BNB = "BNB"
BNB_DISCOUNT = Decimal("0.75")  # what is left to pay of a fee that is paid in BNB


@frozen
class Fee:
    """Say what is taken, of which asset."""

    asset: str
    amount: Decimal


@frozen
class FeeSchedule:
    """Charge makers and takers, to 8 decimals, half-up (which way Binance rounds is not documented).

    `price_of` gives the market price of a symbol, None for one that is not traded here.
    """

    maker: Decimal
    taker: Decimal
    price_of: Callable[[str], Decimal | None]

    def charge(self, order: Order, wallet: Wallet, price: Decimal, quantity: Decimal, *, is_maker: bool) -> Fee:
        """Give the fee of a fill that the wallet has been paid for."""
        received = quantity if order.is_buy else price * quantity
        amount = received * (self.maker if is_maker else self.taker)
        if wallet.pays_fees_in_bnb:
            rate = self._bnb_rate(order, price)
            in_bnb = None if rate is None else _rounded(amount * rate * BNB_DISCOUNT)
            if in_bnb is not None and in_bnb <= wallet.free(BNB):
                return Fee(BNB, in_bnb)
        return Fee(order.receives, _rounded(amount))

    def _bnb_rate(self, order: Order, price: Decimal) -> Decimal | None:
        """Give how many BNB one unit of what is received is worth; None where no market tells."""
        if order.receives == BNB:
            return Decimal(1)
        if order.pays == BNB:
            return price if order.is_buy else 1 / price
        bnb_price = self.price_of(BNB + order.rules.quote)
        if not bnb_price:
            return None
        return (price if order.is_buy else Decimal(1)) / bnb_price


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(SATOSHI, rounding=ROUND_HALF_UP)
