"""What a grid's journal comes to in numbers."""

from __future__ import annotations

from bisect import bisect_right

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import measures as measuring
from engine.effects import Address
from engine.journal.rows import EventRow
from engine.measures import LATENCY_BOUNDS, Histogram, HistogramTold, Measures, MeasuresTold
from engine.messages import Owner, TradeBooked
from engine.messages.alerting import EventsTold
from engine.values import Kind, Side
from tests.engine.samples import D

GRID = "SOL/USDT"
NOW = 1_733_821_200_000


def event(kind: str, time: int, order: str | None = "ga-1", **details: str) -> EventRow:
    return EventRow(time=NOW + time, kind=kind, slot="1", client_order_id=order, details=tuple(details.items()))


def trade(time: int, side: Side = Side.BUY) -> TradeBooked:
    owner = Owner(GRID, "1", 1, Address(f"{GRID}/level/1"))
    figures = (D(100), D(1), D("0.1"), "USDT")
    return TradeBooked(str(time), "ga-1", owner, NOW + time, side, Kind.LIMIT, *figures, complete=True)


def told(*events: EventRow, trades: tuple[TradeBooked, ...] = (), written_at: int = 0) -> MeasuresTold:
    measures = Measures()
    for one in events:  # however they come together
        measures.written(EventsTold(GRID, (one,), (), NOW))
    measures.written(EventsTold(GRID, (), trades, NOW + written_at))
    return measures.told()


def test_nothing_written_measures_nothing() -> None:
    assert Measures().told() == MeasuresTold()


def test_trades_are_counted_by_side_with_the_time_until_they_were_written() -> None:
    found = told(trades=(trade(0), trade(90), trade(40, Side.SELL)), written_at=100)

    assert (found.buys, found.sells) == (2, 1)
    assert found.fill_latency.total == 100 + 10 + 60
    assert found.fill_latency.count == 3


def test_trade_of_an_exchange_whose_clock_is_ahead_took_no_time() -> None:
    assert told(trades=(trade(5_000),), written_at=100).fill_latency == HistogramTold((1,) * 16, 0)


def test_orders_are_counted_by_how_they_ended_and_events_by_kind() -> None:
    found = told(
        event("order_intended", 0, "ga-1"),
        event("order_intended", 0, "ga-2"),
        event("order_ended", 5, "ga-1", refusal="balance"),
        event("cancel_asked", 6, "ga-2"),
        event("order_ended", 7, "ga-2", filled="0"),
        event("grid_armed", 8, None),
    )

    assert (found.placed, found.refused, found.ended) == (2, 1, 1)
    assert found.events == (("cancel_asked", 1), ("grid_armed", 1), ("order_ended", 2), ("order_intended", 2))


@pytest.mark.parametrize(
    ("following", "latencies"),
    [
        ([("order_accepted", 70)], 70),
        ([("trade_booked", 30), ("order_accepted", 70)], 30),  # told before the acceptance
        ([("cancel_asked", 10), ("order_accepted", 70)], 70),
        ([("order_ended", 70), ("order_accepted", 80)], None),  # was refused
        ([], None),
    ],
)
def test_order_latency_lasts_until_the_first_sign_that_the_exchange_has_it(
    following: list[tuple[str, int]], latencies: int | None
) -> None:
    found = told(event("order_intended", 0), *(event(kind, time) for kind, time in following)).order_latency

    assert (found.count, found.total) == ((0, 0) if latencies is None else (1, latencies))


def test_orders_that_are_never_answered_take_no_memory_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "_MOST_UNANSWERED", 3)
    intents = [event("order_intended", 0, f"ga-{number}") for number in range(5)]
    answers = [event("order_accepted", 1, f"ga-{number}") for number in range(5)]

    assert told(*intents, *answers).order_latency.count == 3


@given(st.lists(st.integers(-100, 200_000)))
def test_histogram_counts_every_value_at_or_below_each_bound(values: list[int]) -> None:
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    found, at_least_zero = histogram.told(), sorted(max(value, 0) for value in values)

    assert list(found.counts) == [*(bisect_right(at_least_zero, bound) for bound in LATENCY_BOUNDS), len(values)]
    assert found.total == sum(at_least_zero)
