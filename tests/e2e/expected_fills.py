"""The fills that a path of prices implies, by the reference simulation, which shares no code with the engine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any

from attrs import frozen

from tests.engine.configurations import changed
from tests.reference import simulate

D = Decimal
_MINUTE = 60_000  # ms


@frozen(order=True)
class Fill:
    """Say one limit order's fill, whole; `level` is the index of its interval."""

    price: Decimal
    side: str
    level: int | None
    quantity: Decimal
    fee: Decimal
    fee_asset: str


def in_order(fills: Iterable[Fill]) -> list[Fill]:
    """Keep the order in which a path meets prices; at one price, where arrival decides, sort."""
    return [fill for _, met in groupby(fills, key=lambda fill: fill.price) for fill in sorted(met)]


def expected_outcome(document: dict[str, Any], path: Sequence[Decimal | int | str]) -> dict[str, Any]:
    """Run the reference from `path[0]` on, where the grid arms; each further price is a candle straight to it.

    Live, the most that a purchase may pay decides the sizes, as slippage does in a backtest; and fees are taken in what
    is received unless the document says otherwise.
    """
    grid = changed(
        ("exchange.fee_asset", document["exchange"].get("fee_asset", "received")),
        ("execution.backtest_slippage", document.get("execution", {}).get("max_slippage", D("0.01"))),
        of=document,
    )
    points = [D(price) for price in path]
    before = [points[0], *points]
    candles = [
        (number * _MINUTE, opened, max(opened, price), min(opened, price), price)
        for number, (opened, price) in enumerate(zip(before, points, strict=False))
    ]
    return simulate(candles, grid)


def expected_fills(document: dict[str, Any], path: Sequence[Decimal | int | str]) -> list[list[Fill]]:
    """Give the limit fills of each move of `path`, from `path[1]` on."""
    moves: list[list[Fill]] = [[] for _ in path]
    for trade in expected_outcome(document, path)["trades"]:
        if trade["kind"] == "limit":
            terms = (trade[name] for name in ("price", "side", "level", "quantity", "fee", "fee_asset"))
            moves[trade["time"] // _MINUTE].append(Fill(*terms))
    return [in_order(fills) for fills in moves[1:]]
