"""A gateway among callers that lose, delay, refuse and crash, with somebody who watches what it does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

from attrs import define, field

from engine.calls import Call, Cancel, LookUp, NotYet, Outcome, Place, Refusal, Refused, Unknown
from engine.effects import Address, After, Effect, Send
from engine.gateway.gateway import Gateway
from engine.gateway.rules import GatewayRules
from engine.messages import CallEnded, CallerReady, CancelOrder, MakeCall, OpenOrdersListed
from engine.stepper import Stepper
from engine.values import Kind, Side
from tests.engine.model_exchange import ModelExchange
from tests.engine.samples import ADDRESSES

RECEIVE_WINDOW = 5.0  # seconds from its signing in which a request can arrive
ROUNDING = 1e-6  # of times that were added up
RULES = GatewayRules(
    callers=3,
    max_retries=2,
    retry_delay=0.5,
    breaker_threshold=4,
    breaker_recovery=20.0,
    breaker_trials=2,
    order_limits=((4, 10.0), (15, 60.0)),
    answer_window=RECEIVE_WINDOW + 1,
    post_only=True,
)
Act = Callable[[], list[Effect]]

# How often a call ends how, for each mood of the world; what is not said goes well.
MOODS: dict[str, dict[str, float]] = {
    "well": {},
    "flaky": {"lost": 0.2, "answer lost": 0.2, "late": 0.2, "not yet": 0.03, "refused": 0.05, "crash": 0.1},
    "down": {"lost": 0.7, "late": 0.3},
    "busy": {"not yet": 0.4},
    "closed": {"lost": 0.5, "late": 0.3},  # to orders only
}


@define
class Caller:
    """Make calls on the model exchange, in whatever mood the world is; between calls it may crash too."""

    index: int
    world: World
    generation: int = 0
    waiting: list[MakeCall] = field(factory=list)
    is_free: bool = True

    @property
    def home(self) -> Address[MakeCall | Act]:
        return Address(ADDRESSES.caller(self.index))

    def handle(self, message: MakeCall | Act) -> list[Effect]:
        if not isinstance(message, MakeCall):
            return message()
        self.waiting.append(message)
        return self._go_on()

    def crash(self, lost: float) -> list[Effect]:
        """Come back after a while; what was in the inbox is lost, what comes meanwhile is not."""
        random = self.world.random
        if random.random() < lost:
            self.waiting.clear()
        self.generation += 1
        self.is_free = False
        return [After(random.uniform(0, 3), partial(self._back, self.generation))]

    def _back(self, generation: int) -> list[Effect]:
        if generation != self.generation:
            return []  # it crashed again meanwhile
        self.is_free = True
        return [Send(ADDRESSES.gateway, CallerReady(self.index)), *self._go_on()]

    def _go_on(self) -> list[Effect]:
        if not self.is_free or not self.waiting:
            return []
        self.is_free = False
        made = self.waiting.pop(0)
        moods = MOODS[self.world.mood] if self.world.mood != "closed" or isinstance(made.call, Place) else {}
        (fate,) = self.world.random.choices([*moods, "well"], [*moods.values(), max(0.0, 1 - sum(moods.values()))])
        slowness = self.world.random.choice([0.0, 0.0, self.world.random.uniform(0, 8)]) if fate != "well" else 0.0
        return [After(slowness, partial(self._sign, self.generation, fate, made))]

    def _sign(self, generation: int, fate: str, made: MakeCall) -> list[Effect]:
        """Send the request off: from now on it may arrive, whatever becomes of the caller."""
        if generation != self.generation:
            return []
        random = self.world.random
        soon, patience = random.uniform(0.01, 0.4), random.uniform(0.01, 2)
        match fate:
            case "well":
                return [After(soon, partial(self._arrive, generation, made, answered=True))]
            case "lost":
                return [self._end(patience, made, Unknown("no answer"))]
            case "answer lost":
                return [After(soon, partial(self._arrive, generation, made, answered=False))]
            case "late":
                return [self._on_its_way(made), self._end(patience, made, Unknown("no answer"))]
            case "not yet":
                seconds = random.choice([0.0, 1.0, 7.0])
                return [self._end(soon, made, NotYet(seconds, "too many requests", banned=seconds > 5))]
            case "refused":
                return [self._end(soon, made, Refused(random.choice(list(Refusal)), "no"))]
            case _:
                late_word = self._end(0.5, made, Unknown("from the grave"))
                return [random.choice([self._on_its_way(made), late_word]), *self.crash(lost=0.5)]

    def _on_its_way(self, made: MakeCall) -> After:
        return After(self.world.random.uniform(0, RECEIVE_WINDOW), partial(self._arrive_unseen, made.call))

    def _arrive(self, generation: int, made: MakeCall, *, answered: bool) -> list[Effect]:
        outcome = self.world.exchange.answer(made.call)
        return self._ended(generation, made, outcome if answered else Unknown("half an answer"))

    def _arrive_unseen(self, call: Call) -> list[Effect]:
        self.world.exchange.answer(call)
        return []

    def _end(self, delay: float, made: MakeCall, outcome: Outcome) -> After:
        return After(delay, partial(self._ended, self.generation, made, outcome))

    def _ended(self, generation: int, made: MakeCall, outcome: Outcome) -> list[Effect]:
        told: Effect = Send(ADDRESSES.gateway, CallEnded(self.index, made.number, outcome))
        if generation != self.generation:
            return [told]
        self.is_free = True
        return [told, *self._go_on()]


@define
class WatchedGateway:
    """Check every call that the gateway has made against what it may know by then."""

    world: World
    gateway: Gateway
    out: dict[int, MakeCall] = field(factory=dict)  # by caller
    exits: set[str] = field(factory=set)
    placed_at: list[float] = field(factory=list)
    quiet_until: float = 0.0
    failures: int = 0
    open_until: float = 0.0
    was_open: bool = False

    def handle(self, message: Any) -> list[Effect]:
        match message:
            case CancelOrder():
                self.exits.add(message.client_order_id)
            case CallEnded() if self.out.get(message.caller, MakeCall(0, None)).number == message.number:  # type: ignore[arg-type]  # no call
                del self.out[message.caller]
                self._learn(message.outcome)
            case CallerReady() if self.out.pop(message.caller, None) is not None:
                self._learn(Unknown("lost with its caller"))
        effects = self.gateway.handle(message)
        for effect in effects:
            if isinstance(effect, Send) and isinstance(effect.message, MakeCall):
                self._check(int(effect.to.rpartition("/")[2]), effect.message)
        return effects

    def _learn(self, outcome: Outcome) -> None:
        now = self.world.stepper.now
        if isinstance(outcome, NotYet):
            self.quiet_until = max(self.quiet_until, now + outcome.seconds)
        elif isinstance(outcome, Unknown):
            self.failures += 1
            if self.failures == RULES.breaker_threshold:
                self.open_until, self.was_open = now + RULES.breaker_recovery, True
        else:
            self.failures, self.open_until = 0, 0.0

    def _check(self, caller: int, made: MakeCall) -> None:
        now, call = self.world.stepper.now, made.call
        assert caller not in self.out, "a caller takes one call at a time"
        name = getattr(call, "client_order_id", "")
        assert name not in [getattr(other.call, "client_order_id", None) for other in self.out.values()]
        assert now >= self.quiet_until - ROUNDING, "the exchange wants to be left alone"
        is_exit = self._is_exit(call)
        if self.failures >= RULES.breaker_threshold:
            assert is_exit or now >= self.open_until - ROUNDING, "the breaker is open"
            sure_exits = [made, *self.out.values()] if is_exit else []
            assert sum(not isinstance(other.call, LookUp) and self._is_exit(other.call) for other in sure_exits) < 2
        if isinstance(call, Place):
            self.placed_at.append(now)
            for count, seconds in RULES.order_limits:
                recent = sum(at > now - seconds + ROUNDING for at in self.placed_at)
                assert is_exit or recent <= count, "too many orders"
        self.out[caller] = made

    def _is_exit(self, call: Call) -> bool:
        if isinstance(call, Place) and call.kind is Kind.MARKET and call.side is Side.SELL:
            self.exits.add(call.client_order_id)
            return True
        return isinstance(call, Cancel) or (isinstance(call, LookUp) and call.client_order_id in self.exits)


@define
class Listener:
    """Stand where the order manager would, and remember what it is told."""

    told: list[Any] = field(factory=list)
    by_name: defaultdict[str, list[Any]] = field(factory=partial(defaultdict, list))

    def handle(self, message: Any) -> list[Effect]:
        self.told.append(message)
        if not isinstance(message, OpenOrdersListed):
            self.by_name[message.client_order_id].append(message)
        return []

    def about(self, name: str) -> list[Any]:
        return self.by_name[name]


@define(eq=False)
class World:
    """Put them all on one stepper."""

    random: Random
    stepper: Stepper
    tag: str = "ga"
    mood: str = "well"
    exchange: ModelExchange = field(init=False)
    gateway: WatchedGateway = field(init=False)
    listener: Listener = field(factory=Listener)
    callers: list[Caller] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.exchange = ModelExchange(self.random)
        self.gateway = WatchedGateway(self, Gateway(self.tag, RULES, ADDRESSES, self.random.random))
        self.callers = [Caller(index, self) for index in range(RULES.callers)]
        self.stepper.add(ADDRESSES.gateway, self.gateway)
        self.stepper.add(ADDRESSES.order_manager, self.listener)
        for caller in self.callers:
            self.stepper.add(caller.home, caller)
            self.stepper.send(ADDRESSES.gateway, CallerReady(caller.index))

    def run(self, most: int = 100_000) -> None:
        """Go on until nobody has anything left to do, not even a timer."""
        self.stepper.settle()
        for _ in range(most):
            if not self.stepper.advance_clock():
                return
            self.stepper.settle()
        raise AssertionError("this never ends")
