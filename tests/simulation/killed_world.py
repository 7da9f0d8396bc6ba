"""A grid on a stepper that is killed between any two messages, on an exchange that goes on."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import cached_property
from random import Random
from typing import Any

from actors import balance_tracker, grid_level, grid_manager, journal, order_manager, reporter, risk_monitor
from engine.effects import Address, Send
from engine.grid_setup import GridSetup, grid_rules
from engine.journal.memory import GridMemory
from engine.journal.memory_store import MemoryStore
from engine.journal.rows import GridRow
from engine.messages import CatchUp, GoOnDue, PriceMoved
from engine.paper_exchange import PaperExchange
from engine.stepped_system import start_stepped
from engine.stepper import ShakenStepper
from engine.supervision import Strategy, SupervisorSpec
from engine.values import ZERO
from tests.engine.configurations import load

SECOND = 1000


class KilledStepper(ShakenStepper):
    """Stop, as if the power had gone, when so many messages have been delivered."""

    def __init__(self, seed: int, kill_after: int | None) -> None:
        super().__init__(seed)
        self._left = kill_after

    def settle(self) -> None:
        """Let actors take turns until none has anything to do, or all are dead."""
        while self._ready and self._left != 0:
            place = self._random.randrange(len(self._ready))
            address = self._ready[place]
            self._turn(address)
            if self._left is not None:
                self._left -= 1
            if not self._has_work(address):
                self._ready[place] = self._ready[-1]
                self._ready.pop()

    @property
    def is_killed(self) -> bool:
        return self._left == 0

    def waiting_for(self, address: str) -> list[Any]:
        """Give what had been sent to somebody and not been taken."""
        return list(self._inboxes.get(address, ()))


class KilledWorld:
    """Run one grid through lives; the exchange and what was written outlive each of them."""

    def __init__(self, *changes: tuple[str, object], seed: int) -> None:
        settings = load(
            ("exchange.trading_mode", "paper_trading"),
            ("exchange.fee_asset", "quote"),
            ("trading_settings.timeframe", "1m"),
            *changes,
        )
        self.grid = GridSetup("SOL/USDT", settings, grid_rules(settings), run="run")
        self.random = Random(seed)
        self.store = MemoryStore()
        begun = GridRow(capital_quote=settings.trading_settings.initial_balance, capital_base=ZERO, run="run")
        self.store.write(GridMemory(self.grid.rules, self.grid.addresses, begun).begun())
        rules = self.grid.rules
        self.exchange = PaperExchange(
            rules.market, rules.fees, settings.execution.backtest_slippage, self.grid.addresses
        )
        self.time = 0
        self.kills = 0
        self.stepper = self._begin(None)

    def travel(self, path: Sequence[Decimal], kills: int) -> None:
        """Move from price to price, killed at most so many times at each; all is quiet before the next one."""
        for price in path:
            self.time += SECOND
            self.stepper.send(self.grid.addresses.exchange, PriceMoved(self.time, price))
            for _ in range(kills):
                self._live(self.random.randrange(1, 120))
            self._live(None)

    def open_orders(self) -> set[str]:
        """Ask the exchange for the orders that rest there."""
        *_, last = self.exchange.handle(CatchUp(None))
        assert isinstance(last, Send)
        return {report.client_order_id for report in last.message.orders}

    def _live(self, kill_after: int | None) -> None:
        """Go on until all is quiet, or the end; and begin again after that."""
        self.stepper._left = kill_after
        self.stepper.settle()
        while not self.stepper.is_killed and self.stepper.advance_clock():
            self.stepper.settle()
        if self.stepper.is_killed:
            self.kills += 1
            self.stepper = self._begin(self.stepper)

    def _begin(self, dead: KilledStepper | None) -> KilledStepper:
        """Start all but the exchange anew; of what was on its way there, some arrives."""
        stepper = KilledStepper(self.random.randrange(1 << 30), None)
        addresses = self.grid.addresses
        stepper.add(addresses.exchange, self.exchange)
        on_its_way = dead.waiting_for(addresses.exchange) if dead else []
        prices = [message for message in on_its_way if isinstance(message, PriceMoved)]
        others = [message for message in on_its_way if not isinstance(message, PriceMoved | GoOnDue)]
        for message in [*others[: self.random.randint(0, len(others))], *prices, GoOnDue()]:
            self.exchange.handle(message)  # nobody hears what it says
        stepper.send(addresses.exchange, GoOnDue())
        start_stepped(stepper, self.spec)
        return stepper

    @cached_property
    def spec(self) -> SupervisorSpec:
        """Describe all but the exchange: once, as a process does."""
        grid, addresses = self.grid, self.grid.addresses
        levels = SupervisorSpec(
            addresses.levels,
            Strategy.ONE_FOR_ONE,
            (),
            grow=lambda level: grid_level.spec(grid, level),
            grow_reports_to=addresses.grid_manager,
        )
        return SupervisorSpec(
            Address("supervisor"),
            Strategy.ONE_FOR_ONE,
            (
                reporter.spec([grid]),
                journal.spec(grid, lambda: self.store),
                balance_tracker.spec(grid),
                order_manager.spec(grid),
                levels,
                grid_manager.spec(grid),
                risk_monitor.spec(grid),
            ),
        )
