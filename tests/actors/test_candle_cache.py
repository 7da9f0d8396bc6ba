"""The cache of candles: nothing that was fetched is lost, and nothing is taken for complete that is not."""

from __future__ import annotations

import threading
from decimal import Decimal
from pathlib import Path

import pytest

from actors.candles.cache import CandleCache, cache_for
from actors.candles.journal import CandleJournal
from actors.gateways import candle_files
from engine.candles.rows import Page, make_row
from engine.candles.spans import Span
from engine.errors import BadInput
from tests.actors.candle_exchange import MINUTE, START
from tests.engine.configurations import load

SOON = 20.0  # seconds


def no_wait() -> None:
    pytest.fail("nobody else writes")


def span(first: int, last: int) -> Span:
    """Give the span of these minutes, both inclusive."""
    return Span(START + first * MINUTE, START + (last + 1) * MINUTE)


def page(first: int, last: int, *holes: int, close: str = "101.5") -> Page:
    rows = [
        make_row(START + minute * MINUTE, ("100", "102", "99", close), minute)
        for minute in range(first, last + 1)
        if minute not in holes
    ]
    return Page(span(first, last), rows)


@pytest.fixture
def cache(tmp_path: Path) -> CandleCache:
    return CandleCache(tmp_path / "binance" / "SOL_USDT_1m.csv")


def keep(cache: CandleCache, *pages: Page) -> None:
    with cache.writing(no_wait) as add:
        for one in pages:
            add(one)


def minutes(cache: CandleCache, first: int = 0, last: int = 99) -> list[int]:
    candles = cache.load(span(first, last))
    return [] if candles is None else [(int(time) - START) // MINUTE for time in candles.times]


def test_empty_cache_knows_nothing(cache: CandleCache) -> None:
    assert cache.complete() == ()
    assert cache.load(span(0, 9)) is None


def test_what_is_kept_is_loaded_and_known_to_be_complete(cache: CandleCache) -> None:
    keep(cache, page(0, 4, 2))

    assert minutes(cache) == [0, 1, 3, 4]
    assert cache.complete() == (span(0, 4),)
    candles = cache.load(span(3, 3))
    assert candles is not None
    assert (len(candles), candles.exact(0).close) == (1, Decimal("101.5"))


def test_pages_in_any_order_become_one_file_in_order(cache: CandleCache) -> None:
    keep(cache, page(6, 7), page(0, 5))
    keep(cache, page(20, 21), page(-3, -1))

    assert minutes(cache, -10) == [-3, -2, -1, *range(8), 20, 21]
    assert cache.complete() == (span(-3, 7), span(20, 21))
    assert len(candle_files.load(cache.file, None, None)) == 13  # it is a candle file like any other
    assert sorted(path.suffix for path in cache.file.parent.iterdir()) == [".csv", ".json", ".lock"]


def test_span_without_candles_is_remembered_too(cache: CandleCache) -> None:
    keep(cache, page(0, 1, 0, 1))

    assert cache.complete() == (span(0, 1),)
    assert cache.load(span(0, 1)) is None
    keep(cache, page(2, 3))
    assert minutes(cache) == [2, 3]


def test_pages_before_an_error_are_kept(cache: CandleCache) -> None:
    def interrupted() -> None:
        with cache.writing(no_wait) as add:
            add(page(0, 1))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    assert minutes(cache) == [0, 1]


def test_pages_of_a_process_that_was_killed_are_kept_by_the_next(cache: CandleCache) -> None:
    keep(cache, page(0, 1))
    journal = CandleJournal(cache.file.with_suffix(".part"))
    journal.append(page(2, 3))
    journal.append(page(4, 5))

    assert cache.complete() == (span(0, 1),)
    with cache.writing(no_wait):
        assert cache.complete() == (span(0, 5),)
        assert minutes(cache) == [0, 1, 2, 3, 4, 5]
    assert not cache.file.with_suffix(".part").exists()


@pytest.mark.parametrize("replaced", [(".json",), (".json", ".csv")])
def test_crash_between_any_two_writes_costs_no_candle(cache: CandleCache, replaced: tuple[str, ...]) -> None:
    keep(cache, page(0, 1))
    before = {suffix: cache.file.with_suffix(suffix).read_bytes() for suffix in (".json", ".csv")}
    keep(cache, page(2, 3))
    for suffix, content in before.items():
        if suffix not in replaced:
            cache.file.with_suffix(suffix).write_bytes(content)
    CandleJournal(cache.file.with_suffix(".part")).append(page(2, 3))  # it goes last

    assert cache.complete() == ((span(0, 3),) if ".csv" in replaced else (span(0, 1),))
    keep(cache)
    assert cache.complete() == (span(0, 3),)
    assert minutes(cache) == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("suffix", "content"),
    [
        pytest.param(".csv", None, id="no file"),
        pytest.param(".csv", b"", id="empty file"),
        pytest.param(".csv", b"timestamp,open,high,low,close,volume\n2024-08-01 00:00:00,1,1,1,1,1\n", id="other file"),
        pytest.param(".json", None, id="no notes"),
        pytest.param(".json", b"{", id="torn notes"),
        pytest.param(".json", b"[]", id="other notes"),
        pytest.param(".json", b'{"states": [{"complete": []}]}', id="half the notes"),
        pytest.param(".json", b"\xff\xfe", id="no text"),
    ],
)
def test_damaged_cache_is_fetched_anew(cache: CandleCache, suffix: str, content: bytes | None) -> None:
    keep(cache, page(0, 5))
    if content is None:
        cache.file.with_suffix(suffix).unlink()
    else:
        cache.file.with_suffix(suffix).write_bytes(content)

    assert cache.complete() == ()
    keep(cache, page(2, 3))
    assert cache.complete() == (span(2, 3),)
    assert minutes(cache, 2, 3) == [2, 3]


