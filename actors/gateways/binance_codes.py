"""What Binance means by its error codes and texts, as the end of a call.

Source: Binance Spot API documentation, errors, state of 2026-07.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from engine.calls import NotFound, Outcome, Refusal, Refused, Unknown

TOO_MANY = frozenset({-1003, -1015})
CLOCK_OFF = -1021
_UNKNOWN = frozenset({-1000, -1001, -1004, -1006, -1007, -1008, -1016})
_NOT_FOUND = frozenset({-2011, -2013, -2026})
_PERMISSION = frozenset({-1002, -1022, -2008, -2014, -2015})
# Codes that say only who refused: the text says why. The first part found in it decides.
_SPOKEN = frozenset({-1010, -1013, -2010, -2011})
_TEXTS: Mapping[str, Refusal | None] = MappingProxyType(
    {
        "Duplicate order sent": None,  # it may be ours, from before
        "insufficient balance": Refusal.FUNDS,
        "immediately match and take": Refusal.WOULD_TAKE,
        "Market is closed": Refusal.CLOSED,
        "cancel restrictions": Refusal.RULES,
        "may not place or cancel orders": Refusal.PERMISSION,
        "trading is not enabled": Refusal.PERMISSION,
        "on this account": Refusal.PERMISSION,
        "for this account": Refusal.PERMISSION,
    }
)


def outcome_of(code: int, text: str) -> Outcome:
    """Tell how a call ended that was answered with `code` and `text`, the codes named above aside."""
    said = f"{text} ({code})"
    if code in _SPOKEN:
        for part, reason in _TEXTS.items():
            if part in text:
                return Unknown(said) if reason is None else Refused(reason, said)
    if code in _NOT_FOUND:
        return NotFound(said)
    if code in _UNKNOWN:
        return Unknown(said)
    if code in _PERMISSION:
        return Refused(Refusal.PERMISSION, said)
    return Refused(Refusal.RULES, said)
