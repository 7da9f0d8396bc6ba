"""One level as an actor: it is the level that was planned, and it wishes from the ledger of its grid."""

from __future__ import annotations

from decimal import Decimal

import attrs
import pytest

from actors import grid_level
from engine.effects import Send
from engine.grid_level import LevelDescribed, LevelState
from engine.grid_setup import BacktestSetup
from engine.messages import ArmLevel, DescribeLevel, NothingToPlace, WishFunded, WishWaited
from engine.values import Side
from tests.actors.fake_post import Hosted
from tests.actors.grids import booked, grid, level_owner, planned, wish

SETUP = grid()
LEDGER = SETUP.addresses.balance_tracker
OWNER = level_owner(SETUP, "0")
UNIT = "1.66666666"  # 1000 / 5 / 120, on the step
FIRST = wish(OWNER, Side.BUY, 100, UNIT)


def level(slot: str = "0", setup: BacktestSetup = SETUP) -> Hosted:
    return Hosted(grid_level.spec(setup, planned(setup, slot)))


def state(hosted: Hosted) -> LevelState:
    described = hosted.ask(DescribeLevel())
    assert isinstance(described, LevelDescribed)
    return described.state


def test_level_lives_in_its_grid_under_its_slot() -> None:
    assert grid_level.spec(SETUP, planned(SETUP, "3")).address == "SOL/USDT/level/3"


def test_second_level_of_a_hedged_interval_has_an_address_of_its_own() -> None:
    both = attrs.evolve(planned(SETUP, "2"), slot="2b")

    assert grid_level.spec(SETUP, both).address == "SOL/USDT/level/2b"


@pytest.mark.parametrize(("slot", "side", "price"), [("0", Side.BUY, 100), ("3", Side.SELL, 140)])
def test_arming_wishes_the_planned_order_from_the_ledger(slot: str, side: Side, price: int) -> None:
    assert level(slot).tell(ArmLevel()) == [Send(LEDGER, wish(level_owner(SETUP, slot), side, price, UNIT))]


def test_filled_buy_is_answered_by_a_sell_at_the_high_price() -> None:
    hosted = level()
    hosted.tell(ArmLevel())

    assert hosted.tell(booked(FIRST, trade_id="17")) == [Send(LEDGER, wish(OWNER, Side.SELL, 110, UNIT, answers="17"))]


def test_ratio_of_the_configuration_scales_the_answer() -> None:
    hosted = level(setup=grid(("grid_strategy.sell_ratio", Decimal("0.5"))))
    hosted.tell(ArmLevel())

    (answer,) = hosted.tell(booked(FIRST))
    assert answer.message.quantity == Decimal(UNIT) / 2


def test_quantity_that_the_step_rounds_to_zero_owes_nothing() -> None:
    setup = grid(("market.amount_step", 10))

    assert level(setup=setup).tell(ArmLevel()) == [Send(LEDGER, NothingToPlace(OWNER, ""))]


def test_waiting_shows_in_the_state_that_is_described() -> None:
    hosted = level()
    hosted.tell(ArmLevel())

    assert hosted.ask(DescribeLevel()) == LevelDescribed(
        "0", Decimal(100), Decimal(110), LevelState.WAITING_FOR_BUY_FILL, Decimal(UNIT), 0
    )
    hosted.tell(WishWaited(Side.BUY, too_small=False))
    assert state(hosted) is LevelState.READY_TO_BUY
    hosted.tell(WishFunded(Side.BUY))
    assert state(hosted) is LevelState.WAITING_FOR_BUY_FILL
