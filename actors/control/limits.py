"""How often anybody may do anything at the door; times are seconds of a clock that only goes forward."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable

from attrs import define, field

_KEYS = 1000  # that are remembered; the ones least lately seen are forgotten


@define
class Bucket:
    """Let `burst` pass at once, and `rate` a second in the long run."""

    rate: float
    burst: float
    _level: float = field(init=False)
    _filled_at: float | None = field(init=False, default=None)

    def __attrs_post_init__(self) -> None:
        """Begin full."""
        self._level = self.burst

    def take(self, now: float) -> float:
        """Let one more pass and give 0, or give the seconds to wait for it."""
        if self._filled_at is not None:
            self._level = min(self.burst, self._level + (now - self._filled_at) * self.rate)
        self._filled_at = now
        if self._level >= 1:
            self._level -= 1
            return 0.0
        return (1 - self._level) / self.rate


class Buckets:
    """Keep a bucket for each of many; safe to use from any thread."""

    def __init__(self, rate: float, burst: float) -> None:
        """Give each the same."""
        self._rate, self._burst = rate, burst
        self._lock = threading.Lock()
        self._buckets: OrderedDict[Hashable, Bucket] = OrderedDict()

    def take(self, key: Hashable, now: float) -> float:
        """Let one more of `key` pass and give 0, or give the seconds to wait for it."""
        with self._lock:
            bucket = self._buckets.pop(key, None) or Bucket(self._rate, self._burst)
            self._buckets[key] = bucket
            while len(self._buckets) > _KEYS:
                self._buckets.popitem(last=False)
            return bucket.take(now)


class FailedAttempts:
    """Count wrong tokens, cookies and codes: ten a minute from one address, thirty in all.

    Only what is wrong is counted: nobody is kept out of their own house because somebody else rattles at the door.
    """

    def __init__(self, per_address: int = 10, in_all: int = 30) -> None:
        """Allow so many a minute."""
        self._each = Buckets(per_address / 60, per_address)
        self._all = Buckets(in_all / 60, in_all)

    def note(self, address: str, now: float) -> float:
        """Count one more; give the seconds to wait before the next, 0 while there are few."""
        return self._each.take(address, now) or self._all.take(None, now)
