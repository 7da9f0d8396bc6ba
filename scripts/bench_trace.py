"""Run `gridactors` with a stamp at every hop of a fill, written as JSON to the file named first; for `scripts/bench`.

Times are seconds of the clock that all processes of a computer share.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from time import perf_counter
from types import MappingProxyType
from typing import Any

from actors import cli
from actors.caller import Caller
from actors.gateways.wire import Wire
from actors.store.grid_store import GridStore
from actors.streams.spoken_stream import Interpreter
from engine.calls import Done, Place
from engine.gateway.gateway import Gateway
from engine.grid_level import GridLevel
from engine.journal.journal import Journal
from engine.journal.rows import Batch
from engine.messages import CallEnded, MakeCall, OrderFilled, RecordIntent, SubmitOrder, TradeBooked
from engine.order_manager import OrderManager

HOPS = MappingProxyType(
    {
        "filled": "the exchange matches an order",
        "frame": "… tells it, and our stream has read the frame",
        "reported": "stream, order feed → order manager: OrderFilled",
        "booked": "order manager → level: TradeBooked",
        "intended": "level, ledger, order manager → journal: RecordIntent",
        "wished": "journal writes it down → gateway: SubmitOrder",
        "called": "gateway → caller: MakeCall",
        "request": "ccxt makes a signed request of it",
        "accepted": "requests sends it, the exchange accepts the answer",
        "reply": "… replies, and requests has read the reply",
        "ended": "ccxt understands it, caller → gateway: CallEnded",
    }
)
DURABLE = "durable"  # when the fill itself was written: beside the way to its answer
BEFORE_ANSWER = ("frame", "reported", "booked")  # known by the id of the order that was filled


class Trace:
    """Keep when an order passed each hop; the first time counts."""

    def __init__(self) -> None:
        self.stamps: dict[str, dict[str, float]] = {}
        self._here = threading.local()  # when the frame came that is read, the order that is placed

    def follow(self) -> None:
        """Stamp from now on."""
        self._before(Interpreter, "heard", self._read)
        self._before(Interpreter, "_tell_of", self._understood)
        self._before(OrderManager, "handle", self._order_manager)
        self._before(GridLevel, "handle", self._level)
        self._before(Journal, "handle", self._journal)
        self._before(Gateway, "handle", self._gateway)
        self._before(Caller, "handle", self._caller)
        self._before(Wire, "send", lambda _request, now: self._placed("request", now))
        self._after(Wire, "send", lambda _request, now: self._placed("reply", now))
        self._after(GridStore, "write", self._written)

    def _before(self, owner: type, method: str, note: Callable[[Any, float], None]) -> None:
        """Have the first argument of each call of a method noted before the call."""
        original = getattr(owner, method)

        @wraps(original)
        def noted(this: Any, argument: Any, *others: Any, **named: Any) -> Any:
            note(argument, perf_counter())
            return original(this, argument, *others, **named)

        setattr(owner, method, noted)

    def _after(self, owner: type, method: str, note: Callable[[Any, float], None]) -> None:
        """Have the first argument of each call of a method noted after the call."""
        original = getattr(owner, method)

        @wraps(original)
        def noted(this: Any, argument: Any, *others: Any, **named: Any) -> Any:
            result = original(this, argument, *others, **named)
            note(argument, perf_counter())
            return result

        setattr(owner, method, noted)

    def _stamp(self, hop: str, order: str, now: float) -> None:
        self.stamps.setdefault(order, {}).setdefault(hop, now)

    # --- hops ----------------------------------------------------------------------------------------

    def _read(self, _frame: object, now: float) -> None:
        self._here.frame_at = now

    def _understood(self, one: object, _now: float) -> None:
        if isinstance(one, OrderFilled):
            self._stamp("frame", one.client_order_id, self._here.frame_at)

    def _order_manager(self, message: object, now: float) -> None:
        if isinstance(message, OrderFilled):
            self._stamp("reported", message.client_order_id, now)

    def _level(self, message: object, now: float) -> None:
        # The journal follows each level too; its own thread is told apart by its name.
        if isinstance(message, TradeBooked) and not threading.current_thread().name.endswith("/journal"):
            self._stamp("booked", message.client_order_id, now)

    def _journal(self, message: object, now: float) -> None:
        if isinstance(message, RecordIntent):
            self._stamp("intended", message.order.client_order_id, now)

    def _written(self, batch: Batch, now: float) -> None:
        for trade in batch.trades:
            self._stamp(DURABLE, trade.client_order_id, now)

    def _gateway(self, message: object, now: float) -> None:
        if isinstance(message, SubmitOrder):
            self._stamp("wished", message.client_order_id, now)
        elif isinstance(message, CallEnded) and isinstance(message.outcome, Done):
            for order in message.outcome.orders:
                self._stamp("ended", order.client_order_id, now)

    def _caller(self, message: MakeCall, now: float) -> None:
        self._here.order = message.call.client_order_id if isinstance(message.call, Place) else None
        self._placed("called", now)

    def _placed(self, hop: str, now: float) -> None:
        order = getattr(self._here, "order", None)
        if order is not None:
            self._stamp(hop, order, now)


def main() -> None:
    """Run the command that is left of the arguments."""
    file, trace = Path(sys.argv.pop(1)), Trace()
    trace.follow()
    try:
        cli.main()
    finally:
        file.write_text(json.dumps(trace.stamps))


if __name__ == "__main__":
    main()
