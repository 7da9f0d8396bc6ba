"""The command that tries whether anybody hears."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from actors.gateways.apprise_service import VARIABLE
from actors.notify_test import send_tests
from engine.errors import BadInput, RunFailed
from engine.messages.alerting import AlertKind
from engine.notifying.samples import SAMPLES
from tests.actors.receiver import SECRETS, Receiver

CONFIG = """
[exchange]
name = "binance"
trading_fee = 0.001
trading_mode = "paper_trading"
[pair]
base_currency = "SOL"
quote_currency = "USDT"
[trading_settings]
timeframe = "1m"
initial_balance = 1000
[grid_strategy]
type = "simple_grid"
spacing = "arithmetic"
num_grids = 5
range = { top = 200, bottom = 130 }
[notifications]
kinds = ["order_filled", "stop_loss"]
"""


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)


def test_one_message_is_sent_to_each_service_and_each_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Receiver() as one, Receiver(status=500) as other:
        monkeypatch.setenv(VARIABLE, f"{one.url} {other.url}")
        with pytest.raises(RunFailed, match="1 of 2 services did not take what they were sent"):
            send_tests([], None, as_json=False)
        assert one.hears()["title"] == "Test"

    out = capsys.readouterr().out
    first, second = out.splitlines()
    assert first == "service 1 (json://127.0.0.1…): ok (1 of 1 sent)"
    assert second.startswith("service 2 (json://127.0.0.1…): failed: ")
    assert "error=500" in second
    assert [secret for secret in SECRETS if secret in out] == []


def test_every_kind_is_tried(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with Receiver() as receiver:
        monkeypatch.setenv(VARIABLE, receiver.url)
        send_tests([], "all", as_json=True)
        heard = [receiver.hears()["message"] for _ in AlertKind]

    assert heard == [f"(test) {SAMPLES[kind]}" for kind in AlertKind]
    assert json.loads(capsys.readouterr().out) == [
        {"service": "service 1 (json://127.0.0.1…)", "ok": True, "sent": 15, "of": 15, "reason": None}
    ]


def test_kinds_that_a_configuration_does_not_want_are_left_out_and_its_env_file_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "grids"
    folder.mkdir()
    (folder / "sol.toml").write_text(CONFIG)
    with Receiver() as receiver:
        (folder / ".env").write_text(f"{VARIABLE}={receiver.url}\n")
        send_tests([folder / "sol.toml"], "all", as_json=False)
        titles = [receiver.hears()["title"] for _ in range(2)]

    assert titles == ["Order filled", "Stop-loss"]
    assert capsys.readouterr().out == "service 1 (json://127.0.0.1…): ok (2 of 2 sent)\n"


def test_one_kind_is_tried_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    with Receiver() as receiver:
        monkeypatch.setenv(VARIABLE, receiver.url)
        send_tests([], "health", as_json=False)

        assert receiver.hears()["title"] == "Health"
        assert receiver.arrived.empty()


def test_without_a_service_the_variable_is_named() -> None:
    with pytest.raises(BadInput, match=f"^{VARIABLE} is set neither in the environment nor in a .env of "):
        send_tests([], None, as_json=False)
