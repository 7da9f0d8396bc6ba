"""The grid manager as an actor: from the range to the ladder to the stop, and whom it tells."""

from __future__ import annotations

from decimal import Decimal

from actors import grid_manager
from engine.effects import Send
from engine.grid import make_plan
from engine.messages import (
    ArmLevel,
    ExpectWishes,
    FundsCleared,
    GridArmed,
    GridStopped,
    HaltTrading,
    LevelsStarted,
    LiquidateGrid,
    OpenGrid,
    RangeEntered,
    StartLevels,
    StopLevels,
    WatchRange,
    WishWaited,
)
from engine.values import ZERO, Side
from tests.actors.fake_post import Hosted
from tests.actors.grids import PRICE, START, booked, grid, grid_owner, level_owner, wish

SETUP = grid()
TO = SETUP.addresses
PLAN = make_plan(SETUP.rules, PRICE, Decimal(1000), ZERO)
CLOSED = RangeEntered(START, PRICE)
PURCHASE = wish(grid_owner(SETUP), Side.BUY, 120, "4.16666666")
ARMED = Send(TO.reporter, GridArmed("SOL/USDT", START, PLAN))


def manager(*told: object) -> Hosted:
    hosted = Hosted(grid_manager.spec(SETUP))
    for message in told:
        hosted.tell(message)
    return hosted


def test_grid_manager_lives_in_its_grid() -> None:
    assert grid_manager.spec(SETUP).address == "SOL/USDT/grid_manager"


def test_opening_has_the_closes_within_the_range_watched() -> None:
    assert manager().tell(OpenGrid()) == [Send(TO.prices, WatchRange(Decimal(100), Decimal(140)))]


def test_close_in_range_is_reported_and_half_the_budget_wished() -> None:
    assert manager(OpenGrid()).tell(CLOSED) == [ARMED, Send(TO.balance_tracker, PURCHASE)]


def test_without_a_purchase_the_levels_are_started_at_once() -> None:
    hosted = Hosted(grid_manager.spec(grid(("grid_strategy.initial_purchase", "none"))))

    (_, started) = hosted.tell(CLOSED)
    assert started == Send(TO.levels, StartLevels(PLAN.levels))


def test_levels_are_started_when_the_purchase_is_done_or_cannot_be_made() -> None:
    for message in (booked(PURCHASE), WishWaited(Side.BUY, too_small=False)):
        assert manager(OpenGrid(), CLOSED).tell(message) == [Send(TO.levels, StartLevels(PLAN.levels))]


def test_ledger_hears_who_owes_before_any_level_is_armed() -> None:
    ledger, *levels = manager(OpenGrid(), CLOSED, booked(PURCHASE)).tell(LevelsStarted())

    nearest_first = [level_owner(SETUP, slot) for slot in ("1", "2", "0", "3")]
    assert ledger == Send(TO.balance_tracker, ExpectWishes(tuple(nearest_first), PRICE))
    assert levels == [Send(TO.level(owner.slot), ArmLevel()) for owner in nearest_first]


def test_liquidation_halts_sells_and_stops() -> None:
    hosted = manager(OpenGrid(), CLOSED, booked(PURCHASE), LevelsStarted())
    sale = wish(grid_owner(SETUP), Side.SELL, 90, 4)

    assert hosted.tell(LiquidateGrid("stop_loss", Decimal(90))) == [Send(TO.balance_tracker, HaltTrading())]
    (sold,) = hosted.tell(FundsCleared(Decimal(500), Decimal(4)))
    assert sold.to == TO.balance_tracker
    assert (sold.message.side, sold.message.quantity, sold.message.price) == (Side.SELL, Decimal(4), Decimal(90))
    assert hosted.tell(booked(sale)) == []
    assert hosted.tell(FundsCleared(Decimal(860), Decimal(0))) == [
        Send(TO.levels, StopLevels()),
        Send(TO.reporter, GridStopped("SOL/USDT", "stop_loss", Decimal(860), Decimal(0))),
    ]


def test_levels_before_a_plan_are_a_crash_that_tells_nobody() -> None:
    hosted = manager()

    assert hosted.tell(LevelsStarted()) == []
    assert "AssertionError" in hosted.failure.error
