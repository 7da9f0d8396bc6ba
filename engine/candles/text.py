"""Read candles from the text of a CSV file: many rows at once, or one by one to say which is wrong."""

from __future__ import annotations

import math
import re
from decimal import Decimal

import numpy as np
from attrs import frozen

from engine.candles import Candle, Candles, Floats, Millis
from engine.candles.digits import find_fields, read_decimals, read_stamps
from engine.candles.times import ALLOWED, read_time, read_times, show_time
from engine.errors import BadInput

COLUMNS = ("timestamp", "open", "high", "low", "close", "volume")
PRICES = ("open", "high", "low", "close")

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_NOT_FINITE = re.compile(r"[+-]?(nan|inf|infinity)", re.IGNORECASE)
_LONGEST_STAMP = 39
_STAMP = f"S{_LONGEST_STAMP + 1}"  # wider than any time, so that none is cut off unseen
_BLOCK = 8192  # rows; one wrong row makes this many slow
_UNREAD = "U1"  # a column that is only counted; its text may be anything


@frozen
class _Columns:
    """Know how many fields a row has, and where the time and the four prices stand."""

    width: int
    time: int
    prices: tuple[int, int, int, int]


@frozen(eq=False)
class _Table:
    """Hold what the rows say: times, and open, high, low and close, all of shape (n,)."""

    times: Millis
    prices: tuple[Floats, ...]


def parse_candles(name: str, text: str, start: int | None, end: int | None) -> Candles:
    """Read every row of `text`, and give the candles with start <= time <= end (epoch ms, None for no bound).

    `name` is what errors call the file. Raise BadInput for the first thing that is wrong, in the period or not.
    """
    # Quotes are dropped: no column that is read needs them.
    header, *rows = text.removeprefix("\ufeff").replace('"', "").split("\n")
    while rows and not rows[-1].strip():
        rows.pop()
    columns = _find_columns(name, header)
    if not rows:
        raise BadInput(f"{name}: has a header and no candle; allowed: at least one candle")
    table = _read(name, rows, columns)
    first, last = _find_period(name, table.times, start, end)
    return _candles(table, rows, columns, slice(first, last))


def _find_columns(name: str, header: str) -> _Columns:
    names = [field.strip().lower() for field in header.split(",")]
    if names == [""]:
        raise BadInput(f"{name}: is empty; allowed: a header {','.join(COLUMNS)} and a line for each candle")
    missing = [column for column in COLUMNS if column not in names]
    if missing:
        found = ", ".join(names)[:200]
        raise BadInput(f"{name}, line 1: no column {', '.join(missing)} in {found!r}; needed: {', '.join(COLUMNS)}")
    twice = [column for column in COLUMNS if names.count(column) > 1]
    if twice:
        raise BadInput(f"{name}, line 1: column {', '.join(twice)} more than once; allowed: each column once")
    opened, high, low, close = (names.index(column) for column in PRICES)
    return _Columns(len(names), names.index("timestamp"), (opened, high, low, close))


def _read(name: str, rows: list[str], columns: _Columns) -> _Table:
    tables: list[_Table] = []
    last: int | None = None
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK]
        table = _read_at_once(block, columns)
        if table is None or (last is not None and table.times[0] <= last):
            table = _read_one_by_one(name, start + 2, block, columns, last)
        tables.append(table)
        last = int(table.times[-1])
    times = np.concatenate([table.times for table in tables])
    prices = tuple(np.concatenate(blocks) for blocks in zip(*(table.prices for table in tables), strict=True))
    return _Table(times, prices)


def _read_at_once(rows: list[str], columns: _Columns) -> _Table | None:
    """Read rows in one go, or give None when one of them is wrong."""
    table = _read_plain(rows, columns) or _read_any(rows, columns)
    if table is None or len(table.times) != len(rows):
        return None
    _, high, low, _ = table.prices
    positive = all(((price > 0) & (price < math.inf)).all() for price in table.prices)
    return table if positive and (high >= low).all() and (np.diff(table.times) > 0).all() else None


def _read_plain(rows: list[str], columns: _Columns) -> _Table | None:
    """Read rows of times of one length and plain decimals, as most files have them; None for others."""
    fields = find_fields(rows, columns.width)
    stamps = None if fields is None else read_stamps(fields, columns.time, _LONGEST_STAMP)
    if fields is None or stamps is None:
        return None
    prices = []
    for column in columns.prices:
        price = read_decimals(fields, column)
        if price is None:
            return None
        prices.append(price)
    try:
        return _Table(read_times(stamps), tuple(prices))
    except ValueError:
        return None


