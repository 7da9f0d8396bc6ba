"""Lines to exchanges that a test runs: the sandbox, or a scripted server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

from attrs import define, field

from actors.gateways import ccxt_client, ccxt_markets
from actors.gateways.ccxt_calls import CcxtCalls
from actors.gateways.ccxt_client import Client
from actors.gateways.credentials import Credentials
from actors.gateways.order_ids import OrderIds
from actors.sandbox.options import SandboxOptions
from actors.sandbox.server import Sandbox
from engine.calls import Call, Done, OrderReport, Outcome, Place, TradeReport
from engine.settings import Settings
from engine.values import Kind, Side
from tests.actors.scripted_server import ScriptedServer
from tests.engine.configurations import load

KEYS = Credentials("an-api-key-to-hide", "a-secret-to-hide")


def settings(url: str | None, *changes: tuple[str, object]) -> Settings:
    return load(("exchange.base_url", url), *changes) if url else load(*changes)


def limit(name: str, side: Side, price: str, quantity: str = "1", *, post_only: bool = False) -> Place:
    return Place(name, side, Kind.LIMIT, Decimal(price), Decimal(quantity), post_only)


def at_market(name: str, side: Side, price: str, quantity: str = "1") -> Place:
    return Place(name, side, Kind.MARKET, Decimal(price), Decimal(quantity))


@define(eq=False)
class Line:
    """One client with its calls for SOL/USDT; its markets are loaded."""

    settings: Settings
    client: Client
    ids: OrderIds = field(factory=OrderIds)
    calls: CcxtCalls = field(init=False)

    def __attrs_post_init__(self) -> None:
        ccxt_markets.market(self.client, self.settings)
        self.calls = CcxtCalls(self.client, "SOL/USDT", self.ids)

    def put(self, call: Call) -> Outcome:
        return self.calls.put_through(call)

    def done(self, call: Call) -> Done:
        outcome = self.put(call)
        assert isinstance(outcome, Done), outcome
        return outcome

    def order(self, call: Call) -> OrderReport:
        (order,) = self.done(call).orders
        return order

    def trades(self, call: Call) -> tuple[TradeReport, ...]:
        return self.done(call).trades


@contextmanager
def line_to(url: str, credentials: Credentials = KEYS) -> Iterator[Line]:
    chosen = settings(url)
    line = Line(chosen, ccxt_client.connect(chosen, credentials))
    try:
        yield line
    finally:
        line.calls.close()


@contextmanager
def sandbox_line(options: SandboxOptions | None = None) -> Iterator[tuple[Sandbox, Line]]:
    with (
        Sandbox(options) as sandbox,
        line_to(sandbox.urls.rest, Credentials(sandbox.api_key, sandbox.secret)) as line,
    ):
        yield sandbox, line


@contextmanager
def scripted_line() -> Iterator[tuple[ScriptedServer, Line]]:
    with ScriptedServer() as server, line_to(server.url) as line:
        server.received.clear()
        yield server, line
