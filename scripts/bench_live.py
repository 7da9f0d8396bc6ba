"""Time live trading on an exchange on loopback, each a process of its own: a grid of 100 prices on a still market.

Answers: from the matching of a fill to the acceptance of the order that answers it, both times taken by the exchange.
Hops: where that time goes, in a run of its own in which every hop is stamped. Standing: from the start of the command
to its first order, and from that to its 100th, as fast as Binance lets orders be placed; then the same with every
order answered after 100 ms, as from far away.
"""

from __future__ import annotations

import json
import os
import pty
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import click

from scripts.bench_exchange import BOTTOM, BUDGET, PRICES, TOP
from scripts.bench_trace import BEFORE_ANSWER, DURABLE, HOPS

CONFIG = """
[exchange]
name = "binance"
trading_fee = 0.001
trading_mode = "live"
base_url = "{rest}"
stream_url = "{stream}"
ws_api_url = "{ws_api}"
[pair]
base_currency = "SOL"
quote_currency = "USDT"
[trading_settings]
timeframe = "1m"
initial_balance = {budget}
[grid_strategy]
type = "simple_grid"
spacing = "arithmetic"
num_grids = {prices}
[grid_strategy.range]
top = {top}
bottom = {bottom}
[logging]
log_level = "WARNING"
"""
STOPPING = 20.0  # seconds
FILLS, BURSTS, BURST = 2000, 100, 10
FAR = 0.1  # seconds there and back
CASES = {"single": "one fill at a time", "burst": f"{BURST} at once"}


def bench_live(runs: int) -> None:
    """Print the tables; `runs` is how often a grid is started for each figure on that."""
    fills = [f"--fills={FILLS}", f"--bursts={BURSTS}", f"--burst={BURST}"]
    click.echo("fill to answer, ms          fills    p50    p90    p99    max")
    for shown in (False, True):
        measured = run_live(fills, shown=shown)
        for case, name in CASES.items():
            _show_answers(f"{name}{', shown' if shown else ''}", measured[case])
    _show_hops([f"--fills={FILLS // 4}", f"--bursts={BURSTS // 2}", f"--burst={BURST}"])
    click.echo("standing, s             start to order 1  order 1 to 100")
    for name, options in (("loopback", ["--limited"]), (f"{FAR * 1000:g} ms away", ["--limited", f"--distance={FAR}"])):
        measurements = [run_live(options) for _ in range(runs)]
        starts = [measured["placed"][0] - measured["begun"] for measured in measurements]
        spans = [measured["placed"][PRICES - 1] - measured["placed"][0] for measured in measurements]
        click.echo(f"{name:24}{statistics.median(starts):16.2f}{statistics.median(spans):16.2f}")


def _show_answers(name: str, answered: Sequence[Sequence[Any]]) -> None:
    _show_times(name, [answered_at - filled_at for _, filled_at, _, answered_at in answered])


def _show_times(name: str, times: Sequence[float], width: int = 26) -> None:
    figures = "".join(f"{_share(times, share):7.1f}" for share in (0.5, 0.9, 0.99, 1.0))
    click.echo(f"{name:{width}}{len(times):7,}{figures}")


def _show_hops(options: Sequence[str]) -> None:
    """Run once more with a stamp at each hop, and tell what each takes."""
    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder) / "trace.json"
        measured = run_live(options, trace)
        stamps = json.loads(trace.read_text())
    click.echo(f"{'from the matching of a fill, ms':42}{'fills':>7}    p50    p90    p99    max")
    for case, name in CASES.items():
        answered = measured[case]
        written = [stamps[filled][DURABLE] - at for filled, at, _, _ in answered if DURABLE in stamps.get(filled, {})]
        sent = [stamps[new]["request"] - at for _, at, new, _ in answered if "request" in stamps.get(new, {})]
        _show_times(f"{name}: it is on the disk", written, width=42)
        _show_times(f"{name}: its answer is sent", sent, width=42)
    steps = {case: _steps(measured[case], stamps) for case in CASES}
    click.echo("".join([f"{'hops, ms':58}", *(f"{name + ', p50':>26}{'p99':>7}" for name in CASES.values())]))
    for place, told in enumerate(list(HOPS.values())[1:]):
        figures = [_share(steps[case][place], share) for case in CASES for share in (0.5, 0.99)]
        click.echo(f"{told:58}{figures[0]:26.2f}{figures[1]:7.2f}{figures[2]:26.2f}{figures[3]:7.2f}")


