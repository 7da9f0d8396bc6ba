"""The price before the exchange opened: made up, but the same at every call and in every interval.

The logarithm of the price is known at every midnight (a walk backwards from the opening that reverts to it); within
a day it is a Brownian bridge between two midnights. So any day can be made alone, when somebody asks for it.
"""

from __future__ import annotations

import math
from decimal import Decimal
from zlib import crc32

import numpy as np
import numpy.typing as npt

from engine.values import SATOSHI
from engine.venue.bars import Bar
from engine.venue.intervals import DAY_MS, MINUTE_MS
from engine.venue.values import SymbolRules

DAYS = 400
DAY_MINUTES = DAY_MS // MINUTE_MS
DAY_MOVE = 0.03  # standard deviation of the logarithm from one day to the next
MEMORY_DAYS = 30  # after so many, 37 % of a distance from the opening price is left
_MINUTE_MOVE = DAY_MOVE / math.sqrt(DAY_MINUTES)
_WICK = 0.5  # standard deviation of a wick, in those of a minute's move
_MINUTE_NOTIONAL = 5000  # times the usual order, is traded in a minute
_DAYS_KEPT = 64  # enough for the candles of a week or a month that are asked for again and again

_WORD = 0xFFFFFFFF  # what a random state is seeded with is made of 32 bits

_Ints = npt.NDArray[np.int64]
# Columns of a day, one row a minute: prices in ticks, volumes in the units that `Past` chooses.
_OPEN, _HIGH, _LOW, _CLOSE, _VOLUME = range(5)


class Past:
    """Make the minutes of one symbol before `opening_minute` (minutes since 1970)."""

    def __init__(self, rules: SymbolRules, price: Decimal, usual_notional: Decimal, seed: int, opening_ms: int) -> None:
        self.opening_minute = opening_ms // MINUTE_MS
        self._today = self.opening_minute // DAY_MINUTES
        self.first_minute = (self._today - DAYS) * DAY_MINUTES
        self._rules, self._ticks = rules, float(price / rules.price_tick)
        self._seed = (seed & _WORD, crc32(rules.symbol.encode()))
        notional = _MINUTE_NOTIONAL * usual_notional
        self._volume_unit = _unit(notional / price, rules.amount_step)
        self._quote_unit = _unit(notional, SATOSHI)
        self._usual_volume = float(notional / price / self._volume_unit)
        self._midnights = self._walk_back()
        self._days: dict[int, _Ints] = {}

    def bar(self, first: int, end: int) -> Bar | None:
        """Sum up the minutes from `first` to before `end`; None when none of them is in this past."""
        first, end = max(first, self.first_minute), min(end, self.opening_minute)
        if first >= end:
            return None
        parts = []
        for day in range(first // DAY_MINUTES, (end - 1) // DAY_MINUTES + 1):
            midnight = day * DAY_MINUTES
            parts.append(_summed(self._day(day)[max(0, first - midnight) : end - midnight]))
        total = parts[0] if len(parts) == 1 else _summed(np.array(parts))
        return self._bar(total)

    def _bar(self, row: list[int]) -> Bar:
        opened, high, low, close, volume, quote, trades, bought, bought_quote = row
        tick, unit, quote_unit = self._rules.price_tick, self._volume_unit, self._quote_unit
        return Bar(
            opened * tick,
            high * tick,
            low * tick,
            close * tick,
            volume * unit,
            quote * quote_unit,
            trades,
            bought * unit,
            bought_quote * quote_unit,
        )

    def _walk_back(self) -> list[float]:
        """Give the logarithm, relative to the opening price, at each midnight, the first one first."""
        since_midnight = (self.opening_minute % DAY_MINUTES) / DAY_MINUTES
        kept = math.exp(-1 / MEMORY_DAYS)
        shocks = np.random.RandomState(self._seed).standard_normal(DAYS + 1).tolist()
        midnights = [DAY_MOVE * math.sqrt(since_midnight) * shocks[0]]
        for shock in shocks[1:]:
            midnights.append(kept * midnights[-1] + DAY_MOVE * shock)
        return midnights[::-1]

    def _day(self, day: int) -> _Ints:
        made = self._days.get(day)
        if made is None:
            if len(self._days) >= _DAYS_KEPT:
                del self._days[next(iter(self._days))]
            made = self._days[day] = self._make_day(day)
        return made

    def _make_day(self, day: int) -> _Ints:
        """Make the minutes of a day; today's end at the opening, with its price."""
        index = day - (self._today - DAYS)
        count = DAY_MINUTES if day < self._today else self.opening_minute % DAY_MINUTES
        start, end = self._midnights[index], self._midnights[index + 1] if day < self._today else 0.0
        draws = np.random.RandomState((*self._seed, day & _WORD)).standard_normal((6, DAY_MINUTES))[:, :count]

        walk = np.concatenate(([0.0], np.cumsum(draws[0] * _MINUTE_MOVE)))
        bridge = start + walk + (end - start - walk[-1]) * np.arange(count + 1) / count
        bridge[-1] = end  # exactly, so that the next day opens there
        ticks = self._ticks * np.exp(bridge)
        corners = np.maximum(np.rint(ticks), 1).astype(np.int64)
        opened, close = corners[:-1], corners[1:]
        wicks = np.rint(np.abs(draws[1:3]) * (_WICK * _MINUTE_MOVE) * ticks[1:]).astype(np.int64)
        high = np.maximum(opened, close) + wicks[0]
        low = np.maximum(np.minimum(opened, close) - wicks[1], 1)

        volume = np.maximum(np.rint(self._usual_volume * np.exp(draws[3] / 2)), 1)
        worth = float(self._volume_unit / self._quote_unit * self._rules.price_tick)  # of a unit of volume, at one tick
        share = np.clip(0.5 + draws[4] / 5, 0, 1)
        quote = np.rint(volume * worth * (ticks[:-1] + ticks[1:]) / 2)
        trades = np.maximum(np.rint(30 + 10 * draws[5]), 1)
        activity = np.array((volume, quote, trades, np.rint(volume * share), np.rint(quote * share))).astype(np.int64)
        return np.vstack((opened, high, low, close, activity)).T


def _summed(rows: _Ints) -> list[int]:
    """Sum up rows that follow each other."""
    if len(rows) == 1:
        return [int(number) for number in rows[0]]
    volumes = rows[:, _VOLUME:].sum(axis=0)
    return [
        int(rows[0, _OPEN]),
        int(rows[:, _HIGH].max()),
        int(rows[:, _LOW].min()),
        int(rows[-1, _CLOSE]),
        *(int(total) for total in volumes),
    ]


def _unit(usual: Decimal, finest: Decimal) -> Decimal:
    """Choose a multiple of `finest`, by a power of ten, of which `usual` has four or five digits, or fewer."""
    return finest.scaleb(max(0, (usual / finest).adjusted() - 4))
