"""`gridactors sandbox`: what it prints, how it ends, what it refuses."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from urllib.request import urlopen

import pytest

from actors.sandbox.command import run_sandbox
from actors.sandbox.command_options import SandboxCommand, sandbox_options
from engine.errors import BadInput
from tests.sandbox.clients import SOON

PROGRAM = (
    "from actors.sandbox.command import run_sandbox; from actors.sandbox.command_options import SandboxCommand;"
    "run_sandbox(SandboxCommand(pairs=('ETH/EUR',), prices=('2500',), balances=('EUR=75.5',), volatility='0'))"
)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_command_says_where_it_is_and_ends_at_a_signal_with_0(number: signal.Signals) -> None:
    process = subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # noqa: S603  this program itself
    try:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        with urlopen(f"{ready['rest']}/sandbox/state", timeout=SOON) as reply:  # noqa: S310  loopback
            state = json.load(reply)
        os.kill(process.pid, number)
        out, errors = process.communicate(timeout=SOON)
    finally:
        process.kill()
        process.wait()

    assert ready.keys() == {"rest", "stream", "ws_api", "api_key", "secret"}
    assert ready["ws_api"] == f"{ready['stream']}/ws-api/v3"
    assert state["symbols"]["ETHEUR"]["price"] == "2500"
    assert state["accounts"]["main"]["balances"]["EUR"]["free"] == "75.50000000"
    assert (process.returncode, out, errors) == (0, b"", b"")


def test_port_that_is_taken_is_bad_input_and_signals_are_as_before() -> None:
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(BadInput, match=f"--port = {port}: .*must both be free"):
            run_sandbox(SandboxCommand(port=port))

    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == handlers


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (SandboxCommand(pairs=("SOLUSDT",)), "--pair = 'SOLUSDT': allowed are two assets such as SOL/USDT"),
        (SandboxCommand(pairs=("SOL/SOL",)), "--pair = 'SOL/SOL'"),
        (SandboxCommand(pairs=("SOL/USDT", "sol/usdt")), "--pair = 'SOL/USDT': given twice"),
        (SandboxCommand(pairs=("SOL/USDT", "BTC/USDT"), prices=("1",)), "--price: given 1 times for 2 pairs"),
        (SandboxCommand(prices=("cheap",)), "--price = 'cheap': allowed is a number from 0.000001"),
        (SandboxCommand(prices=("0",)), "--price = '0'"),
        (SandboxCommand(prices=("NaN",)), "--price = 'NaN'"),
        (SandboxCommand(volatility="-1"), "--volatility = '-1'"),
        (SandboxCommand(speed="0"), "--speed = '0'"),
        (SandboxCommand(fee="1"), "--fee = '1': allowed is a rate from 0 to 0.5"),
        (SandboxCommand(port=70_000), "--port = 70000: allowed are 1 to 65534, or 0"),
        (SandboxCommand(port=-1), "--port = -1"),
        (SandboxCommand(balances=("USDT",)), "--balance = 'USDT': allowed is ASSET=AMOUNT"),
        (SandboxCommand(balances=("=5",)), "--balance = '=5': allowed is ASSET=AMOUNT"),
        (SandboxCommand(balances=("A=1", "A=2")), "--balance = 'A=2': allowed is each asset once"),
        (SandboxCommand(balances=("A=1e400",)), "--balance = 'A=1e400'"),
        (SandboxCommand(balances=("A=-1",)), "--balance = 'A=-1'"),
        (SandboxCommand(balances=("A=0.123456789",)), "up to 8 decimals"),
        (SandboxCommand(script=Path("missing.csv")), "--script = 'missing.csv': No such file"),
    ],
)
def test_wrong_option_is_told_with_its_value_and_what_is_allowed(command: SandboxCommand, told: str) -> None:
    with pytest.raises(BadInput) as raised:
        sandbox_options(command)

    assert told in str(raised.value)
    assert "allowed" in str(raised.value)


def test_options_are_read_and_left_out_ones_have_defaults() -> None:
    options = sandbox_options(SandboxCommand(pairs=("sol/usdt",), port=8080, seed=7))

    assert [(pair.base, pair.quote, pair.price) for pair in options.pairs] == [("SOL", "USDT", Decimal(100))]
    assert (options.port, options.stream_port, options.seed) == (8080, 8081, 7)
    assert options.balances is None
