"""What must hold of everything that reaches the exchange."""

from __future__ import annotations

from collections.abc import Callable

from engine.calls import Call, Cancel, Done, Outcome, Place, Refusal, Refused
from engine.recovery.order_names import OrderName, read_order_name
from engine.values import Kind, Side
from tests.simulation.living.disk import Disk
from tests.simulation.living.verdict import LawBroken
from tests.simulation.spot.exchange import SpotExchange


def require(holds: bool, law: str, what: str | Callable[[], str]) -> None:  # noqa: FBT001 - as an assert does
    """Raise `LawBroken` unless it holds."""
    if not holds:
        raise LawBroken(law, what if isinstance(what, str) else what())


class Laws:
    """Look at every request before and after the exchange does; `may_not_place` says why no order may come now."""

    def __init__(self, exchange: SpotExchange, disk: Disk) -> None:
        self._exchange, self._disk = exchange, disk
        self._prefix = ""
        self._taken: set[str] = set()
        self._names: dict[str, OrderName] = {}
        self.may_not_place: str | None = None
        self.may_exit = False  # the price has been beyond an exit

    def began(self, prefix: str) -> None:
        """Look at orders whose names begin with `prefix`."""
        self._prefix = prefix

    def is_own(self, name: str) -> bool:
        """Tell whether an order bears the grid's name."""
        return bool(self._prefix) and name.startswith(self._prefix)

    def arrives(self, call: Call) -> None:
        """Look at a request before the exchange does."""
        if type(call) is Place:
            self._look_at_order(call)
        elif type(call) is Cancel:
            require(self.is_own(call.client_order_id), "no foreign order is touched", f"cancels {call.client_order_id}")

    def answered(self, call: Call, outcome: Outcome) -> None:
        """Look at what the exchange made of it."""
        if type(call) is not Place:
            return
        if isinstance(outcome, Done):
            self._taken.add(call.client_order_id)
        is_sound = not isinstance(outcome, Refused) or outcome.reason is not Refusal.RULES or is_exit(call)
        require(is_sound, "no order against the market's rules", lambda: f"{call}: {outcome}")

    def _look_at_order(self, place: Place) -> None:
        name = place.client_order_id
        is_allowed = self.may_not_place is None or is_exit(place)  # exits are watched while a grid rests
        require(is_allowed, "no order after stop", lambda: f"{name}, and {self.may_not_place}")
        require(name not in self._taken, "no order twice", f"{name} was taken before, and comes again")
        is_written = name in self._disk.ever_written or is_exit(place)
        require(is_written, "nothing goes out that is not written down", f"{name} is not in the database")
        require(self.may_exit or not is_exit(place), "nothing is sold before an exit is met", name)
        read = read_order_name(self._prefix, name)
        if read is None:
            raise LawBroken("every order bears the grid's name", f"{name} does not begin with {self._prefix}")
        self._names[name] = read
        for other in self._exchange.open_by_name:
            there = self._names.get(other)
            is_twin = there is not None and (there.slot, there.side) == (read.slot, read.side)
            require(not is_twin, "one order per level and side", f"{name} comes while {other} is open")


def is_exit(place: Place) -> bool:
    return place.kind is Kind.MARKET and place.side is Side.SELL
