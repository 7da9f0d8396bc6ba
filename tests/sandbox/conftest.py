from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from actors.sandbox.options import Pair, SandboxOptions
from actors.sandbox.server import Sandbox
from tests.sandbox.clients import Http, ccxt_client


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    pairs = (Pair("SOL", "USDT", Decimal(100)), Pair("BTC", "USDT", Decimal(60_000)))
    with Sandbox(SandboxOptions(pairs=pairs)) as running:
        yield running


@pytest.fixture
def exchange(sandbox: Sandbox) -> Iterator[Any]:
    client = ccxt_client(sandbox)
    client.load_markets()
    yield client
    client.session.close()


@pytest.fixture
def http(sandbox: Sandbox) -> Iterator[Http]:
    with Http(sandbox) as client:
        yield client
