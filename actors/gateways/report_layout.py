"""What all charts share: their layout, and how values become a plotly figure.

Figures are plain dicts, ready for JSON. Colours are names of CSS variables, ``var(--buy)``, which the page's script
looks up, so that light, dark and paper each have their own. Times are epoch ms, which plotly reads as UTC.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import frozen

from actors.gateways import report_words as words
from engine.candles import Floats, Millis
from engine.report_series import candle_width
from engine.results import GridRun

Figure = dict[str, Any]
Trace = dict[str, Any]

DATES = {"type": "date", "hoverformat": "%Y-%m-%d %H:%M"}


@frozen
class Drawing:
    """Hold a figure and what its reader should know about it."""

    figure: Figure
    note: str = ""


def plain_layout() -> Figure:
    """Lay out any chart."""
    axis = {"gridcolor": "var(--hairline)", "linecolor": "var(--hairline)", "zeroline": False}
    return {
        "xaxis": {**axis, "zerolinecolor": "var(--faint)"},
        "yaxis": {
            **axis,
            "zerolinecolor": "var(--faint)",
            "fixedrange": True,
            "separatethousands": True,
            "exponentformat": "none",
        },
        "hovermode": "x unified",
        "showlegend": True,
        "shapes": [],
        "annotations": [],
    }


def layout_over_time(run: GridRun) -> Figure:
    """Lay out a chart over the whole time of a run, the moments of arming and stopping marked."""
    layout = plain_layout()
    begin, end = int(run.candles.times[0]), int(run.candles.times[-1]) + candle_width(run.candles.times)
    layout["xaxis"] |= {**DATES, "range": [begin, end]}
    moments = (
        (run.armed_at, "armed"),
        (words.stopped_at(run.result), words.end_name(run.result.stop_reason or "")),
    )
    for time, name in moments:
        if time is not None:
            side = "left" if time < (begin + end) / 2 else "right"
            layout["shapes"].append(line_at("dot", "var(--muted)", x0=time, x1=time, yref="paper", y0=0, y1=1))
            layout["annotations"].append(label(name, x=time, xanchor=side, yref="paper", y=1, yanchor="top"))
    return layout


def line_at(dash: str, color: str, **place: Any) -> Figure:
    """Draw a thin straight line."""
    return {"type": "line", "line": {"color": color, "width": 1, "dash": dash}, **place}


def line_across(dash: str, color: str, y: float) -> Figure:
    """Draw a thin line from the left edge to the right."""
    return line_at(dash, color, xref="paper", x0=0, x1=1, y0=y, y1=y)


def label(text: str, **place: Any) -> Figure:
    """Write a small text into a chart."""
    return {"text": escaped(text), "showarrow": False, "font": {"size": 11, "color": "var(--muted)"}, **place}


def curve(name: str, times: Millis, values: Floats, color: str, width: float, hover: str) -> Trace:
    """Draw a line through values over time."""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": escaped(name),
        "x": times.tolist(),
        "y": rounded(values),
        "line": {"color": color, "width": width},
        "hovertemplate": hover,
    }


def equity_curve(run: GridRun) -> tuple[Millis, Floats]:
    """Give the equity from the initial value on, each point at the close of its candle."""
    times = run.candles.times
    ends = np.concatenate((times[:1], times + candle_width(times)))
    return ends, np.concatenate(([float(run.result.initial_value)], run.equity))


def quote(run: GridRun) -> str:
    """Name the quote currency."""
    return escaped(run.settings.pair.quote_currency)


def rounded(values: Floats) -> list[float]:
    """Cut float noise: 10 significant digits are enough to draw."""
    return [float(f"{value:.10g}") for value in values.tolist()]


def escaped(text: str) -> str:
    """Keep plotly, which reads a little HTML in texts, from reading any in this one."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
