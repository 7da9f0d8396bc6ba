"""The other side of a live desk: a sandbox exchange, what others do there, and its own books."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from actors.sandbox.hall import MAIN, Hall
from actors.sandbox.options import Pair
from actors.sandbox.server import Sandbox
from engine.venue.values import OrderRecord, OrderRequest, OrderSide, TradeRecord
from engine.venue.venue import Venue

D = Decimal
Price = Decimal | int | str
SOL = Pair("SOL", "USDT", D(100))


class OtherSide:
    """Act on a sandbox as everybody does who is not the grid; `foreign` is what its account has that is no grid's."""

    def __init__(self, sandbox: Sandbox, foreign: Mapping[str, Decimal]) -> None:
        self.sandbox = sandbox
        self.foreign = dict(foreign)

    def move(self, price: Price, symbol: str = SOL.symbol) -> None:
        """Let the market go to `price` in one move, through every resting order on the way."""
        with self._hall.lock:
            self._hall.publish(self.venue.move(symbol, D(price), self._hall.now_ms()))

    def arm_fault(self, fault: Mapping[str, Any]) -> None:
        """Arm what ``POST /sandbox/faults`` would."""
        self._hall.faults.arm(fault)

    def clear_faults(self) -> None:
        """Put everything right again."""
        self._hall.faults.clear()

    def fill_part(self, client_order_id: str, share: Price, symbol: str = SOL.symbol) -> None:
        """Fill a share (0 to 1) of what is left of one of the account's open orders."""
        with self._hall.lock:
            order = self.venue.find(MAIN, symbol, client_order_id=client_order_id)
            self._hall.publish(self.venue.fill_part(order.order_id, D(share), self._hall.now_ms()))

    def cancel_outside(self, client_order_id: str, symbol: str = SOL.symbol) -> None:
        """Cancel an order as its owner would on the exchange's own site."""
        with self._hall.lock:
            _, events = self.venue.cancel(MAIN, symbol, self._hall.now_ms(), client_order_id=client_order_id)
            self._hall.publish(events)

    def expire(self, client_order_id: str, symbol: str = SOL.symbol) -> None:
        """Have the exchange itself end an order."""
        with self._hall.lock:
            order = self.venue.find(MAIN, symbol, client_order_id=client_order_id)
            self._hall.publish(self.venue.expire(order.order_id, self._hall.now_ms()))

    def place_outside(
        self, client_order_id: str, side: OrderSide, price: Price, quantity: Price, symbol: str = SOL.symbol
    ) -> None:
        """Place a limit order of the account's owner that is no grid's."""
        request = OrderRequest(symbol, side, "LIMIT", D(quantity), D(price), None, "GTC", client_order_id)
        with self._hall.lock:
            _, events = self.venue.place(MAIN, request, self._hall.now_ms())
            self._hall.publish(events)

    def transfer(self, asset: str, amount: Price) -> None:
        """Deposit, or withdraw when negative; it is no grid's money."""
        with self._hall.lock:
            self._hall.publish(self.venue.transfer(MAIN, asset, D(amount), self._hall.now_ms()))
            self.foreign[asset] = self.foreign.get(asset, D(0)) + D(amount)

    def liquidity(self, quantity: Price | None, symbol: str = SOL.symbol) -> None:
        """Let the house trade at most so much on each side between two moves; None for no bound."""
        with self._hall.lock:
            bound = None if quantity is None else D(quantity)
            self._hall.publish(self.venue.set_liquidity(symbol, bound, self._hall.now_ms()))

    @property
    def venue(self) -> Venue:
        """Give the exchange's books; from other threads only under `sandbox.hall.lock`."""
        return self._hall.venue

    def exchange_orders(self, symbol: str = SOL.symbol) -> tuple[OrderRecord, ...]:
        """Give the account's open orders, whoever placed them."""
        with self._hall.lock:
            return tuple(self.venue.open_orders(MAIN, symbol))

    def all_exchange_orders(self, symbol: str = SOL.symbol) -> tuple[OrderRecord, ...]:
        """Give every order that the account ever placed, oldest first."""
        with self._hall.lock:
            return tuple(self.venue.all_orders(MAIN, symbol, limit=1_000_000))

    def exchange_trades(self, symbol: str = SOL.symbol) -> tuple[TradeRecord, ...]:
        """Give the account's trades, oldest first."""
        with self._hall.lock:
            return tuple(self.venue.my_trades(MAIN, symbol, limit=1_000_000))

    def account(self) -> dict[str, tuple[Decimal, Decimal]]:
        """Give what the account holds, free and locked, by asset."""
        with self._hall.lock:
            return {balance.asset: (balance.free, balance.locked) for balance in self.venue.balances(MAIN)}

    @property
    def _hall(self) -> Hall:
        return self.sandbox.hall
