"""A folder with configurations and candles, and the command run in it as a user would."""

from __future__ import annotations

import json
import logging
import math
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from attrs import frozen
from click.testing import CliRunner

from actors.cli import gridactors
from tests.engine.configurations import changed

HEADER = "timestamp,open,high,low,close,volume\n"
SOON = 60.0  # seconds that no command here takes unless it is broken
METRICS = (
    *("pair", "mode", "start", "end", "candles", "armed", "stop_reason"),
    *("initial_value", "final_value", "final_quote", "final_base", "total_fees", "grid_profit", "unrealized_profit"),
    *("roi_percent", "buy_and_hold_percent", "max_drawdown_percent", "max_runup_percent"),
    *("time_in_profit_percent", "time_in_loss_percent", "sharpe", "sortino"),
    *("buys", "sells", "cycles", "open_orders", "waiting_levels", "trades"),
)
TRADE = ("time", "side", "kind", "price", "quantity", "fee", "fee_asset", "level")


def waves(minutes: int = 240) -> str:
    """Write minutes of a price that swings around 120, from 104 to 136, as CSV."""
    closes = [120 + 16 * math.sin(minute / 9) for minute in range(minutes)]
    rows = []
    for minute, (opened, close) in enumerate(zip([120.0, *closes], closes, strict=False)):
        stamp = f"2024-12-10 {9 + minute // 60:02}:{minute % 60:02}:00"
        rows.append(f"{stamp},{opened:.2f},{max(opened, close) + 0.5:.2f},{min(opened, close) - 0.5:.2f},{close:.2f},1")
    return HEADER + "\n".join(rows) + "\n"


def document(*changes: tuple[str, object]) -> dict[str, Any]:
    """Give a configuration of 100 to 140 in five prices, with other values at dotted paths."""
    return changed(("trading_settings.timeframe", "1m"), ("grid_strategy.range", {"bottom": 100, "top": 140}), *changes)


@frozen
class Outcome:
    """Hold what a command left on the terminal."""

    code: int
    out: str
    err: str


@frozen
class Desk:
    """Work in one folder, which is the working directory of every command."""

    folder: Path

    def write(self, name: str, content: str | bytes) -> str:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return name

    def configure(self, *changes: tuple[str, object], name: str = "grid.json") -> str:
        return self.write(name, json.dumps(document(*changes), default=_number))

    def candles(self, content: str | None = None, name: str = "sol.csv") -> str:
        return self.write(name, waves() if content is None else content)

    def files(self) -> dict[str, bytes]:
        """Give every file in the folder with its content."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes() for path in self.folder.rglob("*") if path.is_file()
        }

    def results(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text(encoding="utf-8"))

    def run(self, *arguments: str) -> Outcome:
        """Run the command in this process, whose working directory is the folder."""
        assert Path.cwd() == self.folder
        with _own_handlers():
            result = CliRunner(env={"COLUMNS": "80"}).invoke(gridactors, arguments, catch_exceptions=False)
        return Outcome(result.exit_code, result.stdout, result.stderr)

    def run_process(self, *arguments: str, command: tuple[str, ...] = (sys.executable, "-m", "actors")) -> Outcome:
        """Run the command in a process of its own."""
        done = subprocess.run(  # noqa: S603 - the program itself
            [*command, *arguments], cwd=self.folder, capture_output=True, text=True, timeout=SOON, check=False
        )
        return Outcome(done.returncode, done.stdout, done.stderr)


@contextmanager
def _own_handlers() -> Iterator[None]:
    """Let a command set up its log, and put back what was there; its handlers would write to a closed file."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    root.handlers = []
    try:
        yield
    finally:
        for handler in root.handlers:
            handler.close()
        root.handlers = handlers
        root.setLevel(level)


def _number(value: object) -> float:
    assert isinstance(value, Decimal)
    return float(value)
