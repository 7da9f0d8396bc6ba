"""A sandbox that drives its own market and times how soon each fill is answered; run by `scripts/bench`.

Prints a line of JSON when it is ready, with its addresses and keys, and another with what it measured. Times are
seconds of the clock that all processes of a computer share, taken by the exchange itself: a fill when it is matched,
an answer when it is accepted. No request and no watcher come between, and nobody else is on the two cores but the
grid that is timed.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Sequence
from decimal import Decimal
from time import perf_counter, sleep

import click
from attrs import define, field

from actors.sandbox.limits import LimitSettings
from actors.sandbox.options import Pair, SandboxOptions
from actors.sandbox.server import Sandbox
from engine.venue.events import Event, OrderChanged

SYMBOL = "SOLUSDT"
BOTTOM, TOP, PRICES = Decimal(130), Decimal(190), 100
SPACING = (TOP - BOTTOM) / (PRICES - 1)
BUDGET = Decimal(100_000)
LOWEST, HIGHEST = 20, 79  # levels between whose middles the price goes to and fro
PATIENCE = 30.0  # seconds without an order after which something is wrong
UNBOUNDED = LimitSettings(weight=10**9, orders_10s=10**6, orders_1d=10**9)


@define
class Answered:
    """Hold one fill and the order that answered it, with the seconds at which each happened."""

    filled: str
    filled_at: float
    answer: str
    answered_at: float


@define
class Stopwatch:
    """Listen to the exchange: which orders came when, and which answers are still owed."""

    accepted: list[float] = field(factory=list)
    answered: list[Answered] = field(factory=list)
    owed: dict[str, tuple[str, float]] = field(factory=dict)  # by level
    news: threading.Condition = field(factory=threading.Condition)

    def note(self, events: Sequence[Event]) -> None:
        """Note new orders and fills; called under the exchange's lock, right when they happen."""
        now = perf_counter()
        with self.news:
            for event in events:
                if isinstance(event, OrderChanged) and event.execution in {"NEW", "TRADE"}:
                    self._note(event.order.client_order_id, now, is_new=event.execution == "NEW")
            self.news.notify_all()

    def _note(self, name: str, now: float, *, is_new: bool) -> None:
        level = name.split("-")[1]
        if not is_new:
            self.owed[level] = (name, now)
            return
        self.accepted.append(now)
        if (filled := self.owed.pop(level, None)) is not None:
            self.answered.append(Answered(*filled, name, now))

    def wait_for_orders(self, count: int) -> None:
        """Wait until so many orders have been accepted."""
        with self.news:
            while len(self.accepted) < count:
                before = len(self.accepted)
                if not self.news.wait(PATIENCE) and len(self.accepted) == before:
                    raise TimeoutError(f"{len(self.accepted)} of {count} orders came, and no more for {PATIENCE} s")

    def wait_for_answers(self) -> None:
        """Wait until every fill has been answered."""
        with self.news:
            if not self.news.wait_for(lambda: not self.owed, PATIENCE):
                raise TimeoutError(f"levels {', '.join(self.owed)} did not answer within {PATIENCE} s")


@define
class Swing:
    """Move the market up and down through a grid, from the middle of one level to the middle of another."""

    sandbox: Sandbox
    stopwatch: Stopwatch
    level: int = PRICES // 2
    direction: int = 1

    def fill(self, fills: int, at_once: int, pause: float) -> list[Answered]:
        """Fill so many orders, `at_once` in one move, waiting for the answers and then `pause` seconds."""
        begun = len(self.stopwatch.answered)
        while len(self.stopwatch.answered) - begun < fills:
            self._move(at_once)
            self.stopwatch.wait_for_answers()
            sleep(pause)
        return self.stopwatch.answered[begun:]

    def _move(self, levels: int) -> None:
        if not LOWEST <= self.level + levels * self.direction <= HIGHEST:
            self.direction = -self.direction
        self.level += levels * self.direction
        price = BOTTOM + SPACING * self.level + SPACING / 2
        hall = self.sandbox.hall
        with hall.lock:
            hall.publish(hall.venue.move(SYMBOL, price, hall.now_ms()))


@click.command(help=__doc__)
@click.option("--limited", is_flag=True, help="Take no more orders than Binance does.")
@click.option("--fills", default=0, help="Fill so many orders one at a time.")
@click.option("--pause", default=0.02, help="Leave the market alone for so many seconds before each.")
@click.option("--bursts", default=0, help="Fill so many times several orders at once.")
@click.option("--burst", default=10, help="Fill so many at once.")
@click.option("--distance", default=0.0, help="Be so many seconds away, there and back.")
def exchange(*, limited: bool, fills: int, pause: float, bursts: int, burst: int, distance: float) -> None:
    """Run until standard input is closed."""
    middle = BOTTOM + SPACING * (PRICES // 2) + SPACING / 2
    options = SandboxOptions(pairs=(Pair("SOL", "USDT", middle),), balances={"USDT": BUDGET})
    with Sandbox(options) as sandbox:
        if not limited:
            sandbox.hall.limits.reset(UNBOUNDED)
        if distance:
            fault = {"route": "POST /api/v3/order", "action": "delay", "seconds": distance, "times": 0}
            sandbox.hall.faults.arm(fault)
        stopwatch = Stopwatch()
        sandbox.hall.subscribe(stopwatch.note)
        urls = sandbox.urls
        _tell(
            {
                "rest": urls.rest,
                "stream": urls.stream,
                "ws_api": urls.ws_api,
                "key": sandbox.api_key,
                "secret": sandbox.secret,
            }
        )
        stopwatch.wait_for_orders(PRICES)  # the initial purchase, and one for each level
        placed = list(stopwatch.accepted)
        stopwatch.owed.clear()  # nobody answers the purchase
        swing = Swing(sandbox, stopwatch)
        swing.fill(min(fills, 100), 1, pause)  # warming up
        singles = swing.fill(fills, 1, pause)
        together = swing.fill(bursts * burst, burst, pause)
        _tell({"placed": placed, "single": _rows(singles), "burst": _rows(together)})
        sys.stdin.read()


def _rows(answered: Sequence[Answered]) -> list[tuple[str, float, str, float]]:
    return [(one.filled, one.filled_at, one.answer, one.answered_at) for one in answered]


def _tell(news: object) -> None:
    click.echo(json.dumps(news))


if __name__ == "__main__":
    exchange()