def test_second_writer_waits_for_the_first_and_sees_what_it_wrote(cache: CandleCache) -> None:
    waits, done = threading.Event(), threading.Event()
    seen: list[tuple[Span, ...]] = []

    def second() -> None:
        with cache.writing(waits.set) as add:
            seen.append(cache.complete())
            add(page(2, 3))
        done.set()

    thread = threading.Thread(target=second)
    with cache.writing(no_wait) as add:
        thread.start()
        assert waits.wait(SOON)
        add(page(0, 1))
        assert not seen
    assert done.wait(SOON)
    thread.join(SOON)

    assert seen == [(span(0, 1),)]
    assert minutes(cache) == [0, 1, 2, 3]


def test_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "binance").write_text("a file where a folder should be")
    cache = CandleCache(tmp_path / "binance" / "SOL_USDT_1m.csv")

    with pytest.raises(BadInput, match=r"SOL_USDT_1m\.csv: cannot be written: "), cache.writing(no_wait):
        pass


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ((), "binance/SOL_USDT_1h.csv"),
        ((("pair.base_currency", "BTC"), ("trading_settings.timeframe", "5m")), "binance/BTC_USDT_5m.csv"),
        ((("exchange.name", "kraken"),), "kraken/SOL_USDT_1h.csv"),
        ((("exchange.base_url", "http://127.0.0.1:8080"),), "binance@127.0.0.1_8080/SOL_USDT_1h.csv"),
        ((("exchange.base_url", "https://me:hunter2@proxy.example/x"),), "binance@proxy.example/SOL_USDT_1h.csv"),
    ],
)
def test_each_market_timeframe_and_server_has_a_file_of_its_own(changes: tuple[tuple[str, object]], place: str) -> None:
    assert cache_for(load(*changes)).file == Path("data/candles") / place


# --- the journal -------------------------------------------------------------------------------------


def test_journal_torn_at_any_byte_keeps_its_whole_pages(tmp_path: Path) -> None:
    path = tmp_path / "torn.part"
    journal = CandleJournal(path)
    pages = [page(0, 1), page(2, 3, 2, 3), page(4, 5)]
    ends = [0]
    for one in pages:
        journal.append(one)
        ends.append(path.stat().st_size)
    whole = path.read_bytes()

    for length in range(len(whole) + 1):
        path.write_bytes(whole[:length])
        kept = sum(end <= length for end in ends[1:])
        assert CandleJournal(path).read() == pages[:kept]
        assert path.stat().st_size == ends[kept]


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(b"\0" * 40, id="what power loss leaves"),
        pytest.param(b"2024-08-01 00:00:00,1,1,1,1,1\n# complete from 0 up to 9, rows 2\n", id="a row too few"),
        pytest.param(b"2024-08-01 00:00:00,1,1,1,1,1\n# complete from 0 up to 9, rows 1\n", id="a row elsewhere"),
        pytest.param(b"yesterday,1,1,1,1,1\n# complete from 0 up to 9, rows 1\n", id="a row without a time"),
        pytest.param(b"# complete from 9 up to 0, rows 0\n", id="a span of nothing"),
        pytest.param(b"# complete\n", id="another seal"),
    ],
)
def test_journal_is_cut_before_what_is_wrong(tmp_path: Path, wrong: bytes) -> None:
    journal = CandleJournal(tmp_path / "wrong.part")
    journal.append(page(0, 1))
    with (tmp_path / "wrong.part").open("ab") as file:
        file.write(wrong)

    assert journal.read() == [page(0, 1)]
    journal.append(page(2, 3))
    assert journal.read() == [page(0, 1), page(2, 3)]
