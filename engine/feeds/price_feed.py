"""The price feed of one grid: from what a stream shows to a path of prices that can be acted on."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Protocol, assert_never

from attrs import frozen

from engine.addresses import REPORTER, GridAddresses
from engine.effects import Address, Effect, Reply, Send
from engine.feeds.connection import FeedConnection, StreamCommand
from engine.feeds.price_path import path_between
from engine.feeds.price_sanity import Doubts, PriceSanity, can_be_price
from engine.feeds.price_watch import PriceWatch
from engine.feeds.timers import FeedTimers, Purpose
from engine.messages import (
    DescribePrices,
    FeedTimer,
    HeartbeatSeen,
    PaperExchangeInbox,
    PriceFeedInbox,
    PriceFetched,
    PriceMoved,
    PriceNoted,
    PricesDescribed,
    PricesSeen,
    PricesUnwatched,
    StreamEnded,
    StreamLeaving,
    StreamOpened,
    WatchPrices,
    WatchRange,
)

QUIET = 60.0  # seconds without a trade after which the exchange is asked whether there really was none
UNANSWERED = 5.0  # seconds after which a question is put again, doubled each time until there is news
DOUBT = 1.0  # seconds after which it is asked about a price that is hard to believe


@frozen
class FetchPrice:
    """Have the exchange asked for the last price, beside the stream; told as `PriceFetched` if it answers."""

    connection: int


FeedCommand = StreamCommand | FetchPrice
Unwatched = Iterable[Address[PricesUnwatched]]


class PathTaker(Protocol):
    """Take the path of the price, point by point: in live trading a `PriceWatch`."""

    def watch_prices(self, wish: WatchPrices) -> list[Effect]:
        """Replace the thresholds."""

    def watch_range(self, wish: WatchRange) -> list[Effect]:
        """Replace the range."""

    def passed(self, time: int, price: Decimal) -> list[Effect]:
        """Take a price that the path has touched and already left."""

    def moved(self, time: int, price: Decimal) -> list[Effect]:
        """Take the newest price."""


class PriceFeed:
    """Keep a stream up, doubt what it shows, and hand on every extreme that was touched on the way."""

    def __init__(
        self, connection: FeedConnection, addresses: GridAddresses, doubts: Doubts, tell_unwatched: Unwatched = ()
    ) -> None:
        """Begin without a price.

        With `addresses.feed_has_prices` it watches prices itself, and tells `tell_unwatched` when it begins that they
        have to ask (again); otherwise it moves the paper exchange, which watches.
        """
        self._grid = addresses.grid
        self._connection = connection
        self._sanity = PriceSanity(doubts)
        self._taker: PathTaker = PriceWatch(addresses) if addresses.feed_has_prices else _PaperPath(addresses)
        self._tell_unwatched = tuple(tell_unwatched)
        self._timers = FeedTimers()
        self._time: int | None = None
        self._shown: Decimal | None = None  # believed or not
        self._has_ticked = False  # since the last look
        self._asked_at_opening: bool | None = None  # None: no answer is awaited
        self._questions = 0  # at this opening

    @property
    def trouble(self) -> str | None:
        """Say why there is no price to act on, None when there is nothing to say."""
        return self._connection.trouble or self._sanity.trouble

    def start(self) -> list[Effect | FeedCommand]:
        """Have the first connection made."""
        return [*(Send(to, PricesUnwatched()) for to in self._tell_unwatched), *self._connection.start()]

    def handle(self, message: PriceFeedInbox) -> list[Effect | FeedCommand]:
        """Move on by one message."""
        match message:
            case PricesSeen():
                return self._seen(message)
            case HeartbeatSeen() | StreamEnded() | StreamLeaving():
                return [*self._connection.handle(message)]
            case StreamOpened():
                return self._opened(message)
            case FeedTimer():
                return self._look(message) if message.purpose == Purpose.QUIET else [*self._connection.handle(message)]
            case PriceFetched():
                return self._fetched(message)
            case WatchPrices():
                return [*self._taker.watch_prices(message)]
            case WatchRange():
                return [*self._taker.watch_range(message)]
            case DescribePrices():
                return [Reply(self._described())]
            case _:
                assert_never(message)

    def _described(self) -> PricesDescribed:
        return PricesDescribed(self._sanity.accepted, self._time, self.trouble, self._connection.signs)

    # --- the path ------------------------------------------------------------------------------------

    def _seen(self, seen: PricesSeen) -> list[Effect | FeedCommand]:
        if not self._connection.is_heard(seen.connection):
            return []
        self._has_ticked = True
        told = self._no_question_is_left()
        was_in_doubt = self._sanity.is_in_doubt
        effects: list[Effect | FeedCommand] = [*told, *self._go(seen.time, seen.low, seen.high, seen.newest)]
        if self._sanity.is_in_doubt and not was_in_doubt:
            effects.append(self._timers.set(Purpose.QUIET, DOUBT))
        return effects

    def _go(self, time: int, low: Decimal, high: Decimal, newest: Decimal) -> list[Effect]:
        """Walk to the newest price by way of the extremes; to what is not believed nobody walks."""
        if can_be_price(newest):
            self._shown = newest
        before = self._sanity.accepted
        touched = {price for price in (low, high) if self._sanity.is_near(price)}
        is_believed = self._sanity.accepts(time, newest)
        touched |= {price for price in (low, high) if self._sanity.is_near(price)}
        if is_believed:
            self._time = time
        if before is None:
            return [self._note(time, newest), *self._taker.moved(time, newest)] if is_believed else []
        *extremes, end = path_between(before, touched, newest if is_believed else before)
        effects: list[Effect] = [self._note(time, price) for price in extremes]
        effects += [effect for price in extremes for effect in self._taker.passed(time, price)]
        # A price that has not moved is told all the same: its time is new.
        return [*effects, self._note(time, end), *self._taker.moved(time, end)] if is_believed else effects

    def _note(self, time: int, price: Decimal) -> Send:
        return Send(REPORTER, PriceNoted(self._grid, time, price))

    # --- is there really no news? --------------------------------------------------------------------

    def _opened(self, opened: StreamOpened) -> list[Effect | FeedCommand]:
        """Learn what was missed: the stream itself only tells the next trade, which may take its time."""
        effects = self._connection.handle(opened)
        if self._connection.current != opened.connection:
            return [*effects]
        self._has_ticked, self._asked_at_opening, self._questions = False, True, 1
        quiet = self._timers.set(Purpose.QUIET, UNANSWERED)
        return [*effects, FetchPrice(opened.connection), quiet]

    def _look(self, timer: FeedTimer) -> list[Effect | FeedCommand]:
        current = self._connection.current
        if not self._timers.is_due(timer) or current is None:
            return []
        if self._sanity.is_in_doubt:
            self._asked_at_opening = False
            return [FetchPrice(current), self._timers.set(Purpose.QUIET, DOUBT)]
        if self._asked_at_opening:  # and nobody has answered, nor has the stream spoken
            delay = min(UNANSWERED * 2.0**self._questions, QUIET)
            self._questions += 1
            return [FetchPrice(current), self._timers.set(Purpose.QUIET, delay)]
        again = self._timers.set(Purpose.QUIET, QUIET)
        if self._has_ticked:
            self._has_ticked = False
            return [again]
        self._asked_at_opening = False
        return [FetchPrice(current), again]

    def _fetched(self, fetched: PriceFetched) -> list[Effect | FeedCommand]:
        """Believe the answer unless the stream has spoken since; a stream that has missed a trade is replaced."""
        at_opening = self._asked_at_opening
        if at_opening is None or fetched.connection != self._connection.current:
            return []
        told = self._no_question_is_left()
        has_missed = not at_opening and can_be_price(fetched.price) and fetched.price != self._shown
        moved = self._go(fetched.time, fetched.price, fetched.price, fetched.price)
        return [*told, *moved, *(self._connection.renew() if has_missed else [])]

    def _no_question_is_left(self) -> list[Effect]:
        """Wait for no answer any more; what was asked at the opening is not asked again."""
        at_opening, self._asked_at_opening = self._asked_at_opening, None
        return [self._timers.set(Purpose.QUIET, QUIET)] if at_opening else []


class _PaperPath:
    """Hand everything on to the simulated exchange."""

    def __init__(self, addresses: GridAddresses) -> None:
        """Know where it lives."""
        self._exchange: Address[PaperExchangeInbox] = Address(addresses.exchange)

    def watch_prices(self, wish: WatchPrices) -> list[Effect]:
        return [Send(self._exchange, wish)]

    def watch_range(self, wish: WatchRange) -> list[Effect]:
        return [Send(self._exchange, wish)]

    def passed(self, time: int, price: Decimal) -> list[Effect]:
        return [Send(self._exchange, PriceMoved(time, price))]

    def moved(self, time: int, price: Decimal) -> list[Effect]:
        return [Send(self._exchange, PriceMoved(time, price))]
