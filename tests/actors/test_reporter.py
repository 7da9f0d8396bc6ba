"""The reporter as an actor: one for all grids, with a history for each."""

from __future__ import annotations

from decimal import Decimal

from actors import reporter
from engine.grid import make_plan
from engine.messages import DescribeHistory, GridArmed, GridStopped
from engine.reporter import GridHistory
from engine.values import ZERO, Side
from tests.actors.fake_post import Hosted
from tests.actors.grids import PRICE, START, booked, grid, level_owner, wish

SOL, ETH = GRIDS = [grid(name="SOL/USDT"), grid(name="ETH/USDT")]
NOTHING = GridHistory(None, None, None, ())


def test_reporter_is_the_same_for_all_grids() -> None:
    spec = reporter.spec(GRIDS)

    assert spec.address == "reporter"
    assert {setup.addresses.reporter for setup in GRIDS} == {spec.address}


def test_history_is_kept_grid_by_grid() -> None:
    hosted = Hosted(reporter.spec(GRIDS))
    plan = make_plan(SOL.rules, PRICE, Decimal(1000), ZERO)
    trade = booked(wish(level_owner(SOL, "0"), Side.BUY, 100, 2))

    for fact in (
        GridArmed("SOL/USDT", START, plan),
        trade,
        GridStopped("SOL/USDT", "stop_loss", Decimal(0), Decimal(0)),
    ):
        assert hosted.tell(fact) == []
    assert hosted.ask(DescribeHistory("SOL/USDT")) == GridHistory(plan, START, "stop_loss", (trade,))
    assert hosted.ask(DescribeHistory("ETH/USDT")) == NOTHING


def test_grid_that_is_not_known_is_a_crash() -> None:
    hosted = Hosted(reporter.spec([SOL]))

    assert hosted.tell(GridStopped("ETH/USDT", "stop_loss", Decimal(0), Decimal(0))) == []
    assert "KeyError" in hosted.failure.error
