"""The story of a world: who told whom what, and when, one line each."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from typing import Any

import attrs
from attrs import frozen

from tests.simulation.many.wording import short, words
from tests.simulation.many.worlds import Failure, Told

_MOST_IN_BLOCK = 8  # lines that repeat together
_LEAST_REPEATS = 3
# What differs where nothing is new.
_PASSING = frozenset({"ticket", "time", "token", "tries", "seconds", "now", "number", "caller", "connection"})
# What only looks: told again with nothing new in it, nobody wants to read it. A fill told again is no such thing.
_PRICES = frozenset({"PricesSeen", "PriceNoted", "PriceMoved", "PriceFetched"})
_SIGNS = frozenset({"HeartbeatSeen", "FeedTimer", "FetchPrice", "Probe", "Ping", "RetryDue", "CommitDue", "ResumeGrid"})
_QUESTIONS = frozenset({"OrdersUnobserved", "CatchUp", "LookUpDue", "LookUpOrder", "ReconcileDue", "TellFunds"})
_WATCHES = frozenset({"WatchPrices", "WatchRange", "TellHoldings", "HoldingsChanged"})
_CALLS = frozenset({"MakeCall", "ListTrades", "ListOpenOrders", "ListBalances", "LookUp"})
_ANSWERS = frozenset({"Done", "NotFound", "CallEnded", "OpenOrdersListed", "FundsTold"})
_LOOKING = _PRICES | _SIGNS | _QUESTIONS | _WATCHES | _CALLS | _ANSWERS
_RECENT = 4  # as many kinds of calls alternate; of a price only the last one counts


@frozen
class Line:
    """Hold one line, and by what it counts as the same as another; `is_stale` where it brings nothing new."""

    time: float
    text: str
    same: object
    is_stale: bool = False


def lines(told: Sequence[Told], failure: Failure | None) -> list[Line]:
    """Write what was told, and in its place the violation."""
    said_last: _Recent = defaultdict(lambda: deque(maxlen=_RECENT))
    written = [_line(one, said_last) for one in told]
    if failure is not None:
        at = failure.at if failure.at is not None else written[-1].time if written else 0.0
        place = next((place for place, line in enumerate(written) if line.time > at), len(written))
        text = f"{at:12.3f}  *** {failure.law}: {failure.what}"
        written.insert(place, Line(at, text, failure))
    return written


def folded(written: Sequence[Line]) -> list[Line]:
    """Leave out what brings nothing new, and what only repeats, be it one line or some together."""
    kept: list[Line] = []
    place = 0
    while place < len(written):
        stale = _stale(written, place)
        if stale >= _LEAST_REPEATS:
            place += stale
            until = written[place - 1].time
            kept.append(Line(until, f"{'':14}… {stale} lines with nothing new, until {until:.3f}", None))
            continue
        size, times = _repeats(written, place)
        kept += written[place : place + size]
        place += size * times
        if times > 1:
            last = written[place - 1]
            these = "this" if size == 1 else f"these {size}"
            kept.append(Line(last.time, f"{'':14}… {times - 1} times more {these}, until {last.time:.3f}", None))
    return kept


def cut(written: Sequence[Line], most: int | None, at: float | None) -> list[Line]:
    """Keep the `most` lines around `at`, or the last ones; None keeps all."""
    if most is None or len(written) <= most:
        return list(written)
    end = len(written)
    if at is not None:
        after = sum(line.time > at for line in written)
        end -= max(after - most // 8, 0)
    first = max(end - most, 0)
    kept = list(written[first:end])
    if first:
        kept.insert(0, Line(kept[0].time, f"{'':14}… {first} lines before", None))
    if end < len(written):
        kept.append(Line(kept[-1].time, f"{'':14}… {len(written) - end} lines after", None))
    return kept


def _stale(written: Sequence[Line], place: int) -> int:
    """Count the lines from here that bring nothing new."""
    end = place
    while end < len(written) and written[end].is_stale:
        end += 1
    return end - place


def _repeats(written: Sequence[Line], place: int) -> tuple[int, int]:
    """Find how many lines from here repeat together, and how often in a row; one line, once, where nothing does."""
    for size in range(1, _MOST_IN_BLOCK + 1):
        block = [line.same for line in written[place : place + size]]
        times = 1
        while [line.same for line in written[place + size * times : place + size * (times + 1)]] == block:
            times += 1
        if times >= _LEAST_REPEATS:
            return size, times
    return 1, 1


_Recent = defaultdict[tuple[str, str, str], deque[object]]


def _line(told: Told, said_last: _Recent) -> Line:
    said, message = words(told.message), told.message
    route = f"{short(told.sender)} → {short(told.receiver)}" if told.receiver else short(told.sender)
    name, same = type(message).__name__, _same(message)
    is_stale = False
    if name in _LOOKING:
        # Callers take turns: whichever it is, it is the same question.
        recent = said_last[told.sender.rstrip("0123456789"), told.receiver.rstrip("0123456789"), name]
        is_stale = same in ([*recent][-1:] if name in _PRICES else recent)
        recent.append(same)
    text = f"{told.time:12.3f}  {route:32} {said}"
    return Line(told.time, text, (told.sender, told.receiver, same), is_stale)


def _same(message: Any) -> object:
    """Give what makes a message the same as one before: not its times and tickets."""
    if not attrs.has(type(message)):
        return (type(message), str(message))
    names = (field.name for field in attrs.fields(type(message)))
    return (type(message), tuple(repr(getattr(message, name)) for name in names if name not in _PASSING))
