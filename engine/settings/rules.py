"""What keys of the configuration may be together, and what does not exist yet; one table."""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen

from engine.settings.choices import TradingMode
from engine.settings.model import SANDBOX, SYNTHETIC

DIGITS = 10**20  # of the 28 that money is exact to, this leaves 8 for decimals


@frozen
class Rule:
    """Require something of several keys; the first is to blame. `demand` may quote their values as {0}, {1} ..."""

    keys: tuple[str, ...]
    holds: Callable[..., bool]
    demand: str


_TAKE_PROFIT = "risk_management.take_profit"
_STOP_LOSS = "risk_management.stop_loss"
_PERIOD = "trading_settings.period"
_EXISTS_NOT = "does not exist yet; set it to false or leave it out"

RULES = (
    Rule(
        ("exchange.name", "exchange.trading_mode"),
        lambda exchange, mode: exchange != SYNTHETIC or mode is TradingMode.BACKTEST,
        f"has a past only; allowed in {{1}} mode: {SANDBOX}, or an exchange that ccxt knows",
    ),
    Rule(
        ("exchange.name", "exchange.trading_mode"),
        lambda exchange, mode: exchange != SANDBOX or mode is not TradingMode.BACKTEST,
        f"has no past; allowed in a backtest: {SYNTHETIC}, an exchange that ccxt knows, or any name with a candle file",
    ),
    Rule(
        ("pair.quote_currency", "pair.base_currency"),
        lambda quote, base: quote.casefold() != base.casefold(),
        "must be another currency than pair.base_currency ({1})",
    ),
    Rule(
        (f"{_PERIOD}.start_date", f"{_PERIOD}.end_date"),
        lambda start, end: start is None or end is None or start <= end,
        "must be at or before period.end_date ({1})",
    ),
    Rule(
        (f"{_PERIOD}.start_date", "exchange.name"),
        lambda start, exchange: exchange != SYNTHETIC or start is not None,
        "is missing; the synthetic exchange needs both dates",
    ),
    Rule(
        (f"{_PERIOD}.end_date", "exchange.name"),
        lambda end, exchange: exchange != SYNTHETIC or end is not None,
        "is missing; the synthetic exchange needs both dates",
    ),
    *(
        Rule(
            (date, "trading_settings.historical_data_file", "exchange.trading_mode", "exchange.name"),
            lambda moment, file, mode, exchange: (
                moment is not None or file is not None or mode is not TradingMode.BACKTEST or exchange == SYNTHETIC
            ),
            "is missing; without trading_settings.historical_data_file candles of a period are fetched",
        )
        for date in (f"{_PERIOD}.start_date", f"{_PERIOD}.end_date")
    ),
    Rule(
        ("grid_strategy.range.top", "grid_strategy.range.bottom"),
        lambda top, bottom: top > bottom,
        "must be above range.bottom ({1})",
    ),
    Rule(("grid_strategy.dynamic_spacing.enabled",), lambda enabled: not enabled, _EXISTS_NOT),
    Rule(
        (f"{_TAKE_PROFIT}.threshold", f"{_TAKE_PROFIT}.enabled"),
        lambda threshold, enabled: threshold > 0 or not enabled,
        "must be a price above 0 when take_profit.enabled is true",
    ),
    Rule(
        (f"{_STOP_LOSS}.threshold", f"{_STOP_LOSS}.enabled"),
        lambda threshold, enabled: threshold > 0 or not enabled,
        "must be a price above 0 when stop_loss.enabled is true",
    ),
    Rule(
        (
            f"{_TAKE_PROFIT}.threshold",
            f"{_STOP_LOSS}.threshold",
            f"{_TAKE_PROFIT}.enabled",
            f"{_STOP_LOSS}.enabled",
        ),
        lambda profit, loss, profit_on, loss_on: not (profit_on and loss_on and 0 < profit <= loss),
        "must be above stop_loss.threshold ({1})",
    ),
    Rule(("risk_management.trailing_stop_loss.enabled",), lambda enabled: not enabled, _EXISTS_NOT),
    Rule(
        ("persistence.url", "persistence.db_path"),
        lambda url, path: url is None or path is None,
        "and db_path exclude each other; give one of them",
    ),
    Rule(
        ("market.price_tick", "grid_strategy.range.top"),
        lambda tick, top: top <= tick * DIGITS,
        "is too fine for prices up to range.top ({1}): prices are exact to 28 digits",
    ),
    Rule(
        ("market.amount_step", "trading_settings.initial_balance", "grid_strategy.range.bottom"),
        lambda step, balance, bottom: balance <= step * DIGITS * bottom,
        "is too fine for what {1} buys at range.bottom ({2}): amounts are exact to 28 digits",
    ),
)
