from __future__ import annotations

from random import Random
from typing import Any

import pytest

from engine.addresses import GridAddresses
from engine.backtest import drive
from engine.effects import Address, Effect, Reply, Send
from engine.exchange import PATH_ENDED
from engine.messages import Advance, OpenGrid
from engine.stepper import ShakenStepper, Stepper
from tests.engine.runs import stepped
from tests.engine.samples import D, candles

ADDRESSES = GridAddresses("g")
MANAGER: Address[Any] = ADDRESSES.grid_manager  # takes whatever a test sends it


class Clockwork:
    """Stand for both exchange and grid manager: note what comes, reply with the next of some indices."""

    def __init__(self, indices: list[int]) -> None:
        self.indices, self.log = indices, list[Any]()

    def handle(self, message: Any) -> list[Effect]:
        self.log.append(message)
        if not isinstance(message, Advance):
            return []
        index = self.indices.pop(0)
        return [Reply(index)] if index == PATH_ENDED else [Send(MANAGER, index), Reply(index)]


def driven(indices: list[int]) -> tuple[list[Any], list[int]]:
    stepper, work = Stepper(), Clockwork([*indices, PATH_ENDED])
    for address in (ADDRESSES.exchange, ADDRESSES.grid_manager):
        stepper.add(address, work)
    progress: list[int] = []
    drive(stepper, ADDRESSES, progress.append)
    return work.log, progress


def test_a_grid_is_opened_then_the_market_moves_and_settles_until_the_path_ends() -> None:
    log, progress = driven([4, 7])
    assert log == [OpenGrid(), Advance(), 4, Advance(), 7, Advance()]
    assert progress == []


def test_progress_is_told_now_and_then() -> None:
    _, progress = driven(list(range(1000)))
    assert progress == [255, 511, 767]


def walk(seed: int, decimals: int | None) -> list[str]:
    """Draw closes within the range; unrounded, they have the 17 digits that computed prices are written with."""
    random = Random(seed)
    return [
        repr(random.uniform(131, 199) if decimals is None else round(random.uniform(131, 199), decimals))
        for _ in range(40)
    ]


@pytest.mark.parametrize("slippage", ["0", "0.0005"])
def test_prices_of_many_digits_leave_the_books_in_agreement(slippage: str) -> None:
    for seed in range(25):
        run = stepped(candles(*walk(seed, None)), ("execution.backtest_slippage", D(slippage)))
        assert run.result.buys + run.result.sells > 1


@pytest.mark.parametrize("changes", [(), (("grid_strategy.type", "hedged_grid"), ("exchange.fee_asset", "received"))])
def test_disorder_and_quiet_candles_change_no_result(changes: tuple[tuple[str, object], ...]) -> None:
    stop = (("risk_management.take_profit.enabled", True), ("risk_management.take_profit.threshold", D(198)))
    series = candles(*walk(5, 2), 199, 150)
    expected = stepped(series, *changes, *stop).result
    assert expected.stop_reason == "take_profit"
    for seed in range(8):
        host = ShakenStepper(seed)
        assert stepped(series, *changes, *stop, host=host, every_candle=seed % 2 == 0).result == expected
