"""Write a report of finished runs: one HTML file that needs no network, drawn by the plotly.js inside it.

The figures are built as plain JSON, since plotly's own Python classes take a second to import.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template

from actors.gateways import report_figures as figures
from actors.gateways import report_tables as tables
from actors.gateways.files import write_whole
from actors.gateways.report_layout import Drawing, Figure
from actors.gateways.report_price import draw_price
from engine.report_series import list_earnings
from engine.results import GridRun

_ZOOM = '<span class="mouse">Drag to zoom the charts over time together, double-click to see it all.</span>'


def write_report(path: Path, runs: Sequence[GridRun]) -> None:
    """Write the report of `runs` to `path`, whole or not at all; the same runs give the same bytes.

    Raises BadInput when `path` cannot be written.
    """
    write_whole(path, _page(runs))


def _page(runs: Sequence[GridRun]) -> str:
    charts: dict[str, Figure] = {}
    sections = [_section(index, run, charts) for index, run in enumerate(runs, 1)]
    pairs = ", ".join(dict.fromkeys(run.result.pair for run in runs))
    parts = files(__package__)
    return Template((parts / "report.html").read_text("utf-8")).substitute(
        title=escape(f"{pairs} grid report"),
        style=(parts / "report.css").read_text("utf-8"),
        comparison=_comparison(runs, charts) if len(runs) > 1 else "",
        sections="".join(sections),
        charts=_json(charts),
        plotly=(files("plotly") / "package_data" / "plotly.min.js").read_text("utf-8"),
        script=(parts / "report.js").read_text("utf-8"),
    )


def _section(index: int, run: GridRun, charts: dict[str, Figure]) -> str:
    """Write one grid's part of the page and add its figures to `charts`."""
    group = f"time-{index}"  # the charts that zoom together
    over_time = (
        ("price", "Price and fills", f"The ladder in thin lines, its range shaded. {_ZOOM}", draw_price),
        ("equity", "Value", "The grid against buying at the start and waiting.", figures.draw_equity),
        ("drawdown", "Drawdown", "How far below its highest value so far.", figures.draw_drawdown),
    )
    drawn = [
        _chart(f"grid-{index}-{name}", title, about, draw(run), charts, group) for name, title, about, draw in over_time
    ]
    return (
        f'<section class="grid" id="grid-{index}">{tables.headline(run)}{tables.cards(run)}{"".join(drawn)}'
        f"{_earnings(index, run, charts) if run.cycles else ''}"
        f'<div class="panel"><h2>In detail</h2>{tables.metrics(run)}</div>'
        f'<div class="panel"><h2>Trades</h2>{tables.trades(run)}</div></section>'
    )


def _earnings(index: int, run: GridRun, charts: dict[str, Figure]) -> str:
    earned = list_earnings(run.cycles)
    levels, days = figures.draw_levels(run, earned), figures.draw_days(run, earned)
    where = "What the cycles of each level earned, at its place in the range."
    when = "What the cycles completed in each UTC day earned."
    return (
        f'<div class="pair">{_chart(f"grid-{index}-levels", "Profit per level", where, levels, charts)}'
        f"{_chart(f'grid-{index}-days', 'Profit over time', when, days, charts)}</div>"
    )


def _comparison(runs: Sequence[GridRun], charts: dict[str, Figure]) -> str:
    tabs = "".join(f'<a href="#grid-{index}">{escape(run.name)}</a>' for index, run in enumerate(runs, 1))
    about = "What each grid earned on what it started with."
    return (
        f'<div class="comparison"><header><h1>{len(runs)} grids compared</h1></header>'
        f'<div class="panel">{tables.comparison(runs)}</div>'
        f"{_chart('comparison', 'Return', about, figures.draw_comparison(runs), charts)}</div>"
        f'<nav aria-label="grids">{tabs}</nav>'
    )


def _chart(name: str, title: str, about: str, drawing: Drawing, charts: dict[str, Figure], group: str = "") -> str:
    charts[name] = drawing.figure
    kind = name.rpartition("-")[2]
    return (
        f'<figure class="panel"><figcaption><h2>{title}</h2><p class="note">{about} {drawing.note}</p></figcaption>'
        f'<div class="chart {kind}" id="{name}" data-group="{group}"></div></figure>'
    )


def _json(charts: dict[str, Figure]) -> str:
    """Write JSON that no HTML parser takes for markup."""
    text = json.dumps(charts, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
