"""A desk for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.desk import Desk


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
