"""Request weight per address and unfilled orders per account: 429 when there is too much of it, 418 for going on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from attrs import define, frozen

from engine.venue.events import Event, OrderChanged
from engine.venue.values import Refused

_MINUTE, _TEN_SECONDS, _DAY = 60_000, 10_000, 86_400_000  # ms
_MAKER_REWARD = 5  # unfilled orders that a first fill as maker takes off the count; as taker it is one


class TooMany(Refused):
    """Refuse for a limit: `status` is 429 or 418, `retry_after` is in seconds, at least 1."""

    def __init__(self, code: int, message: str, status: int, retry_after: int) -> None:
        super().__init__(code, message)
        self.status = status
        self.retry_after = max(1, retry_after)


@frozen
class LimitSettings:
    """Say how much is allowed; `patience` requests after a 429 are answered 429 too, the next bans the address."""

    weight: int = 6000  # per minute and address
    orders_10s: int = 100  # unfilled, per account
    orders_1d: int = 200_000
    raw_requests: int = 300_000  # per 5 minutes; announced, not counted
    patience: int = 3
    ban_seconds: int = 120


@define
class _Window:
    """Count within a window of time that begins at a multiple of its length."""

    length: int  # ms
    number: int = -1
    count: int = 0
    excess: int = 0  # refused requests

    def at(self, now: int) -> _Window:
        """Begin anew when the time for that has come."""
        if now // self.length != self.number:
            self.number, self.count, self.excess = now // self.length, 0, 0
        return self

    def seconds_left(self, now: int) -> int:
        """Give the seconds until it begins anew, rounded up."""
        return -(-(self.length - now % self.length) // 1000)


class Limits:
    """Count, and refuse what is too much. Use it under the floor's lock; times are the server's, in ms."""

    def __init__(self, settings: LimitSettings | None = None) -> None:
        self.settings = settings or LimitSettings()
        self._weights: dict[str, _Window] = defaultdict(lambda: _Window(_MINUTE))
        self._banned: dict[str, int] = {}
        self._fast: dict[str, _Window] = defaultdict(lambda: _Window(_TEN_SECONDS))
        self._daily: dict[str, _Window] = defaultdict(lambda: _Window(_DAY))

    def reset(self, settings: LimitSettings | None = None) -> None:
        """Forget all counts and bans; from now on `settings` hold (by default the usual ones)."""
        self.settings = settings or LimitSettings()
        for counted in (self._weights, self._fast, self._daily):
            counted.clear()
        self._banned.clear()

    def ban(self, address: str, until: int) -> None:
        """Answer 418 to an address until that time."""
        self._banned[address] = until

    def spend(self, address: str, weight: int, now: int) -> None:
        """Count the weight of a request; raises `TooMany`."""
        if (until := self._banned.get(address, 0)) > now:
            raise _banned(until, now)
        window = self._weights[address].at(now)
        if window.count + weight <= self.settings.weight:
            window.count += weight
            return
        window.excess += 1
        if window.excess > self.settings.patience + 1:
            self.ban(address, now + self.settings.ban_seconds * 1000)
            raise _banned(self._banned[address], now)
        text = (
            f"Too much request weight used; current limit is {self.settings.weight} request weight per 1 MINUTE. "
            "Please use WebSocket Streams for live updates to avoid polling the API."
        )
        raise TooMany(-1003, text, 429, window.seconds_left(now))

    def refund(self, address: str, weight: int, now: int) -> None:
        """Take back what an operation that is free when it succeeds was counted for."""
        window = self._weights[address].at(now)
        window.count = max(0, window.count - weight)

    def count_order(self, account: str, now: int) -> None:
        """Count an order; raises `TooMany`."""
        fast, daily = self._fast[account].at(now), self._daily[account].at(now)
        for window, most, name in (
            (fast, self.settings.orders_10s, "10 SECOND"),
            (daily, self.settings.orders_1d, "1 DAY"),
        ):
            if window.count >= most:
                text = f"Too many new orders; current limit is {most} orders per {name}."
                raise TooMany(-1015, text, 429, window.seconds_left(now))
        fast.count += 1
        daily.count += 1

    def uncount_order(self, account: str, now: int) -> None:
        """Take back an order that was refused."""
        for window in (self._fast[account].at(now), self._daily[account].at(now)):
            window.count = max(0, window.count - 1)

    def note(self, events: Sequence[Event]) -> None:
        """Listen to the floor: an order's first fill takes it off the count of unfilled ones."""
        for event in events:
            if isinstance(event, OrderChanged) and event.trade and event.trade.quantity == event.order.executed:
                off = _MAKER_REWARD if event.trade.is_maker else 1
                for window in (self._fast[event.account], self._daily[event.account]):
                    window.count = max(0, window.count - off)

    def used_weight(self, address: str, now: int) -> int:
        """Give the weight that an address has used in this minute."""
        return self._weights[address].at(now).count

    def order_counts(self, account: str, now: int) -> tuple[int, int]:
        """Give the unfilled orders that count in these ten seconds and on this day."""
        return self._fast[account].at(now).count, self._daily[account].at(now).count

    def announced(self) -> list[dict[str, Any]]:
        """Give the limits as ``exchangeInfo.rateLimits``."""
        settings = self.settings
        return [
            _row("REQUEST_WEIGHT", "MINUTE", 1, settings.weight),
            _row("ORDERS", "SECOND", 10, settings.orders_10s),
            _row("ORDERS", "DAY", 1, settings.orders_1d),
            _row("RAW_REQUESTS", "MINUTE", 5, settings.raw_requests),
        ]

    def counted(self, address: str, account: str | None, now: int) -> list[dict[str, Any]]:
        """Give the limits with their ``count``, as the WebSocket API sends them; orders only for an account."""
        weight, fast, daily, _raw = self.announced()
        rows = [{**weight, "count": self.used_weight(address, now)}]
        if account is not None:
            counts = self.order_counts(account, now)
            rows += [{**row, "count": count} for row, count in zip((fast, daily), counts, strict=True)]
        return rows


def _row(kind: str, interval: str, number: int, limit: int) -> dict[str, Any]:
    return {"rateLimitType": kind, "interval": interval, "intervalNum": number, "limit": limit}


def _banned(until: int, now: int) -> TooMany:
    text = (
        f"Way too much request weight used; IP banned until {until}. "
        "Please use WebSocket Streams for live updates to avoid bans."
    )
    return TooMany(-1003, text, 418, -(-(until - now) // 1000))
