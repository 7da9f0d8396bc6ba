"""The sandbox as a whole: a market that moves, REST, WebSockets, one account with its keys."""

from __future__ import annotations

import random
import threading
import time
from contextlib import ExitStack
from decimal import Decimal
from types import TracebackType
from typing import Self

from attrs import frozen

from actors.sandbox.control import PREFIX, Control
from actors.sandbox.fault_switches import FaultSwitches
from actors.sandbox.hall import MAIN, Hall
from actors.sandbox.http_server import HttpServer, Request, Response
from actors.sandbox.market_mover import MarketMover
from actors.sandbox.options import SandboxOptions
from actors.sandbox.price_paths import PricePath, Script, Walk
from actors.sandbox.rest import Rest
from actors.sandbox.sockets import Sockets, SocketSettings
from engine.venue.venue import Venue

_STEP = 0.1  # seconds between two steps of the market
_HIGHEST = Decimal("1e12")  # where a price stops that no rule bounds


@frozen
class SandboxUrls:
    """Tell where clients find it: the roots of REST, of the market streams and of the WebSocket API."""

    rest: str
    stream: str
    ws_api: str


class Sandbox:
    """Run a local exchange on loopback ports, from `start` to `close`; also a context manager."""

    def __init__(self, options: SandboxOptions | None = None) -> None:
        self.options = options or SandboxOptions()
        self.hall = Hall(_venue(self.options))
        self.keys = self.hall.open_account(MAIN, self.options.starting_balances(), fees_in_bnb=self.options.fees_in_bnb)
        FaultSwitches(self.hall)
        self._closing = threading.Event()
        self._rest = Rest(self.hall, self._closing)
        self._control = Control(self.hall)
        self._running = ExitStack()
        self._urls: SandboxUrls | None = None

    @property
    def api_key(self) -> str:
        """Give the key that goes with `secret`."""
        return self.keys.hmac.api_key

    @property
    def secret(self) -> str:
        """Give the shared secret of `api_key`."""
        return self.keys.hmac.secret

    @property
    def urls(self) -> SandboxUrls:
        """Tell where it listens; RuntimeError before the start."""
        if self._urls is None:
            raise RuntimeError("the sandbox has not been started")
        return self._urls

    @property
    def is_closed(self) -> bool:
        """Tell whether it has hung up for good."""
        return self._closing.is_set()

    def start(self) -> None:
        """Listen, and let the market move; again is no trouble. OSError when a port is taken."""
        if self._closing.is_set():
            raise RuntimeError("the sandbox has been closed")
        if self._urls is not None:
            return
        try:
            self._start()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Hang up on everybody, end every thread, free the ports; again is no trouble."""
        self._closing.set()
        self._running.close()

    def _start(self) -> None:
        http = HttpServer(self.answer, self.options.port)
        self._running.callback(http.close)
        sockets = Sockets(self.hall, SocketSettings(port=self.options.stream_port))
        sockets.start()
        self._running.callback(sockets.close)
        http.start()
        mover = MarketMover(self.hall, _paths(self.options), float(self.options.speed))
        self._running.callback(mover.close)
        mover.start()
        stream = f"ws://127.0.0.1:{sockets.port}"
        self._urls = SandboxUrls(f"http://127.0.0.1:{http.port}", stream, f"{stream}/ws-api/v3")

    def answer(self, request: Request) -> Response | None:
        """Give the reply to a request over HTTP, None to hang up."""
        door = self._control if request.path.startswith(PREFIX) else self._rest
        return door.answer(request)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _venue(options: SandboxOptions) -> Venue:
    now = time.time_ns() // 1_000_000
    venue = Venue(
        options.symbol_rules(),
        {pair.symbol: pair.price for pair in options.pairs},
        seed=options.seed,
        maker_fee=options.maker_fee,
        taker_fee=options.taker_fee,
        now=now,
    )
    if options.liquidity is not None:
        for pair in options.pairs:
            venue.set_liquidity(pair.symbol, options.liquidity, now)
    return venue


def _paths(options: SandboxOptions) -> dict[str, PricePath]:
    """Give each symbol that moves its path; a script takes the first one."""
    paths: dict[str, PricePath] = {}
    for rules in options.symbol_rules():
        if options.script and not paths:
            paths[rules.symbol] = Script(options.script)
        elif options.volatility:
            chance = random.Random(f"{options.seed} {rules.symbol}")
            step = _STEP * float(options.speed)
            lowest, highest = max(rules.min_price, rules.price_tick), rules.max_price or _HIGHEST
            paths[rules.symbol] = Walk(chance, float(options.volatility), step, rules.price_tick, lowest, highest)
    return paths
