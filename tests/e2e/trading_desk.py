"""Processes to trade with: a sandbox, and `gridactors start` against it; the fixtures of `conftest` end them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from decimal import Decimal
from pathlib import Path
from typing import IO, Any
from urllib.request import Request, urlopen

from attrs import field, frozen

from tests.e2e.desk import SOON, Desk

STOPS_WITHIN = 10.0  # seconds, of every stop in order
_LOOK_EVERY = 0.02  # seconds
_ANSWERS_WITHIN = 10.0  # seconds


def wait_until(condition: Callable[[], object], what: str, timeout: float = 20.0) -> None:
    """Look until `condition` holds: nobody tells a test what has become of another process."""
    never = threading.Event()
    for _ in range(int(timeout / _LOOK_EVERY)):
        if condition():
            return
        never.wait(_LOOK_EVERY)
    raise AssertionError(f"not within {timeout} s: {what}")


@frozen
class Venue:
    """A `gridactors sandbox` in a process of its own, whose market stands still until it is moved."""

    process: subprocess.Popen[str]
    rest: str
    stream: str
    ws_api: str
    api_key: str = field(repr=False)
    secret: str = field(repr=False)

    def keys(self) -> dict[str, str]:
        """Give the variables that lead to its account."""
        return {"EXCHANGE_API_KEY": self.api_key, "EXCHANGE_SECRET_KEY": self.secret}

    def post(self, name: str, body: object) -> Any:
        request = Request(f"{self.rest}/sandbox/{name}", json.dumps(body).encode())  # noqa: S310 loopback
        with urlopen(request, timeout=_ANSWERS_WITHIN) as reply:  # noqa: S310 loopback
            return json.load(reply)

    def move(self, price: str, symbol: str = "SOLUSDT") -> None:
        self.post("price", {"symbol": symbol, "price": price})

    def arm(self, *faults: dict[str, object]) -> None:
        self.post("faults", list(faults))

    def state(self) -> Any:
        with urlopen(f"{self.rest}/sandbox/state", timeout=_ANSWERS_WITHIN) as reply:  # noqa: S310 loopback
            return json.load(reply)

    def orders(self, account: str = "main") -> list[dict[str, Any]]:
        orders: list[dict[str, Any]] = self.state()["accounts"][account]["orders"]
        return orders

    def open_orders(self, account: str = "main") -> list[dict[str, Any]]:
        return [order for order in self.orders(account) if order["status"] in {"NEW", "PARTIALLY_FILLED"}]

    def holds(self, asset: str, account: str = "main") -> Decimal:
        balance = self.state()["accounts"][account]["balances"].get(asset, {"free": "0", "locked": "0"})
        return Decimal(balance["free"]) + Decimal(balance["locked"])

    def wait_for_orders(self, count: int) -> None:
        """Wait until so many are open."""
        wait_until(lambda: len(self.open_orders()) == count, f"{count} open orders")


@contextmanager
def running_venue(folder: Path, *options: str) -> Iterator[Venue]:
    """Start a sandbox whose market stands still, and end its process whatever happens."""
    process = subprocess.Popen(  # noqa: S603 the program itself
        [sys.executable, "-m", "actors", "sandbox", "--volatility", "0", *options],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield Venue(process, **json.loads(process.stdout.readline()))
    finally:
        process.kill()
        process.communicate()


@frozen
class Ended:
    """Hold what a trader left: its exit code, and what it wrote to the terminal."""

    code: int
    out: str
    err: str


@frozen
class Trader:
    """A `gridactors start` in a process of its own; what it writes goes to files: it never waits for a reader."""

    process: subprocess.Popen[bytes]
    folder: Path
    name: str

    @property
    def out(self) -> str:
        return (self.folder / f"{self.name}.out").read_text(encoding="utf-8")

    @property
    def err(self) -> str:
        return (self.folder / f"{self.name}.err").read_text(encoding="utf-8")

    def wait_for(self, text: str) -> None:
        """Wait until it has said so."""
        with suppress(AssertionError):  # what was said instead tells more
            wait_until(lambda: text in self.out + self.err or self.process.poll() is not None, text)
        assert text in self.out + self.err, f"{text!r} was not said, but: {self.out}\n{self.err}"

    def ended(self, within: float = SOON) -> Ended:
        """Wait for its end."""
        try:
            code = self.process.wait(within)
        except subprocess.TimeoutExpired:
            raise TimeoutError(f"still there after {within} s\n{self.out}\n{self.err}") from None
        return Ended(code, self.out, self.err)

    def stopped(self, number: signal.Signals) -> Ended:
        """Send a signal, and wait for an end in order, which has its time."""
        self.process.send_signal(number)
        return self.ended(STOPS_WITHIN)


@contextmanager
def running_trader(
    desk: Desk,
    *arguments: str,
    env: Mapping[str, str] | None = None,
    name: str = "trader",
    stdout: IO[bytes] | int | None = None,
) -> Iterator[Trader]:
    """Run `gridactors start` in the folder of `desk`, and end its process whatever happens.

    What it writes to its standard output goes to `stdout`, if one is given.
    """
    outputs = desk.folder.parent / f"{desk.folder.name}-{name}"
    outputs.mkdir(exist_ok=True)
    with (outputs / f"{name}.out").open("wb") as out, (outputs / f"{name}.err").open("wb") as err:
        process = subprocess.Popen(  # noqa: S603 the program itself
            [sys.executable, "-m", "actors", "start", *arguments],
            cwd=desk.folder,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=out if stdout is None else stdout,
            stderr=err,
            process_group=0,
        )
        try:
            yield Trader(process, outputs, name)
        finally:
            process.kill()
            process.wait()


@frozen
class TradingDesk:
    """A desk whose configurations trade at a venue."""

    desk: Desk
    venue: Venue

    def configure(self, *changes: tuple[str, object], name: str = "grid.json") -> str:
        """Write a live grid of 100 to 140 in five prices."""
        return self.desk.configure(
            ("exchange.name", "binance"),
            ("exchange.trading_mode", "live"),
            ("exchange.base_url", self.venue.rest),
            ("exchange.stream_url", self.venue.stream),
            ("exchange.ws_api_url", self.venue.ws_api),
            *changes,
            name=name,
        )

    @contextmanager
    def trading(
        self,
        *arguments: str,
        name: str = "trader",
        env: Mapping[str, str] | None = None,
        stdout: IO[bytes] | int | None = None,
    ) -> Iterator[Trader]:
        """Run `gridactors start`, with the keys of the venue unless `env` has others."""
        keys = self.venue.keys() if env is None else env
        with running_trader(self.desk, *arguments, env=keys, name=name, stdout=stdout) as trader:
            yield trader


def written(folder: Path, *ended: Ended) -> bytes:
    """Give every byte that was written: in files below `folder`, and to the terminal."""
    files = [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]
    return b"\n".join([*files, *(f"{end.out}\n{end.err}".encode() for end in ended)])
