"""`gridactors start` on live prices, stopped by signals in every phase, and what it leaves on the exchange."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
from collections.abc import Callable
from decimal import Decimal

import pytest

from engine.plain import ending
from tests.e2e.trading_desk import STOPS_WITHIN, TradingDesk, Venue, wait_until

either_signal = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
HUNDRED = (("grid_strategy.num_grids", 101), ("trading_settings.initial_balance", 5000))
STOP_LOSS = ("risk_management.stop_loss", {"enabled": True, "threshold": 95})
TOO_LATE = "failed: SOL/USDT did not stop in time, and keeps what it holds"
MAY_BE_OPEN = f"{TOO_LATE}; these may still be open: SOL/USDT: its orders ("
REMEDY = "; the next start of the same grid looks after them\n"


def hang(venue: Venue) -> None:
    venue.process.send_signal(signal.SIGSTOP)


def vanish(venue: Venue) -> None:
    venue.process.kill()
    venue.process.wait()


# --- one signal --------------------------------------------------------------------------------------


@either_signal
def test_signal_while_it_opens_ends_it_before_anything_has_begun(floor: TradingDesk, number: signal.Signals) -> None:
    floor.venue.arm({"route": "GET /api/v3/account", "action": "delay", "seconds": 30})
    with floor.trading(floor.configure()) as trader:
        wait_until(lambda: not floor.venue.state()["faults"], "the account asked for")
        ended = trader.stopped(number)

    assert (ended.code, ended.out) == (0, "")
    assert ended.err == f"stopped by {number.name} before anything was started\n"
    assert set(floor.desk.files()) == {"grid.json"}


def test_signal_while_it_waits_for_the_range_ends_it(floor: TradingDesk) -> None:
    floor.venue.move("150")
    with floor.trading(floor.configure(), "--no-report") as trader:
        trader.wait_for("waits for 100 to 140")
        ended = trader.stopped(signal.SIGINT)

    assert ended.code == 0
    assert ended.err == "" or ended.err.endswith("SOL/USDT: no price was ever seen\n")
    assert floor.venue.orders() == []


def test_signal_while_it_places_a_hundred_orders_leaves_none_however_slow_the_exchange_is(floor: TradingDesk) -> None:
    with floor.trading(floor.configure(*HUNDRED), "--no-report") as trader:
        wait_until(lambda: len(floor.venue.open_orders()) >= 40, "forty orders")
        floor.venue.arm({"route": "DELETE /api/v3/order", "action": "delay", "seconds": 0.7, "times": 0})
        trader.process.send_signal(signal.SIGTERM)
        ended = trader.ended(2 * STOPS_WITHIN)

    assert len(floor.venue.orders()) < 101, "it was stopped too late to tell"
    assert (ended.code, ended.err) == (0, "")
    assert floor.venue.open_orders() == []
    assert floor.venue.holds("SOL") > 0


@either_signal
def test_signal_while_it_trades_takes_orders_down_and_keeps_the_position(
    floor: TradingDesk, number: signal.Signals
) -> None:
    with floor.trading(floor.configure(), "--no-report") as trader:
        floor.venue.wait_for_orders(4)
        before = floor.venue.holds("SOL")
        floor.venue.move("109")
        wait_until(lambda: len(floor.venue.orders()) == 6, "the answer to the fill")
        ended = trader.stopped(number)

    assert (ended.code, ended.err) == (0, "")
    assert floor.venue.open_orders() == []
    assert floor.venue.holds("SOL") > before
    assert f"SOL/USDT: stopped by {ending(number.name)}." in ended.out


def test_signal_while_it_liquidates_lets_it_sell_to_the_end(floor: TradingDesk) -> None:
    with floor.trading(floor.configure(STOP_LOSS), "--no-report") as trader:
        floor.venue.wait_for_orders(4)
        floor.venue.move("105")
        wait_until(lambda: len(floor.venue.orders()) == 6, "the answer to the fill")
        floor.venue.arm({"route": "POST /api/v3/order", "action": "delay", "seconds": 1.5})
        floor.venue.move("94")
        floor.venue.wait_for_orders(0)
        ended = trader.stopped(signal.SIGINT)

    assert (ended.code, ended.err) == (0, "")
    assert floor.venue.holds("SOL") < Decimal("0.01")
    assert "SOL/USDT: stopped by stop-loss; sold at 94" in ended.out


def test_sale_that_cannot_be_made_in_time_is_a_failure_and_not_forgotten(floor: TradingDesk) -> None:
    with floor.trading(floor.configure(STOP_LOSS), "--no-report") as trader:
        floor.venue.wait_for_orders(4)
        floor.venue.move("105")
        wait_until(lambda: len(floor.venue.orders()) == 6, "the answer to the fill")
        floor.venue.arm({"route": "POST /api/v3/order", "action": "status", "status": 503, "times": 0})
        floor.venue.move("94")
        floor.venue.wait_for_orders(0)
        ended = trader.stopped(signal.SIGINT)

    assert floor.venue.holds("SOL") > 1
    assert (ended.code, ended.err.splitlines()[-1]) == (1, TOO_LATE)


@pytest.mark.parametrize(("trouble", "words"), [(vanish, "connection refused"), (hang, "did not answer in time")])
def test_signal_while_the_exchange_is_gone_says_that_orders_may_be_open(
    floor: TradingDesk, trouble: Callable[[Venue], None], words: str
) -> None:
    with floor.trading(floor.configure(), "--no-report", "--results", "results.json") as trader:
        floor.venue.wait_for_orders(4)
        trouble(floor.venue)
        ended = trader.stopped(signal.SIGTERM)

    assert ended.code == 1
    assert ended.err.splitlines(keepends=True)[-1].startswith(MAY_BE_OPEN)
    assert words in ended.err
    assert ended.err.endswith(REMEDY)
    assert "Traceback" not in ended.err
    (figures,) = floor.desk.results("results.json")
    assert figures["open_orders"] == 4


# --- two signals -------------------------------------------------------------------------------------


def test_second_signal_ends_it_at_once(floor: TradingDesk) -> None:
    with floor.trading(floor.configure(), "--no-report") as trader:
        floor.venue.wait_for_orders(4)
        hang(floor.venue)
        trader.process.send_signal(signal.SIGINT)
        with pytest.raises(TimeoutError):
            trader.ended(0.5)
        trader.process.send_signal(signal.SIGINT)
        ended = trader.ended(1.0)

    assert ended.code == 1
    assert ended.err.endswith("stopped at once; orders may still be open\n")
    assert "Traceback" not in ended.err


# --- nobody looks any more ---------------------------------------------------------------------------


def test_reader_that_has_seen_enough_does_not_end_the_trading(floor: TradingDesk) -> None:
    with floor.trading(floor.configure(), "--no-report", "--results", "results.json", stdout=subprocess.PIPE) as trader:
        assert trader.process.stdout is not None
        trader.process.stdout.close()
        floor.venue.wait_for_orders(4)
        trader.wait_for("nothing is shown any more, trading goes on: ")
        floor.venue.move("109")
        wait_until(lambda: len(floor.venue.orders()) == 6, "the answer to the fill")
        ended = trader.stopped(signal.SIGINT)

    assert floor.venue.open_orders() == []
    assert "Traceback" not in ended.err
    assert floor.desk.results("results.json")[0]["buys"] == 2


def test_terminal_that_is_closed_stops_in_order(floor: TradingDesk) -> None:
    master, slave = pty.openpty()
    with open(slave, "wb") as terminal:  # noqa: PTH123 a descriptor
        command = (floor.configure(), "--no-report", "--results", "results.json")
        with floor.trading(*command, stdout=terminal) as trader:
            floor.venue.wait_for_orders(4)
            os.close(master)
            trader.stopped(signal.SIGHUP)

    assert floor.venue.open_orders() == []
    assert floor.desk.results("results.json")[0]["stop_reason"] == "SIGHUP"


# --- no signal ---------------------------------------------------------------------------------------


def test_killed_run_goes_on_with_its_orders_at_the_next_start_and_leaves_those_of_others_alone(
    floor: TradingDesk,
) -> None:
    grid, other = floor.configure(), floor.configure(("grid_strategy.num_grids", 4), name="other.json")
    with floor.trading(grid, "--no-report") as killed:
        floor.venue.wait_for_orders(4)
        killed.process.kill()
        killed.process.wait()
    left = {order["orderId"] for order in floor.venue.open_orders()}
    with floor.trading(other, "--no-report", name="other"):
        floor.venue.wait_for_orders(4 + 3)
        others = {order["orderId"] for order in floor.venue.open_orders()} - left
        with floor.trading(grid, "--no-report", name="again") as again:
            again.wait_for("SOL/USDT: ")
            assert {order["orderId"] for order in floor.venue.open_orders()} == left | others
            ended = again.stopped(signal.SIGINT)
        assert {order["orderId"] for order in floor.venue.open_orders()} == others

    assert ended.code == 0


def test_time_that_is_up_stops_in_order_and_everything_is_below_the_state_dir(floor: TradingDesk) -> None:
    grid = floor.configure(("logging.log_to_file", True))
    with floor.trading(grid, "--for", "1s", "--state-dir", "state", "--results", "results.json") as trader:
        ended = trader.ended()

    assert (ended.code, ended.err) == (0, "")
    assert "SOL/USDT: stopped by the end of its time." in ended.out
    assert "Results: results.json\nReport: state/reports/grid.html\n" in ended.out
    assert floor.venue.open_orders() == []
    files = set(floor.desk.files()) - {"grid.json", "results.json"}
    assert files >= {"state/reports/grid.html", "state/logs/gridactors.jsonl"}
    assert all(name.startswith("state/") for name in files)


def test_signal_while_it_asks_what_became_of_its_orders_ends_it_and_leaves_them(floor: TradingDesk) -> None:
    grid = floor.configure()
    with floor.trading(grid, "--no-report") as killed:
        floor.venue.wait_for_orders(4)
        killed.process.kill()
        killed.process.wait()
    floor.venue.arm({"route": "GET /api/v3/openOrders", "action": "delay", "seconds": 30})
    with floor.trading(grid, "--no-report", name="again") as again:
        wait_until(lambda: not floor.venue.state()["faults"], "the question")
        ended = again.stopped(signal.SIGINT)

    assert (ended.code, ended.out) == (0, "")
    assert ended.err.endswith("stopped by SIGINT before anything was started\n")
    assert len(floor.venue.open_orders()) == 4
