"""What the account has: free, and locked by its open orders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from engine.calls import BalanceReport
from engine.values import ZERO


class Wallet:
    """Hold assets; both parts are never below 0 as long as nobody spends what is not there."""

    __slots__ = ("free", "locked")

    def __init__(self, balances: Mapping[str, Decimal], pair: Iterable[str]) -> None:
        """Start with `balances`, all free; `pair` are the assets that are traded."""
        self.free = dict.fromkeys(pair, ZERO) | dict(balances)
        self.locked = dict.fromkeys(self.free, ZERO)

    def add(self, asset: str, amount: Decimal) -> None:
        """Receive, or pay when below 0, from what is free."""
        self.free[asset] = self.free.get(asset, ZERO) + amount

    def lock(self, asset: str, amount: Decimal) -> None:
        """Set aside."""
        self.free[asset] -= amount
        self.locked[asset] += amount

    def release(self, asset: str, amount: Decimal) -> None:
        """Free what was set aside."""
        self.free[asset] += amount
        self.locked[asset] -= amount

    def pay_locked(self, asset: str, locked: Decimal, paid: Decimal) -> None:
        """Pay from what was set aside; what was locked beyond that is free again."""
        self.locked[asset] -= locked
        if locked != paid:
            self.free[asset] += locked - paid

    def balance(self, asset: str) -> tuple[Decimal, Decimal]:
        """Give what is free and what is locked."""
        return self.free.get(asset, ZERO), self.locked.get(asset, ZERO)

    def reports(self) -> tuple[BalanceReport, ...]:
        """Say what there is of each asset that there is anything of, by name."""
        every = (BalanceReport(asset, *self.balance(asset)) for asset in sorted(self.free))
        return tuple(report for report in every if report.free or report.locked)
