"""Candle files: what is read from them, to the last digit, and how a wrong one is refused."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.gateways.candle_files import load
from engine.candles import Candle, Candles
from engine.errors import BadInput

HEADER = "timestamp,open,high,low,close,volume\n"
GOOD = "2024-08-01 00:00:00,10,12,9,11,5\n2024-08-01 00:01:00,11,13,10,12,5\n2024-08-01 00:02:00,12,14,11,13,5\n"
MIDNIGHT = 1_722_470_400_000

Loader = Callable[[str | bytes], Candles]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "candles.csv"


@pytest.fixture
def loaded(file: Path) -> Loader:
    """Write a text as it is, and load it whole."""

    def write_and_load(text: str | bytes) -> Candles:
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load(file, None, None)

    return write_and_load


def everything(candles: Candles) -> list[Candle]:
    return [candles.exact(index) for index in range(len(candles))]


def test_plain_file_loads_times_and_prices(loaded: Loader) -> None:
    candles = loaded(HEADER + GOOD)
    assert candles.times.tolist() == [MIDNIGHT, MIDNIGHT + 60_000, MIDNIGHT + 120_000]
    assert candles.open.tolist() == [10, 11, 12]
    assert candles.high.tolist() == [12, 13, 14]
    assert candles.low.tolist() == [9, 10, 11]
    assert candles.close.tolist() == [11, 12, 13]
    assert candles.exact(1) == Candle(MIDNIGHT + 60_000, Decimal(11), Decimal(13), Decimal(10), Decimal(12))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("\ufeff" + HEADER + GOOD, id="byte order mark"),
        pytest.param((HEADER + GOOD).replace("\n", "\r\n"), id="carriage returns"),
        pytest.param((HEADER + GOOD).rstrip(), id="no newline at the end"),
        pytest.param(HEADER + GOOD + "\n  \n\r\n", id="blank lines at the end"),
        pytest.param(" Timestamp, OPEN ,High,low,\tclose, Volume\n" + GOOD, id="header with blanks and capitals"),
        pytest.param(HEADER + GOOD.replace(",", " , "), id="blanks around values"),
        pytest.param(HEADER + GOOD.replace(",5\n", ",\n"), id="no volume in the column"),
        pytest.param(
            (HEADER + GOOD).replace(",", '","').replace("\n", '"\n"').rstrip('"').replace("t", '"t', 1),
            id="everything in quotes",
        ),
        pytest.param(
            "#,volume,close,low,note,high,open,timestamp\n"
            "1,5,11,9,# ÷ 東京,12,10,2024-08-01 00:00:00\n"
            "2,5,12,10,,13,11,2024-08-01 00:01:00\n"
            "3,5,13,11,nan,14,12,2024-08-01 00:02:00\n",
            id="another order, more columns",
        ),
        pytest.param(HEADER + GOOD.replace("10,", "1e1,").replace("14", "+14.").replace("9", "9.0"), id="number forms"),
    ],
)
def test_same_candles_written_differently_load_the_same(loaded: Loader, text: str) -> None:
    plain, other = loaded(HEADER + GOOD), loaded(text)
    assert everything(other) == everything(plain)
    for name in ("times", "open", "high", "low", "close"):
        assert getattr(other, name).tolist() == getattr(plain, name).tolist()


@pytest.mark.parametrize(
    ("written", "time"),
    [
        ("2024-08-01", MIDNIGHT),
        ("20240801", MIDNIGHT),
        ("2024-08-01 00:00", MIDNIGHT),
        ("2024-08-01T00:00:00", MIDNIGHT),
        ("2024-08-01T00:00:00Z", MIDNIGHT),
        ("2024-08-01 00:00:00+00:00", MIDNIGHT),
        ("2024-08-01 02:00:00+02:00", MIDNIGHT),
        ("2024-07-31T18:30:00-0530", MIDNIGHT),
        ("2024-08-01 00:00:00.250", MIDNIGHT + 250),
        ("2024-08-01 00:00:00.250999", MIDNIGHT + 250),
        ("2024-08-01T00:00:00.250999999+00:00", MIDNIGHT + 250),
        ("2024-08-01T00:00:00.0000000000000000000000000000000000+02:00", MIDNIGHT - 7_200_000),
        ("1722470400", MIDNIGHT),
        ("1722470400.0", MIDNIGHT),
        ("1722470400.25", MIDNIGHT + 250),
        ("1.7224704e9", MIDNIGHT),
        ("1722470400000", MIDNIGHT),
        ("1722470400000.0", MIDNIGHT),
        ("1722470400250", MIDNIGHT + 250),
        ("100000000000", 100_000_000_000),
        ("99999999999", 99_999_999_999_000),
        ("60", 60_000),
        ("1969-12-31 23:59:59", -1000),
    ],
)
def test_time_in_any_allowed_form_is_read(loaded: Loader, written: str, time: int) -> None:
    candles = loaded(f"{HEADER}{written},10,12,9,11,5\n")
    assert candles.times.tolist() == [time]
    assert candles.exact(0).time == time


WRITERS: dict[str, Callable[[datetime], str]] = {
    "naive": lambda moment: moment.replace(tzinfo=None).isoformat(" "),
    "minutes": lambda moment: moment.strftime("%Y-%m-%d %H:%M"),
    "zulu": lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
    "zoned": lambda moment: moment.astimezone(timezone(timedelta(hours=5, minutes=30))).isoformat(),
    "seconds": lambda moment: str(round(moment.timestamp())),
    "milliseconds": lambda moment: f"{moment.timestamp() * 1000:.1f}",
}


@given(
    st.lists(st.integers(126_230_400 // 60, 2**32 // 60), min_size=1, max_size=6),
    st.sampled_from([[form] for form in WRITERS] + [list(WRITERS)]),
)
def test_times_written_alike_or_mixed_are_all_read(minutes: list[int], forms: list[str]) -> None:
    expected = [minute * 60_000 for minute in sorted(set(minutes))]
    moments = [datetime.fromtimestamp(time // 1000, UTC) for time in expected]
    stamps = [WRITERS[forms[index % len(forms)]](moment) for index, moment in enumerate(moments)]
    candles = load_text(HEADER + "".join(f"{stamp},10,12,9,11,5\n" for stamp in stamps))
    assert candles.times.tolist() == expected
    assert [candle.time for candle in everything(candles)] == expected


def load_text(text: str) -> Candles:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "candles.csv"
        path.write_bytes(text.encode())
        return load(path, None, None)


def written_prices() -> st.SearchStrategy[str]:
    plain = st.builds("{}.{}".format, st.integers(1, 10**18), st.text("0123456789", max_size=40))
    small = st.builds("0.{}{}".format, st.text("0123456789", max_size=30), st.integers(1, 10**20))
    power = st.builds("{}e{}".format, st.decimals("0.001", "999", places=5).filter(bool), st.integers(-12, 12))
    return st.one_of(plain, small, power, st.integers(1, 10**30).map(str))


@given(
    st.lists(st.tuples(*[written_prices()] * 4), min_size=1, max_size=5),
    st.sampled_from(["\n", "\r\n"]),
    st.integers(0, 2),
    st.sampled_from(["", "\ufeff"]),
)
def test_prices_of_any_length_are_exact_and_floats_the_nearest(
    rows: list[tuple[str, ...]],
    newline: str,
    newlines: int,
    mark: str,
) -> None:
    lines = []
    for index, row in enumerate(rows):
        opened, one, other, close = row
        high, low = (one, other) if Decimal(one) >= Decimal(other) else (other, one)
        lines.append((f"{index * 60}", opened, high, low, close))
    text = mark + newline.join([HEADER.strip(), *(",".join((*line, "1")) for line in lines)])
    candles = load_text(text + newline * newlines)
    assert len(candles) == len(lines)
    for index, (stamp, *prices) in enumerate(lines):
        exact = candles.exact(index)
        assert exact == Candle(int(stamp) * 1000, *(Decimal(price) for price in prices))
        assert [str(exact.open), str(exact.close)] == [str(Decimal(prices[0])), str(Decimal(prices[3]))]
        floats = [candles.open[index], candles.high[index], candles.low[index], candles.close[index]]
        assert floats == [float(price) for price in prices]


@pytest.mark.parametrize("rows", [8191, 8192, 8193, 20_000])
def test_long_file_keeps_every_row_in_its_place(loaded: Loader, rows: int) -> None:
    candles = loaded(HEADER + "".join(f"{60 * row},{row}.5,{row + 1},{row}.25,{row}.75,1\n" for row in range(rows)))
    assert candles.times.tolist() == [60_000 * row for row in range(rows)]
    assert candles.open.tolist() == [row + 0.5 for row in range(rows)]
    assert all(candles.exact(row).close == Decimal(f"{row}.75") for row in range(rows))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end", "closes"),
    [
        (None, None, [11, 12, 13]),
        (utc("2024-08-01 00:00"), utc("2024-08-01 00:02"), [11, 12, 13]),
        (utc("2024-08-01 00:01"), None, [12, 13]),
        (None, utc("2024-08-01 00:01"), [11, 12]),
        (utc("2024-08-01 00:01"), utc("2024-08-01 00:01"), [12]),
        (utc("2024-08-01 00:00:01"), utc("2024-08-01 00:01:59"), [12]),
        (datetime(2024, 8, 1, 0, 1), None, [12, 13]),  # noqa: DTZ001 - a date without a zone is UTC
        (datetime(2024, 8, 1, 2, 1, tzinfo=timezone(timedelta(hours=2))), None, [12, 13]),
    ],
)
def test_period_keeps_the_candles_from_start_to_end_inclusive(
    file: Path, start: datetime | None, end: datetime | None, closes: list[int]
) -> None:
    file.write_text(HEADER + GOOD)
    candles = load(file, start, end)
    assert candles.close.tolist() == closes
    assert [candles.exact(index).close for index in range(len(candles))] == closes
    assert candles.exact(-1).time == candles.times[-1]
    with pytest.raises(IndexError):
        candles.exact(len(candles))


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (utc("2024-08-02"), None),
        (None, utc("2024-07-31")),
        (utc("2024-08-01 00:00:01"), utc("2024-08-01 00:00:59")),
        (utc("2024-08-02"), utc("2024-07-31")),
    ],
)
def test_period_without_a_candle_is_refused_with_what_the_file_covers(
    file: Path, start: datetime | None, end: datetime | None
) -> None:
    file.write_text(HEADER + GOOD)
    with pytest.raises(BadInput) as refused:
        load(file, start, end)
    message = str(refused.value)
    assert message.startswith(f"{file}: no candle")
    assert "trading_settings.period" in message
    assert "covers 2024-08-01 00:00:00 UTC to 2024-08-01 00:02:00 UTC" in message


def with_line(line: str) -> str:
    """Put a line between good ones, as line 3."""
    first, *rest = GOOD.splitlines(keepends=True)
    return HEADER + first + line + "\n" + "".join(rest[1:])


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("", "line 3: is blank"),
        ("   ", "line 3: is blank"),
        ("2024-08-01 00:01:00,11,13,10,12", "line 3: has 5 fields; allowed: 6"),
        ("2024-08-01 00:01:00,11,13,10,12,5,6", "line 3: has 7 fields; allowed: 6"),
        ('2024-08-01 00:01:00,"1,100",1300,10,12,5', "line 3: has 7 fields; allowed: 6"),
        ("2024-08-01 00:01:00,,13,10,12,5", "line 3, column open: is blank"),
        ("2024-08-01 00:01:00,11,  ,10,12,5", "line 3, column high: is blank"),
        (",11,13,10,12,5", "line 3, column timestamp: is blank"),
        ("2024-08-01 00:01:00,11,x,10,12,5", "line 3, column high: 'x' is not a number"),
        ("2024-08-01 00:01:00,1_1,13,10,12,5", "line 3, column open: '1_1' is not a number"),
        ("2024-08-01 00:01:00,0x11,13,10,12,5", "line 3, column open: '0x11' is not a number"),
        ("2024-08-01 00:01:00,11,13,10,1\uff12,5", "line 3, column close: '1\uff12' is not a number"),
        ("2024-08-01 00:01:00,11,13,10,12 # late,5", "line 3, column close: '12 # late' is not a number"),
        ("2024-08-01 00:01:00,11,13,nan,12,5", "line 3, column low: 'nan' is not finite"),
        ("2024-08-01 00:01:00,11,Inf,10,12,5", "line 3, column high: 'Inf' is not finite"),
        ("2024-08-01 00:01:00,11,13,10,-infinity,5", "line 3, column close: '-infinity' is not finite"),
        ("2024-08-01 00:01:00,11,1e999,10,12,5", "line 3, column high: 1e999 is no price"),
        ("2024-08-01 00:01:00,11,13,0,12,5", "line 3, column low: 0 is no price"),
        ("2024-08-01 00:01:00,11,13,1e-999,12,5", "line 3, column low: 1e-999 is no price"),
        ("2024-08-01 00:01:00,-11,13,10,12,5", "line 3, column open: -11 is no price"),
        ("2024-08-01 00:01:00,11,9.99,10,12,5", "line 3, column high: 9.99 is below the low, 10"),
        ("2024-08-01 00:00:00,11,13,10,12,5", "line 3, column timestamp: '2024-08-01 00:00:00' is there twice"),
        ("2024-07-31T23:59:00Z,11,13,10,12,5", "line 3, column timestamp: '2024-07-31T23:59:00Z' comes after"),
        ("yesterday,11,13,10,12,5", "line 3, column timestamp: 'yesterday' is not a time"),
        ("today,11,13,10,12,5", "line 3, column timestamp: 'today' is not a time"),
        ("2024-13-01 00:01:00,11,13,10,12,5", "line 3, column timestamp: '2024-13-01 00:01:00' is not a time"),
        ("2024-08-01 00:61:00,11,13,10,12,5", "line 3, column timestamp: '2024-08-01 00:61:00' is not a time"),
        ("2024-08-0x 00:01:00,11,13,10,12,5", "line 3, column timestamp: '2024-08-0x 00:01:00' is not a time"),
        ("01/08/2024 00:01,11,13,10,12,5", "line 3, column timestamp: '01/08/2024 00:01' is not a time"),
        ("1722470460000000,11,13,10,12,5", "line 3, column timestamp: '1722470460000000' is not a time"),
        ("-1722470460,11,13,10,12,5", "line 3, column timestamp: '-1722470460' is not a time"),
        ("2024-08-01 00:01:00\x00,11,13,10,12,5", "line 3: has a zero byte"),
    ],
)
def test_wrong_line_is_named_with_its_column_value_and_what_is_allowed(
    loaded: Loader, file: Path, line: str, told: str
) -> None:
    with pytest.raises(BadInput) as refused:
        loaded(with_line(line))
    message = str(refused.value)
    assert message.startswith(f"{file}, {told}")
    assert "; allowed: " in message


def test_wrong_line_outside_the_period_is_refused_too(file: Path) -> None:
    file.write_text(with_line("2024-08-01 00:01:00,11,13,10,x,5"))
    with pytest.raises(BadInput, match="line 3, column close"):
        load(file, utc("2024-08-01 00:02"), None)


def test_first_of_several_wrong_lines_is_named(loaded: Loader) -> None:
    with pytest.raises(BadInput, match=r"line 5, column low: 'x'"):
        loaded(HEADER + GOOD + "2024-08-01 00:03:00,1,2,x,1,5\n2024-08-01 00:04:00,x,2,1,1,5\n")


@pytest.mark.parametrize("row", [8191, 8192, 8193, 19_999])
def test_repeated_time_far_into_a_file_is_found_at_its_line(loaded: Loader, row: int) -> None:
    times = [60 * (index - (index >= row)) for index in range(20_000)]
    with pytest.raises(BadInput, match=f"line {row + 2}, column timestamp: '{times[row]}' is there twice"):
        loaded(HEADER + "".join(f"{time},1,1,1,1,1\n" for time in times))


def test_thousands_of_blank_lines_in_the_middle_are_refused(loaded: Loader) -> None:
    rows = [f"{60 * row},1,1,1,1,1\n" for row in range(8193)]
    with pytest.raises(BadInput, match="line 8194: is blank"):
        loaded(HEADER + "".join(rows[:8192]) + "\n" * 10_000 + rows[8192])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"", ": is empty"),
        (b"\n \n", ": is empty"),
        (b"\xef\xbb\xbf", ": is empty"),
        (HEADER.encode(), ": has a header and no candle"),
        (HEADER.encode() + b"\r\n\r\n", ": has a header and no candle"),
        (b"timestamp,open,high,low,close\n" + GOOD.encode(), ", line 1: no column volume"),
        (b"timestamp;open;high;low;close;volume\n", ", line 1: no column timestamp, open, high, low, close, volume"),
        (GOOD.encode(), ", line 1: no column timestamp"),
        (b"open,timestamp,open,high,low,close,volume\n1,1,1,1,1,1,1", ", line 1: column open more than once"),
        ((HEADER + GOOD).encode("utf-16"), ", line 1: byte 0xff is not UTF-8"),
        (HEADER.encode() + GOOD.encode() + b"\xe9", ", line 5: byte 0xe9 is not UTF-8"),
    ],
)
def test_file_that_holds_no_candles_is_refused(loaded: Loader, file: Path, text: bytes, told: str) -> None:
    with pytest.raises(BadInput) as refused:
        loaded(text)
    assert str(refused.value).startswith(f"{file}{told}")


def test_missing_file_is_refused(file: Path) -> None:
    with pytest.raises(BadInput, match=r"candles.csv: there is no such file; allowed: a CSV file"):
        load(file, None, None)


def test_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is a directory; allowed: a CSV file"):
        load(tmp_path, None, None)


def test_candle_that_closes_outside_its_high_and_low_is_loaded_as_written(loaded: Loader) -> None:
    candles = loaded(HEADER + "2024-08-01,10,12,9,12.5,5\n")
    assert candles.close[0] == 12.5
    assert candles.exact(0).close == Decimal("12.5")
