"""How numbers and times are written for people and programs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType

from engine.values import ONE

_ENDINGS: Mapping[str, str] = MappingProxyType(
    {
        "take_profit": "take-profit",
        "stop_loss": "stop-loss",
        "trailing_stop_loss": "trailing stop-loss",
        "time_limit": "the end of its time",
        "SIGINT": "Ctrl-C",
        "SIGTERM": "a request to end (SIGTERM)",
        "SIGHUP": "the end of its terminal (SIGHUP)",
    }
)


def plain(amount: Decimal) -> str:
    """Write a decimal without exponent or trailing zeros: ``1500``, ``0.00000001``."""
    text = format(amount, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def rounded(amount: Decimal, places: int = 2) -> str:
    """Write a decimal with thousands separators and fixed places, ``10,234.50``; a small one to three digits."""
    if amount and amount.adjusted() < -1:
        return plain(amount.quantize(ONE.scaleb(amount.adjusted() - 2)))
    return f"{amount.quantize(ONE.scaleb(-places)):,}"


def moment(time: int) -> str:
    """Write epoch milliseconds as ISO 8601 UTC: ``2024-08-01T00:00:00Z``, with milliseconds if there are any."""
    seconds, milliseconds = divmod(time, 1000)
    text = datetime.fromtimestamp(seconds, UTC).isoformat().removesuffix("+00:00")
    return f"{text}.{milliseconds:03d}Z" if milliseconds else f"{text}Z"


def ending(reason: str) -> str:
    """Name what stopped a grid, for ``stopped by …``; what has no other name is named as it is."""
    return _ENDINGS.get(reason, reason)
