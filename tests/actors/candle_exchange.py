"""An exchange that has minutes to tell, with holes and faults where a test puts them."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Container
from decimal import Decimal

from attrs import define, field

from engine.candles import Candle
from engine.plain import moment
from engine.settings import Settings
from tests.actors.scripted_server import Received, Scripted, ScriptedServer
from tests.engine.configurations import ABSENT, load

MINUTE = 60_000
START = 1_722_470_400_000  # 2024-08-01 00:00:00 UTC
KLINES = "GET /api/v3/klines"


@define(eq=False)
class CandleExchange(ScriptedServer):
    """Tell klines as Binance does, `most` at once, those aside that open in minutes of `holes`.

    `faults` are answered first, one a question, None for a good answer; `on_question` is called at each, with how many
    there have been. `time` is its clock.
    """

    most: int = 1_000
    holes: Container[int] = ()
    faults: deque[Scripted | None] = field(factory=deque)
    time: int = START + 10_000 * MINUTE
    on_question: Callable[[int], None] = field(default=lambda _: None)

    def answer(self, received: Received) -> Scripted:
        if received.path == "/api/v3/time":
            self.received.append(received)
            return Scripted(json.dumps({"serverTime": self.time}))
        if received.path != "/api/v3/klines":
            return super().answer(received)
        self.received.append(received)
        self.on_question(len(self.questions))
        fault = self.faults.popleft() if self.faults else None
        return fault or Scripted(json.dumps(self._klines(received)))

    @property
    def questions(self) -> list[Received]:
        """Give the questions for candles so far."""
        return self.of(KLINES)

    def asked_minutes(self) -> list[int]:
        """Give from which minutes on candles were asked for, in order."""
        return [-((START - int(one.params["startTime"])) // MINUTE) for one in self.questions]

    def _klines(self, received: Received) -> list[list[object]]:
        start, end = int(received.params["startTime"]), int(received.params["endTime"])
        first = max(0, -((START - start) // MINUTE))
        last = (min(end, self.time) - START) // MINUTE
        told = [minute for minute in range(first, last + 1) if minute not in self.holes]
        return [_kline(minute) for minute in told[: min(self.most, int(received.params["limit"]))]]


def minute_candle(minute: int) -> Candle:
    """Give the candle of a minute, as it is to be read."""
    return Candle(START + minute * MINUTE, *(Decimal(price) for price in _prices(minute)))


def fetching(url: str, *changes: tuple[str, object], first: int = 0, last: int = 99) -> Settings:
    """Configure a backtest on these minutes, both inclusive, of an exchange at `url`."""
    return load(*fetching_changes(url, *changes, first=first, last=last))


def fetching_changes(
    url: str, *changes: tuple[str, object], first: int = 0, last: int = 99
) -> list[tuple[str, object]]:
    """Say what makes a configuration one that fetches."""
    return [
        ("exchange.base_url", url),
        ("trading_settings.timeframe", "1m"),
        ("trading_settings.historical_data_file", ABSENT),
        ("trading_settings.period", {"start_date": _iso(first), "end_date": _iso(last)}),
        *changes,
    ]


def _iso(minute: int) -> str:
    return moment(START + minute * MINUTE)


def _prices(minute: int) -> tuple[str, str, str, str]:
    opened = f"{150 + minute % 7}.{minute % 100:02}000000"
    return opened, f"{160 + minute % 3}.50000000", "149.00000001", f"{151 + minute % 5}.10000000"


def _kline(minute: int) -> list[object]:
    time = START + minute * MINUTE
    tail = (time + MINUTE - 1, "1.0", 7, "0.5", "0.5", "0")
    return [time, *_prices(minute), f"{minute}.50000000", *tail]
