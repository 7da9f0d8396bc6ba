from __future__ import annotations

from attrs import evolve

from engine.calls import OrderReport, TradeReport
from engine.gateway.known_orders import KnownOrders
from engine.messages import OrderFilled, RecalledOrder
from tests.engine.samples import BUY, D, filled, order


def report(name: str, order_id: str, done: int = 0, *, is_open: bool = True) -> OrderReport:
    return OrderReport(name, order_id, D(done), is_open=is_open)


def trade(trade_id: str, order_id: str) -> TradeReport:
    return TradeReport(trade_id, order_id, D(100), D(1), D(0), "USDT", 0)


def told(name: str, trade_id: str, order_id: str) -> OrderFilled:
    return evolve(filled(name, trade_id, 100, 1), order_id=order_id)


def recalled(name: str, order_id: str, done: int = 0) -> RecalledOrder:
    return RecalledOrder(order(name, BUY, 100, 5), order_id, D(done))


def test_only_the_grids_own_orders_are_learned() -> None:
    known = KnownOrders("ga")
    own, other = report("ga-1", "7"), report("web_1", "8")
    assert known.learn([own, other]) == [own]
    assert ("ga-1" in known, "web_1" in known) == (True, False)


def test_trades_of_own_orders_are_told_under_their_names_in_the_order_given() -> None:
    known = KnownOrders("ga")
    known.learn([report("ga-1", "7"), report("ga-2", "8")])
    trades = [trade("30", "8"), trade("31", "9"), trade("32", "7")]
    assert known.fills(trades) == [told("ga-2", "30", "8"), told("ga-1", "32", "7")]


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
    assert known.fills([trade("30", "8"), trade("31", "7")]) == [told("ga-1", "31", "7")]


def test_recalled_orders_are_known_with_what_they_had_filled_and_so_are_their_trades() -> None:
    known = KnownOrders("ga")
    known.recall([recalled("ga-1", "7", 2), recalled("web_1", "8")])
    assert ("ga-1" in known, "web_1" in known, known.filled("ga-1")) == (True, False, D(2))
    assert known.fills([trade("30", "7"), trade("31", "8")]) == [told("ga-1", "30", "7")]


def test_orders_recalled_without_order_ids_are_known_and_their_trades_once_the_exchange_has_told_them() -> None:
    known = KnownOrders("ga")
    known.recall([recalled("ga-1", ""), recalled("ga-2", "")])
    assert ("ga-1" in known, "ga-2" in known) == (True, True)
    assert known.fills([trade("30", "7"), trade("31", "")]) == []
    known.learn([report("ga-1", "7")])
    assert known.fills([trade("30", "7")]) == [told("ga-1", "30", "7")]


def test_what_the_exchange_has_told_counts_more_than_what_is_recalled() -> None:
    known = KnownOrders("ga")
    known.learn([report("ga-1", "7", 3, is_open=False)])
    known.recall([recalled("ga-1", "", 1)])
    assert known.filled("ga-1") == D(3)
    assert known.fills([trade("30", "7")]) == [told("ga-1", "30", "7")]
