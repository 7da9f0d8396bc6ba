from __future__ import annotations

from decimal import Decimal

import pytest

from engine.messages import HoldingsChanged, LiquidateGrid, PriceReached, WatchPrices
from engine.risk import STOP_LOSS, TAKE_PROFIT, RiskMonitor
from tests.engine.samples import ADDRESSES, D, messages, told


def price_of(threshold: int | None) -> Decimal | None:
    return None if threshold is None else D(threshold)


def monitor(take_profit: int | None, stop_loss: int | None) -> RiskMonitor:
    return RiskMonitor(price_of(take_profit), price_of(stop_loss), ADDRESSES)


@pytest.mark.parametrize(("take_profit", "stop_loss"), [(200, 100), (None, 100), (200, None)])
def test_thresholds_are_watched_only_while_something_is_held(take_profit: int | None, stop_loss: int | None) -> None:
    of = monitor(take_profit, stop_loss)
    watched = WatchPrices(price_of(stop_loss), price_of(take_profit))
    assert told(of.handle(HoldingsChanged(D("0.1"))), ADDRESSES.exchange) == [watched]
    assert told(of.handle(HoldingsChanged(D(0))), ADDRESSES.exchange) == [WatchPrices(None, None)]


def test_without_thresholds_nothing_is_watched() -> None:
    of = monitor(None, None)
    assert of.handle(HoldingsChanged(D(1))) == []
    assert of.handle(HoldingsChanged(D(0))) == []


@pytest.mark.parametrize(
    ("take_profit", "stop_loss", "price", "reason"),
    [
        (200, 100, 200, TAKE_PROFIT),
        (200, 100, 201, TAKE_PROFIT),
        (200, 100, 100, STOP_LOSS),
        (200, 100, 99, STOP_LOSS),
        (None, 100, 100, STOP_LOSS),
        (200, None, 200, TAKE_PROFIT),
    ],
)
def test_a_watched_price_liquidates_for_its_reason(
    take_profit: int | None, stop_loss: int | None, price: int, reason: str
) -> None:
    effects = monitor(take_profit, stop_loss).handle(PriceReached(D(price)))
    assert messages(effects) == told(effects, ADDRESSES.grid_manager) == [LiquidateGrid(reason, D(price))]
