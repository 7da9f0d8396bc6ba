"""What must hold of those who keep money, orders, levels, calls and actors, after each of their steps."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from typing import Any

from actors.base import ChildEnded, ChildFailed, ChildStarted
from actors.supervisor import Supervisor
from engine.addresses import GridAddresses
from engine.balance_tracker import BalanceTracker
from engine.calls import Call, Cancel, LookUp, NotYet, Place
from engine.effects import Effect, Send
from engine.gateway.gateway import Gateway
from engine.gateway.pending_calls import Rank
from engine.gateway.rules import GatewayRules
from engine.grid_level import GridLevel
from engine.messages import ArmLevel, CallEnded, MakeCall
from engine.order_manager import OrderManager
from engine.values import ZERO, Side
from tests.simulation.living.laws import is_exit, require

_ROUNDING = 1e-6  # seconds, of times that were added up

Law = Callable[[Any, Any, list[Effect]], None]


class Keepers:
    """Give each address its law; `levels` counts what levels went through: state, message, next state."""

    def __init__(self, rules: GatewayRules, generation: Callable[[str], int], now: Callable[[], float]) -> None:
        self._rules, self._generation, self._now = rules, generation, now
        self._level_prefix = " "
        self._gateway = " "
        self._by_address: dict[str, Law] = {}
        self.levels: Counter[tuple[str, str, str]] = Counter()

    def began(self, addresses: GridAddresses) -> None:
        """Look at those who live at these addresses."""
        self._level_prefix = addresses.level("")
        self._gateway = addresses.gateway
        self._by_address = {
            addresses.balance_tracker: _look_at_funds,
            addresses.order_manager: _look_at_orders,
        }

    def law_of(self, address: str, *, is_supervisor: bool) -> Law | None:
        """Give what looks at whoever lives there."""
        if is_supervisor:
            return self._look_at_supervisor
        if address.startswith(self._level_prefix):
            return self._level_law()
        if address == self._gateway:
            return self._gateway_law()  # a gateway that has begun anew does not know what was sent before
        return self._by_address.get(address)

    def _look_at_supervisor(self, _supervisor: Supervisor, message: Any, effects: list[Effect]) -> None:
        if isinstance(message, ChildFailed | ChildEnded | ChildStarted):
            is_late = message.generation < self._generation(message.address)
            require(
                not (is_late and effects),
                "what is over counts no more",
                lambda: f"{message} of an earlier incarnation led to {effects}",
            )

    def _gateway_law(self) -> Law:
        """See that nobody is let out while an exit waits that could go, nor faster than allowed."""
        limits = [(count, seconds, deque[float]()) for count, seconds in self._rules.order_limits]
        quiet_until = 0.0

        def look(gateway: Gateway, message: Any, effects: list[Effect]) -> None:
            nonlocal quiet_until
            if isinstance(message, CallEnded) and isinstance(message.outcome, NotYet):
                quiet_until = max(quiet_until, self._now() + message.outcome.seconds)
            for effect in effects:
                if type(effect) is Send and type(effect.message) is MakeCall:
                    is_quiet = self._now() >= quiet_until - _ROUNDING
                    require(is_quiet, "an exchange is left alone when it wants that", effect.message.__repr__)
                    _see_exits_first(gateway, effect.message)
                    if isinstance(effect.message.call, Place):
                        self._see_pace(effect.message.call, limits)

        return look

    def _see_pace(self, place: Place, limits: list[tuple[int, float, deque[float]]]) -> None:
        now = self._now()
        for count, seconds, sent in limits:
            while sent and sent[0] <= now - seconds + _ROUNDING:
                sent.popleft()
            is_within = len(sent) < count or is_exit(place)
            require(
                is_within, "no faster than allowed", f"{place.client_order_id} is one more than {count} in {seconds} s"
            )
            sent.append(now)

    def _level_law(self) -> Law:
        before = "born"

        def look(level: GridLevel, message: Any, _effects: list[Effect]) -> None:
            nonlocal before
            if before == "born" and not isinstance(message, ArmLevel):
                return  # the grid ends, and it is only there to be told
            after = level._state.value
            self.levels[before, type(message).__name__, after] += 1
            before = after

        return look


def _look_at_funds(tracker: BalanceTracker, _message: Any, _effects: list[Effect]) -> None:
    ledger = tracker._ledger
    free_quote, free_base = ledger.free_quote, ledger.free_base
    quote = base = ZERO
    for (slot, side), one in ledger._reservations.items():
        if side is Side.BUY:
            quote += one.amount
        else:
            base += one.amount
        require(
            ZERO <= one.amount <= ledger.need(one.wish),
            "reserved is what open orders need",
            lambda slot=slot, one=one: f"{slot} has {one.amount} reserved for {one.wish}",  # type: ignore[misc]
        )
    is_paid = free_quote >= 0 and free_base >= 0
    require(is_paid, "nothing is negative", lambda: f"free are {free_quote} quote and {free_base} base")
    require(
        (quote, base) == (ledger.reserved_quote, ledger.reserved_base),
        "reserved is what open orders need",
        lambda: f"{ledger.reserved_quote} and {ledger.reserved_base} are reserved, orders need {quote} and {base}",
    )


def _look_at_orders(manager: OrderManager, _message: Any, _effects: list[Effect]) -> None:
    orders = manager._open.values()
    places = {(order.wish.owner.slot, order.wish.side) for order in orders}
    require(len(places) == len(orders), "one order per level and side", lambda: f"the grid has {sorted(manager._open)}")


def _see_exits_first(gateway: Gateway, made: MakeCall) -> None:
    if _is_way_out(made.call) or isinstance(made.call, LookUp) or not gateway._admission.admits(Rank.EXIT):
        return
    waiting = [call for who in gateway._pending._turns if _is_way_out(call := who.next_call)]
    require(not waiting, "exits come first", lambda: f"{made.call} goes out, and {waiting} wait")


def _is_way_out(call: Call | None) -> bool:
    return isinstance(call, Cancel) or (isinstance(call, Place) and is_exit(call))
