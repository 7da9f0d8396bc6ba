"""The chart of the price: candles, the ladder, and every fill on it."""

from __future__ import annotations

import numpy as np
from attrs import frozen

from actors.gateways import report_words as words
from actors.gateways.report_layout import (
    Drawing,
    Figure,
    Trace,
    escaped,
    label,
    layout_over_time,
    line_across,
    quote,
    rounded,
)
from engine.report_series import Bars, Fills, draw_bars, draw_fills
from engine.results import GridRun

MOST_BARS = 2_000
MOST_FILLS = 4_000
MOST_GATHERED = 1_500
_DENSE_LADDER = 40  # levels; the lines of more are drawn fainter


@frozen
class _Look:
    """Say how fills of one kind are drawn."""

    buy: bool
    market: bool
    name: str
    symbol: str
    color: str


_LOOKS = (
    _Look(buy=True, market=False, name="buys", symbol="triangle-up", color="var(--buy)"),
    _Look(buy=False, market=False, name="sells", symbol="triangle-down", color="var(--sell)"),
    _Look(buy=True, market=True, name="market buys", symbol="diamond", color="var(--buy)"),
    _Look(buy=False, market=True, name="market sells", symbol="diamond", color="var(--sell)"),
)


def draw_price(run: GridRun) -> Drawing:
    """Draw candles, the ladder, and a mark for every fill, or for many when there are too many."""
    bars = draw_bars(run.candles, MOST_BARS)
    fills = draw_fills(run.result.trades, MOST_FILLS, MOST_GATHERED)
    layout = layout_over_time(run)
    layout["hovermode"] = "closest"
    layout["xaxis"]["rangeslider"] = {"visible": False}
    layout["yaxis"] |= {"title": {"text": f"price in {quote(run)}"}, "range": _span(run)}
    layout["shapes"] += _ladder(run)
    _mark_thresholds(run, layout)
    notes = []
    if len(bars.times) < len(run.candles):
        notes.append(f"{len(run.candles):,} candles are drawn as {words.stretch(bars.width)} ones.")
    if fills.width:
        notes.append(
            f"{len(run.result.trades):,} fills are gathered: one triangle stands for those of one side, price and "
            f"{words.stretch(fills.width)} stretch, larger for more."
        )
    base = escaped(run.settings.pair.base_currency)
    marks = [mark for look in _LOOKS if (mark := _marks(fills, base, look)) is not None]
    return Drawing({"data": [_candles(bars), *marks], "layout": layout}, " ".join(notes))


def _candles(bars: Bars) -> Trace:
    return {
        "type": "candlestick",
        "name": "price",
        "x": bars.times.tolist(),
        "open": rounded(bars.open),
        "high": rounded(bars.high),
        "low": rounded(bars.low),
        "close": rounded(bars.close),
        "xperiod": bars.width,
        "xperiod0": int(bars.times[0]),
        "xperiodalignment": "middle",
        "increasing": {"line": {"color": "var(--rise)", "width": 1}, "fillcolor": "var(--rise)"},
        "decreasing": {"line": {"color": "var(--fall)", "width": 1}, "fillcolor": "var(--fall)"},
        "showlegend": False,
    }


def _marks(fills: Fills, base: str, look: _Look) -> Trace | None:
    """Draw the fills of one kind, None when there are none."""
    chosen = np.flatnonzero((fills.buys == look.buy) & (fills.markets == look.market))
    if not len(chosen):
        return None
    counts = fills.counts[chosen]
    levels = [_levels(*ends) for ends in zip(fills.lowest[chosen], fills.highest[chosen], strict=True)]
    told = f"%{{customdata[0]:,}} {look.name}" if fills.width else look.name[:-1]
    sizes = np.round(5 + 7 * np.sqrt(counts / fills.counts.max()), 1).tolist() if fills.width else _size(fills)
    return {
        "type": "scatter",
        "mode": "markers",
        "name": look.name,
        "x": fills.times[chosen].tolist(),
        "y": rounded(fills.prices[chosen]),
        "customdata": list(zip(counts.tolist(), rounded(fills.quantities[chosen]), levels, strict=True)),
        "marker": {
            "symbol": look.symbol,
            "color": look.color,
            "size": 12 if look.market else sizes,
            "opacity": 1 if look.market else 0.9,
            "line": {"color": "var(--surface)", "width": 1.5 if look.market else 0.5},
        },
        "hovertemplate": (
            f"<b>{told}</b> at %{{y:,}}<br>%{{customdata[1]:,}} {base}%{{customdata[2]}}"
            "<br>%{x|%Y-%m-%d %H:%M}<extra></extra>"
        ),
    }


def _size(fills: Fills) -> int:
    """Choose how large the marks of single fills are, in px: smaller when there are more to tell apart."""
    return next(size for size, most in ((8, 400), (6, 1_200), (5, MOST_FILLS)) if len(fills.times) <= most)


def _levels(lowest: int, highest: int) -> str:
    """Name the levels that a mark stands for, none for a market order."""
    if lowest < 0:
        return ""
    return f", level {lowest}" if lowest == highest else f", levels {lowest} to {highest}"


def _ladder(run: GridRun) -> list[Figure]:
    """Draw the range, and all level prices as one shape, which stays quick with hundreds of them."""
    if not run.ladder:
        return []
    box = {"xref": "paper", "x0": 0, "x1": 1, "y0": float(run.ladder[0]), "y1": float(run.ladder[-1])}
    path = "".join(f"M0,{price:f}L1,{price:f}" for price in run.ladder)
    line = {"color": "var(--ladder)", "width": 1}
    faded = min(1.0, _DENSE_LADDER / len(run.ladder))
    return [
        {**box, "type": "rect", "fillcolor": "var(--range)", "line": {"width": 0}, "layer": "below"},
        {"type": "path", "xref": "paper", "path": path, "line": line, "opacity": faded, "layer": "below"},
    ]


def _mark_thresholds(run: GridRun, layout: Figure) -> None:
    """Add take-profit and stop-loss to a layout, each a line and its label."""
    risk = run.settings.risk_management
    rules = ((risk.take_profit, "take-profit", "var(--gain)"), (risk.stop_loss, "stop-loss", "var(--loss)"))
    for rule, name, color in rules:
        if rule.price is not None:
            y = float(rule.price)
            layout["shapes"].append(line_across("dash", color, y))
            layout["annotations"].append(label(name, xref="paper", x=1, xanchor="right", y=y, yanchor="bottom"))


def _span(run: GridRun) -> list[float]:
    """Give the prices that the whole picture spans: candles, ladder and thresholds, and a little air."""
    risk = run.settings.risk_management
    prices = [
        float(run.candles.low.min()),
        float(run.candles.high.max()),
        *(float(price) for price in (*run.ladder[:1], *run.ladder[-1:])),
        *(float(rule.price) for rule in (risk.take_profit, risk.stop_loss) if rule.price is not None),
    ]
    air = (max(prices) - min(prices)) * 0.04 or abs(prices[0]) * 0.01
    return [min(prices) - air, max(prices) + air]
