"""A gateway on a desk: a test plays its callers and the order manager, and moves the clock."""

from __future__ import annotations

from typing import Any

from attrs import define, evolve, field

from engine.calls import Call, Done, OrderReport, Outcome, TradeReport
from engine.effects import Effect
from engine.gateway.gateway import Gateway
from engine.gateway.rules import GatewayRules
from engine.messages import (
    CallEnded,
    CallerReady,
    DescribeGateway,
    GatewayDescribed,
    MakeCall,
    OrderFilled,
    OrderReported,
    SubmitOrder,
)
from engine.stepper import Stepper
from engine.values import ZERO, Kind, Side
from tests.engine.samples import ADDRESSES, BUY, D, Number

RULES = GatewayRules(
    callers=1,
    max_retries=2,
    retry_delay=1.0,
    breaker_threshold=1_000,
    breaker_recovery=60.0,
    breaker_trials=1,
    answer_window=6.0,
)


@define
class _Notes:
    taken: list[Any] = field(factory=list)

    def handle(self, message: Any) -> list[Effect]:
        self.taken.append(message)
        return []

    def read(self) -> list[Any]:
        taken, self.taken = self.taken, []
        return taken


@define(eq=False)
class Desk:
    """Drive one gateway; delays are exact, for chance takes nothing off them."""

    rules: GatewayRules = RULES
    stepper: Stepper = field(factory=Stepper)
    out: dict[int, MakeCall] = field(factory=dict)  # by caller
    reports: _Notes = field(factory=_Notes)

    def __attrs_post_init__(self) -> None:
        self.stepper.add(ADDRESSES.gateway, Gateway("ga", self.rules, ADDRESSES, lambda: 0.0))
        self.stepper.add(ADDRESSES.order_manager, self.reports)
        for caller in range(self.rules.callers):
            self.stepper.add(ADDRESSES.caller(caller), _Caller(caller, self))
            self.tell(CallerReady(caller))

    def tell(self, *messages: Any) -> list[Any]:
        """Tell the gateway something; give what it reports."""
        for message in messages:
            self.stepper.send(ADDRESSES.gateway, message)
        self.stepper.settle()
        return self.reports.read()

    def end(self, outcome: Outcome, caller: int | None = None) -> list[Any]:
        """End the call of one caller, or the only one that is being made; give what is reported."""
        if caller is None:
            (caller,) = self.out
        return self.tell(CallEnded(caller, self.out.pop(caller).number, outcome))

    @property
    def calls(self) -> list[Call]:
        """Give what is being asked of the exchange, in the order of the callers."""
        return [self.out[caller].call for caller in sorted(self.out)]

    @property
    def call(self) -> Call:
        """Give the one call that is being made."""
        (call,) = self.calls
        return call

    def wait(self) -> float:
        """Let time pass until calls are made; give the seconds."""
        before, calls = self.stepper.now, self.calls
        while self.calls == calls:
            assert self.stepper.advance_clock(), "nothing is going to happen"
            self.stepper.settle()
        return self.stepper.now - before

    @property
    def is_done(self) -> bool:
        """Tell whether all is quiet, for good."""
        self.stepper.settle()
        described = self.described
        return not (described.pending or described.put_off or described.in_flight)

    @property
    def described(self) -> GatewayDescribed:
        answer = self.stepper.ask(ADDRESSES.gateway, DescribeGateway())
        assert isinstance(answer, GatewayDescribed)
        return answer


@define
class _Caller:
    index: int
    desk: Desk

    def handle(self, message: MakeCall) -> list[Effect]:
        assert self.index not in self.desk.out, "a caller takes one call at a time"
        self.desk.out[self.index] = message
        return []


def desk(**changes: Any) -> Desk:
    return Desk(evolve(RULES, **changes))


def submit(number: int = 1, side: Side = BUY, kind: Kind = Kind.LIMIT) -> SubmitOrder:
    return SubmitOrder(f"ga-{number}", side, kind, D(100), D(3))


def report(number: int = 1, filled: Number = 0, *, is_open: bool = True) -> OrderReport:
    return OrderReport(f"ga-{number}", f"x{number}", D(filled), is_open=is_open)


def trade(trade_id: str, number: int = 1, quantity: Number = 1) -> TradeReport:
    return TradeReport(trade_id, f"x{number}", D(100), D(quantity), ZERO, "USDT", 0)


def taken(number: int = 1) -> Done:
    """Answer that an order rests, unfilled."""
    return Done((report(number),))


def reported(number: int = 1, filled: Number = 0, *, is_open: bool = True) -> OrderReported:
    """Tell what the exchange says of an order, which it has numbered."""
    return OrderReported(f"ga-{number}", D(filled), is_open, f"x{number}")


def given_up(number: int = 1, filled: Number = 0) -> OrderReported:
    """Tell of an order that the exchange does not know, or never got."""
    return OrderReported(f"ga-{number}", D(filled), is_open=False)


def told_fill(trade_id: str, number: int = 1, quantity: Number = 1) -> OrderFilled:
    return OrderFilled(f"ga-{number}", trade_id, D(100), D(quantity), ZERO, "USDT", 0, f"x{number}")
