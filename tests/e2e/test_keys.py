"""Keys: what is wrong with them is told before anything has started, and they are never written anywhere."""

from __future__ import annotations

import re
import signal
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e.desk import Outcome
from tests.e2e.trading_desk import TradingDesk, wait_until, written

UNKNOWN = "f" * 64
SIGNATURE = re.compile(rb"signature['\"]?\s*[=:]", re.IGNORECASE)
LOUD = (("logging.log_level", "DEBUG"), ("logging.log_to_file", True))
READ_ONLY = {
    "route": "POST /api/v3/order/test",
    "action": "error",
    "status": 401,
    "code": -2015,
    "msg": "Invalid API-key, IP, or permissions for action.",
}


def started(floor: TradingDesk, monkeypatch: pytest.MonkeyPatch, keys: Mapping[str, str], *options: str) -> Outcome:
    """Start the grid of the floor with keys in the environment."""
    for name, value in keys.items():
        monkeypatch.setenv(name, value)
    return floor.desk.run("start", floor.configure(*LOUD), *options)


def show_nothing_of(keys: Mapping[str, str], everything: bytes) -> None:
    """See that no secret, and nothing made of one, is among all that was written."""
    for name, secret in keys.items():
        assert secret.encode() not in everything, name
    assert not SIGNATURE.search(everything)


@pytest.mark.parametrize(
    "missing", [{"EXCHANGE_API_KEY"}, {"EXCHANGE_SECRET_KEY"}, set()], ids=["secret", "key", "both"]
)
def test_missing_keys_are_named_with_the_places_that_were_looked_at(
    counter: TradingDesk, monkeypatch: pytest.MonkeyPatch, missing: set[str]
) -> None:
    keys = {name: value for name, value in counter.venue.keys().items() if name in missing}
    outcome = started(counter, monkeypatch, keys)

    absent = " and ".join(name for name in ("EXCHANGE_API_KEY", "EXCHANGE_SECRET_KEY") if name not in missing)
    assert (outcome.code, outcome.out) == (2, "")
    assert f'grid.json: exchange.trading_mode = "live" needs {absent}, set neither in the environment nor in' in (
        outcome.err
    )
    assert ".env" in outcome.err
    show_nothing_of(keys, outcome.err.encode())


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"EXCHANGE_API_KEY": "mistyped"}, "API-key format invalid. (-2014)"),
        ({"EXCHANGE_API_KEY": UNKNOWN}, "Invalid API-key, IP, or permissions for action. (-2015)"),
        ({"EXCHANGE_SECRET_KEY": UNKNOWN}, "Signature for this request is not valid. (-1022)"),
    ],
)
def test_wrong_keys_are_bad_input_with_the_exchanges_words(
    counter: TradingDesk, monkeypatch: pytest.MonkeyPatch, changed: dict[str, str], told: str
) -> None:
    keys = {**counter.venue.keys(), **changed}
    outcome = started(counter, monkeypatch, keys)

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == (
        f'error: grid.json: exchange.name = "binance": the exchange refuses the API key: {told}; '
        "allowed: a key and its secret that may read and trade spot from this address\n"
    )
    assert set(counter.desk.files()) == {"grid.json"}


def test_key_that_may_only_read_is_refused_before_anything_has_started(
    counter: TradingDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter.venue.arm(READ_ONLY)
    outcome = started(counter, monkeypatch, counter.venue.keys())

    assert (outcome.code, outcome.out) == (2, "")
    assert "grid.json" in outcome.err
    assert "lets this key place no order: Invalid API-key, IP, or permissions" in outcome.err
    assert counter.venue.orders() == []


def test_exchange_that_quotes_the_key_is_not_quoted(counter: TradingDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = counter.venue.keys()
    counter.venue.arm({**READ_ONLY, "msg": f"{counter.venue.api_key} and {counter.venue.secret} are revoked"})
    outcome = started(counter, monkeypatch, keys)

    assert outcome.code == 2
    assert "*** and *** are revoked" in outcome.err
    show_nothing_of(keys, outcome.err.encode())


def test_keys_are_found_in_a_file_and_are_not_written_however_much_is_logged(floor: TradingDesk) -> None:
    keys = floor.venue.keys()
    env = floor.desk.folder / ".env"
    env.write_text("".join(f"{name}={value}\n" for name, value in keys.items()), encoding="utf-8")
    options = ("--results", "results.json", "--report", "report.html")
    quick = (("execution.retry_delay", 0.1), ("execution.websocket_retry_base_delay", 0.1))
    grid = floor.configure(*LOUD, *quick)
    with floor.trading(grid, *options, env=dict.fromkeys(keys, "")) as trader:
        floor.venue.wait_for_orders(4)
        command_line = Path(f"/proc/{trader.process.pid}/cmdline").read_bytes()
        floor.venue.arm(
            {"route": "DELETE /api/v3/order", "action": "status", "status": 503, "body": "<html>", "times": 2},
            {"route": "user", "action": "close"},
            {"route": "stream", "action": "close"},
        )
        floor.venue.move("109")
        wait_until(lambda: len(floor.venue.orders()) == 6, "the answer to the fill")
        ended = trader.stopped(signal.SIGINT)

    env.unlink()
    everything = written(floor.desk.folder, ended)
    assert (ended.code, b"DEBUG" in everything) == (0, True)
    show_nothing_of(keys, everything + command_line)


def test_key_revoked_in_the_middle_is_told_and_never_shown(floor: TradingDesk) -> None:
    keys = floor.venue.keys()
    with floor.trading(floor.configure(*LOUD)) as trader:
        floor.venue.wait_for_orders(4)
        floor.venue.arm({"route": "keys", "action": "revoke"})
        floor.venue.move("109")
        trader.wait_for("Invalid API-key, IP, or permissions for action.")
        ended = trader.stopped(signal.SIGINT)

    assert ended.code == 1
    last = ended.err.splitlines()[-1]
    assert last.startswith("failed: SOL/USDT did not stop in time")
    assert (
        "these may still be open: SOL/USDT: its orders (Invalid API-key, IP, or permissions for action. (-2015))"
        in last
    )
    show_nothing_of(keys, written(floor.desk.folder, ended))