def _steps(answered: Sequence[Sequence[Any]], stamps: dict[str, dict[str, float]]) -> list[list[float]]:
    """Give what each hop took, in seconds, for every fill that was followed all the way."""
    rows = []
    for filled, filled_at, answer, answered_at in answered:
        passed = {"filled": filled_at, "accepted": answered_at}
        passed |= {hop: at for hop, at in stamps.get(filled, {}).items() if hop in BEFORE_ANSWER}
        passed |= {hop: at for hop, at in stamps.get(answer, {}).items() if hop not in BEFORE_ANSWER}
        rows.append([passed.get(hop, 0.0) for hop in HOPS])
    whole = [row for row in rows if all(row)]
    return [[row[place] - row[place - 1] for row in whole] for place in range(1, len(HOPS))]


def _share(times: Sequence[float], share: float) -> float:
    """Give the milliseconds within which a share of the times lie."""
    return sorted(times)[min(int(len(times) * share), len(times) - 1)] * 1000


def run_live(options: Sequence[str], trace: Path | None = None, *, shown: bool = False) -> dict[str, Any]:
    """Run an exchange and a grid on it, each a process; give what the exchange measured, and when the grid started.

    With `trace` the grid writes its hops there; `shown` draws the picture on a terminal.
    """
    exchange = subprocess.Popen(
        [sys.executable, "-m", "scripts.bench_exchange", *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert exchange.stdout is not None
    with exchange, tempfile.TemporaryDirectory() as folder:
        ready = json.loads(exchange.stdout.readline())
        config = Path(folder) / "live.toml"
        config.write_text(CONFIG.format(budget=BUDGET, prices=PRICES, top=TOP, bottom=BOTTOM, **ready))
        module = ["-m", "actors"] if trace is None else ["-m", "scripts.bench_trace", str(trace)]
        command = [sys.executable, *module, "start", str(config), "--no-report", "--state-dir", folder]
        keys = {"EXCHANGE_API_KEY": ready["key"], "EXCHANGE_SECRET_KEY": ready["secret"]}
        begun = time.perf_counter()
        with _grid(command, os.environ | keys, shown=shown) as grid:
            try:
                measured = json.loads(exchange.stdout.readline())
            finally:
                _stop(grid)
                exchange.communicate("")
    return {"begun": begun, **measured}


@contextmanager
def _grid(command: list[str], environment: dict[str, str], *, shown: bool) -> Iterator[subprocess.Popen[bytes]]:
    """Start a grid, on a terminal that nobody looks at if it is to be `shown`."""
    if not shown:
        with subprocess.Popen([*command, "--quiet"], env=environment) as grid:
            yield grid
        return
    ours, theirs = pty.openpty()
    drain = threading.Thread(target=_drain, args=(ours,))
    drain.start()
    try:
        with subprocess.Popen(command, env=environment | {"TERM": "xterm-256color"}, stdout=theirs) as grid:
            yield grid
    finally:
        os.close(theirs)
        drain.join()
        os.close(ours)


def _drain(terminal: int) -> None:
    """Read what is drawn, until the other end is closed."""
    with suppress(OSError):
        while os.read(terminal, 65536):
            pass


def _stop(grid: subprocess.Popen[bytes]) -> None:
    grid.send_signal(signal.SIGINT)
    try:
        grid.wait(STOPPING)
    except subprocess.TimeoutExpired:
        grid.kill()
