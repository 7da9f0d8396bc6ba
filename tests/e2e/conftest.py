"""A desk for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.desk import Desk
from tests.e2e.trading_desk import TradingDesk, Venue, running_venue


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Give an empty folder that is the working directory."""
    monkeypatch.chdir(tmp_path)
    for name in ("EXCHANGE_API_KEY", "EXCHANGE_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    return Desk(tmp_path)


@pytest.fixture
def grid(desk: Desk) -> str:
    """Give a configuration whose candles lie beside it."""
    desk.candles()
    return desk.configure()


@pytest.fixture
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Venue]:
    """Start a sandbox process: SOL/USDT at 120, and 10000 USDT."""
    folder = tmp_path_factory.mktemp("venue")
    with running_venue(folder, "--pair", "SOL/USDT", "--price", "120", "--balance", "USDT=10000") as venue:
        yield venue


@pytest.fixture
def floor(desk: Desk, venue: Venue) -> TradingDesk:
    """Give a folder whose configurations trade at the sandbox."""
    return TradingDesk(desk, venue)


@pytest.fixture(scope="module")
def standing_venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Venue]:
    """Start a sandbox process for all the tests of a module that leave no orders behind."""
    folder = tmp_path_factory.mktemp("venue")
    with running_venue(folder, "--pair", "SOL/USDT", "--price", "120", "--balance", "USDT=10000") as venue:
        yield venue


@pytest.fixture
def counter(desk: Desk, standing_venue: Venue) -> Iterator[TradingDesk]:
    """Give a folder whose configurations trade at that sandbox, on which nothing is armed."""
    yield TradingDesk(desk, standing_venue)
    standing_venue.arm({"action": "clear"})
