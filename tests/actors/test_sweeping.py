"""Taking down what a grid may have left: its own orders, all of them, without pressing an exchange that resists."""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal
from time import monotonic
from typing import Any

import pytest
from attrs import define, field

from actors.gateways.credentials import Credentials
from actors.opening.links import LiveLink
from actors.trading.stop_signals import StoppedEarly
from actors.trading.sweeping import sweep, sweep_all
from engine.calls import (
    Call,
    Cancel,
    Done,
    ListOpenOrders,
    NotFound,
    NotYet,
    OrderReport,
    Outcome,
    Refusal,
    Refused,
    Unknown,
)
from engine.gateway.rules import gateway_rules
from tests.actors.grids import PRICE, fresh_state, grid

SETUP = grid(name="SOL/USDT")
MINE = [f"{SETUP.prefix}{number}" for number in range(3)]
GONE = Refused(Refusal.PERMISSION, "revoked")


@define(eq=False)
class Exchange:
    """Have some open orders; `answer` may answer a call in its place."""

    orders: list[str] = field(factory=lambda: ["of somebody else", *MINE])
    answer: Callable[[Call], Outcome | None] = lambda _call: None
    calls: list[Call] = field(factory=list)
    closed: int = 0

    def put_through(self, call: Call, /) -> Outcome:
        self.calls.append(call)
        if (answer := self.answer(call)) is not None:
            return answer
        if isinstance(call, ListOpenOrders):
            return Done(tuple(OrderReport(name, "1", Decimal(0), is_open=True) for name in self.orders))
        assert isinstance(call, Cancel)
        self.orders.remove(call.client_order_id)
        return Done()

    def close(self) -> None:
        self.closed += 1

    @property
    def link(self) -> LiveLink:
        rules = gateway_rules(SETUP.settings.execution, callers=1, order_limits=(), answer_window=1.0, post_only=False)
        nothing: Any = None
        return LiveLink(
            grid=SETUP,
            state=fresh_state(),
            price=PRICE,
            rules=rules,
            credentials=Credentials("key", "secret"),
            account=nothing,
            line=lambda: self,
            desk=nothing,
        )


def test_own_orders_are_cancelled_and_no_others() -> None:
    exchange = Exchange()

    assert sweep(exchange.link, 1.0) is None
    assert exchange.orders == ["of somebody else"]
    assert exchange.closed == 1


def test_order_that_is_gone_meanwhile_is_no_trouble() -> None:
    exchange = Exchange()

    def gone(call: Call) -> Outcome | None:
        if call == Cancel(MINE[1]) and MINE[1] in exchange.orders:
            exchange.orders.remove(MINE[1])
            return NotFound("filled")
        return None

    exchange.answer = gone
    assert sweep(exchange.link, 1.0) is None


def test_trouble_that_passes_is_waited_for() -> None:
    troubles: list[Outcome] = [Unknown("no answer"), NotYet(0.01, "too many")]
    exchange = Exchange(answer=lambda _call: troubles.pop() if troubles else None)

    assert sweep(exchange.link, 5.0) is None


@pytest.mark.parametrize(
    ("trouble", "calls", "told"),
    [
        (Unknown("connection refused"), 2, "SOL/USDT: its orders (connection refused)"),
        (NotYet(30.0, "too many requests"), 1, "SOL/USDT: its orders (too many requests)"),
        (GONE, 2, "SOL/USDT: its orders (revoked)"),
    ],
)
def test_exchange_that_does_not_answer_is_not_pressed(trouble: Outcome, calls: int, told: str) -> None:
    exchange = Exchange(answer=lambda _call: trouble)

    assert sweep(exchange.link, 0.4) == told
    assert len(exchange.calls) == calls


def test_orders_that_are_not_cancelled_are_counted() -> None:
    exchange = Exchange(answer=lambda call: GONE if call == Cancel(MINE[1]) else None)

    assert sweep(exchange.link, 0.1) == "SOL/USDT: 2 orders (revoked)"
    assert exchange.orders == ["of somebody else", *MINE[1:]]


def test_stop_while_nothing_is_known_goes_on_and_with_orders_left_tells_of_them() -> None:
    def stop(at: type[Call]) -> Exchange:
        def interrupted(call: Call) -> None:
            if isinstance(call, at):
                raise StoppedEarly("SIGINT")

        return Exchange(answer=interrupted)

    with pytest.raises(StoppedEarly):
        sweep(stop(ListOpenOrders).link, 1.0)
    assert sweep(stop(Cancel).link, 1.0) == "SOL/USDT: 3 orders (stopped by SIGINT)"


def test_exchange_that_hangs_is_not_waited_for() -> None:
    released = threading.Event()
    hanging = Exchange(answer=lambda _call: Unknown("late") if released.wait(10) else None)
    well = Exchange()
    started = monotonic()
    try:
        left = sweep_all([hanging.link, well.link], 0.3)
    finally:
        released.set()

    assert left == ["SOL/USDT: its orders (the exchange did not answer in time)"]
    assert monotonic() - started < 5
    assert well.orders == ["of somebody else"]
