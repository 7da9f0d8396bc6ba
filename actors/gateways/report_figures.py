"""The charts of value and profit: equity, drawdown, profit per level and over time, several grids compared."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from actors.gateways import report_words as words
from actors.gateways.report_layout import (
    DATES,
    Drawing,
    Trace,
    curve,
    equity_curve,
    layout_over_time,
    line_across,
    plain_layout,
    quote,
    rounded,
)
from engine.candles import Floats
from engine.report_series import DAY, Earnings, fall_from_peak, keep_extremes, profit_per_level, profit_per_period
from engine.results import GridRun

MOST_POINTS = 3_000
MOST_PERIODS = 400
_COMPARED_POINTS = 600  # a run
_NAMED_PERIODS = 10  # so few bars that each has its own tick
_SERIES_COLORS = 8


def draw_equity(run: GridRun) -> Drawing:
    """Draw the value of the grid against that of buying at the first close and waiting."""
    times, equity = equity_curve(run)
    closes = np.concatenate((run.candles.close[:1], run.candles.close))
    held = closes / closes[0] * equity[0]
    # Both lines keep the same moments, so that hovering finds a value on each.
    kept = np.union1d(keep_extremes(equity, MOST_POINTS // 2), keep_extremes(held, MOST_POINTS // 2))
    hover = f"%{{y:,.{words.money_of(run).decimals}f}}"
    data = [
        curve("buy and hold", times[kept], held[kept], "var(--hold)", 1.2, hover),
        curve("grid", times[kept], equity[kept], "var(--accent)", 1.8, hover),
    ]
    layout = layout_over_time(run)
    layout["yaxis"] |= {"title": {"text": f"value in {quote(run)}"}}
    layout["shapes"].append({**line_across("dot", "var(--faint)", float(equity[0])), "layer": "below"})
    return Drawing({"data": data, "layout": layout})


def draw_drawdown(run: GridRun) -> Drawing:
    """Draw how far the value is below its highest so far."""
    times, equity = equity_curve(run)
    falls = fall_from_peak(equity)
    kept = keep_extremes(falls, MOST_POINTS)
    hover = "%{y:.2f} %<extra></extra>"
    line = curve("drawdown", times[kept], np.round(falls[kept], 4), "var(--loss)", 1.2, hover)
    line |= {"fill": "tozeroy", "fillcolor": "var(--loss-wash)"}
    layout = layout_over_time(run)
    layout |= {"showlegend": False, "annotations": []}
    deepest = min(float(falls.min()) * 1.06, -0.01)
    layout["yaxis"] |= {"title": {"text": "drawdown"}, "ticksuffix": " %", "range": [deepest, 0]}
    return Drawing({"data": [line], "layout": layout})


def draw_levels(run: GridRun, earned: Earnings) -> Drawing:
    """Draw each level's profit as a bar at its place in the price range."""
    edges = np.array([float(price) for price in run.ladder])
    profits, cycles = profit_per_level(earned, len(edges) - 1)
    bars: Trace = {
        "type": "bar",
        "orientation": "h",
        "x": rounded(profits),
        "y": ((edges[:-1] + edges[1:]) / 2).tolist(),
        "width": (np.diff(edges) * 0.82).tolist(),
        "marker": {"color": _tones(profits)},
        "customdata": _level_details(run, profits, cycles.tolist()),
        "hovertemplate": (
            "<b>level %{customdata[0]}</b>  %{customdata[1]}<br>"
            "%{customdata[2]} in %{customdata[3]:,} cycles<extra></extra>"
        ),
    }
    layout = plain_layout()
    layout |= {"hovermode": "closest", "showlegend": False}
    layout["xaxis"] |= {"title": {"text": f"profit in {quote(run)}"}, "zeroline": True}
    layout["yaxis"] |= {"title": {"text": f"price in {quote(run)}"}, "range": [edges[0], edges[-1]]}
    return Drawing({"data": [bars], "layout": layout})


def draw_days(run: GridRun, earned: Earnings) -> Drawing:
    """Draw grid profit per UTC day, or per longer period when there are many."""
    width, times, profits = profit_per_period(earned, run.result.start, run.result.end, MOST_PERIODS)
    value = f"%{{y:+,.{words.money_of(run).decimals + 2}~f}} {quote(run)}"
    bars: Trace = {
        "type": "bar",
        "x": times.tolist(),
        "y": rounded(profits),
        "xperiod": width,
        "xperiod0": int(times[0]),
        "xperiodalignment": "middle",
        "marker": {"color": _tones(profits)},
        "hovertemplate": f"%{{x|%Y-%m-%d}}<br>{value}<extra></extra>",
    }
    layout = plain_layout()
    layout |= {"hovermode": "closest", "showlegend": False, "bargap": 0.3}
    layout["xaxis"] |= {**DATES, "ticklabelmode": "period"}
    if len(times) <= _NAMED_PERIODS:
        layout["xaxis"] |= {"tickvals": times.tolist(), "tickformat": "%b %-d"}
    layout["yaxis"] |= {"title": {"text": f"profit in {quote(run)}"}, "zeroline": True}
    note = "" if width == DAY else f"Summed over {words.stretch(width)} periods."
    return Drawing({"data": [bars], "layout": layout}, note)


def draw_comparison(runs: Sequence[GridRun]) -> Drawing:
    """Draw the returns of several grids over each other."""
    data = []
    for index, run in enumerate(runs):
        times, equity = equity_curve(run)
        kept = keep_extremes(equity, _COMPARED_POINTS)
        returns = np.round((equity[kept] / equity[0] - 1) * 100, 4)
        color = f"var(--series-{index % _SERIES_COLORS})"
        data.append(curve(run.name, times[kept], returns, color, 1.6, "%{y:+.2f} %"))
    layout = plain_layout()
    layout["xaxis"] |= DATES
    layout["yaxis"] |= {"title": {"text": "return"}, "ticksuffix": " %", "zeroline": True}
    return Drawing({"data": data, "layout": layout})


def _level_details(run: GridRun, profits: Floats, cycles: list[int]) -> list[tuple[int, str, str, int]]:
    """Say for each level: its number, its price interval, its profit and how often it earned."""
    money = words.money_of(run)
    intervals = zip(run.ladder, run.ladder[1:], strict=False)
    return [
        (index, f"{words.price(low)} {words.DASH} {words.price(high)}", money.change(Decimal(str(profit))), done)
        for index, ((low, high), profit, done) in enumerate(zip(intervals, rounded(profits), cycles, strict=True))
    ]


def _tones(profits: Floats) -> list[str]:
    return ["var(--gain)" if profit >= 0 else "var(--loss)" for profit in profits]
