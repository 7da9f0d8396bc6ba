"""`gridactors check`: what each grid would do with its money."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path

import attrs
import click

from actors.candles.sources import candle_file, candles_for
from actors.display import preflight_tables
from actors.loading import each, load_configurations
from engine import preflight
from engine.candles.path import QuietScan
from engine.errors import BadInput
from engine.grid import GridRules, level_prices
from engine.grid_setup import grid_names, grid_rules
from engine.plain import plain
from engine.settings import Settings
from engine.settings.choices import TradingMode


def check_grids(paths: Sequence[Path], price: str | None, *, as_json: bool) -> None:
    """Print the preflight of every configuration; raise `BadInput`."""
    configurations = load_configurations(paths)
    given = None if price is None else _parsed(price)
    if given is None:
        backtests = [one for one in configurations if one.exchange.trading_mode is TradingMode.BACKTEST]
        each(backtests, candle_file)  # before any is fetched, which may take long
    checks = each(configurations, lambda settings: _check(settings, given))
    names = grid_names(configurations)
    if as_json:
        objects = [preflight_tables.as_object(name, result) for name, result in zip(names, checks, strict=True)]
        click.echo(json.dumps(objects, indent=1))
        return
    from rich.console import Console

    console = Console()
    for name, settings, result in zip(names, configurations, checks, strict=True):
        preflight_tables.print_preflight(console, name, settings.market_rules(), result)


def _check(settings: Settings, given: Decimal | None) -> preflight.Preflight:
    if settings.exchange.trading_mode is TradingMode.BACKTEST:
        rules = grid_rules(settings)
        price, warnings = _arming_price(settings, rules) if given is None else (given, [])
    else:
        from actors.opening.market_terms import terms_of

        terms = terms_of(settings)
        rules = grid_rules(settings, terms.market)
        price, warnings = _entry_price(terms.price, rules) if given is None else (given, [])
    prices = level_prices(rules)
    if not prices[0] <= price <= prices[-1]:
        raise BadInput(
            f"--price = {plain(price)}: the grid of {settings.source} arms only inside its range; "
            f"allowed: {plain(prices[0])} to {plain(prices[-1])}"
        )
    stop_loss = settings.risk_management.stop_loss.price
    result = preflight.check(rules, price, settings.trading_settings.initial_balance, stop_loss)
    return attrs.evolve(result, warnings=(*warnings, *result.warnings))


def _entry_price(now: Decimal, rules: GridRules) -> tuple[Decimal, list[str]]:
    """Give the price now, or where the price would enter the range, and warnings."""
    prices = level_prices(rules)
    entry = min(max(now, prices[0]), prices[-1])
    if entry == now:
        return now, []
    return entry, [f"The price is {plain(now)}, outside the range: the grid waits for it, and is shown as it enters."]


def _arming_price(settings: Settings, rules: GridRules) -> tuple[Decimal, list[str]]:
    """Give the first close inside the range, the middle of the range when there is none, and warnings."""
    prices = level_prices(rules)
    candles, warnings = candles_for(settings)
    scan = QuietScan(candles)
    index = scan.next_closing(0, float(prices[0]), float(prices[-1]))
    while index < len(candles):
        close = candles.exact(index).close
        if prices[0] <= close <= prices[-1]:
            return close, warnings
        index = scan.next_closing(index + 1, float(prices[0]), float(prices[-1]))
    middle = rules.market.round_price((prices[0] + prices[-1]) / 2)
    return middle, [*warnings, "No candle closes inside the range, so this grid never arms; its middle is shown."]


def _parsed(price: str) -> Decimal:
    try:
        value = Decimal(price)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or value <= 0:
        raise BadInput(f"--price = {price!r}: allowed is a positive number")
    return value
