"""The way to the exchange and back: requests that are lost, late, refused or answered with nonsense."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from actors.gateways.ccxt_client import RECEIVE_WINDOW_MS, TIMEOUT_MS
from engine.calls import Call, LookUp, NotFound, NotYet, Outcome, Place, Refusal, Refused, Unknown
from engine.effects import Effect, Send
from engine.grid_setup import GridSetup
from engine.messages import CallEnded, CallerReady, MakeCall
from tests.simulation.living.chance import Chance
from tests.simulation.living.house import House
from tests.simulation.living.residents import Teller, Told

RECEIVE_WINDOW = RECEIVE_WINDOW_MS / 1000  # seconds from its signing in which a request can arrive
TIMEOUT = TIMEOUT_MS / 1000  # seconds that a caller waits for an answer
_LAG = 1.0  # seconds in which an exchange may not find an order that it has just taken

End = Callable[[Outcome], None]
FAULTS = (
    "request lost",
    "answer lost",
    "request late",
    "answer slow",
    "request out of time",
    "server error",
    "too many requests",
    "look-up lags",
)


class Exchange(Protocol):
    """Be at the other end."""

    def arrive(self, call: Call, /) -> Outcome:
        """Take a request."""


class Network:
    """Carry one call at a time for each caller."""

    def __init__(self, house: House, chance: Chance, rates: dict[str, float], world: Exchange) -> None:
        self._house, self._chance = house, chance
        self._arrive = world.arrive
        self._hazards = [(kind, chance.hazard(kind, rates.get(kind, 0.0))) for kind in FAULTS]
        self._latency = chance.stream("latency").random
        self._left_alone_until = 0.0
        self._placed_at: dict[str, float] = {}
        self.is_down = self.is_in_maintenance = self.refuses_the_key = False

    @property
    def is_well(self) -> bool:
        """Tell whether the exchange can be asked now."""
        return not (self.is_down or self.is_in_maintenance or self.refuses_the_key) and not self._is_left_alone

    def heal(self) -> None:
        """Be well from now on."""
        self.is_down = self.is_in_maintenance = self.refuses_the_key = False
        self._left_alone_until = 0.0

    @property
    def _is_left_alone(self) -> bool:
        return self._house.now < self._left_alone_until

    def put_through(self, call: Call, end: End) -> None:
        """Make a call, and tell how it ended when it has."""
        there = 0.01 + 0.1 * self._latency()
        fate = next((kind for kind, hazard in self._hazards if hazard.strikes()), None)
        refused = self._refusal()
        if self.is_down:
            self._answer(0.02 if self._latency() < 0.5 else TIMEOUT, end, Unknown("no answer"))
        elif refused is not None:
            self._answer(there, end, refused)
        elif fate is None:
            self._house.later(there, lambda: self._answer(there, end, self._take(call)))
        else:
            self._go_wrong(fate, call, there, end)

    def _refusal(self) -> Outcome | None:
        if self._is_left_alone:
            return NotYet(self._left_alone_until - self._house.now, "too many requests", banned=True)
        if self.is_in_maintenance:
            return NotYet(10.0, "System is under maintenance.")
        if self.refuses_the_key:
            return Refused(Refusal.PERMISSION, "Invalid API-key, IP, or permissions for action.")
        return None

    def _go_wrong(self, fate: str, call: Call, there: float, end: End) -> None:
        house, detail = self._house, self._chance.detail()
        patience = detail.choice((0.05, 0.5, TIMEOUT))
        match fate:
            case "request lost":
                self._answer(patience, end, Unknown("no answer"))
            case "answer lost":
                house.later(there, lambda: self._take_unheard(call))
                self._answer(max(there, patience), end, Unknown("half an answer"))
            case "request late":
                house.later(detail.uniform(there, RECEIVE_WINDOW), lambda: self._take_unheard(call))
                self._answer(detail.uniform(0.05, 1.0), end, Unknown("connection reset"))
            case "answer slow":
                back = detail.uniform(1.0, TIMEOUT - RECEIVE_WINDOW)
                arrival = detail.uniform(there, RECEIVE_WINDOW)
                house.later(arrival, lambda: self._answer(back, end, self._take(call)))
            case "request out of time":
                self._answer(detail.uniform(RECEIVE_WINDOW, 6.0), end, NotYet(1.0, "outside of the recvWindow"))
            case "server error":
                if detail.random() < 0.5:
                    house.later(there, lambda: self._take_unheard(call))
                self._answer(2 * there, end, Unknown("HTTP 503"))
            case "too many requests":
                seconds = detail.choice((0.0, 1.0, 5.0, 30.0))
                self._left_alone_until = house.now + (seconds if seconds > 1 else 0)
                self._answer(there, end, NotYet(seconds, "too many requests", banned=seconds > 5))
            case _:
                house.later(there, lambda: self._answer(there, end, self._take_with_a_lag(call)))

    def _take(self, call: Call) -> Outcome:
        if type(call) is Place:
            self._placed_at[call.client_order_id] = self._house.now
        return self._arrive(call)

    def _take_unheard(self, call: Call) -> None:
        self._take(call)

    def _take_with_a_lag(self, call: Call) -> Outcome:
        if isinstance(call, LookUp) and self._house.now - self._placed_at.get(call.client_order_id, -9.0) < _LAG:
            return NotFound("Order does not exist.")
        return self._take(call)

    def _answer(self, delay: float, end: End, outcome: Outcome) -> None:
        self._house.later(delay, lambda: end(outcome))


class Caller:
    """Call for the gateway over the network, and do nothing else until that has ended."""

    def __init__(self, index: int, grid: GridSetup, house: House, network: Network, tell: Teller | None) -> None:
        self._index, self._gateway = index, grid.addresses.gateway
        self._address = grid.addresses.caller(index)
        self._house, self._network, self._tell = house, network, tell

    def start(self) -> list[Effect]:
        return [Send(self._gateway, CallerReady(self._index))]

    def handle(self, made: MakeCall) -> list[Effect]:
        house, me = self._house, self._house.block()

        def end(outcome: Outcome) -> None:
            if self._tell is not None:
                self._tell(Told(house.now, "network", self._address, outcome))
            house.unblock(me, [Send(self._gateway, CallEnded(self._index, made.number, outcome))])

        self._network.put_through(made.call, end)
        return []
