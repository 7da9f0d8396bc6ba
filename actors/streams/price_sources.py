"""The connections of a price feed: a stream in the exchange's dialect, or a poll where none is known."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Protocol

from actors.dialects import DIALECTS
from actors.dialects.conversation import Endpoint, Traded
from actors.gateways.price_poll import FetchPrice, PricePoll
from actors.streams.open_streams import Connection
from actors.streams.price_slot import PriceSlot
from actors.streams.spoken_stream import News, SpokenStream
from engine.messages import PriceFeedInbox, PricesSeen, PricesWaiting, StreamEnded, StreamOpened
from engine.settings.model import Settings

POLLING_INTERVAL = 2.0  # seconds

Tell = Callable[[PriceFeedInbox | PricesWaiting], None]


class PriceSource(Connection, Protocol):
    """Be a connection that shows prices."""

    def take(self) -> PricesSeen | None:
        """Give what it has shown since the last look; None for nothing."""


MakeSource = Callable[[int, str, Tell], PriceSource]


def sources(settings: Settings, fetch_price: FetchPrice) -> MakeSource:
    """Give what makes a connection from its number, a name for its thread, and whom it tells."""
    dialect = DIALECTS.get(settings.exchange.name)
    if dialect is None:
        return lambda number, name, tell: PolledPrices(number, name, tell, fetch_price)
    endpoint = dialect.prices(settings.exchange, settings.pair)
    return lambda number, name, tell: StreamedPrices(number, name, tell, endpoint)


class _Shown:
    """Leave prices in a slot, and say so when nobody has been told yet."""

    def __init__(self, number: int, tell: Tell) -> None:
        self._number = number
        self._slot = PriceSlot(number)
        self._tell = tell
        self.take = self._slot.take

    def show(self, time: int, price: Decimal) -> None:
        if self._slot.put(time, price):
            self._tell(PricesWaiting(self._number))


class StreamedPrices(SpokenStream):
    """Show the trades that a stream tells."""

    def __init__(self, number: int, name: str, tell: Tell, endpoint: Endpoint) -> None:
        """Be ready to open."""
        self._shown = _Shown(number, tell)
        super().__init__(number, endpoint, name, tell, self._take_trade)

    def take(self) -> PricesSeen | None:
        """Give what it has shown since the last look; None for nothing."""
        return self._shown.take()

    def _take_trade(self, news: News) -> None:
        if isinstance(news, Traded):
            self._shown.show(news.time, news.price)


class PolledPrices:
    """Show the prices that an exchange gives when it is asked."""

    def __init__(self, number: int, name: str, tell: Tell, fetch_price: FetchPrice) -> None:
        """Be ready to open."""
        self._number = number
        self._tell = tell
        self._shown = _Shown(number, tell)
        self._is_open = False
        self._poll = PricePoll(fetch_price, POLLING_INTERVAL, self, name)

    def open(self) -> None:
        """Begin to ask, in a thread of its own."""
        self._poll.open()

    def probe(self) -> None:
        """Do nothing: every answer is a sign of life."""

    def close(self) -> None:
        """Have it ended, without waiting."""
        self._poll.close()

    def join(self, timeout: float) -> bool:
        """Wait for its thread to end; tell whether it did within `timeout` seconds."""
        return self._poll.join(timeout)

    def take(self) -> PricesSeen | None:
        """Give what it has shown since the last look; None for nothing."""
        return self._shown.take()

    def priced(self, time: int, price: Decimal) -> None:
        """Take an answer; the first one shows that there is a connection."""
        if not self._is_open:
            self._is_open = True
            self._tell(StreamOpened(self._number))
        self._shown.show(time, price)

    def ended(self, reason: str) -> None:
        """Tell of the end."""
        self._tell(StreamEnded(self._number, reason))
