"""A grid of five hundred levels comes back as fast as anybody could wish."""

from __future__ import annotations

from pathlib import Path
from time import monotonic

from attrs import evolve

from tests.e2e.killing.kill_desk import KillDesk
from tests.e2e.killing.processes import Command
from tests.e2e.live_desk import grid_document
from tests.e2e.other_side import SOL

LEVELS, WITHIN = 500, 5.0  # seconds, from the start of the command


def test_a_killed_grid_of_500_levels_is_reconciled_and_answers_within_five_seconds(tmp_path: Path) -> None:
    document = grid_document(
        ("grid_strategy.num_grids", LEVELS + 1),
        ("grid_strategy.range", {"bottom": 50, "top": 150}),
        ("grid_strategy.initial_purchase", "half"),
        ("trading_settings.initial_balance", 1_000_000),
    )
    rules = {SOL.symbol: evolve(SOL.rules(), max_open_orders=2 * LEVELS)}
    with KillDesk(tmp_path, Command(), document, rules=rules) as desk:
        desk.start()
        desk.wait_quiet(60.0)
        desk.kill()
        trades = len(desk.exchange_trades())
        for price in ("98", "102"):
            desk.move(price)
        assert len(desk.exchange_trades()) > trades + 10

        begun = monotonic()
        desk.start()
        desk.wait_quiet()

        assert monotonic() - begun < WITHIN
