"""One ccxt instance: for one exchange or what stands in for it, for one thread."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from attrs import define

from actors.gateways.credentials import Credentials
from engine.errors import BadInput
from engine.settings import Settings

if TYPE_CHECKING:
    from actors.gateways.wire import Wire

TIMEOUT_MS = 10_000
RECEIVE_WINDOW_MS = 3_000  # an order that comes later than this is not wanted any more
_BINANCE = ("binance", "binanceus")
_BINANCE_OPTIONS = {
    "fetchCurrencies": False,
    "fetchMargins": False,
    "fetchMarkets": {"types": ["spot"]},
    "fetchOpenOrders": {"warnWithoutSymbol": False},
    "adjustForTimeDifference": False,
    "recvWindow": RECEIVE_WINDOW_MS,
}


@define(eq=False, repr=False)
class Client:
    """Pair a ccxt instance with its only way out; `conceal` takes secrets out of a text."""

    exchange: Any
    wire: Wire
    conceal: Callable[[str], str]
    speaks_binance: bool

    def close(self) -> None:
        """Let go of the connection."""
        self.exchange.session.close()


def connect(settings: Settings, credentials: Credentials, like: Client | None = None) -> Client:
    """Make a client for the exchange of `settings`; it calls nobody yet, and takes the markets that `like` knows.

    Raise `BadInput` when there is no such exchange.
    """
    from actors.gateways.wire import Wire

    keys = {"apiKey": credentials.api_key, "secret": credentials.secret}
    return build(settings, Wire(), keys, credentials.conceal, like)


def build(
    settings: Settings, wire: Wire, keys: dict[str, str], conceal: Callable[[str], str], like: Client | None = None
) -> Client:
    """Make a client around `wire`."""
    name = settings.exchange.name
    speaks_binance = name in _BINANCE
    exchange = _exchange_class(settings)(
        {
            **keys,
            "timeout": TIMEOUT_MS,
            "enableRateLimit": not speaks_binance,  # the gateway keeps Binance's budget
            "options": {"defaultType": "spot", **(_BINANCE_OPTIONS if speaks_binance else {})},
        }
    )
    if exchange.has.get("spot") is False:
        raise BadInput(f'{settings.source}: exchange.name = "{name}": has no spot markets; allowed: one that has')
    if speaks_binance:
        exchange.number = str  # as the exchange wrote them: no float comes near
        exchange.exceptions["exact"] |= exchange.exceptions["spot"]["exact"]  # else only for some host names
    _lead_out(exchange, settings.exchange.base_url, wire)
    _keep_quiet(exchange)
    if like is not None:
        exchange.set_markets_from_exchange(like.exchange)
    return Client(exchange, wire, conceal, speaks_binance)


def _exchange_class(settings: Settings) -> Any:
    ccxt: Any = importlib.import_module("ccxt")  # 0.4 s: only who trades pays for it
    name = settings.exchange.name
    if name not in ccxt.exchanges:
        near = get_close_matches(name.lower(), ccxt.exchanges, n=3, cutoff=0.6)
        said = f'{settings.source}: exchange.name = "{name}": no such exchange'
        meant = f"; did you mean {' or '.join(near)}?" if near else ""
        raise BadInput(f"{said}{meant}; allowed: the id of an exchange that ccxt knows, such as binance or kraken")
    return getattr(ccxt, name)


def _lead_out(exchange: Any, base_url: str | None, wire: Wire) -> None:
    """Let requests go through `wire` and to no other place, so that none goes astray."""
    wire.usual_headers = frozenset(str(name).lower() for name in exchange.headers or ())
    session = exchange.session
    session.max_redirects = 0  # a signed request goes where it was sent, or nowhere
    session.adapters.clear()
    if base_url is None:
        session.mount("https://", wire)
        return
    root = base_url.rstrip("/")
    exchange.urls["api"] = _moved(exchange.urls["api"], root)
    session.mount(f"{root}/", wire)


def _moved(urls: Any, root: str) -> Any:
    """Give the same URLs on another server."""
    if isinstance(urls, dict):
        return {name: _moved(url, root) for name, url in urls.items()}
    if not isinstance(urls, str):
        return urls
    parts = urlsplit(urls)
    if parts.scheme in {"ws", "wss"}:
        root = root.replace("http", "ws", 1)
    return root + parts.path


def _keep_quiet(exchange: Any) -> None:
    """Log nothing of what is sent: keys stand in the headers, signatures in the URLs."""
    exchange.verbose = False
    for talkative in ("ccxt", "urllib3"):
        logging.getLogger(talkative).setLevel(logging.INFO)
