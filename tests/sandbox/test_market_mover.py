"""Prices that move by themselves: walks, scripts, and the thread that follows them."""

from __future__ import annotations

import queue
import random
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from statistics import stdev
from typing import Any

import pytest

from actors.sandbox.options import SandboxOptions
from actors.sandbox.price_paths import Script, ScriptedPrice, Walk
from actors.sandbox.script_files import read_script
from actors.sandbox.server import Sandbox
from engine.errors import BadInput
from engine.venue.events import Event, PublicTrade
from tests.sandbox.clients import SOON

TICK, TOP = Decimal("0.01"), Decimal(1_000_000)
START = Decimal(100)


def walk(seed: int = 1, volatility: float = 0.05, step: float = 1.0) -> Walk:
    return Walk(random.Random(seed), volatility, step, TICK, TICK, TOP)


def follow(walk: Walk, steps: int, price: Decimal = START) -> list[Decimal]:
    prices = []
    for number in range(1, steps + 1):
        [price] = walk.due(number * walk.step + walk.step / 2, price)
        prices.append(price)
    return prices


def test_walk_is_the_same_for_the_same_seed() -> None:
    assert follow(walk(1), 50) == follow(walk(1), 50)
    assert follow(walk(1), 50) != follow(walk(2), 50)


def test_walk_moves_in_a_day_about_as_far_as_its_volatility_says() -> None:
    moves = [float(follow(walk(seed, step=3600.0), 24)[-1] / START) - 1 for seed in range(200)]

    assert 0.04 < stdev(moves) < 0.06


def test_walk_goes_on_from_where_the_market_was_moved_to() -> None:
    moving = walk()
    follow(moving, 5)

    [after] = moving.due(6.5, Decimal(200))
    assert abs(after - 200) < 1


def test_walk_stays_within_its_bounds() -> None:
    wild = Walk(random.Random(3), 50.0, 3600.0, TICK, Decimal(90), Decimal(110))

    prices = follow(wild, 200)
    assert [min(prices), max(prices)] == [90, 110]


def test_walk_keeps_to_its_steps_and_catches_up_with_a_few() -> None:
    moving = walk()

    assert (len(moving.due(0.5, START)), moving.next_time()) == (0, 1)
    assert (len(moving.due(3.5, START)), moving.next_time()) == (3, 4)
    assert (len(moving.due(86_400.0, START)), moving.next_time()) == (100, 86_401)


def test_script_gives_each_price_once_when_its_time_has_come() -> None:
    script = Script([ScriptedPrice(0, Decimal(1)), ScriptedPrice(2, Decimal(2)), ScriptedPrice(2, Decimal(3))])

    assert script.due(0, START) == [Decimal(1)]
    assert script.next_time() == 2
    assert script.due(1.9, START) == []
    assert script.due(5, START) == [Decimal(2), Decimal(3)]
    assert script.next_time() is None
    assert script.due(9, START) == []


@pytest.mark.parametrize(
    "text", ["seconds,price\n0,100\n\n1.5,99.5\n", "0,100\n1.5,99.5", "\ufeffSeconds, Price\r\n0,100\r\n1.5,99.5"]
)
def test_script_file_is_read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "script.csv"
    path.write_text(text, encoding="utf-8")

    assert read_script(path) == [ScriptedPrice(0, Decimal(100)), ScriptedPrice(1.5, Decimal("99.5"))]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "holds no prices"),
        ("seconds,price\n", "holds no prices"),
        ("0,100\n1", "line 2: '1' has 1 columns"),
        ("0,100\nsoon,99", "line 2: seconds = 'soon'"),
        ("0,100\n-1,99", "line 2: seconds = '-1'"),
        ("0,0", "line 1: price = '0'"),
        ("0,inf", "line 1: price = 'inf'"),
        ("2,100\n1,99", "line 2: seconds = 1 is before 2"),
    ],
)
def test_script_that_is_wrong_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "script.csv"
    path.write_text(text)
    with pytest.raises(BadInput) as raised:
        read_script(path)

    assert told in str(raised.value)
    assert str(path) in str(raised.value)
    assert "allowed" in str(raised.value)


@pytest.mark.parametrize("name", ["missing.csv", "."])
def test_script_that_cannot_be_read_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match="--script"):
        read_script(tmp_path / name)


def prices_of(sandbox: Sandbox) -> queue.SimpleQueue[Decimal]:
    prices: queue.SimpleQueue[Decimal] = queue.SimpleQueue()

    def listen(events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, PublicTrade):
                prices.put(event.price)

    sandbox.hall.subscribe(listen)
    return prices


def test_script_moves_the_market() -> None:
    script = tuple(ScriptedPrice(number / 100, Decimal(price)) for number, price in enumerate((101, 97, 103)))
    sandbox = Sandbox(SandboxOptions(script=script))
    prices = prices_of(sandbox)
    with sandbox:
        seen: list[Any] = []
        while not seen or seen[-1] != 103:
            seen.append(prices.get(timeout=SOON))

    assert [price for price in seen if price in {101, 97, 103}] == [101, 97, 103]


def test_volatile_market_moves() -> None:
    sandbox = Sandbox(SandboxOptions(volatility=Decimal(1), speed=Decimal(600), seed=4))
    prices = prices_of(sandbox)
    with sandbox:
        assert len({prices.get(timeout=SOON) for _ in range(3)}) > 1
