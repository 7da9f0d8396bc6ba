from __future__ import annotations

from engine.calls import OrderReport, TradeReport
from engine.gateway.known_orders import KnownOrders
from tests.engine.samples import D, filled


def report(name: str, order_id: str, done: int = 0, *, is_open: bool = True) -> OrderReport:
    return OrderReport(name, order_id, D(done), is_open=is_open)


def trade(trade_id: str, order_id: str) -> TradeReport:
    return TradeReport(trade_id, order_id, D(100), D(1), D(0), "USDT", 0)


def test_only_the_grids_own_orders_are_learned() -> None:
    known = KnownOrders("ga")
    own, other = report("ga-1", "7"), report("web_1", "8")
    assert known.learn([own, other]) == [own]
    assert ("ga-1" in known, "web_1" in known) == (True, False)


def test_trades_of_own_orders_are_told_under_their_names_in_the_order_given() -> None:
    known = KnownOrders("ga")
    known.learn([report("ga-1", "7"), report("ga-2", "8")])
    trades = [trade("30", "8"), trade("31", "9"), trade("32", "7")]
    assert known.fills(trades) == [filled("ga-2", "30", 100, 1), filled("ga-1", "32", 100, 1)]


def test_what_was_told_last_counts() -> None:
    known = KnownOrders("ga")
    known.learn([report("ga-1", "7", 1)])
    known.learn([report("ga-1", "7", 3, is_open=False)])
    assert (known.filled("ga-1"), known.filled("ga-2"), len(known)) == (D(3), D(0), 1)


def test_those_told_of_longest_ago_are_forgotten_first() -> None:
    known = KnownOrders("ga", most=2)
    known.learn([report("ga-1", "7"), report("ga-2", "8")])
    known.learn([report("ga-1", "7")])  # still open, says a catch-up
    known.learn([report("ga-3", "9")])
    assert [name in known for name in ("ga-1", "ga-2", "ga-3")] == [True, False, True]
    assert known.fills([trade("30", "8"), trade("31", "7")]) == [filled("ga-1", "31", 100, 1)]
