"""What one action does, collected in order."""

from __future__ import annotations

from engine.venue.accounts import Accounts
from engine.venue.events import BalancesChanged, Event, Execution, OrderChanged
from engine.venue.orders import Order
from engine.venue.values import TradeRecord


class Action:
    """Collect the events of one action; it ends with the balances that it may have changed."""

    def __init__(self, accounts: Accounts, now: int, first_execution_id: int) -> None:
        self.now = now
        self.events: list[Event] = []
        self.next_execution_id = first_execution_id
        self._accounts = accounts
        self._touched: dict[str, dict[str, None]] = {}  # assets by account, in the order of the first touch

    def tell(
        self,
        order: Order,
        execution: Execution,
        *,
        trade: TradeRecord | None = None,
        cancel_id: str | None = None,
    ) -> None:
        """Report a step in an order's life, and remember whose balances it may have changed."""
        execution_id, self.next_execution_id = self.next_execution_id, self.next_execution_id + 1
        self.events.append(
            OrderChanged(order.account, execution, order.record(), trade, cancel_id, execution_id, self.now)
        )
        assets = self._touched.setdefault(order.account, {})
        assets.update({order.rules.base: None, order.rules.quote: None})
        if trade is not None:
            assets[trade.commission_asset] = None

    def settle(self) -> None:
        """Report the balances that may have changed so far."""
        for account, assets in self._touched.items():
            wallet = self._accounts.wallet(account)
            balances = tuple(wallet.balance(asset) for asset in assets)
            self.events.append(BalancesChanged(account, self.now, balances))
        self._touched.clear()
