"""The tree as data: who is there, in what order, who falls with whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from actors.gateways.credentials import Credentials
from actors.opening.links import LiveLink, PaperLink
from actors.post import Post
from actors.sandbox.server import Sandbox
from actors.tree import backtest_system, trading_system
from engine.gateway.rules import gateway_rules
from engine.grid_setup import trading_setup
from engine.messages import StartLevels
from engine.supervision import ChildSpec, Restart, Spec, Strategy, SupervisorSpec
from engine.values import Market
from tests.actors.grids import PRICE, fresh_state, grid, planned
from tests.engine.configurations import load

SOL, ETH = grid(name="SOL/USDT"), grid(name="ETH/USDT")
BOTH = [SOL, ETH]


def outline(spec: Spec) -> Any:
    """Write a spec as an address, or as an address with its strategy and its children in order."""
    if isinstance(spec, ChildSpec):
        return str(spec.address)
    return str(spec.address), spec.strategy, [outline(child) for child in spec.children]


def branch(name: str) -> Any:
    levels: Any = (f"{name}/levels", Strategy.ONE_FOR_ONE, [])
    core = [f"{name}/balance_tracker", f"{name}/order_manager", levels, f"{name}/grid_manager"]
    return (
        f"{name}/branch",
        Strategy.REST_FOR_ONE,
        [f"{name}/exchange", (f"{name}/core", Strategy.ONE_FOR_ALL, core), f"{name}/risk_monitor"],
    )


def supervisors(spec: Spec) -> Iterator[SupervisorSpec]:
    if isinstance(spec, SupervisorSpec):
        yield spec
        for child in spec.children:
            yield from supervisors(child)


def levels_of(name: str) -> SupervisorSpec:
    return next(spec for spec in supervisors(backtest_system(BOTH)) if spec.address == f"{name}/levels")


def test_system_of_one_grid_starts_in_this_order_with_these_strategies() -> None:
    expected = ("supervisor", Strategy.ONE_FOR_ONE, ["reporter", branch("SOL/USDT")])

    assert outline(backtest_system([SOL])) == expected


def test_grids_side_by_side_are_branches_of_their_own_behind_one_reporter() -> None:
    expected = ("supervisor", Strategy.ONE_FOR_ONE, ["reporter", branch("SOL/USDT"), branch("ETH/USDT")])

    assert outline(backtest_system(BOTH)) == expected


def test_addresses_are_those_that_the_actors_write_to() -> None:
    addresses = set(backtest_system(BOTH).addresses())
    written_to = {
        getattr(setup.addresses, place)
        for setup in BOTH
        for place in (
            *("exchange", "balance_tracker", "order_manager", "grid_manager"),
            *("levels", "risk_monitor", "reporter"),
        )
    }

    assert written_to <= addresses


def test_two_grids_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="more than one actor at SOL/USDT/balance_tracker, SOL/USDT/branch"):
        backtest_system([SOL, SOL])


def test_backtest_restarts_nobody() -> None:
    assert {spec.intensity.max_restarts for spec in supervisors(backtest_system(BOTH))} == {0}


def test_end_of_anybody_counts_as_a_failure() -> None:
    everybody = list(supervisors(backtest_system(BOTH)))
    children = [child for spec in everybody for child in spec.children]

    assert {spec.restart for spec in (*everybody, *children)} == {Restart.PERMANENT}


def test_levels_grow_one_actor_each_and_report_to_the_manager_of_their_grid() -> None:
    spec = levels_of("ETH/USDT")
    planned_levels = StartLevels(tuple(planned(ETH, slot) for slot in ("0", "3"))).levels

    assert spec.grow is not None
    assert [spec.grow(level).address for level in planned_levels] == ["ETH/USDT/level/0", "ETH/USDT/level/3"]
    assert spec.grow_reports_to == ETH.addresses.grid_manager


def test_only_levels_grow() -> None:
    growing = [str(spec.address) for spec in supervisors(backtest_system(BOTH)) if spec.grow is not None]

    assert growing == ["SOL/USDT/levels", "ETH/USDT/levels"]


# --- on live prices --------------------------------------------------------------------------------------


def link_of(name: str, mode: str) -> LiveLink | PaperLink:
    """Give a link that leads nowhere: a tree that is only described calls nobody."""
    setup = trading_setup(name, load(("exchange.trading_mode", mode)), Market("SOL", "USDT"), "run")
    nowhere: Any = None
    if mode == "live":
        rules = gateway_rules(setup.settings.execution, callers=2, order_limits=(), answer_window=4.0)
        return LiveLink(setup, fresh_state(), PRICE, rules, Credentials("key", "secret"), nowhere, nowhere, nowhere)
    return PaperLink(setup, fresh_state(), PRICE, nowhere)


def trading_branch(name: str, *edges: str) -> Any:
    _, strategy, (exchange, core, risk) = branch(name)
    callers: Any = (f"{name}/callers", Strategy.ONE_FOR_ONE, [f"{name}/caller/0", f"{name}/caller/1"])
    feeds: Any = (f"{name}/feeds", Strategy.ONE_FOR_ONE, [f"{name}/{edge}" for edge in edges])
    between = [callers] if "order_feed" in edges else []
    behind = [f"{name}/reconciler"] if "order_feed" in edges else []
    return f"{name}/branch", strategy, [f"{name}/journal", exchange, *between, core, risk, feeds, *behind]


def test_live_and_paper_grids_side_by_side_on_a_sandbox() -> None:
    links = [link_of("SOL/USDT", "live"), link_of("ETH/USDT", "paper_trading")]
    with Post() as post:
        spec = trading_system(links, post, Sandbox())

    branches = [trading_branch("SOL/USDT", "order_feed", "price_feed"), trading_branch("ETH/USDT", "price_feed")]
    reports = ("reports", Strategy.ONE_FOR_ONE, ["reporter"])
    assert outline(spec) == ("supervisor", Strategy.ONE_FOR_ONE, ["sandbox", reports, *branches])


def test_a_paper_grid_has_nobody_who_could_call_an_exchange_for_it() -> None:
    with Post() as post:
        addresses = list(trading_system([link_of("SOL/USDT", "paper_trading")], post).addresses())

    assert not [address for address in addresses if "caller" in address or "order_feed" in address]


def test_whoever_the_journal_can_rebuild_is_restarted() -> None:
    with Post() as post:
        spec = trading_system([link_of("SOL/USDT", "live")], post)

    restarting = [str(each.address) for each in supervisors(spec) if each.intensity.max_restarts]
    assert restarting == ["reports", "SOL/USDT/branch", "SOL/USDT/callers", "SOL/USDT/core", "SOL/USDT/feeds"]


def test_everybody_who_never_waits_for_a_network_is_pinged() -> None:
    with Post() as post:
        spec = trading_system([link_of("SOL/USDT", "live")], post)

    assert [str(each.address) for each in supervisors(spec) if each.ping_interval is None] == ["SOL/USDT/callers"]
