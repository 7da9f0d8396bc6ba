"""The caller as an actor: one call, one outcome."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from actors import caller
from actors.caller import Caller
from actors.gateways.credentials import Credentials
from engine.addresses import GridAddresses
from engine.calls import Call, Cancel, ListOpenOrders, ListTrades, LookUp, NotFound, Unknown
from engine.effects import Send
from engine.messages import CallEnded, CallerReady, MakeCall
from engine.supervision import ChildSpec, Restart
from engine.values import Side
from tests.actors.house import DESK, House
from tests.actors.lines import Line, limit, line_to, sandbox_line, scripted_line

TO = GridAddresses("SOL/USDT")
PLACE = limit("g-1", Side.BUY, "90")


@pytest.fixture
def line() -> Iterator[Line]:
    with sandbox_line() as (_, line):
        yield line


def spec(line: Line) -> ChildSpec:
    return caller.spec(TO.caller(3), TO.gateway, 3, lambda: line.calls)


def test_caller_lives_in_its_grid_for_ever(line: Line) -> None:
    assert (spec(line).address, spec(line).restart) == ("SOL/USDT/caller/3", Restart.PERMANENT)


def test_start_tells_the_gateway_that_it_is_there(line: Line) -> None:
    assert Caller(3, TO.gateway, line.calls).start() == [Send(TO.gateway, CallerReady(3))]


def test_call_is_made_and_its_outcome_told(line: Line) -> None:
    behaviour = Caller(3, TO.gateway, line.calls)

    (placed,) = behaviour.handle(MakeCall(7, PLACE))
    assert placed == Send(TO.gateway, CallEnded(3, 7, line.done(LookUp("g-1"))))
    (cancelled,) = behaviour.handle(MakeCall(8, Cancel("g-2")))
    assert cancelled == Send(TO.gateway, CallEnded(3, 8, NotFound("Unknown order sent. (-2011)")))


@pytest.mark.parametrize(
    "call", [PLACE, Cancel("g-1"), LookUp("g-1"), ListTrades(None), ListTrades("1"), ListOpenOrders()], ids=repr
)
def test_exchange_that_is_gone_does_not_crash_it(call: Call) -> None:
    with scripted_line() as (_, line):
        behaviour = Caller(3, TO.gateway, line.calls)
    ended = behaviour.handle(MakeCall(1, call))

    assert ended == [Send(TO.gateway, CallEnded(3, 1, Unknown("connection refused")))]


def test_its_line_is_made_in_its_own_thread_and_closed_at_its_end() -> None:
    threads: list[str] = []

    class Watched:
        def put_through(self, call: Call) -> Unknown:
            return Unknown(repr(call))

        def close(self) -> None:
            threads.append(f"closed in {threading.current_thread().name}")

    def make() -> Watched:
        threads.append(f"made in {threading.current_thread().name}")
        return Watched()

    with House() as house:
        system = house.run(caller.spec(TO.caller(0), DESK, 0, make))
        assert house.read() == CallerReady(0)
        house.post.send(TO.caller(0), MakeCall(1, ListOpenOrders()))
        assert house.read() == CallEnded(0, 1, Unknown("ListOpenOrders()"))
        system.stop(5)
    assert threads == ["made in SOL/USDT/caller/0", "closed in SOL/USDT/caller/0"]


def test_several_callers_trade_side_by_side() -> None:
    with (
        sandbox_line() as (sandbox, line),
        line_to(sandbox.urls.rest, Credentials(sandbox.api_key, sandbox.secret)) as other,
        House() as house,
    ):
        house.run(
            *(
                caller.spec(TO.caller(index), DESK, index, calls)
                for index, calls in enumerate((lambda: line.calls, lambda: other.calls))
            )
        )
        assert {house.read(), house.read()} == {CallerReady(0), CallerReady(1)}
        for number in range(20):
            house.post.send(TO.caller(number % 2), MakeCall(number, limit(f"g-{number}", Side.BUY, "90", "0.1")))
        ended = [house.read() for _ in range(20)]
    assert {end.number for end in ended} == set(range(20))
    assert {end.outcome.orders[0].client_order_id for end in ended} == {f"g-{number}" for number in range(20)}
