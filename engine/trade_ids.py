"""Which of two trades came later, as far as their ids tell."""

from __future__ import annotations


def later(trade_id: str, other: str | None) -> str:
    """Give the later of two trade ids: the greater number, or the first when they are no numbers."""
    if other is None or not (trade_id.isdecimal() and other.isdecimal()):
        return trade_id
    return trade_id if int(trade_id) > int(other) else other
