"""The health of a grid's streams: prices that must come, and news of orders that may be rare."""

from __future__ import annotations

from engine.health.asked import GridCheck
from engine.health.findings import Finding, Stretch
from engine.health.thresholds import WatchedGrid
from engine.health.words import span
from engine.messages.questions import DescribeOrderFeed, DescribePrices, OrderFeedDescribed, PricesDescribed
from engine.messages.vitals import Level
from engine.plain import plain

_SURE = 25.0  # seconds: a feed looks for life itself, and gives up after twenty; until then silence means nothing


class PricesCheck(GridCheck[PricesDescribed]):
    """Judge the price feed by its signs of life, which grow from look to look, and by what it calls trouble."""

    name = "prices"
    question = DescribePrices()
    answer = PricesDescribed

    def __init__(self, grid: WatchedGrid, began: float) -> None:
        """Begin at `began` with no sign."""
        super().__init__(grid, grid.addresses.price_feed, max(grid.health.feed_silence, grid.health.mailbox_wait))
        self._signs, self._grown_at = -1, began
        self._troubled = Stretch()

    def learn(self, now: float, value: PricesDescribed) -> None:
        """See whether anything has come since the last answer; a feed that was restarted counts anew."""
        if value.signs != self._signs:
            self._signs, self._grown_at = value.signs, now
        self._troubled.note(is_so=value.trouble is not None, now=now)

    def judge(self, now: float, value: PricesDescribed) -> Finding:
        """Say how the prices are."""
        most, silent = self.grid.health.feed_silence, now - self._grown_at
        if value.trouble is not None:
            lasts = max(self._troubled.seconds(now), silent if silent >= _SURE else 0.0)
            level = Level.CRITICAL if lasts >= most else Level.WARNING
            return self.found(level, f"{value.trouble}, for {span(lasts)}", silent, "s", tells=lasts >= most)
        if silent >= max(most, _SURE):
            text = f"no sign of life from the price stream for {span(silent)}"
            return self.found(Level.CRITICAL, text, silent, "s")
        if value.price is None:
            return self.found(Level.UNKNOWN, "no price yet", silent, "s")
        heard = "just now" if silent < 2 else f"{span(silent)} ago"
        return self.found(Level.OK, f"{plain(value.price)}; the stream was heard {heard}", silent, "s")


class OrderStreamCheck(GridCheck[OrderFeedDescribed]):
    """Judge the order feed by what it calls trouble: where nothing happens to orders, nothing comes."""

    name = "order_stream"
    question = DescribeOrderFeed()
    answer = OrderFeedDescribed

    def __init__(self, grid: WatchedGrid) -> None:
        """Begin with no answer."""
        super().__init__(grid, grid.addresses.order_feed, grid.health.actor_hangs)
        self._troubled = Stretch()

    def learn(self, now: float, value: OrderFeedDescribed) -> None:
        """Time its trouble."""
        self._troubled.note(is_so=value.trouble is not None, now=now)

    def judge(self, now: float, value: OrderFeedDescribed) -> Finding:
        """Say how the news of orders come; without a stream they are still asked for."""
        every = f"orders are asked for every {span(self.grid.polling_interval)}"
        if value.trouble is None:
            text = f"connected; {every} too" if value.is_streamed else f"{every}; there is no stream"
            return self.found(Level.OK, text)
        lasts = self._troubled.seconds(now)
        tells = lasts >= self.grid.health.feed_silence
        return self.found(Level.WARNING, f"{value.trouble}, for {span(lasts)}; {every}", lasts, "s", tells=tells)
