"""What the engine and the reference say about the same world, side by side."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from engine.results import GridRun

_EQUAL = (
    "pair",
    "mode",
    "start",
    "end",
    "candles",
    "armed",
    "stop_reason",
    "buys",
    "sells",
    "cycles",
    "open_orders",
    "waiting_levels",
    "initial_value",
    "final_value",
    "final_quote",
    "final_base",
    "total_fees",
)
_ROUNDED = (
    "grid_profit",
    "unrealized_profit",
    "roi_percent",
    "buy_and_hold_percent",
    "max_drawdown_percent",
    "max_runup_percent",
    "time_in_profit_percent",
    "time_in_loss_percent",
)
_RATIOS = ("sharpe", "sortino")
_TRADE = ("time", "side", "kind", "price", "quantity", "fee", "fee_asset")
_CYCLE = ("time", "level", "quantity", "price")
_NEAR = Decimal("1e-8")
_RATIO_NEAR = Decimal("1e-6")


def differences(finished: GridRun, expected: dict[str, Any]) -> list[str]:
    """Tell all that differs between a run and what the reference makes of its world, the first trade first."""
    return [
        *_trades(finished, expected["trades"]),
        *_cycles(finished, expected["cycle_list"]),
        *_figures(finished, expected),
        *_equity(finished, expected["equity"]),
    ]


def _trades(finished: GridRun, expected: list[dict[str, Any]]) -> Iterator[str]:
    for place, (trade, wanted) in enumerate(zip_longest(finished.result.trades, expected)):
        ours = None if trade is None else {name: getattr(trade, name) for name in _TRADE} | {"level": trade.owner.level}
        if ours != wanted:
            yield f"trade {place}: {_shown(ours)} but {_shown(wanted)}"
            return  # whatever follows differs too


def _cycles(finished: GridRun, expected: list[dict[str, Any]]) -> Iterator[str]:
    for place, (cycle, wanted) in enumerate(zip_longest(finished.cycles, expected)):
        if cycle is None or wanted is None or any(getattr(cycle, name) != wanted[name] for name in _CYCLE):
            yield f"cycle {place}: {cycle} but {_shown(wanted)}"
            return
        for name in ("unit_cost", "profit"):
            if abs(getattr(cycle, name) - wanted[name]) > _NEAR:
                yield f"cycle {place} {name}: {getattr(cycle, name)} but {wanted[name]}"


def _figures(finished: GridRun, expected: dict[str, Any]) -> Iterator[str]:
    for name in (*_EQUAL, *_ROUNDED, *_RATIOS):
        ours, wanted = getattr(finished.result, name), expected[name]
        if not _agree(name, ours, wanted):
            yield f"{name}: {ours} but {wanted}"


def _agree(name: str, ours: Any, wanted: Any) -> bool:
    if ours is None or wanted is None or name in _EQUAL:
        return bool(ours == wanted)
    near = _NEAR if name in _ROUNDED else max(abs(wanted) * _RATIO_NEAR, _NEAR)
    return bool(abs(ours - wanted) <= near)


def _equity(finished: GridRun, expected: list[Decimal]) -> Iterator[str]:
    for place, (ours, wanted) in enumerate(zip(finished.equity.tolist(), expected, strict=True)):
        if abs(Decimal(ours) - wanted) > wanted * Decimal("1e-12"):
            yield f"equity at close {place}: {ours} but {wanted}"
            return


def _shown(row: dict[str, Any] | None) -> str:
    return "nothing" if row is None else ", ".join(f"{name} {value}" for name, value in row.items())
