"""Fetch what a cache has not got: page after page, with patience, from where it stopped."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Protocol, TypeVar

from attrs import Factory, define, frozen

from actors.candles.cache import CandleCache
from engine.calls import NotFound, NotYet, Refused, Unknown
from engine.candles.rows import Page
from engine.candles.spans import SETTLING_MS, Span, candles_in, missing
from engine.candles.times import show_time
from engine.errors import BadInput

_DAY_MS = 86_400_000
_WORTH_TELLING = 10.0  # seconds of waiting

_Answer = TypeVar("_Answer")
Trouble = Refused | NotFound | Unknown | NotYet
_log = logging.getLogger(__name__)


class FetchFailed(Exception):
    """Say why candles are not there, how far they are, and what can be done."""


class CandleSource(Protocol):
    """Tell candles."""

    def page(self, wanted: Span) -> Page | Trouble:
        """Ask for the first candles of a span."""

    def time(self) -> int | Trouble:
        """Ask what time it is there, in epoch milliseconds."""


@frozen(kw_only=True)
class Patience:
    """Say how often to try in vain before giving up, and how to wait in between; seconds."""

    tries: int = 8
    first_delay: float = 1.0
    longest_delay: float = 30.0
    longest_asked: float = 600.0  # that an exchange may ask to be left alone before it counts as a ban
    wait: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random

    def delay(self, failures: int) -> float:
        """Give the seconds to wait after so many failures in a row: doubling, and never alike for two clients."""
        return min(self.longest_delay, self.first_delay * 2.0 ** (failures - 1)) * (0.5 + self.chance() / 2)


class _GaveUp(Exception):
    """Say why there was no answer."""


@define
class _Tally:
    """Count the candles that should be there, as far as they have been asked for."""

    total: int
    done: int = 0
    reached: int | None = None


Bar = Callable[[int], AbstractContextManager[Callable[[int], None]]]


@frozen(kw_only=True)
class Fetch:
    """Fetch the candles of one market, which messages call `name`; `bar` is given a total and hears what is done.

    `asked_by` names the configuration in what a user can mend.
    """

    name: str
    asked_by: str
    cache: CandleCache
    source: CandleSource
    timeframe_ms: int
    bar: Bar
    patience: Patience = Factory(Patience)

    def complete(self, wanted: Span, now: int) -> None:
        """Have every candle of a span in the cache that the exchange has; another process may be at it already.

        Raise `BadInput` for what the exchange refuses, `FetchFailed` when it cannot be reached. What is there by then
        is kept, and the next call goes on from it.
        """
        with self.cache.writing(self._tell_of_another) as keep:
            spans = missing(wanted, self.cache.complete())
            tally = _Tally(candles_in(spans, self.timeframe_ms))
            with self.bar(tally.total) as on_progress:
                try:
                    for span in spans:
                        self._fetch(span, now, tally, keep, on_progress)
                except _GaveUp as why:
                    raise FetchFailed(f"{self.name}: {why}; {self._so_far(tally)}") from None
                except KeyboardInterrupt:
                    raise KeyboardInterrupt(f"{self.cache.file} ({tally.done:,} more candles)") from None

    def _fetch(
        self, span: Span, now: int, tally: _Tally, keep: Callable[[Page], None], on_progress: Callable[[int], None]
    ) -> None:
        position = since = span.start
        end = self._end(span, now)
        while position < end:
            page = self._answer(partial(self.source.page, Span(position, end)))
            position = page.span.end
            # Nothing new may also mean that it is not told yet; it is kept as a hole when that is out of the question.
            if page.rows or position <= now - _DAY_MS:
                keep(Page(Span(since, position), page.rows))
                since = position
            tally.done += candles_in((page.span,), self.timeframe_ms)
            tally.reached = position
            on_progress(tally.done)

    def _end(self, span: Span, now: int) -> int:
        """Give where the span ends, or its last finished candle by the exchange's clock: ours may be ahead of it."""
        if span.end <= now - _DAY_MS:
            return span.end
        told = self._answer(self.source.time)
        return min(span.end, told - SETTLING_MS - self.timeframe_ms + 1)

    def _answer(self, ask: Callable[[], _Answer | Trouble]) -> _Answer:
        patience, failures = self.patience, 0
        while True:
            answer = ask()
            if isinstance(answer, Refused):
                raise BadInput(f"{self.asked_by}: {self.name}: refused: {answer.text}")
            if not isinstance(answer, NotFound | Unknown | NotYet):
                return answer
            failures += 1
            asked = answer.seconds if isinstance(answer, NotYet) else 0.0
            if asked > patience.longest_asked:
                raise _GaveUp(f"it asks to be left alone for {asked:.0f} s: {answer.text}")
            if failures == patience.tries:
                raise _GaveUp(f"gave up after {failures} tries: {answer.text}")
            delay = max(asked, patience.delay(failures))
            level = logging.WARNING if delay >= _WORTH_TELLING else logging.INFO
            _log.log(level, "%s: %s; trying again in %.0f s", self.name, answer.text, delay)
            patience.wait(delay)

    def _so_far(self, tally: _Tally) -> str:
        if tally.reached is None:
            return "nothing was fetched; run the same again later"
        done = f"{tally.done:,} of {tally.total:,} candles, up to {show_time(tally.reached)}, are kept"
        return f"{done} in {self.cache.file}; run the same again to go on from there"

    def _tell_of_another(self) -> None:
        _log.warning("%s: another process is fetching these candles; waiting for it", self.name)
