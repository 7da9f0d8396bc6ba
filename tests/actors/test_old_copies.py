"""A journal that the exchange contradicts: refused where something would be lost, and only there."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from actors.trading.recovering import _refuse_contradiction
from engine.calls import FoundOrder
from engine.errors import BadInput
from engine.recovery.own_orders import CannotRebuild
from engine.values import Kind, Side
from tests.engine.samples import D

LINK: Any = SimpleNamespace(grid=SimpleNamespace(settings=SimpleNamespace(source="grids/sol.toml")))
WHY = CannotRebuild("order a-1-0s1 has traded since it was over to the journal")


def found(name: str, *, is_open: bool) -> FoundOrder:
    return FoundOrder(name, "1", Side.BUY, Kind.LIMIT, D(100), D(1), D(0), is_open, 0, 0)


def test_what_is_over_and_not_known_would_be_lost() -> None:
    with pytest.raises(
        BadInput, match=r"^grids/sol\.toml: its database is an old copy, .* a-1-0s1 has traded"
    ) as refused:
        _refuse_contradiction(LINK, [found("a", is_open=True), found("b", is_open=False)], ["a", "b"], WHY)
    assert "allowed: the newest copy, or none" in str(refused.value)


def test_what_is_only_open_or_known_is_no_reason() -> None:
    _refuse_contradiction(LINK, [found("a", is_open=True), found("b", is_open=False)], ["a"], WHY)
