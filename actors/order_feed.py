"""The order feed of one grid, as an actor: a private stream, or only regular catch-ups where there is none."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import count

from actors.dialects import DIALECTS
from actors.dialects.conversation import Traded
from actors.gateways.credentials import Credentials
from actors.post import Post
from actors.streams.open_streams import Streams
from actors.streams.spoken_stream import News, SpokenStream
from actors.streams.troubles import Troubles
from engine.effects import Effect
from engine.feeds.connection import FeedConnection, Patience
from engine.feeds.order_feed import OrderFeed
from engine.grid_setup import GridSetup
from engine.messages import FeedInbox, OrderFeedInbox
from engine.messages.questions import DescribeOrderFeed
from engine.supervision import ChildSpec


def spec(
    grid: GridSetup,
    post: Post,
    credentials: Credentials,
    server_ahead: Callable[[], int],
    *,
    patience: Patience | None = None,
) -> ChildSpec:
    """Describe the order feed of `grid`.

    `server_ahead` gives the milliseconds by which the exchange's clock is ahead of this computer's; it is called in
    the streams' threads.
    """
    settings, addresses = grid.settings, grid.addresses
    name = str(addresses.order_feed)
    dialect = DIALECTS.get(settings.exchange.name)
    numbers = count(1)  # they go on when the feed is restarted, so that an old connection is never taken for a new one

    def tell(message: FeedInbox) -> None:
        post.send(addresses.order_feed, message)

    def hand_on(news: News) -> None:
        if not isinstance(news, Traded):
            post.send(addresses.order_feed, news)

    def factory() -> OrderFeedShell:
        interval = settings.execution.order_polling_interval
        if dialect is None:
            return OrderFeedShell(name, OrderFeed(None, interval, addresses), Streams(_no_stream))
        endpoint = dialect.orders(settings.exchange, settings.pair, credentials, server_ahead)
        connection = FeedConnection(patience or Patience.of(settings.execution), numbers, random.random)
        streams = Streams(lambda number: SpokenStream(number, endpoint, f"{name} stream {number}", tell, hand_on))
        return OrderFeedShell(name, OrderFeed(connection, interval, addresses), streams)

    return ChildSpec(addresses.order_feed, factory)


def _no_stream(number: int) -> SpokenStream:
    raise LookupError(f"there is no dialect for connection {number}")


class OrderFeedShell:
    """Run the behaviour, and do what it wants done on sockets."""

    def __init__(self, name: str, feed: OrderFeed, streams: Streams[SpokenStream]) -> None:
        """Begin with no connection."""
        self._feed = feed
        self._streams = streams
        self._troubles = Troubles(name)

    def start(self) -> list[Effect]:
        """Have the first connection made."""
        return self._streams.perform(self._feed.start())

    def handle(self, message: OrderFeedInbox | DescribeOrderFeed) -> list[Effect]:
        """Move on by one message."""
        effects = self._streams.perform(self._feed.handle(message))
        self._troubles.note(self._feed.trouble)
        return effects

    def close(self) -> None:
        """Hang up."""
        self._streams.close()
