"""What a running process answers, as tables for people; the JSON is that of its API."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from rich.text import Text

from actors.display.live_figures import DIM, ODD, SIDES
from actors.display.running_columns import Column, numbers, printable, profits, table, words
from actors.display.running_health import draw_health
from actors.display.running_status import draw_status
from engine.plain import moment, plain
from engine.values import Side

Json = Mapping[str, Any]
_Rows = Sequence[Json]


def draw_part(part: str, answer: Json) -> list[Text]:
    """Draw one part; KeyError, TypeError, ValueError or ArithmeticError for what is no answer to it."""
    return _DRAWN[part](answer)


def draw_outcome(answer: Json) -> list[Text]:
    """Tell for each grid what came of a command."""
    grids: _Rows = answer["grids"]
    return table(
        [
            words("grid", (grid["name"] for grid in grids), "bold"),
            words("", (Text("done", "green") if grid["done"] else Text("not done", ODD) for grid in grids)),
            words("standing", (grid["standing"] or "unknown" for grid in grids)),
            words("", (grid["text"] or "" for grid in grids), DIM),
        ]
    )


def _by_grid(part: str, empty: str, columns: Callable[[_Rows], list[Column]]) -> Callable[[Json], list[Text]]:
    def draw(answer: Json) -> list[Text]:
        lines: list[Text] = []
        for grid in answer["grids"]:
            rows: _Rows = grid[part]
            lines += [Text()] if lines else []
            lines.append(Text(printable(str(grid["name"])), "bold"))
            lines += table(columns(rows)) if rows else [Text(f" {empty}", DIM)]
        return lines

    return draw


def _orders(rows: _Rows) -> list[Column]:
    return [
        words("level", (row["level"] for row in rows), DIM),
        words("side", map(_side, rows)),
        numbers("price", (row["price"] for row in rows)),
        numbers("quantity", (row["quantity"] for row in rows)),
        numbers("filled", map(_filled, rows)),
        words("kind", ("" if row["kind"] == "limit" else row["kind"] for row in rows)),
        words("", ("" if row["is_accepted"] else "not confirmed yet" for row in rows), ODD),
        words("client order id", (row["client_order_id"] for row in rows), DIM),
    ]


def _levels(rows: _Rows) -> list[Column]:
    return [
        words("level", (row["level"] for row in rows), DIM),
        words("side", map(_side, rows)),
        numbers("price", (row["price"] for row in rows)),
        numbers("quantity", (row["quantity"] if Decimal(row["quantity"]) else None for row in rows)),
        numbers("filled", map(_filled, rows)),
        numbers("cycles", (str(row["cycles"]) if row["cycles"] else None for row in rows)),
        profits("profit", (row["profit"] for row in rows)),
        words("state", map(_state, rows)),
    ]


def _state(row: Json) -> Text:
    if row["why"] is not None:
        why = printable(str(row["why"]))
        return Text(f"empty: {why}", ODD) if row["side"] else Text(why, DIM)
    return Text("waiting for fill", DIM)


def _trades(rows: _Rows) -> list[Column]:
    return [
        words("time (UTC)", map(_time, rows), DIM),
        words("side", map(_side, rows)),
        numbers("price", (row["price"] for row in rows)),
        numbers("quantity", (row["quantity"] for row in rows)),
        numbers("fee", (row["fee"] for row in rows)),
        words("", (row["fee_asset"] for row in rows)),
        words("level", ("market" if row["level"] is None else str(row["level"]) for row in rows), DIM),
        words("trade", (row["trade_id"] for row in rows), DIM),
    ]


def _events(rows: _Rows) -> list[Column]:
    return [
        words("time (UTC)", map(_time, rows), DIM),
        words("level", ("" if row["level"] is None else str(row["level"]) for row in rows), DIM),
        words("event", (str(row["kind"]).replace("_", " ") for row in rows)),
        words("", map(_details, rows)),
        words("client order id", (row["client_order_id"] or "" for row in rows), DIM),
    ]


def _balance(answer: Json) -> list[Text]:
    lines: list[Text] = []
    for grid in answer["grids"]:
        assets: _Rows = grid["assets"]
        lines += [Text()] if lines else []
        value, budget = (plain(Decimal(grid[key])) for key in ("value", "budget"))
        lines.append(Text(printable(str(grid["name"])), "bold").append(f"   value {value} of {budget}", "not bold"))
        lines += table(
            [
                words("asset", (row["asset"] for row in assets)),
                *(numbers(name, (row[name] for row in assets)) for name in ("free", "reserved", "total")),
            ]
        )
    return lines


def _side(row: Json) -> Text:
    side = row["side"]
    return Text() if side is None else Text(side, SIDES[Side(side)])


def _filled(row: Json) -> str | None:
    return row["filled"] if Decimal(row["filled"]) else None


def _time(row: Json) -> str:
    return moment(int(row["time"]) // 1000 * 1000).replace("T", " ").removesuffix("Z")


def _details(row: Json) -> str:
    return ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in row["details"].items() if value is not None)


_DRAWN: Mapping[str, Callable[[Json], list[Text]]] = MappingProxyType(
    {
        "status": draw_status,
        "orders": _by_grid("orders", "no open orders", _orders),
        "balance": _balance,
        "levels": _by_grid("levels", "no levels: it has not armed, or has ended", _levels),
        "trades": _by_grid("trades", "no trades yet", _trades),
        "events": _by_grid("events", "no events yet", _events),
        "health": draw_health,
    }
)
