"""A sandbox with the rules of a setting, and the ways to it that real programs take."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Self

import websocket

from actors.dialects.binance import Identity, UserConversation
from actors.dialects.conversation import Subscribed, Understood
from actors.dialects.signing import signer
from actors.gateways import ccxt_client
from actors.gateways.credentials import Credentials
from actors.sandbox.options import Pair, SandboxOptions
from actors.sandbox.server import Sandbox
from engine.values import ZERO
from engine.venue.values import SymbolRules
from tests.e2e.model_scripts import Setting
from tests.engine.configurations import load

_SOON = 5.0  # seconds that no frame takes unless it is lost


class RunningSandbox:
    """Run a sandbox with the rules of a setting, from `with` on."""

    def __init__(self, setting: Setting) -> None:
        self.sandbox = Sandbox(_options(setting))
        self._keys = Credentials(self.sandbox.api_key, self.sandbox.secret)
        self._market = setting.market

    def client(self, like: ccxt_client.Client | None) -> ccxt_client.Client:
        """Connect ccxt, with the markets that `like` knows."""
        settings = load(("exchange.base_url", self.sandbox.urls.rest))
        client = ccxt_client.connect(settings, self._keys, like)
        if like is None:
            client.exchange.load_markets()
        return client

    def conversation(self) -> UserConversation:
        """Give what understands the account's private stream."""
        identity = Identity(self._keys.api_key, signer(self._keys))
        market = self._market
        return UserConversation(identity, market.base + market.quote, market.quote, lambda: 0)

    @contextmanager
    def private_stream(self) -> Iterator[Callable[[int], list[Understood]]]:
        """Subscribe over a WebSocket; what is given waits for so many messages, in the order told."""
        conversation = self.conversation()
        with closing(websocket.create_connection(self.sandbox.urls.ws_api, timeout=_SOON)) as socket:

            def hear(count: int) -> list[Understood]:
                heard: list[Understood] = []
                while len(heard) < count:
                    frame = socket.recv()
                    assert isinstance(frame, str)
                    heard += conversation.hear(frame)
                return heard

            for request in conversation.begin():
                socket.send(request)
            assert hear(1) == [Subscribed()]
            yield hear

    def __enter__(self) -> Self:
        self.sandbox.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.sandbox.close()


def _options(setting: Setting) -> SandboxOptions:
    market, terms = setting.market, setting.terms
    pairs = [Pair(market.base, market.quote, setting.price)]
    if "BNB" not in {market.base, market.quote}:
        pairs.append(Pair("BNB", market.quote, terms.third_price))
    rules = SymbolRules(
        pairs[0].symbol,
        market.base,
        market.quote,
        price_tick=market.price_tick,
        amount_step=market.amount_step,
        min_price=ZERO,
        max_price=ZERO,
        min_amount=market.min_amount,
        max_amount=ZERO,
        min_notional=market.min_cost,
        max_open_orders=terms.max_open_orders,
    )
    return SandboxOptions(
        pairs=tuple(pairs),
        balances=setting.balances,
        maker_fee=terms.fee_rate,
        taker_fee=terms.fee_rate,
        fees_in_bnb=terms.pays_in_third,
        rules={rules.symbol: rules},
    )
