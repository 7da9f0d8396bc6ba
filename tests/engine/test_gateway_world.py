"""Whatever goes wrong between a gateway and its exchange: no order twice, none forgotten, nothing left undone."""

from __future__ import annotations

from functools import partial
from random import Random

import pytest
from attrs import define, field

from engine.calls import Place
from engine.effects import After, Effect, Send
from engine.gateway.breaker import BreakerState
from engine.messages import (
    CancelOrder,
    CatchUp,
    DescribeGateway,
    GatewayDescribed,
    LookUpOrder,
    OpenOrdersListed,
    OrderFilled,
    OrderRejected,
    OrderReported,
    SubmitOrder,
)
from engine.stepper import ShakenStepper, Stepper
from engine.values import ONE, Kind, Side
from tests.engine.gateway_world import MOODS, RULES, World
from tests.engine.model_exchange import ANY_PRICE
from tests.engine.samples import ADDRESSES, D

UNTIL = 400.0  # seconds of trouble
FOREIGN = "somebody-else"


@define
class Trader:
    """Want things at random, some of them twice, while the market trades and the world changes its mood."""

    world: World
    names: list[str] = field(factory=list)
    wishes: list[SubmitOrder] = field(factory=list)
    cancelled: set[str] = field(factory=set)

    def handle(self, _: object) -> list[Effect]:
        world, random = self.world, self.world.random
        if world.stepper.now > UNTIL:
            world.mood = "well"
            return []
        if random.random() < 0.02:
            world.mood = random.choice(list(MOODS))
        if random.random() < 0.3 and (orders := world.exchange.open_orders()):
            order = random.choice(orders)
            if random.random() < 0.5:
                world.exchange.trade(order, ONE)
            else:
                world.exchange.expire(order)
        effects: list[Effect] = [After(random.expovariate(1), None)]
        effects += [self._wish() for _ in range(random.choice([0, 1, 1, 5]))]
        if random.random() < 0.05:
            caller = random.choice(world.callers)
            effects.append(Send(caller.home, partial(caller.crash, lost=1.0)))
        return effects

    def _wish(self) -> Effect:
        random = self.world.random
        match random.choices(["new", "again", "cancel", "look up", "catch up"], [5, 1, 3, 1, 1])[0]:
            case "again" if wanted := [wish for wish in self.wishes if self._is_wanted(wish.client_order_id)]:
                return Send(ADDRESSES.gateway, random.choice(wanted))
            case "cancel" if self.names:
                self.cancelled.add(name := random.choice(self.names[-20:]))
                return Send(ADDRESSES.gateway, CancelOrder(name))
            case "look up" if self.names:
                return Send(ADDRESSES.gateway, LookUpOrder(random.choice(self.names[-20:])))
            case "catch up":
                return Send(ADDRESSES.gateway, CatchUp(random.choice([None, "0", "5"])))
        name = f"ga-{len(self.names)}"
        self.names.append(name)
        side, kind = random.choice(list(Side)), random.choice([Kind.LIMIT, Kind.LIMIT, Kind.MARKET])
        self.wishes.append(SubmitOrder(name, side, kind, ANY_PRICE, D(random.choice([1, 2, 3]))))
        return Send(ADDRESSES.gateway, self.wishes[-1])

    def _is_wanted(self, name: str) -> bool:
        return name not in self.cancelled and not self.is_over(name)

    def is_over(self, name: str) -> bool:
        told = self.world.listener.about(name)
        return any(
            isinstance(message, OrderRejected) or (isinstance(message, OrderReported) and not message.is_open)
            for message in told
        )


def live_through(seed: int, stepper: Stepper) -> Trader:
    """Trade through the trouble, wait for calm, then take down what is left."""
    world = World(Random(seed), stepper)
    foreign = Place(FOREIGN, Side.BUY, Kind.LIMIT, ANY_PRICE, D(1_000_000))
    world.exchange.answer(foreign)
    trader = Trader(world)
    stepper.add("trader", trader)
    stepper.send("trader", None)
    world.run()
    for name in trader.names:
        if not trader.is_over(name):
            stepper.send(ADDRESSES.gateway, CancelOrder(name))
    world.run()
    for name in trader.names:
        if name in world.exchange.orders:
            stepper.send(ADDRESSES.gateway, LookUpOrder(name))
    world.run()
    stepper.send(ADDRESSES.gateway, CatchUp("0"))
    world.run()
    return trader


def check(trader: Trader) -> None:
    world = trader.world
    exchange, listener = world.exchange, world.listener
    assert set(exchange.placed.values()) == {1}, "no order twice"
    assert [order.report.client_order_id for order in exchange.open_orders()] in ([FOREIGN], [])
    for name in trader.names:
        told = listener.about(name)
        rejected = [message for message in told if isinstance(message, OrderRejected)]
        closed = [message for message in told if isinstance(message, OrderReported) and not message.is_open]
        if name not in exchange.orders:
            # One that is cancelled while its rejection is on the way is not found, and said to have ended.
            assert told, name
            assert rejected in ([], told[:1])
            assert all(message.filled == 0 and not message.is_open for message in told[len(rejected) :])
            continue
        order = exchange.orders[name]
        assert not rejected
        assert {message.filled for message in closed} == {order.report.filled}
        assert not any(message.is_open for message in told[told.index(closed[0]) :] if hasattr(message, "is_open"))
        fills = {message.trade_id for message in told if isinstance(message, OrderFilled)}
        assert fills == {trade.trade_id for trade in order.trades}
    assert listener.about(FOREIGN) == []
    last = listener.told[-1]
    assert isinstance(last, OpenOrdersListed)
    assert last.orders == ()
    assert world.stepper.ask(ADDRESSES.gateway, DescribeGateway()) == GatewayDescribed(
        0, 0, 0, 0, RULES.callers, BreakerState.CLOSED, paused=False
    )


@pytest.mark.parametrize("seed", range(30))
def test_no_order_is_placed_twice_or_forgotten_whatever_goes_wrong(seed: int) -> None:
    check(live_through(seed, Stepper() if seed % 2 else ShakenStepper(seed)))


def test_the_trouble_is_real() -> None:
    traders = [live_through(seed, Stepper()) for seed in range(8)]
    told = [message for trader in traders for message in trader.world.listener.told]
    rejections = {message.reason for message in told if isinstance(message, OrderRejected)}
    assert "unreachable" in rejections
    assert all(trader.world.gateway.was_open for trader in traders)
    assert sum(len(trader.names) for trader in traders) > 1_000
    assert sum(len(trader.world.exchange.trades) for trader in traders) > 500
