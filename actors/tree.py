"""The whole system on one page: who is there, in the order they start, and who falls with whom.

```
supervisor (root, one_for_one)
├─ notifier  health_monitor  controller  live, paper: each under a supervisor of its own, and not missed if it gives up
├─ sandbox                               the local exchange, when a grid trades on it
├─ reporter                              restarted by a supervisor of its own where there are journals
└─ grid SOL/USDT (rest_for_one)          one such branch per configuration
   ├─ journal                            live, paper: the gate to the exchange; writes down before anything is sent
   ├─ exchange                           backtest, paper: the simulated one; live: the gateway to the real one
   ├─ callers (one_for_one)              live: caller/0 … each calls the exchange for the gateway, one call at a time
   ├─ core (one_for_all)
   │  ├─ balance_tracker  order_manager
   │  ├─ levels (one_for_one)            level/0 … started when the grid arms
   │  └─ grid_manager
   ├─ risk_monitor
   ├─ feeds (one_for_one)                order_feed (live) and price_feed (live, paper): the streams
   └─ reconciler                         live: compares balances with the exchange's
```

A branch starts from what others stand on: whoever is further down may be restarted without those above. Whoever is
restarted rebuilds itself from the journal and from questions to the exchange, as after a restart of the process. A
level that fails takes the core with it. A backtest has no journal, so that any failure ends it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from actors import (
    balance_tracker,
    caller,
    grid_level,
    grid_manager,
    journal,
    order_manager,
    reporter,
    risk_monitor,
    sandbox_exchange,
    simulated_exchange,
)
from actors.post import Post
from engine.addresses import CONSOLE, CONTROLLER, NOTIFIER
from engine.effects import Address
from engine.grid_setup import BacktestSetup, GridSetup
from engine.messages import ConsoleInbox
from engine.messages.alerting import CycleEarned, EventsTold
from engine.supervision import ChildSpec, Intensity, Restart, Strategy, SupervisorSpec

if TYPE_CHECKING:
    # What only live prices need is imported where it is used: its libraries would be a fifth of a short backtest.
    from actors.attendants import Attendants
    from actors.opening.links import LiveLink, PaperLink

_NO_RESTARTS = Intensity(max_restarts=0)
_EDGE_RESTARTS = Intensity(max_restarts=10, window=300.0)  # a network that comes and goes is no bug
_CORE_RESTARTS = Intensity(max_restarts=3, window=60.0, first_delay=0.05)  # what fails again and again is a bug
_BRANCH_RESTARTS = Intensity(max_restarts=5, window=300.0)  # as the core, or a disk that comes and goes
_PING_EVERY = 30.0  # seconds


def backtest_system(grids: Sequence[BacktestSetup]) -> SupervisorSpec:
    """Describe the system that backtests `grids` side by side."""
    return SupervisorSpec(
        Address("supervisor"),
        Strategy.ONE_FOR_ONE,
        (reporter.spec(grids), *(_backtest_branch(grid) for grid in grids)),
        _NO_RESTARTS,
    )


def trading_system(
    links: Sequence[LiveLink | PaperLink],
    post: Post,
    sandbox: sandbox_exchange.LocalExchange | None = None,
    attendants: Attendants | None = None,
) -> SupervisorSpec:
    """Describe the system that trades the grids of `links` side by side, on `sandbox` if that is theirs.

    Without `attendants` there is nobody to tell, to watch or to let in.
    """
    from actors.opening.links import LiveLink

    live = sum(isinstance(link, LiveLink) for link in links)
    told = () if attendants is None else (NOTIFIER,)
    branches = [
        _live_branch(link, post, told, is_alone=live == 1)
        if isinstance(link, LiveLink)
        else _paper_branch(link, post, told)
        for link in links
    ]
    listeners = (CONSOLE,) if attendants is None else (CONSOLE, CONTROLLER)
    return SupervisorSpec(
        Address("supervisor"),
        Strategy.ONE_FOR_ONE,
        (
            *(() if attendants is None else _attending(attendants, links, post)),
            *(() if sandbox is None else (sandbox_exchange.spec(sandbox),)),
            _reports([link.grid for link in links], listeners, None if attendants is None else NOTIFIER),
            *branches,
        ),
        _NO_RESTARTS,
        ping_interval=_PING_EVERY,
    )


def _attending(attendants: Attendants, links: Sequence[LiveLink | PaperLink], post: Post) -> tuple[SupervisorSpec, ...]:
    """Describe who looks after the others: trading goes on without them, so that none of them may end it."""
    from actors import controller, health_monitor, notifier
    from actors.opening.links import LiveLink

    grids = [link.grid for link in links]
    attendance = attendants.attendance
    ahead = {link.grid.name: link.server_ahead for link in links if isinstance(link, LiveLink)}
    specs = (
        notifier.spec(grids, attendance.services, post),
        health_monitor.spec(
            grids, post, state_dir=attendance.state_dir, server_ahead=ahead, liveness=attendants.liveness
        ),
        controller.spec(attendants.answers, attendance.door),
    )
    return tuple(
        SupervisorSpec(
            Address(f"{spec.address}/keeper"),
            Strategy.ONE_FOR_ONE,
            (spec,),
            _EDGE_RESTARTS,
            restart=Restart.TEMPORARY,
            ping_interval=_PING_EVERY,
        )
        for spec in specs
    )


def _reports(
    grids: Sequence[GridSetup], listeners: Sequence[Address[ConsoleInbox]], tell_earnings: Address[CycleEarned] | None
) -> SupervisorSpec:
    return SupervisorSpec(
        Address("reports"),
        Strategy.ONE_FOR_ONE,
        (reporter.spec(grids, listeners, tell_earnings),),
        _CORE_RESTARTS,
        ping_interval=_PING_EVERY,
    )


def _branch(
    link: LiveLink | PaperLink, told: Sequence[Address[EventsTold]], *children: ChildSpec | SupervisorSpec
) -> SupervisorSpec:
    grid = link.grid
    return SupervisorSpec(
        Address(f"{grid.name}/branch"),
        Strategy.REST_FOR_ONE,
        (journal.spec(grid, link.state.open_store, told), *children),
        _BRANCH_RESTARTS,
        ping_interval=_PING_EVERY,
    )


def _backtest_branch(grid: BacktestSetup) -> SupervisorSpec:
    return SupervisorSpec(
        Address(f"{grid.name}/branch"),
        Strategy.REST_FOR_ONE,
        (simulated_exchange.spec(grid), _core(grid, _NO_RESTARTS), risk_monitor.spec(grid)),
        _NO_RESTARTS,
    )


def _live_branch(link: LiveLink, post: Post, told: Sequence[Address[EventsTold]], *, is_alone: bool) -> SupervisorSpec:
    from actors import gateway, order_feed, price_feed, reconciler

    grid = link.grid
    unwatched = (grid.addresses.grid_manager, grid.addresses.risk_monitor)
    return _branch(
        link,
        told,
        gateway.spec(grid, link.rules),
        _callers(link),
        _core(grid, _CORE_RESTARTS, _PING_EVERY),
        risk_monitor.spec(grid),
        _edges(
            grid,
            order_feed.spec(grid, post, link.credentials, link.server_ahead, patience=link.patience),
            price_feed.spec(grid, post, link.fetch_price, tell_unwatched=unwatched, patience=link.patience),
        ),
        reconciler.spec(grid, link.fetch_account, is_alone=is_alone),
    )


def _paper_branch(link: PaperLink, post: Post, told: Sequence[Address[EventsTold]]) -> SupervisorSpec:
    from actors import paper_exchange, price_feed

    grid = link.grid
    feed = price_feed.spec(grid, post, link.fetch_price, patience=link.patience)
    return _branch(
        link,
        told,
        paper_exchange.spec(grid),
        _core(grid, _CORE_RESTARTS, _PING_EVERY),
        risk_monitor.spec(grid),
        _edges(grid, feed),
    )


def _callers(link: LiveLink) -> SupervisorSpec:
    addresses = link.grid.addresses
    return SupervisorSpec(
        Address(f"{link.grid.name}/callers"),
        Strategy.ONE_FOR_ONE,
        tuple(
            caller.spec(addresses.caller(index), addresses.gateway, index, link.line)
            for index in range(link.rules.callers)
        ),
        _EDGE_RESTARTS,
    )


def _edges(grid: GridSetup, *feeds: ChildSpec) -> SupervisorSpec:
    return SupervisorSpec(
        Address(f"{grid.name}/feeds"), Strategy.ONE_FOR_ONE, feeds, _EDGE_RESTARTS, ping_interval=_PING_EVERY
    )


def _core(grid: GridSetup, intensity: Intensity, ping_interval: float | None = None) -> SupervisorSpec:
    return SupervisorSpec(
        Address(f"{grid.name}/core"),
        Strategy.ONE_FOR_ALL,
        (balance_tracker.spec(grid), order_manager.spec(grid), _levels(grid, ping_interval), grid_manager.spec(grid)),
        intensity,
        ping_interval=ping_interval,
    )


def _levels(grid: GridSetup, ping_interval: float | None) -> SupervisorSpec:
    return SupervisorSpec(
        grid.addresses.levels,
        Strategy.ONE_FOR_ONE,
        (),
        _NO_RESTARTS,
        grow=lambda level: grid_level.spec(grid, level),
        grow_reports_to=grid.addresses.grid_manager,
        ping_interval=ping_interval,
    )
