"""Run a live grid on a sandbox, each a process, with somebody who looks on, and measure it now and then."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

import psutil
import requests

from actors.control.run_file import Running, read_run
from tests.e2e.desk import Desk
from tests.e2e.enduring.market import BOTTOM, TOP, wandering, write_script
from tests.e2e.enduring.sizes import HEAD, Sizes, grown, sizes_of
from tests.e2e.trading_desk import Trader, TradingDesk, running_venue, wait_until

ANSWERS_WITHIN = 20.0  # seconds
_LINES = 40  # of the table, at most


class Endured(Exception):
    """Something grew, or the grid was not well."""


def endure(
    folder: Path,
    seconds: float,
    say: Callable[[str], None],
    *,
    seed: int,
    levels: int,
    moves: float | None = None,
    speed: float = 1.0,
) -> None:
    """Trade for so long, with so many moves of the price a second, or in a market `speed` times as fast as a real one.

    Raises `Endured` when something does not stay flat, or the grid does not end well.
    """
    options = ["--pair", "SOL/USDT", "--price", "170", "--seed", str(seed), "--balance", "USDT=1000000"]
    if moves is None:
        options += ["--volatility", "0.1", "--speed", str(speed)]
    else:
        script = folder / "script.csv"
        write_script(script, wandering(seconds + 60, moves, levels, seed))
        options += ["--script", str(script), "--speed", "1"]
    desk = Desk(folder)
    with running_venue(folder, *options) as venue:
        config = TradingDesk(desk, venue).configure(
            ("grid_strategy.num_grids", levels),
            ("grid_strategy.range", {"bottom": BOTTOM, "top": TOP}),
            ("trading_settings.initial_balance", 100_000),
            ("execution.health_check_interval", 10.0),
            ("logging", {"log_level": "INFO", "log_to_file": True}),
        )
        arguments = (config, "--json", "--no-report", "--listen", "127.0.0.1:0")
        with _trading(desk, venue.keys(), arguments) as trader, _looking(folder / "data") as door:
            series = _measure(trader, door, folder / "data", seconds, say)
            _end(door, trader)
    if wrong := grown(series):
        raise Endured("; ".join(wrong))


@contextmanager
def _trading(desk: Desk, keys: dict[str, str], arguments: tuple[str, ...]) -> Iterator[Trader]:
    from tests.e2e.trading_desk import running_trader

    with running_trader(desk, *arguments, env=keys) as trader:
        wait_until(
            lambda: read_run(desk.folder / "data") is not None or trader.process.poll() is not None, "it runs", 60.0
        )
        if trader.process.poll() is not None:
            raise Endured(f"it did not start: {trader.err}")
        yield trader


class _Door:
    """Ask the process what the page asks."""

    def __init__(self, running: Running) -> None:
        self.url = running.url
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {running.token}"

    def get(self, part: str) -> Any:
        reply = self.session.get(f"{self.url}/api/{part}", timeout=ANSWERS_WITHIN)
        reply.raise_for_status()
        return reply.json()

    def post(self, command: str) -> None:
        headers = {"X-Gridactors": "1"}
        reply = self.session.post(f"{self.url}/api/{command}", json={}, headers=headers, timeout=ANSWERS_WITHIN)
        reply.raise_for_status()


@contextmanager
def _looking(state_dir: Path) -> Iterator[_Door]:
    """Leave a page open all the time."""
    running = read_run(state_dir)
    assert running is not None
    closing = threading.Event()

    def look() -> None:
        while not closing.is_set():
            try:
                with requests.get(
                    f"{running.url}/api/stream",
                    headers={"Authorization": f"Bearer {running.token}"},
                    stream=True,
                    timeout=60,
                ) as reply:
                    for _ in reply.iter_lines():
                        if closing.is_set():
                            return
            except requests.RequestException:
                closing.wait(1.0)

    threading.Thread(target=look, name="looker", daemon=True).start()
    try:
        yield _Door(running)
    finally:
        closing.set()


def _measure(trader: Trader, door: _Door, state_dir: Path, seconds: float, say: Callable[[str], None]) -> list[Sizes]:
    process = psutil.Process(trader.process.pid)
    begun, every = monotonic(), max(seconds / (4 * _LINES), 1.0)
    never = threading.Event()
    series: list[Sizes] = []
    say(HEAD)
    while (elapsed := monotonic() - begun) < seconds:
        if trader.process.poll() is not None:
            raise Endured(f"it ended by itself: {trader.err[-2000:]}")
        (grid,) = door.get("status")["grids"]
        series.append(sizes_of(process, state_dir, elapsed, grid["trades"]))
        if len(series) % 4 == 1:
            say(series[-1].line())
        never.wait(min(every, max(begun + seconds - monotonic(), 0.01)))
    say(series[-1].line())
    health = door.get("health")
    say(f"health: {health['level']}; {next(one['text'] for one in health['checks'] if one['name'] == 'actors')}")
    if health["level"] not in {"ok", "unknown"}:
        bad = [one for one in health["checks"] if one["level"] in {"warning", "critical"}]
        say(f"not well: {json.dumps(bad)}")
    return series


def _end(door: _Door, trader: Trader) -> None:
    door.post("quit")
    try:
        ended = trader.ended(60.0)
    except (subprocess.TimeoutExpired, TimeoutError) as error:
        raise Endured(f"it did not end: {error}") from error
    if ended.code:
        raise Endured(f"it ended with {ended.code}: {ended.err[-2000:]}")
    (result,) = json.loads(ended.out)
    if result["open_orders"]:
        raise Endured(f"{result['open_orders']} orders were left open")
