"""How running grids stand, in a few lines each: where, at what price, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from rich.text import Text

from actors.display.live_figures import BAD, DIM, ODD, Figures, clock, coloured, span
from actors.display.running_columns import fixed, printable
from engine.plain import plain

Json = Mapping[str, Any]
_GAP = "   "


def draw_status(answer: Json) -> list[Text]:
    """Tell which process it is, then each grid."""
    now = int(answer["time"])
    head = f"gridactors {answer['version']}, process {answer['pid']}, up {span(now - int(answer['started_at']))}"
    lines = [Text(printable(head), DIM).append_text(_health(answer.get("health")))]
    if answer["is_stopping"]:
        lines.append(Text("stopping: orders are taken down", ODD))
    for grid in answer["grids"]:
        lines += [Text(), *_grid(grid, now)]
    return lines


def standing_in_words(grid: Json, now: int) -> Text:
    """Say where a grid stands, until when, and why."""
    standing, until, why = str(grid["standing"]), grid.get("paused_until"), grid.get("why")
    words = {"waiting": "not armed yet"}.get(standing, standing)
    words += "" if until is None else f" until {clock(int(until), now).strip()} UTC"
    return Text(printable(words + (f": {why}" if why else "")), DIM if standing in {"running", "arming"} else ODD)


def _health(health: Json | None) -> Text:
    if health is None:
        return Text()
    level = str(health["level"])
    if level == "ok":
        return Text(", healthy", DIM)
    return Text(f", health {printable(level)}: `health` tells more", BAD if level == "critical" else ODD)


def _grid(grid: Json, now: int) -> list[Text]:
    figures = Figures(
        int(grid["price_places"]),
        int(grid["amount_places"]),
        int(grid["money_places"]),
        printable(str(grid["base"])),
        printable(str(grid["quote"])),
    )
    lines = [_title(grid, figures, now)]
    if grid.get("feed_trouble"):
        lines.append(Text(f" prices: {printable(str(grid['feed_trouble']))}", BAD))
    reach = f"{figures.price(Decimal(grid['bottom']))} to {figures.price(Decimal(grid['top']))}"
    budget = f"{figures.money(Decimal(grid['budget']))} {figures.quote}"
    if grid["standing"] == "waiting":
        return [*lines, Text(f" it arms when the price is within {reach}, with {budget}")]
    value = figures.money(Decimal(grid["value"]))
    return [
        *lines,
        _joined(_profit(grid, figures)),
        _joined([_said("value", f"{value} of {budget}"), *_orders(grid), _said("range", reach)]),
    ]


def _title(grid: Json, figures: Figures, now: int) -> Text:
    title = Text(printable(str(grid["name"])), "bold")
    if grid["price"] is not None:
        change = Decimal(grid["change_percent"])
        arrow = "▲" if change > 0 else "▼" if change < 0 else " "
        title.append(f"{_GAP}{figures.price(Decimal(grid['price']))} ", "bold")
        title.append_text(coloured(change, f"{fixed(change, 2)} %")).append(f" {arrow}".rstrip())
    mode = printable(str(grid["mode"]).replace("_", " "))
    return title.append(f"{_GAP}{mode}{_GAP}", DIM).append_text(standing_in_words(grid, now))


def _profit(grid: Json, figures: Figures) -> list[Text]:
    fees = [f"{figures.money(Decimal(grid['total_fees']))} {figures.quote}"]
    fees += [f"{plain(Decimal(amount))} {printable(asset)}" for asset, amount in grid["other_fees"].items()]
    cycles = int(grid["cycles"])
    return [
        Text.assemble(("grid profit ", DIM), figures.change(Decimal(grid["grid_profit"])), (f" {figures.quote}", DIM)),
        Text.assemble(("unrealised ", DIM), figures.change(Decimal(grid["unrealized_profit"]))),
        _said("fees", " + ".join(fees)),
        Text(f"{cycles:,}").append(" cycle" if cycles == 1 else " cycles", DIM),
        Text(f"{int(grid['trades']):,}").append(" trade" if grid["trades"] == 1 else " trades", DIM),
    ]


def _orders(grid: Json) -> list[Text]:
    told = [_said("open", f"{grid['open_buys']} buy, {grid['open_sells']} sell")]
    if grid["empty_levels"]:
        told.append(Text(f"{grid['empty_levels']} empty", ODD))
    return told


def _said(label: str, text: str) -> Text:
    return Text.assemble((f"{label} ", DIM), text)


def _joined(parts: Sequence[Text]) -> Text:
    return Text(" ").append_text(Text(_GAP).join(parts))
