"""A whole grid with its journal, on an exchange that remembers everything; it may end and start again anywhere."""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal
from random import Random

from engine.addresses import GridAddresses
from engine.balance_tracker import BalanceTracker
from engine.balances import Ledger
from engine.effects import Address
from engine.grid import GridRules
from engine.grid_level import GridLevel
from engine.grid_manager import GridManager
from engine.journal.journal import Journal
from engine.journal.memory import GridMemory
from engine.journal.memory_store import MemoryStore
from engine.journal.rows import GridRow
from engine.messages import CommitDue, LiquidateGrid, OrdersUnobserved, PriceMoved, StopGrid
from engine.order_manager import OrderManager
from engine.stepped_system import start_stepped
from engine.stepper import ShakenStepper
from engine.supervision import ChildSpec, Strategy, SupervisorSpec
from engine.values import ZERO
from tests.engine.recorded_exchange import Manners, RecordedExchange

PREFIX = "ga0123abcd"
ADDRESSES = GridAddresses("SOL/USDT", is_journalled=True)
_RETRIES = 3


class RecordedGrid:
    """Run one grid, whose actors take turns as a seed decides."""

    def __init__(
        self,
        rules: GridRules,
        quote: Decimal,
        seed: int = 0,
        manners: Manners | None = None,
        *,
        exchange: RecordedExchange | None = None,
        store: MemoryStore | None = None,
        run: str = "k1",
    ) -> None:
        """Begin on an exchange with those `manners`, or go on at one, from what a store has."""
        self.rules, self.quote, self.run = rules, quote, run
        self.random = Random(seed)
        self.exchange = exchange or RecordedExchange(rules, ADDRESSES, Random(seed + 1), manners or Manners())
        self.exchange.forget_watches()
        self.store = store or MemoryStore()
        if store is None:
            begun = GridRow(capital_quote=quote, capital_base=ZERO, run=run)
            self.store.write(GridMemory(rules, ADDRESSES, begun).begun())
        self.start()

    @property
    def memory(self) -> GridMemory:
        """Give what the journal has followed all along."""
        return self._journal._memory

    def start(self) -> None:
        """Begin, or begin again from what is written; whoever was there before is gone, with what they were told."""
        rules, addresses = self.rules, ADDRESSES
        self._journal = Journal(self.store, rules, addresses, lambda: self.exchange.now)
        self._stepper = ShakenStepper(self.random.randrange(2**31))
        assert addresses.journal is not None
        actors = (
            ChildSpec(addresses.journal, lambda: self._journal),
            ChildSpec(addresses.exchange, lambda: self.exchange),
            ChildSpec(addresses.balance_tracker, self._balance_tracker),
            ChildSpec(addresses.order_manager, lambda: OrderManager(f"{PREFIX}{self.run}", addresses)),
            SupervisorSpec(
                addresses.levels,
                Strategy.ONE_FOR_ONE,
                (),
                grow=lambda level: ChildSpec(addresses.level(level.slot), lambda: GridLevel(level, rules, addresses)),
                grow_reports_to=addresses.grid_manager,
            ),
            ChildSpec(addresses.grid_manager, lambda: GridManager(rules, self.quote, ZERO, addresses, _RETRIES)),
        )
        start_stepped(self._stepper, SupervisorSpec(Address("grid"), Strategy.ONE_FOR_ALL, actors))
        self.settle()

    def _balance_tracker(self) -> BalanceTracker:
        rules = self.rules
        return BalanceTracker(Ledger(rules.market, rules.fees, self.quote, ZERO), rules.market, ADDRESSES)

    # --- what happens to it ----------------------------------------------------------------------------

    def move(self, *prices: Decimal) -> None:
        """Let the price go on; with several prices it does not wait for what the first ones lead to."""
        for price in prices:
            self._stepper.send(ADDRESSES.exchange, PriceMoved(0, price))
        self.settle()

    def stop(self) -> None:
        self._stepper.send(ADDRESSES.grid_manager, StopGrid("SIGINT"))
        self.settle()

    def liquidate(self, price: Decimal) -> None:
        self._stepper.send(ADDRESSES.grid_manager, LiquidateGrid("stop_loss", price))
        self.settle()

    def settle(self) -> None:
        """Let all happen that was started, and all be written."""
        self._stepper.settle()
        self._stepper.send(f"{ADDRESSES.grid}/journal", CommitDue())
        self._stepper.settle()

    def let_time_pass(self, timers: int = 3) -> None:
        """Let some of what was put off happen."""
        for _ in range(timers):
            if self._stepper.advance_clock():
                self.settle()

    def catch_up(self) -> None:
        self._stepper.send(ADDRESSES.order_manager, OrdersUnobserved())
        self.settle()

    def restart(self) -> None:
        """End in the middle of whatever, and start again."""
        self._journal.close()
        self.exchange.forget_watches()
        self.start()

    def backup(self) -> MemoryStore:
        """Copy what is written by now."""
        return deepcopy(self.store)
