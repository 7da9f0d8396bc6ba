"""Paper trading on the prices of a real stream: the fills of live trading, and not one order at the exchange."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.e2e.expected_fills import Fill, expected_fills
from tests.e2e.live_desk import LiveDesk, grid_document
from tests.e2e.other_side import Price
from tests.e2e.test_live_fills import PATH, SHAPES

PAPER = ("exchange.trading_mode", "paper_trading")


def travels_on_paper(desk: LiveDesk, path: Sequence[Price], expected: Sequence[Sequence[Fill]]) -> list[list[Fill]]:
    """Go along a path, and wait after each move until as many fills have come as are to come."""
    moves: list[list[Fill]] = []
    seen = 0
    for price, fills in zip(path, expected, strict=True):
        desk.move(price)
        wanted = seen + len(fills)
        desk.wait_quiet()
        _wait_for(desk, wanted)
        desk.wait_quiet()
        moves.append(desk.fills()[seen:])
        seen = wanted
    return moves


def _wait_for(desk: LiveDesk, count: int) -> None:
    """Wait for so many fills: between two of them the simulated exchange pauses, and then nothing is in flight."""
    desk.wait_until(lambda: len(desk.fills()) >= count, f"{count} fills")


@pytest.mark.parametrize("shape", ["simple, arithmetic", "hedged, geometric", "exact purchase"])
def test_paper_makes_the_fills_that_the_path_implies(tmp_path: Path, shape: str) -> None:
    document = grid_document(*SHAPES[shape], PAPER)
    expected = expected_fills(document, [100, *PATH])
    with LiveDesk(tmp_path, document) as desk:
        desk.wait_quiet()
        assert travels_on_paper(desk, PATH, expected) == expected
        desk.stop()

        assert not desk.all_exchange_orders()


def test_paper_grid_leaves_at_its_threshold(tmp_path: Path) -> None:
    document = grid_document(PAPER, ("risk_management.stop_loss", {"enabled": True, "threshold": 86}))
    with LiveDesk(tmp_path, document) as desk:
        desk.wait_quiet()
        desk.move(95)
        desk.wait_quiet()
        desk.move(85)
        desk.wait_stopped()

        (stopped,) = desk.stops.values()
        assert stopped.reason == "stop_loss"
        assert stopped.base < document["market"]["amount_step"]
        assert 85 <= desk.trades()[-1].price <= 86, "where the threshold is, or where the price has gone since"
        assert not desk.all_exchange_orders()
