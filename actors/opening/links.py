"""What a grid's actors reach its exchange by, opened before any of them starts."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from decimal import Decimal

from attrs import field, frozen

from actors.gateways import ccxt_markets
from actors.gateways.ccxt_asking import ask
from actors.gateways.ccxt_client import Client
from actors.gateways.ccxt_markets import Account
from actors.gateways.credentials import Credentials
from actors.gateways.public_client import PublicClient
from actors.opening.states import GridState
from engine.calls import Line
from engine.feeds.connection import Patience
from engine.gateway.rules import GatewayRules
from engine.grid_setup import GridSetup
from engine.settings import Settings


@frozen(eq=False)
class PaperLink:
    """Lead to public prices and to nothing else; `price` is that of the opening.

    `patience` is the feed's, None for what the configuration says.
    """

    grid: GridSetup
    state: GridState = field(repr=False)
    price: Decimal
    client: PublicClient = field(repr=False)
    patience: Patience | None = None

    def fetch_price(self) -> tuple[int, Decimal]:
        """Ask for the last price, with the time of asking in epoch ms."""
        return _now_ms(), self.client.price()

    def close(self) -> None:
        """Hang up."""
        self.client.close()


@frozen(eq=False)
class LiveLink:
    """Lead to an account on an exchange; `line` makes a new line for one caller.

    `patience` is that of the feeds, None for what the configuration says.
    """

    grid: GridSetup
    state: GridState = field(repr=False)
    price: Decimal
    rules: GatewayRules
    credentials: Credentials = field(repr=False)
    account: Account = field(repr=False)
    line: Callable[[], Line] = field(repr=False)
    desk: Desk = field(repr=False)
    patience: Patience | None = None

    def fetch_price(self) -> tuple[int, Decimal]:
        """Ask for the last price, with the time of asking in epoch ms."""
        return self.desk.price()

    def fetch_account(self) -> dict[str, Decimal]:
        """Ask what the account has of each asset, free and locked together."""
        return self.desk.account()

    def server_ahead(self) -> int:
        """Ask by how many milliseconds the exchange's clock is ahead of ours."""
        return self.desk.server_ahead()

    def close(self) -> None:
        """Hang up."""
        self.desk.close()


class Desk:
    """Ask small questions of an exchange, from any thread, over one client of its own."""

    def __init__(self, client: Client, settings: Settings) -> None:
        """Take over `client`."""
        self._client, self._settings = client, settings
        self._lock = threading.Lock()

    def price(self) -> tuple[int, Decimal]:
        """Give the last price, with the time of asking in epoch ms."""
        with self._lock:
            return _now_ms(), ccxt_markets.price(self._client, self._settings)

    def account(self) -> dict[str, Decimal]:
        """Give what the account has of each asset, free and locked together."""
        with self._lock:
            balances = ccxt_markets.account(self._client, self._settings).balances
            return {asset: balance.total for asset, balance in balances.items()}

    def server_ahead(self) -> int:
        """Give the milliseconds by which the exchange's clock is ahead; 0 where it does not tell its time."""
        exchange = self._client.exchange
        if not exchange.has.get("fetchTime"):
            return 0
        with self._lock:
            return -int(ask(self._client, exchange.load_time_difference))

    def close(self) -> None:
        """Hang up."""
        self._client.close()


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
