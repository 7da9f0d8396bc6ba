"""A live desk whose clients lose patience soon, so that every fault of an exchange can be met in a second or two."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import patch

from attrs import define, evolve, frozen

from actors.gateways import ccxt_client
from actors.gateways.ccxt_client import Client
from actors.gateways.credentials import Credentials
from actors.opening import opening
from actors.opening.links import LiveLink
from actors.opening.opening import Opened
from actors.opening.states import GridState
from actors.post import Post
from engine.calls import Call, Line, Outcome
from engine.effects import Address
from engine.feeds.connection import Patience
from engine.messages import FundsDescribed, StreamOpened
from engine.settings import Settings
from tests.e2e.expected_fills import Fill
from tests.e2e.live_desk import LiveDesk, Price
from tests.e2e.reply_faults import CLIENT_WAITS, TAKEN_WITHIN

BRISK = Patience(first_delay=0.02, longest_delay=0.2, opening=1.0, silence=0.15, overlap=0.1)
_CLOCKS = 0.1  # seconds by which one machine's clocks may differ


@define
class CountingLine:
    """Count how calls end: by the name of the call and of its outcome."""

    line: Line
    outcomes: Counter[tuple[str, str]]

    def put_through(self, call: Call) -> Outcome:
        outcome = self.line.put_through(call)
        self.outcomes[type(call).__name__, type(outcome).__name__] += 1
        return outcome

    def close(self) -> None:
        self.line.close()


class CountingPost(Post):
    """Count the streams that opened, by feed."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: Counter[str] = Counter()

    def send(self, to: Address[Any], message: Any) -> None:
        if isinstance(message, StreamOpened):
            self.opened[to] += 1
        super().send(to, message)


class QuickDesk(LiveDesk):
    """Run live grids whose callers wait `CLIENT_WAITS` seconds for a reply, and whose requests last `TAKEN_WITHIN`.

    No configuration says these: elsewhere they are ten seconds, and three. `faults` are armed when the grids have been
    opened, before they do anything. `outcomes` and `openings` count how calls ended and which streams opened.
    """

    def __init__(
        self, folder: Path, *documents: dict[str, Any], faults: Sequence[dict[str, Any]] = (), **options: Any
    ) -> None:
        super().__init__(folder, *documents, **options)
        self._first_faults = faults
        self.outcomes: Counter[tuple[str, str]] = Counter()
        self.post = self._counting = CountingPost()

    def start(self) -> None:
        self._closing.enter_context(patch("actors.opening.opening.connect", _connect_quickly))
        with patch("tests.e2e.live_desk.open_grids", self._open):
            super().start()

    @property
    def openings(self) -> Counter[str]:
        return self._counting.opened

    def arm(self, *faults: dict[str, Any]) -> None:
        for fault in faults:
            self.arm_fault(fault)

    def unmet(self) -> set[str]:
        """Give the routes on which a fault still waits for a request."""
        return {fault["route"] for fault in self.sandbox.hall.faults.armed()}

    def wait_for_more(self, outcomes: Callable[[], int], more: int = 1) -> Callable[[], None]:
        """Give what waits until so many more are counted than now."""
        before = outcomes()
        return lambda: self.wait_until(lambda: outcomes() >= before + more, f"{more} more calls ended so")

    def wait_for_order(self, price: Price) -> str:
        """Wait until the exchange has an order at `price`; give its client order id."""

        def names() -> list[str]:
            return [order.client_order_id for order in self.exchange_orders() if order.price == Decimal(price)]

        self.wait_until(lambda: bool(names()), f"an order at {price}")
        return names()[0]

    @property
    def in_flight(self) -> int:
        """Count the calls that are being made."""
        gateway = self.gateway()
        assert gateway is not None
        return gateway.in_flight

    def ending(self) -> Ending:
        """Give what there is to compare after a path, when all is quiet."""
        orders = (
            (order.wish.owner.slot, order.wish.side.value, order.wish.price, order.wish.quantity, order.filled)
            for order in self.orders()
        )
        return Ending(tuple(self.fills()), tuple(sorted(orders)), self.funds())

    def _open(self, configurations: Sequence[Settings], states: Sequence[GridState]) -> Opened:
        opened = opening.open_grids(configurations, states)
        opened.links = [self._quick(link) if isinstance(link, LiveLink) else link for link in opened.links]
        return opened

    def _recovered(self) -> None:
        self.arm(*self._first_faults)

    def _quick(self, link: LiveLink) -> LiveLink:
        return evolve(
            link,
            line=lambda: CountingLine(link.line(), self.outcomes),
            rules=evolve(link.rules, answer_window=TAKEN_WITHIN + _CLOCKS),
            patience=BRISK,
        )


def _connect_quickly(settings: Settings, credentials: Credentials, like: Client | None = None) -> Client:
    """Connect a client that gives up soon, unless it is the first, which opens the grids: no fault is meant for it."""
    client = ccxt_client.connect(settings, credentials, like)
    if like is None:
        return client
    client.exchange.timeout = int(CLIENT_WAITS * 1000)
    client.exchange.options["recvWindow"] = int(TAKEN_WITHIN * 1000)
    return client


@frozen
class Ending:
    """Hold a grid's limit fills in the exchange's order, its open orders by slot, and its money."""

    fills: tuple[Fill, ...]
    orders: tuple[tuple[str, str, Decimal, Decimal, Decimal], ...]
    funds: FundsDescribed
