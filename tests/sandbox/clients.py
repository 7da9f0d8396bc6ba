"""Real clients of a sandbox: ccxt as it trades, and plain HTTP for what ccxt would not send."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

import ccxt
from attrs import define, field, frozen

from actors.sandbox.keys import Credentials
from actors.sandbox.server import Sandbox

SOL = "SOL/USDT"
SOON = 5.0  # seconds within which everything here must have happened


def ccxt_client(sandbox: Sandbox, credentials: Credentials | None = None, **config: Any) -> Any:
    """Give a ccxt client that can reach nothing but the sandbox."""
    rest = sandbox.urls.rest
    keys = credentials or sandbox.keys.hmac
    options = {
        "defaultType": "spot",
        "fetchCurrencies": False,
        "fetchMargins": False,
        "fetchMarkets": {"types": ["spot"]},
        "fetchOpenOrders": {"warnWithoutSymbol": False},
        "adjustForTimeDifference": False,
        "recvWindow": 5000,
    }
    settings = {
        "apiKey": keys.api_key,
        "secret": keys.secret,
        "timeout": 10_000,
        "enableRateLimit": False,
        "urls": {"api": {"public": f"{rest}/api/v3", "private": f"{rest}/api/v3", "sapi": f"{rest}/sapi/v1"}},
        "options": options,
    }
    client = ccxt.binance({**settings, **config})
    client.urls["api"] = {
        name: url if isinstance(url, str) and url.startswith(rest) else "http://127.0.0.1:9"
        for name, url in client.urls["api"].items()
    }
    client.exceptions["exact"].update(client.exceptions["spot"]["exact"])
    return client


@frozen
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@define
class Http:
    """Speak plain HTTP to a sandbox over one connection."""

    sandbox: Sandbox
    _connection: http.client.HTTPConnection = field(init=False)

    def __attrs_post_init__(self) -> None:
        parts = urlsplit(self.sandbox.urls.rest)
        self._connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=SOON)

    def send(self, verb: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Reply:
        self.request(verb, path, body, headers)
        response = self._connection.getresponse()
        return Reply(response.status, {k.lower(): v for k, v in response.headers.items()}, response.read())

    def request(self, verb: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        """Send without waiting for the reply."""
        self._connection.request(verb, path, body or None, dict(headers or {}))

    def get(self, path: str, **params: Any) -> Reply:
        return self.send("GET", f"{path}?{urlencode(params)}" if params else path)

    def signed(self, verb: str, path: str, **params: Any) -> Reply:
        """Send a signed request, its parameters in the query as they come; ``timestamp`` is added where missing."""
        query = urlencode({"timestamp": self.sandbox.hall.now_ms(), **params})
        signature = hmac.new(self.sandbox.secret.encode(), query.encode(), hashlib.sha256).hexdigest()
        return self.send(verb, f"{path}?{query}&signature={signature}", headers=self.key())

    def key(self) -> dict[str, str]:
        return {"X-MBX-APIKEY": self.sandbox.api_key}

    def control(self, action: str, /, **fields: Any) -> Any:
        """Post to the sandbox's own paths, and give the reply to what must succeed."""
        reply = self.send("POST", f"/sandbox/{action}", json.dumps(fields).encode())
        assert reply.status == 200, reply.body
        return reply.json

    def arm(self, **fault: Any) -> None:
        self.control("faults", **fault)

    def state(self) -> Any:
        return self.get("/sandbox/state").json

    def account(self) -> Any:
        return self.state()["accounts"]["main"]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()
