"""What a single value of the configuration may be, as metadata of its field."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from attrs import frozen

MOST = 10**15  # above it, amounts with 8 decimals no longer fit the 28 digits that money is exact to
DAY = 86_400  # seconds
_UNITS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_NAMES = ("1s", "1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d", "1w")
TIMEFRAMES: Mapping[str, int] = MappingProxyType({name: int(name[:-1]) * _UNITS[name[-1]] for name in _NAMES})


@frozen
class Check:
    """Decide whether a value of the right type is allowed; `words` completes "it must be ..."."""

    holds: Callable[[Any], bool]
    words: str


def within(
    *,
    above: int | None = None,
    at_least: int | None = None,
    below: int | None = None,
    at_most: int | None = None,
) -> Mapping[str, Check]:
    """Allow the numbers between these bounds."""
    named = {"above": above, "at least": at_least, "below": below, "at most": at_most}

    def holds(number: Decimal | float) -> bool:
        return (
            (above is None or number > above)
            and (at_least is None or number >= at_least)
            and (below is None or number < below)
            and (at_most is None or number <= at_most)
        )

    words = " and ".join(f"{name} {_short(bound)}" for name, bound in named.items() if bound is not None)
    return _metadata(Check(holds, words))


def starting(*prefixes: str) -> Mapping[str, Check]:
    """Allow a text that starts with one of these and goes on."""

    def holds(text: str) -> bool:
        return any(text.startswith(prefix) and text != prefix for prefix in prefixes)

    return _metadata(Check(holds, f"a URL that starts with {' or '.join(prefixes)}"))


def one_of(names: Iterable[str]) -> Mapping[str, Check]:
    """Allow these texts."""
    allowed = tuple(names)
    return _metadata(Check(allowed.__contains__, f"one of {', '.join(allowed)}"))


def _short(bound: int) -> str:
    return str(bound) if bound < 10**9 else f"{bound:.0e}".replace("e+", "e")


def _metadata(check: Check) -> Mapping[str, Check]:
    return MappingProxyType({"check": check})


NOT_IN_FILE: Mapping[str, bool] = MappingProxyType({"not_in_file": True})  # marks what is no key of the configuration

PRICE = MONEY = TICK = within(above=0, at_most=MOST)
MINIMUM = within(at_least=0, at_most=MOST)
RATE = within(at_least=0, below=1)
RATIO = within(above=0, at_most=1)
MULTIPLE = within(above=0, at_most=1_000_000)
COUNT = within(at_least=0, at_most=1_000_000)
AT_LEAST_ONE = within(at_least=1, at_most=1_000_000)
ATR_PERIOD = within(at_least=2, at_most=1_000_000)
DELAY = within(at_least=0, at_most=DAY)
INTERVAL = within(above=0, at_most=DAY)
WORD = _metadata(
    Check(lambda text: text.isprintable() and bool(re.fullmatch(r"[^\s/]+", text)), "a name without spaces or slashes")
)
CLOCK = _metadata(
    Check(
        lambda text: text == "off" or bool(re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", text)),
        'a time of day in UTC such as "07:30", or "off"',
    )
)
TEXT = _metadata(Check(lambda text: bool(text.strip()), "a text that is not empty"))
