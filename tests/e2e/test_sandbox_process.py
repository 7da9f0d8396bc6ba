"""`gridactors sandbox` as a process, and the configuration that brings its own."""

from __future__ import annotations

import json
import shutil
import signal
from pathlib import Path
from time import monotonic

import pytest

from tests.e2e.desk import Desk
from tests.e2e.trading_desk import TradingDesk, running_trader, running_venue, wait_until

DEMO = Path(__file__).parents[2] / "config" / "demo.toml"
ENDS_WITHIN = 5.0  # seconds


def test_sandbox_ends_at_a_signal_while_somebody_trades_on_it(floor: TradingDesk) -> None:
    with floor.trading(floor.configure(), "--no-report") as trader:
        floor.venue.wait_for_orders(4)
        floor.venue.process.send_signal(signal.SIGINT)
        out, err = floor.venue.process.communicate(timeout=ENDS_WITHIN)
        trader.wait_for("prices: no connection: ")

    assert (floor.venue.process.returncode, out, err) == (0, "", "")


def test_two_sandboxes_of_one_seed_are_the_same_market_and_of_two_are_not(tmp_path: Path) -> None:
    def book(seed: str) -> object:
        with running_venue(tmp_path, "--seed", seed) as venue:
            return venue.state()["symbols"]["SOLUSDT"]["book"]

    assert book("1") == book("1") != book("2")


def test_sandbox_pays_in_what_is_asked_for_and_trades_several_pairs(tmp_path: Path) -> None:
    options = ("--pair", "SOL/USDT", "--pair", "BTC/USDT", "--price", "120", "--price", "60000", "--balance", "USDT=7")
    with running_venue(tmp_path, *options) as venue:
        state = venue.state()

    assert {symbol: told["price"] for symbol, told in state["symbols"].items()} == {
        "SOLUSDT": "120",
        "BTCUSDT": "60000",
    }
    assert state["accounts"]["main"]["balances"]["USDT"] == {"free": "7.00000000", "locked": "0.00000000"}


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("--port=99999", "--port = 99999: allowed are 1 to 65534, or 0"),
        ("--pair=SOL", "--pair = 'SOL': allowed are two assets such as SOL/USDT"),
        ("--volatility=high", "--volatility = 'high': allowed is "),
        ("--script=none.csv", "--script = 'none.csv': No such file"),
    ],
)
def test_what_a_sandbox_cannot_be_is_bad_input(desk: Desk, option: str, told: str) -> None:
    outcome = desk.run("sandbox", option)

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"error: {told}")


# --- the configuration that brings its own ---------------------------------------------------------------


def test_demo_runs_from_a_copy_in_an_empty_folder(desk: Desk) -> None:
    shutil.copy(DEMO, desk.folder / "demo.toml")
    outcome = desk.run_process("start", "demo.toml", "--for", "3s", "--results", "results.json")

    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.endswith("Results: results.json\nReport: data/reports/demo.html\n")
    (figures,) = desk.results("results.json")
    assert (figures["mode"], figures["armed"], figures["stop_reason"]) == ("live", True, "time_limit")
    assert figures["trades"][0]["kind"] == "market"
    assert figures["open_orders"] == 0


def test_demo_ends_soon_at_a_signal(desk: Desk) -> None:
    shutil.copy(DEMO, desk.folder / "demo.toml")
    with running_trader(desk, "demo.toml", "--json", "--no-report") as trader:
        wait_until((desk.folder / "data" / "SOL_USDT").exists, "the lock taken")
        started = monotonic()
        trader.process.send_signal(signal.SIGINT)
        ended = trader.ended()

    assert monotonic() - started < ENDS_WITHIN
    assert ended.code == 0
    early = ("stopped by SIGINT before anything was started\n", "SOL/USDT: no price was ever seen\n")
    assert ended.err == "" or (ended.err.endswith(early) and ended.err.count("\n") == 1)
    assert ended.out == "" or json.loads(ended.out)[0]["open_orders"] == 0


def test_demo_on_paper_needs_no_keys_either(desk: Desk) -> None:
    text = DEMO.read_text(encoding="utf-8").replace('trading_mode = "live"', 'trading_mode = "paper_trading"')
    desk.write("demo.toml", text)
    outcome = desk.run_process("start", "demo.toml", "--for", "2s", "--no-report", "--json")

    assert (outcome.code, outcome.err) == (0, "")
    (figures,) = json.loads(outcome.out)
    assert (figures["mode"], figures["armed"], figures["open_orders"]) == ("paper_trading", True, 0)
