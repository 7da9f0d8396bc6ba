"""One `gridactors start` after the other: opened, recovered, run, killed or ended in order, and started again."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

import attrs
from attrs import define

from actors.base import Life
from actors.gateways.credentials import Credentials
from actors.opening.links import LiveLink
from actors.opening.opening import Opened
from actors.opening.states import GridState
from actors.supervisor import Supervisor
from actors.trading.recovering import recover
from actors.trading.sweeping import sweep
from actors.tree import trading_system
from engine.addresses import CONSOLE, GridAddresses
from engine.calls import Call, Outcome
from engine.effects import Effect
from engine.errors import BadInput, RunFailed
from engine.feeds.connection import FeedConnection, Patience
from engine.feeds.order_feed import OrderFeed
from engine.feeds.price_feed import PriceFeed
from engine.feeds.price_sanity import Doubts
from engine.gateway.gateway import Gateway
from engine.grid_setup import GridSetup
from engine.journal.exits import Ahead
from engine.journal.journal import Journal
from engine.journal.rows import GridRow
from engine.messages import ConsoleInbox, GridStopped, StopGrid
from engine.messages.steering import GridPaused, GridResumed
from engine.supervision import ChildSpec, SupervisorSpec
from engine.values import ZERO
from tests.simulation.living.network import Caller
from tests.simulation.living.streams import EdgedFeed

if TYPE_CHECKING:
    from tests.simulation.living.world import World

_OPENS_IN, _TRIES_AGAIN_IN = 1.0, 5.0  # seconds
_GRIDS_STOP_WITHIN, _SYSTEM_STOPS_WITHIN = 4.5, 3.0
_ASKS_EVERY = 0.5


@define(eq=False)
class Console:
    """Hear what the one hears who started it all."""

    _tell: Callable[[GridPaused | GridStopped], None]
    has_stopped: bool = False

    def handle(self, message: ConsoleInbox) -> list[Effect]:
        if isinstance(message, GridStopped):
            self.has_stopped = True
        elif isinstance(message, GridResumed):
            self.has_stopped = False
        if isinstance(message, GridPaused | GridStopped):
            self._tell(message)
        return []


@define(eq=False)
class DirectLine:
    """Ask the exchange at once, before anything runs or after everything has ended."""

    _arrive: Callable[[Call], Outcome]

    def put_through(self, call: Call) -> Outcome:
        return self._arrive(call)

    def close(self) -> None:
        pass


@define(eq=False)
class _Desk:
    """Ask small questions of the exchange."""

    _world: World

    def price(self) -> tuple[int, Decimal]:
        return self._world.wall(), self._world.exchange.price

    def account(self) -> dict[str, Decimal]:
        if not self._world.network.is_well:
            raise RunFailed("no answer")
        exchange = self._world.exchange
        return {asset: sum(exchange.balance(asset), ZERO) for asset in self._world.assets}

    def server_ahead(self) -> int:
        return 0

    def close(self) -> None:
        pass


class Process:
    """Start, and go on starting, for as long as its owner wants it to run."""

    def __init__(self, world: World) -> None:
        self._world, self._house = world, world.house
        self._lives = 0
        self._root: Life | None = None
        self._ends = self._is_opening = False
        self.grid: GridSetup | None = None
        self.console = Console(self._heard)
        self.is_up = self.is_over = False
        self.up_since = 0  # epoch milliseconds

    @property
    def addresses(self) -> GridAddresses:
        """Give where everybody lives."""
        assert self.grid is not None
        return self.grid.addresses

    # --- starting ------------------------------------------------------------------------------------

    def start(self, delay: float = 0.0) -> None:
        """Start after so many seconds."""
        self._house.later(delay + _OPENS_IN, self._open)

    def _open(self) -> None:
        """Open what there is, unless that is being done: a second process finds the lock of the first."""
        if self.is_up or self.is_over or self._is_opening:
            return
        self._is_opening = True
        try:
            self._open_and_run()
        finally:
            self._is_opening = False

    def _open_and_run(self) -> None:
        world, house = self._world, self._house
        if not world.network.is_well:
            self.start(_TRIES_AGAIN_IN)
            return
        stored = world.disk.kept.load()
        if stored is not None and stored.grid.stop_reason is not None:
            self.is_over = True  # whoever starts it is told that it has ended
            return
        begun = self._fresh_row() if stored is None else stored.grid
        state = GridState(begun, stored, world.disk.open)
        link = LiveLink(
            grid=world.setup.grid(begun.run),
            state=state,
            price=world.exchange.price,
            rules=world.setup.rules,
            credentials=Credentials("key", "secret"),
            account=None,  # type: ignore[arg-type]  # looked at before, when it was opened
            line=lambda: DirectLine(world.arrive),
            desk=_Desk(world),  # type: ignore[arg-type]
        )
        opened = Opened(None, [link])
        try:
            recover(opened, lambda seconds: house.run(house.now + seconds))
        except RunFailed:  # its owner is told why, and tries again
            self.start(_TRIES_AGAIN_IN)
            return
        except BadInput:  # its owner is told that the database is an old copy, and moves it away
            world.disk.lose()
            self.start(_TRIES_AGAIN_IN)
            return
        self._run(opened.links[0])  # type: ignore[arg-type]

    def _fresh_row(self) -> GridRow:
        self._lives += 1
        budget = self._world.setup.settings.trading_settings.initial_balance
        return GridRow(capital_quote=budget, capital_base=ZERO, run=f"r{self._lives}")

    def _run(self, link: LiveLink) -> None:
        world, house = self._world, self._house
        self.grid, self._link = link.grid, link
        self.is_up, self._ends, self.up_since = True, False, world.wall()
        world.began(link.grid)
        self.console = console = Console(self._heard)
        house.launch(house.means.life(CONSOLE, lambda _: console, announces=False))
        spec = self._simulated(trading_system([link], house), link)  # type: ignore[arg-type]
        self._root = house.means.life(
            spec.address,
            lambda life: Supervisor(spec, house, life, house.means),  # type: ignore[arg-type]
            on_end=self._ended,
            announces=False,
        )
        house.launch(self._root)

    def _simulated(self, spec: SupervisorSpec, link: LiveLink) -> SupervisorSpec:
        """Put a simulation in the place of everything that leads outside."""
        world, house, grid = self._world, self._house, link.grid
        addresses = grid.addresses
        tell = world.teller
        patience = Patience.of(grid.settings.execution)
        random = world.chance.stream("patience").random
        order_numbers, price_numbers, ahead = count(1), count(1), Ahead()
        assert addresses.journal is not None

        def order_feed() -> EdgedFeed:
            connection = FeedConnection(patience, order_numbers, random)
            interval = grid.settings.execution.order_polling_interval
            return EdgedFeed(OrderFeed(connection, interval, addresses), world.order_streams)

        def price_feed() -> EdgedFeed:
            connection = FeedConnection(patience, price_numbers, random)
            unwatched = (addresses.grid_manager, addresses.risk_monitor)
            return EdgedFeed(PriceFeed(connection, addresses, Doubts(), unwatched), world.price_streams)

        factories: dict[str, Callable[[], Any]] = {
            addresses.journal: lambda: Journal(world.disk.open(), grid.rules, addresses, world.wall, ahead=ahead),
            addresses.gateway: lambda: Gateway(grid.tag, link.rules, addresses, random),
            addresses.order_feed: order_feed,
            addresses.price_feed: price_feed,
        }
        for index in range(link.rules.callers):
            factories[addresses.caller(index)] = partial(Caller, index, grid, house, world.network, tell)
        return _replaced(spec, factories)

    # --- ending --------------------------------------------------------------------------------------

    def die(self) -> None:
        """Be no more; whoever started it starts it again after a while."""
        self.is_up = False
        self._world.hang_up()
        self._house.wipe()

    def quit(self) -> None:
        """End in order, as at a signal: stop the grid, then everybody; take down what was left."""
        if self.is_up and not self._ends:
            self._ends = True
            self._press(self._house.now + _GRIDS_STOP_WITHIN, self._root)

    def _heard(self, told: GridPaused | GridStopped) -> None:
        self._world.owner.hears_of_rest(told)
        if isinstance(told, GridStopped) and self._world.setup.ends_with_its_grid:
            self.quit()

    def _press(self, deadline: float, root: Life | None) -> None:
        house = self._house
        if root is not self._root or not self.is_up or root is None:
            return
        if self.console.has_stopped or house.now >= deadline:
            root.stop()
            house.later(_SYSTEM_STOPS_WITHIN, lambda: self._leave_behind(root))
            return
        house.send(self.addresses.grid_manager, StopGrid("signal"), "owner")
        house.later(_ASKS_EVERY, lambda: self._press(deadline, root))

    def _leave_behind(self, root: Life) -> None:
        if root is self._root and self.is_up:
            self._ended("did not stop in time")

    def _ended(self, failure: str | None) -> None:
        """Be over, for whatever reason: what may be left on the exchange is swept up, if that answers."""
        if not self.is_up:
            return
        self.die()
        if (failure is not None or not self.console.has_stopped) and self._world.network.is_well:
            sweep(self._link, 1.5)
        self._world.process_ended()


def _replaced(spec: SupervisorSpec, factories: dict[str, Callable[[], Any]]) -> SupervisorSpec:
    children: list[ChildSpec | SupervisorSpec] = []
    for child in spec.children:
        if isinstance(child, SupervisorSpec):
            children.append(_replaced(child, factories))
        elif (factory := factories.get(child.address)) is not None:
            children.append(attrs.evolve(child, factory=factory))
        else:
            children.append(child)
    return attrs.evolve(spec, children=tuple(children))
