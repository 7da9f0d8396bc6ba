"""The gateway as an actor: whom it asks, whom it tells, and that its delays are timers."""

from __future__ import annotations

from decimal import Decimal

from actors import gateway
from engine.calls import Done, OrderReport, Place, TradeReport, Unknown
from engine.effects import Send
from engine.gateway.breaker import BreakerState
from engine.gateway.rules import gateway_rules
from engine.messages import (
    CallEnded,
    CallerReady,
    DescribeGateway,
    GatewayDescribed,
    LookUpOrder,
    MakeCall,
    OrderFilled,
    OrderReported,
    RetryDue,
    SubmitOrder,
)
from engine.supervision import Restart
from engine.values import ZERO, Kind, Side
from tests.actors.fake_post import Hosted
from tests.actors.grids import START, grid

SETUP = grid(("execution.retry_delay", 2.0))
RULES = gateway_rules(
    SETUP.settings.execution, callers=2, order_limits=((100, 10.0),), answer_window=6.0, post_only=True
)
NAME = f"{SETUP.tag}-0-0b0"
SUBMIT = SubmitOrder(NAME, Side.BUY, Kind.LIMIT, Decimal(100), Decimal(2))
PLACE = Place(NAME, Side.BUY, Kind.LIMIT, Decimal(100), Decimal(2), post_only=True)


def ready() -> Hosted:
    hosted = Hosted(gateway.spec(SETUP, RULES))
    hosted.tell(CallerReady(1))
    return hosted


def test_gateway_lives_where_orders_are_sent_to_for_ever() -> None:
    spec = gateway.spec(SETUP, RULES)
    assert (spec.address, spec.restart) == (SETUP.addresses.exchange, Restart.PERMANENT)


def test_each_incarnation_begins_with_nobody_to_call_for_it() -> None:
    hosted = ready()
    assert hosted.ask(DescribeGateway()) == GatewayDescribed(0, 0, 0, 0, 1, BreakerState.CLOSED, paused=False)
    assert Hosted(gateway.spec(SETUP, RULES)).ask(DescribeGateway()).idle_callers == 0


def test_order_goes_to_a_caller_and_its_fate_to_the_order_manager() -> None:
    hosted = ready()
    assert hosted.tell(SUBMIT) == [Send(SETUP.addresses.caller(1), MakeCall(1, PLACE))]
    trade = TradeReport("17", "7", Decimal(100), Decimal(1), ZERO, "USDT", START)
    answer = Done((OrderReport(NAME, "7", Decimal(1), is_open=True),), (trade,))
    assert hosted.tell(CallEnded(1, 1, answer)) == [
        Send(
            SETUP.addresses.order_manager, OrderFilled(NAME, "17", Decimal(100), Decimal(1), ZERO, "USDT", START, "7")
        ),
        Send(SETUP.addresses.order_manager, OrderReported(NAME, Decimal(1), is_open=True, order_id="7")),
    ]


def test_what_is_tried_again_waits_for_a_timer_that_chance_has_varied() -> None:
    delays = set()
    for _ in range(5):
        hosted = ready()
        hosted.tell(LookUpOrder(NAME))
        assert hosted.tell(CallEnded(1, 1, Unknown("no answer"))) == []
        (timer,) = hosted.post.timers
        assert 1.0 <= timer.delay <= 2.0
        delays.add(timer.delay)
        assert isinstance(timer.message, RetryDue)
        assert [sent.to for sent in hosted.tell(timer.message)] == [SETUP.addresses.caller(1)]
    assert len(delays) > 1
