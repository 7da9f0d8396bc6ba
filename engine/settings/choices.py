"""The words that the configuration chooses from."""

from __future__ import annotations

from enum import StrEnum


class TradingMode(StrEnum):
    """Where prices come from and orders go."""

    BACKTEST = "backtest"
    PAPER_TRADING = "paper_trading"
    LIVE = "live"


class FeeAsset(StrEnum):
    """What a fee is taken in: always quote, or whatever the trade brings in (base for a buy)."""

    QUOTE = "quote"
    RECEIVED = "received"


class GridType(StrEnum):
    """Whether the level that contains the price is armed on one side or on both."""

    SIMPLE_GRID = "simple_grid"
    HEDGED_GRID = "hedged_grid"


class Spacing(StrEnum):
    """Whether neighbouring prices keep their difference or their ratio."""

    ARITHMETIC = "arithmetic"
    GEOMETRIC = "geometric"


class InitialPurchase(StrEnum):
    """What is bought at market when the grid arms."""

    HALF = "half"
    EXACT = "exact"
    NONE = "none"


class OnTrigger(StrEnum):
    """What a trailing stop does when it is hit."""

    STOP = "stop"
    REGRID = "regrid"


class LogLevel(StrEnum):
    """How much is logged; read in any case, as the bot that the keys come from does."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"
    CRITICAL = "CRITICAL"

    @classmethod
    def _missing_(cls, value: object) -> LogLevel | None:
        return cls.__members__.get(value.upper()) if isinstance(value, str) else None


class AlertKind(StrEnum):
    """What an alert is about; people choose among these."""

    ORDER_PLACED = "order_placed"
    ORDER_FILLED = "order_filled"
    ORDER_FAILED = "order_failed"
    ORDER_CANCELLED = "order_cancelled"
    TAKE_PROFIT = "take_profit"
    STOP_LOSS = "stop_loss"
    REGRID = "regrid"
    GRID_STATE = "grid_state"  # armed, paused, resumed, stopped
    ERROR = "error"
    HEALTH = "health"  # a threshold was passed, or what was beyond one is well again
    RECOVERY = "recovery"  # a grid goes on from its journal
    MISMATCH = "mismatch"  # an account has less than the grid holds
    DRIFT = "drift"  # an account changed by nothing that the grid did
    RESTART = "restart"  # of an actor
    SUMMARY = "summary"  # of a day