def _read_any(rows: list[str], columns: _Columns) -> _Table | None:
    """Read rows of whatever NumPy takes for a number; None when it does not."""
    if not rows[0].strip():  # NumPy passes over blank lines, and warns when there is nothing else
        return None
    kinds = [_UNREAD] * columns.width
    kinds[columns.time] = _STAMP
    for column in columns.prices:
        kinds[column] = "f8"
    try:
        # A kind for every column makes NumPy count the fields of each row.
        dtype = np.dtype([(str(column), kind) for column, kind in enumerate(kinds)])
        fields = np.loadtxt(rows, dtype=dtype, delimiter=",", comments=None, ndmin=1)
        times = read_times(fields[str(columns.time)])
    except ValueError:
        return None
    return _Table(times, tuple(fields[str(column)] for column in columns.prices))


def _read_one_by_one(name: str, first: int, rows: list[str], columns: _Columns, last: int | None) -> _Table:
    """Read row after row, slowly; raise BadInput that names the first wrong line, column and value.

    `first` is the line number of the first row, `last` the time of the row before it.
    """
    times: list[int] = []
    prices: list[tuple[float, ...]] = []
    for number, row in enumerate(rows, first):
        place = f"{name}, line {number}"
        fields = [field.strip() for field in row.split(",")]
        if fields == [""]:
            raise BadInput(f"{place}: is blank; allowed: one candle on every line")
        if len(fields) != columns.width:
            raise BadInput(f"{place}: has {len(fields)} fields; allowed: {columns.width}, as the header has")
        last = _read_stamp(place, fields[columns.time], last)
        price = tuple(_read_price(place, column, fields[at]) for column, at in zip(PRICES, columns.prices, strict=True))
        _, high, low, _ = price
        if high < low:
            texts = [fields[at] for at in columns.prices]
            raise BadInput(f"{place}, column high: {texts[1]} is below the low, {texts[2]}; allowed: high >= low")
        times.append(last)
        prices.append(price)
    return _Table(np.array(times, np.int64), tuple(np.array(prices, np.float64).T))


def _read_stamp(place: str, text: str, last: int | None) -> int:
    """Read one time, which must be later than the `last` one."""
    where = f"{place}, column timestamp: "
    if not text:
        raise BadInput(f"{where}is blank; allowed: {ALLOWED}")
    try:
        time = read_time(text)
    except ValueError:
        raise BadInput(f"{where}{text[:60]!r} is not a time; allowed: {ALLOWED}") from None
    if time == last:
        raise BadInput(f"{where}{text!r} is there twice; allowed: one candle for each time")
    if last is not None and time < last:
        raise BadInput(f"{where}{text!r} comes after {show_time(last)}; allowed: oldest candle first")
    return time


def _read_price(place: str, column: str, text: str) -> float:
    where = f"{place}, column {column}: "
    if not text:
        raise BadInput(f"{where}is blank; allowed: a price above 0")
    if not _NUMBER.fullmatch(text):
        trouble = "finite" if _NOT_FINITE.fullmatch(text) else "a number"
        raise BadInput(f"{where}{text[:60]!r} is not {trouble}; allowed: a price above 0")
    price = float(text)
    if not 0 < price < math.inf:
        raise BadInput(f"{where}{text[:60]} is no price; allowed: a price above 0, within what a double can hold")
    return price


def _find_period(name: str, times: Millis, start: int | None, end: int | None) -> tuple[int, int]:
    """Give the first row of the period and the one behind its last."""
    first = 0 if start is None else int(np.searchsorted(times, start, "left"))
    last = len(times) if end is None else int(np.searchsorted(times, end, "right"))
    if first < last:
        return first, last
    since = "" if start is None else f" from {show_time(start)}"
    until = "" if end is None else f" to {show_time(end)}"
    covered = f"{show_time(int(times[0]))} to {show_time(int(times[-1]))}"
    raise BadInput(f"{name}: no candle{since}{until} (trading_settings.period); the file covers {covered}")


def _candles(table: _Table, rows: list[str], columns: _Columns, period: slice) -> Candles:
    """Put the period's candles together; exact prices are read from their row when they are asked for."""
    times, lines = table.times[period], rows[period]
    time_at = times.item
    first, second, third, fourth = columns.prices
    enough = max(columns.prices) + 1  # splits after which no price is left

    def exact(index: int) -> Candle:
        fields = lines[index].split(",", enough)
        return Candle(
            time_at(index),
            Decimal(fields[first]),
            Decimal(fields[second]),
            Decimal(fields[third]),
            Decimal(fields[fourth]),
        )

    opened, high, low, close = (price[period] for price in table.prices)
    return Candles(times, opened, high, low, close, exact)
