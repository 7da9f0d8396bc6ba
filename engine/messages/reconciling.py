"""Between the reconciler and those whose word it compares with the exchange's."""

from __future__ import annotations

from decimal import Decimal

from engine.freezing import frozen


@frozen
class ReconcileDue:
    """Remind the reconciler that it is time to compare; overtaken when `ticket` is not its latest."""

    ticket: int = 0


@frozen
class TellFunds:
    """Ask the ledger to tell the reconciler what the grid holds; the answer carries the `token`."""

    token: int = 0


@frozen
class FundsTold:
    """Tell the reconciler what the grid holds, free and reserved together, after so many `trades`."""

    quote: Decimal
    base: Decimal
    trades: int
    token: int = 0


@frozen
class BalancesDiffered:
    """Note that an account had less of an asset than the grid holds, or unexplained more or less than before."""

    asset: str
    ours: Decimal
    account: Decimal
    text: str
