"""What keeps `gridactors start` from trading: told at once, with exit code 2, before anything has started."""

from __future__ import annotations

import re
import signal
import socket

import pytest

from tests.e2e.desk import Outcome
from tests.e2e.trading_desk import TradingDesk


def start(floor: TradingDesk, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Outcome:
    """Start with the keys of the venue, in this process."""
    for name, value in floor.venue.keys().items():
        monkeypatch.setenv(name, value)
    return floor.desk.run("start", *arguments)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            [("pair.base_currency", "DOGE")],
            'pair = "DOGE/USDT": Binance has no such spot market; allowed: one of its markets, SOL/USDT\n',
        ),
        (
            [("trading_settings.initial_balance", 10_001)],
            "trading_settings.initial_balance = 10001: the account has 10000 USDT free; allowed: no more than that\n",
        ),
        (
            [("exchange.name", "binanse")],
            'exchange.name = "binanse": no such exchange; did you mean binance',
        ),
    ],
)
def test_what_the_exchange_does_not_have_is_named_with_what_it_has(
    counter: TradingDesk, monkeypatch: pytest.MonkeyPatch, changes: list[tuple[str, object]], told: str
) -> None:
    outcome = start(counter, monkeypatch, counter.configure(*changes))

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"error: grid.json: {told}")
    assert set(counter.desk.files()) == {"grid.json"}


def test_market_that_does_not_trade_is_refused(counter: TradingDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    counter.venue.arm({"route": "market", "action": "halt"})
    outcome = start(counter, monkeypatch, counter.configure())

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == (
        'error: grid.json: pair = "SOL/USDT": Binance does not trade this market now; allowed: a market that is open\n'
    )


def test_levels_under_the_minimums_are_shown_in_a_table(counter: TradingDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = start(counter, monkeypatch, counter.configure(("trading_settings.initial_balance", 20)))

    assert (outcome.code, outcome.out) == (2, "")
    error, *table = outcome.err.splitlines()
    assert error == (
        "error: grid.json: trading_settings.initial_balance = 20: too little for 5 grids: binance takes no SOL/USDT "
        "order under 0.001 SOL or 5 USDT; allowed: fewer grid_strategy.num_grids, or more balance"
    )
    rows = [line.split() for line in table]
    assert ["Level", "Order", "Quantity", "SOL", "At", "USDT", "Worth", "USDT"] in rows
    assert ["0", "buy", "0.033", "100", "3.30"] in rows
    assert max(map(len, table)) <= 80


def test_budgets_of_several_grids_are_added_up(counter: TradingDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    grids = [
        counter.configure(("trading_settings.initial_balance", 6_000), ("grid_strategy.num_grids", n), name=f"{n}.json")
        for n in (5, 6)
    ]
    outcome = start(counter, monkeypatch, *grids)

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == (
        "error: 5.json: trading_settings.initial_balance = 6000 (12000 for 2 grids on this account): "
        "the account has 10000 USDT free; allowed: no more than that\n"
    )


def test_same_grid_twice_in_a_command_is_refused(counter: TradingDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = start(counter, monkeypatch, counter.configure(), counter.configure(name="again.json"))

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("error: again.json: is the same grid as grid.json; allowed: ")


def test_same_grid_in_two_processes_is_refused_and_the_first_one_stays(
    floor: TradingDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    grid = floor.configure()
    with floor.trading(grid, "--no-report") as first:
        floor.venue.wait_for_orders(4)
        orders = floor.venue.orders()
        outcome = start(floor, monkeypatch, grid)
        assert floor.venue.orders() == orders
        ended = first.stopped(signal.SIGINT)

    assert (outcome.code, outcome.out) == (2, "")
    assert re.fullmatch(
        rf"error: grid\.json: this grid runs already, in process {first.process.pid} since [-0-9]+ [:0-9]+ UTC; "
        r"allowed: one process for each grid\n",
        outcome.err,
    )
    assert ended.code == 0


def test_backtest_beside_a_live_grid_is_refused(counter: TradingDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    counter.desk.candles()
    past = counter.desk.configure(name="past.json")
    outcome = start(counter, monkeypatch, counter.configure(), past)

    assert (outcome.code, outcome.out) == (2, "")
    assert 'grid.json: exchange.trading_mode = "live" cannot be started together with the backtest of past.json' in (
        outcome.err
    )


@pytest.mark.parametrize("written", ["0", "0s", "-5s", "5 weeks", "soon", "", "1e3s", "inf"])
def test_time_that_is_none_is_refused(counter: TradingDesk, monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    outcome = start(counter, monkeypatch, counter.configure(), f"--for={written}")

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == f"error: --for = {written!r}: allowed is a duration above 0, such as 90s, 15m, 8h or 2d\n"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def test_exchange_that_cannot_be_reached_is_a_failure_in_one_line(
    counter: TradingDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    outcome = start(counter, monkeypatch, counter.configure(("exchange.base_url", url)))

    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err == (f"failed: binance at {url} could not be asked for its markets: connection refused\n")
    assert set(counter.desk.files()) == {"grid.json"}


def test_host_that_does_not_exist_is_a_failure_in_one_line(
    counter: TradingDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = start(counter, monkeypatch, counter.configure(("exchange.base_url", "http://exchange.invalid")))

    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err == (
        "failed: binance at http://exchange.invalid could not be asked for its markets: no such host\n"
    )


def test_server_that_is_no_exchange_is_a_failure_in_one_line(
    counter: TradingDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter.venue.arm({"route": "GET /api/v3/exchangeInfo", "action": "body", "body": "<html>Hello</html>", "times": 0})
    outcome = start(counter, monkeypatch, counter.configure())

    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.count("\n") == 1
    assert outcome.err.startswith("failed: binance at ")
    assert "Hello" in outcome.err


def test_stream_that_cannot_be_reached_waits_and_says_so(floor: TradingDesk) -> None:
    grid = floor.configure(("exchange.stream_url", f"ws://127.0.0.1:{free_port()}"))
    with floor.trading(grid, "--no-report") as trader:
        trader.wait_for("prices: no connection: connection refused\n")
        ended = trader.stopped(signal.SIGINT)

    assert ended.code == 0
    assert "SOL/USDT/price_feed: no connection: connection refused\n" in ended.err
    assert "no price was ever seen" in ended.err
    assert floor.venue.orders() == []
