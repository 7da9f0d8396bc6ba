"""Any actor of a live grid may crash: it and who depends on it begin again, and nothing is doubled or lost."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, cast

import pytest

from engine.addresses import REPORTER
from engine.effects import Address
from tests.e2e.live_desk import LiveDesk, grid_document

WHO = (
    *("journal", "exchange", "caller/0", "balance_tracker", "order_manager", "grid_manager", "level/3"),
    *("risk_monitor", "order_feed", "price_feed", "reconciler", "reporter"),
)
STOP = ("risk_management.stop_loss", {"enabled": True, "threshold": 70})


def crash(desk: LiveDesk, who: str) -> None:
    """Send what nobody understands, which ends the one who gets it, and wait for a successor."""
    address: Address[Any] = REPORTER if who == "reporter" else Address(f"{desk.grids[0].name}/{who}")
    before = desk.post.generation(address)
    desk.post.send(address, cast("Any", "not a message"))
    desk.wait_until(lambda: desk.post.generation(address) > before and desk.post.is_alive(address), f"another {who}")


def crash_often(desk: LiveDesk, who: str, times: int) -> None:
    for _ in range(times):
        crash(desk, who)


@pytest.mark.parametrize("who", WHO)
def test_whoever_crashes_is_restarted_and_the_grid_goes_on(
    who: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with LiveDesk(tmp_path, grid_document(STOP)) as desk, caplog.at_level(logging.CRITICAL):
        desk.wait_quiet()
        desk.move(93)
        desk.wait_quiet()
        trades = len(desk.trades())
        crash(desk, who)
        desk.move(88)
        crash(desk, who)
        desk.wait_quiet()
        desk.move(103)
        desk.wait_quiet()

        assert len(desk.trades()) == trades + 3
        assert {trade.owner.grid for trade in desk.trades()} == {"SOL/USDT"}
        desk.move(69)
        desk.wait_stopped()
        assert [stop.reason for stop in desk.stops.values()] == ["stop_loss"]
        assert not desk.exchange_orders()


def test_who_crashes_again_and_again_ends_the_run(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with LiveDesk(tmp_path, grid_document()) as desk, caplog.at_level(logging.CRITICAL):
        desk.wait_quiet()
        with pytest.raises(AssertionError, match="the system gave up"):
            crash_often(desk, "order_manager", 100)
