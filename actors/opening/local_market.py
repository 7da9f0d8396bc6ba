"""The sandbox that a configuration asks for by `exchange.name = "sandbox"`, and the way there."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import attrs

from actors.gateways.credentials import Credentials
from actors.sandbox.options import Pair, SandboxOptions
from actors.sandbox.script_files import read_script
from actors.sandbox.server import Sandbox
from engine.settings import SANDBOX, Settings
from engine.settings.model import MarketRules
from engine.values import ZERO, Market
from engine.venue.values import SymbolRules

SPOKEN = "binance"  # what the sandbox speaks


def open_sandbox(configurations: Sequence[Settings]) -> Sandbox | None:
    """Start a sandbox with a market for every grid that trades there, None when there is none; raise `BadInput`."""
    local = [settings for settings in configurations if settings.exchange.name == SANDBOX]
    if not local:
        return None
    sandbox = Sandbox(_options(local))
    sandbox.start()
    return sandbox


def point_at(sandbox: Sandbox | None, settings: Settings) -> Settings:
    """Give the settings with the sandbox's addresses in them, if that is where they trade."""
    if sandbox is None or settings.exchange.name != SANDBOX:
        return settings
    urls = sandbox.urls
    exchange = attrs.evolve(
        settings.exchange, name=SPOKEN, base_url=urls.rest, stream_url=urls.stream, ws_api_url=urls.ws_api
    )
    return attrs.evolve(settings, exchange=exchange)


def sandbox_keys(sandbox: Sandbox) -> Credentials:
    """Give the keys of the sandbox's account."""
    return Credentials(sandbox.api_key, sandbox.secret)


def local_terms(settings: Settings) -> tuple[Market, Decimal]:
    """Give the rules of the sandbox's market for these settings, and where its price begins."""
    pair = _pair(settings)
    rules = _rules(pair, settings)
    market = Market(rules.base, rules.quote, rules.price_tick, rules.amount_step, rules.min_amount, rules.min_notional)
    return market, pair.price


def _options(local: Sequence[Settings]) -> SandboxOptions:
    """Shape the market by the first configuration, and give the account exactly the budgets of all."""
    first = local[0]
    pairs = {pair.symbol: (pair, settings) for settings in reversed(local) for pair in [_pair(settings)]}
    budgets: dict[str, Decimal] = {}
    for settings in local:
        quote = settings.pair.quote_currency
        budgets[quote] = budgets.get(quote, ZERO) + settings.trading_settings.initial_balance
    script = first.sandbox.script
    return SandboxOptions(
        pairs=tuple(pair for pair, _ in reversed(pairs.values())),
        seed=first.exchange.seed,
        volatility=first.sandbox.volatility,
        speed=first.sandbox.speed,
        script=() if script is None else tuple(read_script(_beside(first, script))),
        balances=budgets,
        maker_fee=first.exchange.trading_fee,
        taker_fee=first.exchange.trading_fee,
        rules={symbol: _rules(pair, settings) for symbol, (pair, settings) in pairs.items()},
    )


def _pair(settings: Settings) -> Pair:
    grid = settings.grid_strategy.range
    price = settings.sandbox.price or (grid.bottom + grid.top) / 2
    return Pair(settings.pair.base_currency, settings.pair.quote_currency, price)


def _rules(pair: Pair, settings: Settings) -> SymbolRules:
    """Take the rules that the configuration states; what it leaves out suits the price."""
    rules, stated, unstated = pair.rules(), settings.market, MarketRules()
    return attrs.evolve(
        rules,
        price_tick=rules.price_tick if stated.price_tick == unstated.price_tick else stated.price_tick,
        min_price=rules.min_price if stated.price_tick == unstated.price_tick else stated.price_tick,
        amount_step=rules.amount_step if stated.amount_step == unstated.amount_step else stated.amount_step,
        min_amount=max(rules.min_amount, stated.min_amount),
        min_notional=rules.min_notional if stated.min_cost == unstated.min_cost else stated.min_cost,
    )


def _beside(settings: Settings, named: str) -> Path:
    """Look for a file from the working directory, then beside the configuration."""
    path = Path(named).expanduser()
    beside = Path(settings.source).parent / path
    return beside if not path.exists() and beside.exists() else path
