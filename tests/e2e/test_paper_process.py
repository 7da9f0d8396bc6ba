"""Paper trading: live prices, simulated fills, no keys, and nothing but public questions to the exchange."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from attrs import frozen

from tests.e2e.trading_desk import TradingDesk, running_trader, wait_until, written
from tests.e2e.wiretap import Wiretap

PUBLIC = re.compile(
    rb"GET /(api/v3/(exchangeInfo|ticker|time|klines|ping|depth|trades|aggTrades)\b|(ws|stream)\b)[^ ]* HTTP/1\.1"
)


@frozen
class Taps:
    """Everything that leads to the exchange, listened to."""

    rest: Wiretap
    stream: Wiretap
    ws_api: Wiretap


@pytest.fixture
def taps(floor: TradingDesk) -> Iterator[Taps]:
    """Listen on all the ways to the sandbox."""
    venue = floor.venue
    with ExitStack() as stack:
        yield Taps(*(stack.enter_context(Wiretap(url).serve()) for url in (venue.rest, venue.stream, venue.ws_api)))


def configured(floor: TradingDesk, taps: Taps, *changes: tuple[str, object]) -> str:
    """Write a grid that trades on paper, over the taps."""
    return floor.configure(
        ("exchange.trading_mode", "paper_trading"),
        ("exchange.base_url", taps.rest.url),
        ("exchange.stream_url", taps.stream.url),
        ("exchange.ws_api_url", taps.ws_api.url),
        *changes,
    )


def requests_of(said: bytes) -> list[bytes]:
    """Give the head of each request; what follows the last one is frames, which are masked."""
    return [b"GET" + head.partition(b"\r\n\r\n")[0] for head in said.split(b"GET")[1:]]


@pytest.mark.parametrize("keys", ["absent", "present"])
def test_paper_trading_fills_on_live_prices_and_asks_nothing_but_public_questions(
    floor: TradingDesk, taps: Taps, keys: str
) -> None:
    loud = (("logging.log_level", "DEBUG"), ("logging.log_to_file", True))
    env = floor.venue.keys() if keys == "present" else {"EXCHANGE_API_KEY": "", "EXCHANGE_SECRET_KEY": ""}
    arguments = (configured(floor, taps, *loud), "--no-report", "--results", "results.json")
    with running_trader(floor.desk, *arguments, env=env) as trader:
        trader.wait_for("bought 4.125 SOL at 120, at market")
        floor.venue.move("109")
        trader.wait_for("at 110, level 1")
        floor.venue.move("121")
        trader.wait_for("at 120, level 1")
        ended = trader.stopped(signal.SIGTERM)

    assert ended.code == 0
    assert "Paper trading" in ended.out
    (figures,) = floor.desk.results("results.json")
    assert (figures["mode"], figures["cycles"], figures["open_orders"]) == ("paper_trading", 1, 0)
    assert [(trade["side"], trade["price"], trade["kind"]) for trade in figures["trades"]] == [
        ("buy", "120", "market"),
        ("buy", "110", "limit"),
        ("sell", "120", "limit"),
    ]
    assert floor.venue.orders() == []
    assert taps.ws_api.said == []
    asked = [request for tap in (taps.rest, taps.stream) for said in tap.said for request in requests_of(said)]
    assert len(asked) >= 3
    assert [request for request in asked if not PUBLIC.match(request)] == []
    assert all(said.startswith(b"GET ") for tap in (taps.rest, taps.stream) for said in tap.said)
    sent = b"".join(said for tap in (taps.rest, taps.stream) for said in tap.said)
    for text in (b"X-MBX-APIKEY", b"signature", *(key.encode() for key in env.values() if key)):
        assert text not in sent + written(floor.desk.folder, ended)


def test_paper_trading_shares_its_process_with_live_trading_and_keeps_apart(floor: TradingDesk) -> None:
    live = floor.configure(name="live.json")
    on_paper = (("exchange.trading_mode", "paper_trading"), ("grid_strategy.num_grids", 9))
    paper = floor.configure(*on_paper, name="paper.json")
    with floor.trading(live, paper, "--no-report", "--json") as trader:
        floor.venue.wait_for_orders(4)
        floor.venue.move("109")
        wait_until(lambda: len(floor.venue.orders()) == 6, "the answer to the fill")
        ended = trader.stopped(signal.SIGINT)

    assert (ended.code, ended.err) == (0, "")
    assert len(floor.venue.orders()) == 6
    modes = {figures["mode"]: figures["pair"] for figures in json.loads(ended.out)}
    assert modes == {"live": "SOL/USDT", "paper_trading": "SOL/USDT"}


def test_quiet_paper_trading_says_nothing_and_writes_below_the_state_dir(floor: TradingDesk, taps: Taps) -> None:
    grid = configured(floor, taps)
    with running_trader(floor.desk, grid, "--quiet", "--for", "1s", "--state-dir", "elsewhere") as trader:
        ended = trader.ended()

    assert (ended.code, ended.out, ended.err) == (0, "", "")
    files = set(floor.desk.files()) - {"grid.json"}
    assert "elsewhere/reports/grid.html" in files
    assert all(name.startswith("elsewhere/") for name in files)


def test_stream_that_is_lost_is_made_again_and_prices_go_on(floor: TradingDesk, taps: Taps) -> None:
    with running_trader(floor.desk, configured(floor, taps, ("execution.websocket_retry_base_delay", 0.1))) as trader:
        trader.wait_for("bought 4.125 SOL at 120, at market")
        floor.venue.arm({"route": "stream", "action": "close"})
        wait_until(lambda: len(taps.stream.said) > 1, "another connection")
        floor.venue.move("109")
        trader.wait_for("at 110, level 1")
        ended = trader.stopped(signal.SIGINT)

    assert ended.code == 0
