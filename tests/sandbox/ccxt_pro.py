"""ccxt.pro on a sandbox: the same configuration that a newcomer writes, and no way to the internet."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import ccxt.pro

from actors.sandbox.keys import Credentials
from actors.sandbox.server import Sandbox

SOL = "SOL/USDT"
PATIENCE = 10.0  # seconds


def pro_client(sandbox: Sandbox, credentials: Credentials | None = None) -> Any:
    """Give a ccxt.pro client that can reach nothing but the sandbox; it must be closed."""
    rest, stream = sandbox.urls.rest, sandbox.urls.stream
    keys = credentials or sandbox.keys.hmac
    client = ccxt.pro.binance(
        {
            "apiKey": keys.api_key,
            "secret": keys.secret,
            "enableRateLimit": False,
            "newUpdates": True,
            "urls": {
                "api": {
                    "public": f"{rest}/api/v3",
                    "private": f"{rest}/api/v3",
                    "ws": {"spot": f"{stream}/stream/ws", "ws-api": {"spot": sandbox.urls.ws_api}},
                }
            },
            "options": {
                "defaultType": "spot",
                "fetchCurrencies": False,
                "fetchMargins": False,
                "fetchMarkets": {"types": ["spot"]},
            },
        }
    )
    client.urls["api"] = _on_loopback(client.urls["api"])
    return client


def run(sandbox: Sandbox, use: Callable[[Any], Awaitable[None]], credentials: Credentials | None = None) -> None:
    """Let `use` have a client with its markets loaded, and close it afterwards."""

    async def main() -> None:
        client = pro_client(sandbox, credentials)
        try:
            await client.load_markets()
            await asyncio.wait_for(use(client), PATIENCE)
        finally:
            await client.close()

    asyncio.run(main())


def _on_loopback(urls: Any) -> Any:
    """Point every address that is not the sandbox's at a port where nobody listens."""
    if isinstance(urls, dict):
        return {name: _on_loopback(url) for name, url in urls.items()}
    return urls if urlsplit(urls).hostname == "127.0.0.1" else "http://127.0.0.1:9"
