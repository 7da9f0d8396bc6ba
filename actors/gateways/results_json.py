"""Results as JSON: a list with one object per configuration; decimals are strings."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs

from actors.gateways.files import write_whole
from engine.messages import TradeBooked
from engine.plain import moment, plain
from engine.results import GridResult, GridRun


def write_results(path: Path, runs: Sequence[GridRun]) -> None:
    """Write the results of all runs to `path`; raise `BadInput` when it cannot be written."""
    write_whole(path, as_text(runs))


def as_text(runs: Sequence[GridRun]) -> str:
    """Give the results of all runs as the text of a JSON file, a line a figure and a line a trade."""
    return f"[\n{_lines(_object_text(run.result) for run in runs)}\n]\n"


def _object_text(result: GridResult) -> str:
    # Not json's own indentation, which takes a second for a busy year.
    figures = [f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in _figures(result).items()]
    trades = _lines(f"    {json.dumps(_trade(trade))}" for trade in result.trades)
    figures.append(f'  "trades": [\n{trades}\n  ]' if trades else '  "trades": []')
    return f" {{\n{_lines(figures)}\n }}"


def _lines(items: Iterable[str]) -> str:
    return ",\n".join(items)


def _figures(result: GridResult) -> dict[str, Any]:
    """Give all but the trades as what JSON knows; times are ISO 8601 UTC; `other_fees` only where there are any."""
    names = [field.name for field in attrs.fields(GridResult) if field.name not in {"trades", "other_fees"}]
    figures = {name: _jsonable(getattr(result, name)) for name in names}
    figures |= {"start": moment(result.start), "end": moment(result.end)}
    others = [{name: _jsonable(value) for name, value in attrs.asdict(fees).items()} for fees in result.other_fees]
    return figures | {"other_fees": others} if others else figures


def _trade(trade: TradeBooked) -> dict[str, Any]:
    return {
        "time": moment(trade.time),
        "side": trade.side,
        "kind": trade.kind,
        "price": plain(trade.price),
        "quantity": plain(trade.quantity),
        "fee": plain(trade.fee),
        "fee_asset": trade.fee_asset,
        "level": trade.owner.level,
    }


def _jsonable(value: object) -> object:
    return plain(value) if isinstance(value, Decimal) else value
