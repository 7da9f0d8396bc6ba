"""The risk monitor as an actor: the thresholds of the configuration, and whom it tells."""

from __future__ import annotations

from decimal import Decimal

import pytest

from actors import risk_monitor
from engine.effects import Send
from engine.messages import HoldingsChanged, LiquidateGrid, PriceReached, WatchPrices
from tests.actors.fake_post import Hosted
from tests.actors.grids import grid

BOTH = (
    ("risk_management.take_profit", {"enabled": True, "threshold": 150}),
    ("risk_management.stop_loss", {"enabled": True, "threshold": 90}),
)
SETUP = grid(*BOTH)


def monitor(*changes: tuple[str, object]) -> Hosted:
    return Hosted(risk_monitor.spec(grid(*changes)))


def test_risk_monitor_lives_in_its_grid() -> None:
    assert risk_monitor.spec(SETUP).address == "SOL/USDT/risk_monitor"


def test_thresholds_are_watched_while_something_is_held() -> None:
    hosted = monitor(*BOTH)

    assert hosted.tell(HoldingsChanged(Decimal(4))) == [
        Send(SETUP.addresses.prices, WatchPrices(Decimal(90), Decimal(150)))
    ]
    assert hosted.tell(HoldingsChanged(Decimal(0))) == [Send(SETUP.addresses.prices, WatchPrices(None, None))]


def test_threshold_that_is_not_enabled_is_not_watched() -> None:
    hosted = monitor(BOTH[0], ("risk_management.stop_loss", {"enabled": False, "threshold": 90}))

    assert hosted.tell(HoldingsChanged(Decimal(4))) == [Send(SETUP.addresses.prices, WatchPrices(None, Decimal(150)))]


def test_without_thresholds_nothing_is_watched() -> None:
    assert monitor().tell(HoldingsChanged(Decimal(4))) == []


@pytest.mark.parametrize(("price", "reason"), [(150, "take_profit"), (90, "stop_loss")])
def test_price_reached_has_the_grid_liquidated(price: int, reason: str) -> None:
    assert monitor(*BOTH).tell(PriceReached(Decimal(price))) == [
        Send(SETUP.addresses.grid_manager, LiquidateGrid(reason, Decimal(price)))
    ]
