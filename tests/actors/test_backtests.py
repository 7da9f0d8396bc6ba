"""Backtests on one thread and on many: the same results, and an end with nobody left behind when something crashes."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import attrs
import pykka
import pytest
from attrs import define

from actors import (
    balance_tracker,
    grid_level,
    grid_manager,
    order_manager,
    reporter,
    risk_monitor,
    simulated_exchange,
)
from actors.backtests import run_stepped, run_threaded
from actors.gateways.results_json import as_text
from actors.mail import AskError
from actors.system import SystemFailedError
from engine.effects import Behaviour, Effect
from engine.grid_setup import BacktestSetup
from engine.results import GridRun
from engine.supervision import ChildSpec
from tests.actors.grids import grid

SWINGS = (120, 95, 125, 101, 141, 118, 122, 99, 133, 120)
MODULES = (
    *(balance_tracker, grid_level, grid_manager, order_manager),
    *(reporter, risk_monitor, simulated_exchange),
)
any_actor = pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.partition(".")[2])
Run = Callable[[list[BacktestSetup], Callable[[str, int], None]], list[GridRun]]
either_host = pytest.mark.parametrize("run", [run_stepped, run_threaded])


@pytest.fixture(autouse=True)
def nobody_left_behind() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert pykka.ActorRegistry.get_all() == []
    assert set(threading.enumerate()) == before


def swinging(name: str = "SOL/USDT", closes: tuple[int, ...] = SWINGS) -> BacktestSetup:
    return grid(name=name, closes=closes)


def ignored(_name: str, _index: int) -> None:
    pass


def text_of(*runs: GridRun) -> str:
    return as_text(runs)


# --- results -----------------------------------------------------------------------------------------


def test_threads_and_steps_come_to_the_same_results() -> None:
    (stepped,) = run_stepped([swinging()], ignored)
    (threaded,) = run_threaded([swinging()], ignored)

    assert stepped.result.cycles > 5
    assert text_of(threaded) == text_of(stepped)
    assert (threaded.armed_at, threaded.cycles) == (stepped.armed_at, stepped.cycles)


@either_host
def test_grids_side_by_side_come_to_what_each_comes_to_alone(run: Run) -> None:
    first, second = swinging("SOL/USDT one"), swinging("SOL/USDT two", closes=tuple(reversed(SWINGS)))

    together = run([first, second], ignored)

    assert [finished.name for finished in together] == ["SOL/USDT one", "SOL/USDT two"]
    assert text_of(*together) == text_of(*run([first], ignored), *run([second], ignored))
    assert together[0].result.trades != together[1].result.trades


@either_host
def test_progress_of_each_grid_ends_at_its_last_candle(run: Run) -> None:
    heard: list[tuple[str, int]] = []

    run([swinging("a"), swinging("b", closes=(120, 121))], lambda name, index: heard.append((name, index)))

    assert heard == [("a", len(SWINGS)), ("b", 2)]


# --- crashes -----------------------------------------------------------------------------------------


@define
class Fused:
    """Be another behaviour, up to one message too many."""

    behaviour: Behaviour
    messages: int

    def handle(self, message: Any, /) -> list[Effect]:
        self.messages -= 1
        if self.messages < 0:
            raise ZeroDivisionError("boom")
        return self.behaviour.handle(message)


def fuse(monkeypatch: pytest.MonkeyPatch, module: ModuleType, messages: int) -> None:
    """Let an actor of the tree crash after so many messages; before any, while it is built."""
    spec_of: Callable[..., ChildSpec] = module.spec

    def spec(*args: Any) -> ChildSpec:
        whole = spec_of(*args)

        def factory() -> Behaviour:
            if not messages:
                raise ZeroDivisionError("boom")
            return Fused(whole.factory(), messages - 1)

        return attrs.evolve(whole, factory=factory)

    monkeypatch.setattr(module, "spec", spec)


@any_actor
@pytest.mark.parametrize("messages", [0, 1, 2], ids=["built", "first message", "second message"])
def test_crash_ends_a_threaded_backtest(monkeypatch: pytest.MonkeyPatch, module: ModuleType, messages: int) -> None:
    fuse(monkeypatch, module, messages)

    with pytest.raises((SystemFailedError, AskError), match="boom"):
        run_threaded([with_exits()], ignored)


@any_actor
@pytest.mark.parametrize("messages", [0, 1, 2], ids=["built", "first message", "second message"])
def test_crash_ends_a_stepped_backtest(monkeypatch: pytest.MonkeyPatch, module: ModuleType, messages: int) -> None:
    fuse(monkeypatch, module, messages)

    with pytest.raises(ZeroDivisionError, match="boom"):
        run_stepped([with_exits()], ignored)


def with_exits() -> BacktestSetup:
    """Give a grid that stops in the end, so that its risk monitor has two messages to handle."""
    return grid(("risk_management.stop_loss", {"enabled": True, "threshold": 80}), closes=(*SWINGS, 70))


@either_host
def test_crash_in_one_grid_ends_those_beside_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = order_manager.spec

    def spec(setup: BacktestSetup) -> ChildSpec:
        made = whole(setup)
        fused = attrs.evolve(made, factory=lambda: Fused(made.factory(), 3))
        return fused if setup.name == "second" else made

    monkeypatch.setattr(order_manager, "spec", spec)

    with pytest.raises((ZeroDivisionError, SystemFailedError, AskError), match="boom"):
        run([swinging("first"), swinging("second")], ignored)


@either_host
def test_interrupt_leaves_nobody_behind(run: Run) -> None:
    def interrupt(_name: str, _index: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run([swinging("a"), swinging("b")], interrupt)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="threads cannot be kept to a core here")
def test_threaded_backtest_keeps_to_one_core_and_gives_the_others_back() -> None:
    before = os.sched_getaffinity(0)
    meanwhile: list[set[int]] = []
    run_threaded([swinging()], lambda _name, _index: meanwhile.append(os.sched_getaffinity(0)))
    assert meanwhile
    assert all(len(cores) == 1 for cores in meanwhile)
    assert os.sched_getaffinity(0) == before


def test_stepped_backtest_turns_the_search_for_cycles_on_again() -> None:
    meanwhile: list[bool] = []
    run_stepped([swinging()], lambda _name, _index: meanwhile.append(gc.isenabled()))
    assert meanwhile
    assert not any(meanwhile)
    assert gc.isenabled()
