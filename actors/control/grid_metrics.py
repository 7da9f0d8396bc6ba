"""The metrics of grids: where they stand, what they have earned, how fast they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from prometheus_client.core import Metric

from actors.control.metric_families import Sample, counter, gauge, latency
from engine.live_view import LiveGrid, Standing
from engine.measures import MeasuresTold
from engine.values import Side

_GRID = ("grid",)


def grid_metrics(grids: Sequence[LiveGrid], measures: Mapping[str, MeasuresTold]) -> Iterator[Metric]:
    """Give what a view shows of each grid, and what was measured of those in `measures`; money in quote."""
    yield from _standings(grids)
    yield from _money(grids)
    yield from _orders(grids)
    yield from _measured(measures)


def _standings(grids: Sequence[LiveGrid]) -> Iterator[Metric]:
    yield gauge(
        "grid_standing",
        "1 for where a grid stands, 0 for where it does not.",
        ("grid", "standing"),
        [((grid.name, str(one)), float(grid.standing is one)) for grid in grids for one in Standing],
    )
    about = ("grid", "mode", "base", "quote")
    told = [((grid.name, grid.mode, grid.market.base, grid.market.quote), 1.0) for grid in grids]
    yield gauge("grid_info", "Always 1; the labels say what a grid trades, and how.", about, told)
    yield gauge(
        "feed_trouble",
        "1 while there is trouble with a grid's prices.",
        _GRID,
        [((grid.name,), float(grid.feed_trouble is not None)) for grid in grids],
    )


def _money(grids: Sequence[LiveGrid]) -> Iterator[Metric]:
    priced = [grid for grid in grids if grid.price is not None]
    yield gauge("price", "The newest price, quote per base.", _GRID, [_of(grid, grid.price) for grid in priced])
    yield gauge("value", "What the grid holds, at the newest price.", _GRID, [_of(grid, grid.value) for grid in priced])
    yield gauge("budget", "What the grid began with.", _GRID, [_of(grid, grid.budget) for grid in grids])
    yield gauge(
        "grid_profit",
        "What completed cycles have earned, after fees but those paid in other assets.",
        _GRID,
        [_of(grid, grid.grid_profit) for grid in grids],
    )
    yield gauge(
        "unrealized_profit",
        "What is held, at the newest price, less what it cost.",
        _GRID,
        [_of(grid, grid.unrealized_profit) for grid in priced],
    )
    yield counter("fees", "Fees since the grid began, in quote.", _GRID, [_of(grid, grid.total_fees) for grid in grids])
    yield counter(
        "other_fees",
        "Fees since the grid began that were paid in assets which it does not trade, in these.",
        ("grid", "asset"),
        [((grid.name, asset), float(amount)) for grid in grids for asset, amount in grid.other_fees],
    )
    for name, told in (("free", "What no order has reserved."), ("reserved", "What open orders have reserved.")):
        yield gauge(f"balance_{name}", told, ("grid", "asset"), list(_balances(grids, name)))


def _balances(grids: Sequence[LiveGrid], kind: str) -> Iterator[Sample]:
    for grid in grids:
        if grid.funds is not None:
            yield (grid.name, grid.market.quote), float(getattr(grid.funds, f"{kind}_quote"))
            yield (grid.name, grid.market.base), float(getattr(grid.funds, f"{kind}_base"))


def _orders(grids: Sequence[LiveGrid]) -> Iterator[Metric]:
    by_side = {grid.name: Counter(order.wish.side for order in grid.orders) for grid in grids}
    yield gauge(
        "open_orders",
        "Orders on the exchange, and on their way there.",
        ("grid", "side"),
        [((name, str(side)), float(orders[side])) for name, orders in by_side.items() for side in Side],
    )
    yield gauge(
        "empty_levels",
        "Levels without an order, for a reason that the page shows.",
        _GRID,
        [((grid.name,), float(sum(rung.why is not None for rung in grid.rungs))) for grid in grids],
    )
    yield counter(
        "cycles",
        "Completed cycles since the grid began.",
        _GRID,
        [((grid.name,), float(grid.cycles)) for grid in grids],
    )


def _measured(measures: Mapping[str, MeasuresTold]) -> Iterator[Metric]:
    fills = {name: ((Side.BUY, one.buys), (Side.SELL, one.sells)) for name, one in measures.items()}
    yield counter(
        "fills",
        "Trades since the process began.",
        ("grid", "side"),
        [((name, str(side)), float(number)) for name, of_sides in fills.items() for side, number in of_sides],
    )
    orders = {
        name: (("placed", one.placed), ("refused", one.refused), ("ended", one.ended)) for name, one in measures.items()
    }
    yield counter(
        "orders",
        "Orders since the process began: placed, refused by the exchange, ended before they were filled.",
        ("grid", "outcome"),
        [((name, outcome), float(number)) for name, outcomes in orders.items() for outcome, number in outcomes],
    )
    yield counter(
        "events",
        "Events that were written down since the process began.",
        ("grid", "kind"),
        [((name, kind), float(number)) for name, one in measures.items() for kind, number in one.events],
    )
    yield latency(
        "fill_latency",
        "From a trade on the exchange to its being written down here, by both clocks.",
        [(name, one.fill_latency) for name, one in measures.items()],
    )
    yield latency(
        "order_latency",
        "From an order's being written down to the first sign that the exchange has it.",
        [(name, one.order_latency) for name, one in measures.items()],
    )


def _of(grid: LiveGrid, amount: Decimal | None) -> Sample:
    assert amount is not None, "only of grids that have one"
    return (grid.name,), float(amount)
