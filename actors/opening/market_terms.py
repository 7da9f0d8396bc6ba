"""The terms that a grid on live prices would find on its exchange: the pair's rules and the price."""

from __future__ import annotations

from contextlib import closing
from decimal import Decimal

from attrs import frozen

from actors.gateways.public_client import PublicClient
from actors.opening.local_market import local_terms
from engine.settings import SANDBOX, Settings
from engine.values import Market


@frozen
class Terms:
    """Hold a market's rules and its price now."""

    market: Market
    price: Decimal


def terms_of(settings: Settings) -> Terms:
    """Ask for the terms, without keys; raise `BadInput` for what the exchange does not have, or `Unreachable`."""
    if settings.exchange.name == SANDBOX:
        return Terms(*local_terms(settings))
    with closing(PublicClient(settings)) as client:
        return Terms(client.market(), client.price())
