"""Candles kept on disk: a candle file, and beside it what spans of it are complete.

`SOL_USDT_1m.csv` is a candle file like any other, whole at every moment: it is only ever replaced. `SOL_USDT_1m.json`
says in which spans it holds every candle that the exchange has, so that a hole of the exchange's own is not asked for
again; it knows the file by its size, and also the one before. `SOL_USDT_1m.part` is what a fetch under way has by now.
"""

from __future__ import annotations

import fcntl
import json
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import urlsplit

from actors.candles.journal import CandleJournal
from actors.gateways.files import write_whole
from actors.state_dir import STATE_DIR
from engine.candles import Candles
from engine.candles.rows import HEADER, Page, merged, within
from engine.candles.spans import Span, united
from engine.candles.text import parse_candles
from engine.candles.times import EPOCH, MILLISECOND, read_time
from engine.errors import BadInput
from engine.settings import Settings

FOLDER = "candles"  # in the state directory

_log = logging.getLogger(__name__)


def cache_for(settings: Settings, state_dir: Path = STATE_DIR) -> CandleCache:
    """Find the cache of a market and timeframe; what another server tells is kept apart from what the exchange does."""
    exchange = settings.exchange.name
    if settings.exchange.base_url is not None:
        server = urlsplit(settings.exchange.base_url)
        exchange += f"@{server.hostname}" + (f"_{server.port}" if server.port else "")
    pair = f"{settings.pair.base_currency}_{settings.pair.quote_currency}"
    return CandleCache(state_dir / FOLDER / exchange / f"{pair}_{settings.trading_settings.timeframe}.csv")


class CandleCache:
    """Keep the candles of one market and timeframe."""

    def __init__(self, file: Path) -> None:
        """Take the candle file, which need not be there; its companions stand beside it."""
        self.file = file
        self._notes = file.with_suffix(".json")
        self._journal = CandleJournal(file.with_suffix(".part"))
        self._lock = file.with_name(f".{file.stem}.lock")

    def complete(self) -> tuple[Span, ...]:
        """Give the spans that need no asking, earliest first; none when the file is not one that was written here."""
        try:
            states = json.loads(self._notes.read_text(encoding="utf-8"))["states"]
            size = self.file.stat().st_size
            for state in reversed(states):
                if state["bytes"] == size:
                    return united(Span(read_time(start), read_time(end)) for start, end in state["complete"])
            _log.info("%s is not as it was written: its candles are fetched anew", self.file)
        except FileNotFoundError:
            pass
        except (ValueError, KeyError, TypeError):
            _log.info("%s cannot be read: the candles beside it are fetched anew", self._notes)
        return ()

    def load(self, span: Span) -> Candles | None:
        """Load the candles of a span, None when there are none."""
        rows = within(self._rows(), span)
        return parse_candles(str(self.file), "\n".join((HEADER, *rows)), None, None) if rows else None

    @contextmanager
    def writing(self, on_wait: Callable[[], None]) -> Iterator[Callable[[Page], None]]:
        """Give what adds a page; one process at a time, `on_wait` is called when that is another one.

        What is added is in the file when the context ends, however it ends, or else when the next one begins.
        """
        with self._opened_lock() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                on_wait()
                fcntl.flock(lock, fcntl.LOCK_EX)
            self._settle()
            try:
                yield self._journal.append
            finally:
                self._settle()

    def _opened_lock(self) -> TextIO:
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            return self._lock.open("a")
        except OSError as error:
            trouble = error.strerror or error
            raise BadInput(f"{self.file}: cannot be written: {trouble}; candles are kept there") from error

    def _settle(self) -> None:
        """Put the journal's pages into the file. Whatever step is the last, the next call does them all again."""
        pages = self._journal.read()
        if pages:
            known = self.complete()
            rows = merged(self._rows() if known else (), chain.from_iterable(page.rows for page in pages))
            text = "\n".join((HEADER, *rows, ""))
            before = [_state(self.file.stat().st_size, known)] if known else []
            after = _state(len(text), united((*known, *(page.span for page in pages))))
            # The notes first, and of both: whichever file is there, they know it by its size.
            write_whole(self._notes, json.dumps({"states": [*before, after]}, indent=1) + "\n")
            write_whole(self.file, text)
        self._journal.clear()

    def _rows(self) -> list[str]:
        try:
            return self.file.read_text(encoding="ascii", errors="replace").splitlines()[1:]
        except FileNotFoundError:
            return []


def _state(size: int, spans: Sequence[Span]) -> dict[str, Any]:
    return {"bytes": size, "complete": [[_written(span.start), _written(span.end)] for span in spans]}


def _written(time: int) -> str:
    return (EPOCH + time * MILLISECOND).isoformat(timespec="milliseconds")
