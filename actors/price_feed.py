"""The price feed of one grid, as an actor."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from decimal import Decimal
from itertools import count

from attrs import frozen

from actors.gateways.price_poll import FetchPrice, PricePoll
from actors.post import Post
from actors.streams.open_streams import Streams
from actors.streams.price_sources import PriceSource, Tell, sources
from actors.streams.troubles import Troubles
from engine.effects import Address, Effect
from engine.feeds import price_feed
from engine.feeds.connection import FeedConnection, Patience
from engine.feeds.price_feed import FeedCommand, PriceFeed, Unwatched
from engine.feeds.price_sanity import Doubts
from engine.grid_setup import GridSetup
from engine.messages import PriceFeedInbox, PriceFetched, PricesWaiting
from engine.supervision import ChildSpec

log = logging.getLogger(__name__)


def spec(
    grid: GridSetup,
    post: Post,
    fetch_price: FetchPrice,
    *,
    tell_unwatched: Unwatched = (),
    patience: Patience | None = None,
) -> ChildSpec:
    """Describe the price feed of `grid`.

    `fetch_price` asks the exchange for the time and the price of the last trade; it is called in threads of its own,
    after each connect and in long silences, and all the time where an exchange's streams are not spoken here.
    """
    name = str(grid.addresses.price_feed)
    make_source = sources(grid.settings, fetch_price)
    address: Address[PriceFeedInbox | PricesWaiting] = Address(name)
    numbers = count(1)  # they go on when the feed is restarted, so that an old connection is never taken for a new one

    def tell(message: PriceFeedInbox | PricesWaiting) -> None:
        post.send(address, message)

    def factory() -> PriceFeedShell:
        waits = patience or Patience.of(grid.settings.execution)
        connection = FeedConnection(waits, numbers, random.random)
        feed = PriceFeed(connection, grid.addresses, Doubts(), tell_unwatched)
        streams = Streams(lambda number: make_source(number, f"{name} stream {number}", tell))
        return PriceFeedShell(name, feed, streams, fetch_price, tell)

    return ChildSpec(address, factory)


class PriceFeedShell:
    """Run the behaviour, and do what it wants done on sockets."""

    def __init__(
        self, name: str, feed: PriceFeed, streams: Streams[PriceSource], fetch_price: FetchPrice, tell: Tell
    ) -> None:
        """Begin with no connection."""
        self._name = name
        self._feed = feed
        self._streams = streams
        self._fetch_price = fetch_price
        self._tell = tell
        self._troubles = Troubles(name)
        self._question: PricePoll | None = None

    def start(self) -> list[Effect]:
        """Have the first connection made."""
        return self._perform(self._feed.start())

    def handle(self, message: PriceFeedInbox | PricesWaiting) -> list[Effect]:
        """Move on by one message."""
        if isinstance(message, PricesWaiting):
            source = self._streams.get(message.connection)
            seen = None if source is None else source.take()
            return [] if seen is None else self.handle(seen)
        effects = self._perform(self._feed.handle(message))
        self._troubles.note(self._feed.trouble)
        return effects

    def close(self) -> None:
        """Hang up."""
        if self._question is not None:
            self._question.close()
        self._streams.close()

    def _perform(self, effects: list[Effect | FeedCommand]) -> list[Effect]:
        for effect in effects:
            if isinstance(effect, price_feed.FetchPrice):
                self._ask(effect.connection)
        return self._streams.perform(effect for effect in effects if not isinstance(effect, price_feed.FetchPrice))

    def _ask(self, connection: int) -> None:
        if self._question is not None and not self._question.join(0.0):
            return  # one is enough
        answer = _Answer(connection, self._tell)
        self._question = PricePoll(self._fetch_price, None, answer, f"{self._name} question")
        self._question.open()


@frozen
class _Answer:
    """Tell the one answer of a question."""

    connection: int
    tell: Callable[[PriceFetched], None]

    def priced(self, time: int, price: Decimal) -> None:
        self.tell(PriceFetched(self.connection, time, price))

    def ended(self, reason: str) -> None:
        log.info("the last price could not be asked for: %s", reason)
