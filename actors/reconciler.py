"""The reconciler of one grid, as an actor: it asks for the account itself, in its own thread."""

from __future__ import annotations

import logging
from collections.abc import Callable
from itertools import count

from engine.effects import Effect, Send
from engine.errors import BadInput, RunFailed
from engine.grid_setup import GridSetup
from engine.messages import BalancesDiffered, ReconcilerInbox
from engine.messages.questions import DescribeReconciliation
from engine.reconciler import Account, Reconciler
from engine.supervision import ChildSpec

log = logging.getLogger(__name__)


class _Told:
    """Log the differences that a reconciler finds."""

    def __init__(self, grid: str, reconciler: Reconciler) -> None:
        self._grid, self._reconciler = grid, reconciler
        self.start = reconciler.start

    def handle(self, message: ReconcilerInbox | DescribeReconciliation) -> list[Effect]:
        effects = self._reconciler.handle(message)
        for effect in effects:
            if isinstance(effect, Send) and isinstance(effect.message, BalancesDiffered):
                log.warning("%s: %s", self._grid, effect.message.text)
        return effects


def spec(grid: GridSetup, fetch_account: Callable[[], Account], *, is_alone: bool) -> ChildSpec:
    """Describe the reconciler of `grid`; `is_alone` when no other grid of this process trades on its account."""
    execution = grid.settings.execution

    def fetch() -> Account | None:
        try:
            return fetch_account()
        except (BadInput, RunFailed) as error:
            log.warning("%s: balances could not be compared: %s", grid.name, error)
            return None

    tokens = count(1)

    def build() -> _Told:
        interval, tolerance = execution.reconciliation_interval, execution.reconciliation_balance_tolerance
        market, addresses = grid.rules.market, grid.addresses
        reconciler = Reconciler(fetch, market, addresses, interval, tolerance, is_alone=is_alone, tokens=tokens)
        return _Told(grid.name, reconciler)

    return ChildSpec(grid.addresses.reconciler, build)
