"""Configurations for tests, parsed, and what becomes of them."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from typing import Any

import pytest

from engine.errors import BadInput
from engine.settings.model import Settings
from engine.settings.structure import structure_settings

SOURCE = "config/x.toml"
ABSENT = object()

BACKTEST_OF_THE_OTHER_BOT = """
{"exchange": {"name": "binance", "trading_fee": 0.001, "trading_mode": "backtest"},
 "pair": {"base_currency": "SOL", "quote_currency": "USDT"},
 "trading_settings": {"timeframe": "1m",
                      "period": {"start_date": "2024-12-10T09:00:00Z", "end_date": "2024-12-15T23:00:00Z"},
                      "initial_balance": 150, "historical_data_file": "data/SOL_USDT/1m.csv"},
 "grid_strategy": {"type": "hedged_grid", "spacing": "geometric", "num_grids": 8, "range": {"top": 240, "bottom": 210}},
 "risk_management": {"take_profit": {"enabled": false, "threshold": 3700},
                     "stop_loss": {"enabled": false, "threshold": 2830}},
 "execution": {"reconciliation_interval": 300.0, "reconciliation_balance_tolerance": 0.01},
 "logging": {"log_level": "INFO", "log_to_file": true}}
"""

LIVE_EXAMPLE_OF_THE_OTHER_BOT = """
{"exchange": {"name": "binance", "trading_fee": 0.001, "trading_mode": "backtest"},
 "pair": {"base_currency": "SOL", "quote_currency": "USDT"},
 "trading_settings": {"timeframe": "1m",
                      "period": {"start_date": "2024-12-10T09:00:00Z", "end_date": "2024-12-15T23:00:00Z"},
                      "initial_balance": 150, "historical_data_file": "data/SOL_USDT/1m.csv"},
 "grid_strategy": {"type": "simple_grid", "spacing": "arithmetic", "num_grids": 8,
                   "range": {"top": 240, "bottom": 210}, "buy_ratio": 1.0, "sell_ratio": 1.0,
                   "dynamic_spacing": {"enabled": true, "atr_period": 14, "atr_spacing_multiplier": 0.5,
                                       "regrid_threshold": 0.3, "cooldown_bars": 60}},
 "risk_management": {"take_profit": {"enabled": true, "threshold": 260},
                     "stop_loss": {"enabled": true, "threshold": 190},
                     "trailing_stop_loss": {"enabled": true, "atr_period": 14, "atr_multiplier": 2.0,
                                            "on_trigger": "stop"}},
 "persistence": {"enabled": true, "checkpoint_interval_seconds": 60},
 "execution": {"max_retries": 3, "retry_delay": 1.0, "max_slippage": 0.01, "order_polling_interval": 15.0,
               "websocket_max_retries": 5, "websocket_retry_base_delay": 5, "health_check_interval": 60,
               "reconciliation_interval": 300.0},
 "logging": {"log_level": "INFO", "log_to_file": true}}
"""


def parsed(text: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(text, parse_float=Decimal)
    return document


def minimal() -> dict[str, Any]:
    return parsed(
        """{"exchange": {"name": "binance", "trading_fee": 0.001, "trading_mode": "backtest"},
            "pair": {"base_currency": "SOL", "quote_currency": "USDT"},
            "trading_settings": {"timeframe": "1h", "initial_balance": 1000, "historical_data_file": "sol.csv"},
            "grid_strategy": {"type": "simple_grid", "spacing": "arithmetic", "num_grids": 5,
                              "range": {"top": 200, "bottom": 130}}}"""
    )


def changed(*changes: tuple[str, object], of: dict[str, Any] | None = None) -> dict[str, Any]:
    """Give a document with other values at dotted paths; ABSENT takes a key out."""
    document = copy.deepcopy(of) if of is not None else minimal()
    for path, value in changes:
        *sections, key = path.split(".")
        table = document
        for section in sections:
            table = table.setdefault(section, {})
        if value is ABSENT:
            del table[key]
        else:
            table[key] = value
    return document


def load(*changes: tuple[str, object]) -> Settings:
    return structure_settings(changed(*changes), SOURCE)


def refusals(document: object) -> list[str]:
    with pytest.raises(BadInput) as caught:
        structure_settings(document, SOURCE)
    return [problem.removeprefix(f"{SOURCE}: ") for problem in caught.value.problems]
