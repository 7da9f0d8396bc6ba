"""Who owns what: accounts, free and locked, the house that trades with them, and the fees taken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

from engine.values import ZERO
from engine.venue.values import Balance


class Wallet:
    """Hold one account's assets; neither part of one is ever negative."""

    def __init__(self, balances: Mapping[str, Decimal], *, pays_fees_in_bnb: bool) -> None:
        self.pays_fees_in_bnb = pays_fees_in_bnb
        self._free = defaultdict(lambda: ZERO, balances)
        self._locked: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)

    def free(self, asset: str) -> Decimal:
        """Give what may be spent."""
        return self._free.get(asset, ZERO)

    def add(self, asset: str, amount: Decimal) -> None:
        """Receive, to what is free."""
        self._free[asset] += amount

    def take(self, asset: str, amount: Decimal) -> None:
        """Pay, from what is free."""
        left = self.free(asset) - amount
        assert left >= 0, f"{asset}: {amount} of what is not there"
        self._free[asset] = left

    def lock(self, asset: str, amount: Decimal) -> None:
        """Set aside for an order."""
        self.take(asset, amount)
        self._locked[asset] += amount

    def unlock(self, asset: str, amount: Decimal) -> None:
        """Free what was set aside."""
        left = self._locked[asset] - amount
        assert left >= 0, f"{asset}: {amount} of what is not locked"
        self._locked[asset] = left
        self.add(asset, amount)

    def balance(self, asset: str) -> Balance:
        """Show one asset."""
        return Balance(asset, self.free(asset), self._locked.get(asset, ZERO))

    def balances(self, assets: Iterable[str]) -> tuple[Balance, ...]:
        """Show `assets` and all that is held, by name."""
        return tuple(self.balance(asset) for asset in sorted({*assets, *self._free, *self._locked}))


class Accounts:
    """Keep every wallet, and where the rest of the money went.

    `house` is what the house has received, less what it has paid; `fees` what has been taken from all.
    """

    def __init__(self) -> None:
        self._wallets: dict[str, Wallet] = {}
        self.house: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
        self.fees: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)

    def open(self, account: str, balances: Mapping[str, Decimal], *, pays_fees_in_bnb: bool) -> None:
        """Open an account; ValueError when there is one of that name, or a balance is below 0."""
        if account in self._wallets:
            raise ValueError(f"account {account!r} is open already")
        if any(amount < 0 for amount in balances.values()):
            raise ValueError(f"account {account!r} would hold less than nothing")
        self._wallets[account] = Wallet(balances, pays_fees_in_bnb=pays_fees_in_bnb)

    def wallet(self, account: str) -> Wallet:
        """Give an account's wallet."""
        return self._wallets[account]
