"""A live grid on a scripted price path: exactly the fills that the path implies, and a ledger that is the account."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

from actors.sandbox.options import Pair
from engine.messages import OpenOrder, StopGrid
from tests.e2e.expected_fills import Fill, expected_fills, expected_outcome
from tests.e2e.live_desk import LiveDesk, grid_document
from tests.e2e.other_side import Price

D = Decimal
Change = tuple[str, object]

# Small swings, prices met exactly and not quite, gaps through many levels both ways, out of the range and back; no move
# of more than a fifth, which would not be believed at once.
PATH: Sequence[Price] = ("97.5", 95, "94.99", 101, 89, "105.01", 105, 84, 100, 119, 97, 81, 96, 77, 92, 110, 125, 102)
SHAPES: dict[str, Sequence[Change]] = {
    "simple, arithmetic": (),
    "simple, geometric": (("grid_strategy.spacing", "geometric"),),
    "hedged, arithmetic": (("grid_strategy.type", "hedged_grid"), ("grid_strategy.num_grids", 8)),
    "hedged, geometric": (("grid_strategy.type", "hedged_grid"), ("grid_strategy.spacing", "geometric")),
    "hedged, on a level's price": (("grid_strategy.type", "hedged_grid"),),
    "exact purchase": (("grid_strategy.initial_purchase", "exact"),),
    "hedged, exact purchase, geometric": (
        ("grid_strategy.type", "hedged_grid"),
        ("grid_strategy.spacing", "geometric"),
        ("grid_strategy.initial_purchase", "exact"),
    ),
    "smaller sells than buys": (("grid_strategy.sell_ratio", D("0.9")), ("grid_strategy.num_grids", 8)),
    "20 levels": (("grid_strategy.num_grids", 21),),
}


def two_sides(orders: Sequence[OpenOrder]) -> list[tuple[int | None, str, Decimal, Decimal]]:
    """Give what the reference says of its book: level, side, price, quantity."""
    wishes = [order.wish for order in orders]
    return sorted((wish.owner.level, wish.side.value, wish.price, wish.quantity) for wish in wishes)


def unlimited(desk: LiveDesk) -> LiveDesk:
    """Let the exchange take any number of orders: its usual limit, 100 in ten seconds, takes nothing but time."""
    desk.arm_fault({"route": "limits", "orders_10s": 100_000})
    return desk


def travels(desk: LiveDesk, document: dict[str, Any], path: Sequence[Price], grid: int = 0) -> None:
    """Go along a path from 100 on; assert that fills, and the book at its end, are the reference's."""
    desk.wait_quiet()
    fills = desk.travel(path, grid)
    expected = expected_fills(document, [100, *path])
    for move, (price, ours, wanted) in enumerate(zip(path, fills, expected, strict=True)):
        assert ours == wanted, f"move {move}, to {price}"
    assert sum(map(len, fills)) > len(path), "a path on which next to nothing happens shows nothing"
    assert two_sides(desk.orders(grid)) == expected_outcome(document, [100, *path])["book"]


def without_fees(fills: Sequence[Sequence[Fill]]) -> list[list[Fill]]:
    return [[attrs.evolve(fill, fee=D(0), fee_asset="") for fill in move] for move in fills]


@pytest.mark.parametrize("shape", SHAPES)
def test_grid_makes_the_fills_that_the_path_implies(tmp_path: Path, shape: str) -> None:
    document = grid_document(*SHAPES[shape])
    with unlimited(LiveDesk(tmp_path, document)) as desk:
        travels(desk, document, PATH)
        desk.stop()
        desk.wait_quiet()
        assert not desk.exchange_orders()
        (stopped,) = desk.stops.values()
        assert (stopped.quote, stopped.base) == (desk.account()["USDT"][0], desk.account()["SOL"][0])


def test_hundred_levels_make_the_fills_that_the_path_implies(tmp_path: Path) -> None:
    document = grid_document(("grid_strategy.num_grids", 101))
    with unlimited(LiveDesk(tmp_path, document)) as desk:
        travels(desk, document, ("91.7", 104, 84, 99, 118, 97))


def test_orders_that_fill_in_parts_are_answered_once_and_whole(tmp_path: Path) -> None:
    document = grid_document(("grid_strategy.initial_purchase", "exact"))
    with LiveDesk(tmp_path, document) as desk:
        desk.arm_fault({"route": "fills", "action": "split", "parts": 3, "times": 1000})
        travels(desk, document, PATH)
        parts = [trade for trade in desk.trades() if trade.owner.level is not None]
        assert len(parts) == 3 * sum(trade.complete for trade in parts)


def test_level_whose_buy_fills_in_parts_is_not_robbed_of_them_by_those_that_wait(tmp_path: Path) -> None:
    document = grid_document(*SHAPES["hedged, arithmetic"])  # the base of its purchase is short by one sell
    with LiveDesk(tmp_path, document) as desk:
        desk.arm_fault({"route": "fills", "action": "split", "parts": 3, "times": 1000})
        travels(desk, document, PATH)


# --- fees --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("maker", "taker"), [("0", "0.001"), ("0.0002", "0.0005"), ("0.002", "0.001")])
def test_fees_of_makers_and_takers_are_what_the_exchange_took(tmp_path: Path, maker: str, taker: str) -> None:
    document = grid_document(("exchange.trading_fee", D(maker)))
    with LiveDesk(tmp_path, document, maker_fee=D(maker), taker_fee=D(taker)) as desk:
        travels(desk, document, PATH)
        purchase = desk.trades()[0]
        assert purchase.fee == purchase.quantity * D(taker)
        assert purchase.fee_asset == "SOL"


def test_fees_in_a_third_asset_neither_shrink_nor_grow_the_levels(tmp_path: Path) -> None:
    document = grid_document()
    path = [95, 100] * 6 + list(PATH)
    bnb = Pair("BNB", "USDT", D(500))
    options: dict[str, Any] = {"pairs": (Pair("SOL", "USDT", D(100)), bnb), "fees_in_bnb": True}
    with LiveDesk(tmp_path, document, spare={"BNB": 5}, **options) as desk:
        desk.wait_quiet()
        fills = desk.travel(path)

        free_of_fees = grid_document(("exchange.trading_fee", 0))  # what is traded, with nothing taken from it
        assert without_fees(fills) == without_fees(expected_fills(free_of_fees, [100, *path]))
        assert {trade.fee_asset for trade in desk.trades()} == {"BNB"}
        assert desk.account()["BNB"] == (5 - sum((trade.fee for trade in desk.trades()), D(0)), D(0))


def test_levels_of_an_exchange_that_takes_nothing_do_not_grow(tmp_path: Path) -> None:
    document = grid_document()
    path = [95, 100] * 3 + list(PATH)
    with LiveDesk(tmp_path, document, maker_fee=D(0), taker_fee=D(0)) as desk:
        desk.wait_quiet()
        free_of_fees = grid_document(("exchange.trading_fee", 0))
        assert without_fees(desk.travel(path)) == without_fees(expected_fills(free_of_fees, [100, *path]))


@pytest.mark.parametrize("purchase", ["half", "exact"])
@pytest.mark.parametrize(
    ("stated", "taken"), [(("exchange.fee_asset", "quote"), "0.001"), (("exchange.trading_fee", D("0.001")), "0.003")]
)
def test_fees_that_are_not_what_the_configuration_says_are_what_counts(
    tmp_path: Path, stated: Change, taken: str, purchase: str
) -> None:
    document = grid_document(stated, ("grid_strategy.initial_purchase", purchase))
    with LiveDesk(tmp_path, document, maker_fee=D(taken), taker_fee=D(taken)) as desk:
        desk.wait_quiet()
        assert sum(map(len, desk.travel(PATH))) > len(PATH)
        assert {trade.fee for trade in desk.trades() if trade.side == "buy"} == {
            trade.quantity * D(taken) for trade in desk.trades() if trade.side == "buy"
        }


def test_fees_come_out_of_the_trade_again_when_the_third_asset_runs_out(tmp_path: Path) -> None:
    pairs = (Pair("SOL", "USDT", D(100)), Pair("BNB", "USDT", D(500)))
    document = grid_document()
    with LiveDesk(tmp_path, document, spare={"BNB": "0.002"}, pairs=pairs, fees_in_bnb=True) as desk:
        desk.wait_quiet()
        desk.travel(PATH)
        fees = [trade.fee_asset for trade in desk.trades()]
        assert {"BNB", "SOL", "USDT"} == set(fees)


# --- an account that is not the grid's alone ---------------------------------------------------------


def test_orders_of_others_on_the_account_are_never_touched(tmp_path: Path) -> None:
    document = grid_document()
    with LiveDesk(tmp_path, document, spare={"SOL": 3, "USDT": 500}) as desk:
        desk.wait_quiet()
        for name, side, price in (("mine-1", "BUY", 95), ("ga-mine", "BUY", 79), ("web_9", "SELL", 105)):
            desk.place_outside(name, "BUY" if side == "BUY" else "SELL", price, 1)
        desk.place_outside("stays", "SELL", 130, 2)
        travels(desk, document, (96, 94, 106, 99, 89, 100))
        desk.stop()
        desk.wait_quiet()

        assert {order.client_order_id for order in desk.exchange_orders()} == {"ga-mine", "stays"}
        others = [order for order in desk.all_exchange_orders() if not order.client_order_id.startswith(prefix(desk))]
        assert [order.status for order in others] == ["FILLED", "NEW", "FILLED", "NEW"]


def prefix(desk: LiveDesk) -> str:
    return desk.grids[0].prefix


def test_two_grids_on_one_account_trade_as_if_each_were_alone(tmp_path: Path) -> None:
    documents = (
        grid_document(),
        grid_document(
            ("grid_strategy.type", "hedged_grid"),
            ("grid_strategy.num_grids", 12),
            ("trading_settings.initial_balance", 700),
        ),
    )
    path = (96, 89, 106, 86, 103, 119, 99, 81)
    with LiveDesk(tmp_path, *documents) as desk:
        desk.wait_quiet()
        before = [len(desk.trades(grid)) for grid in (0, 1)]
        desk.travel(path)
        for grid, document in enumerate(documents):
            wanted = [fill for move in expected_fills(document, [100, *path]) for fill in move]
            assert desk.fills(before[grid], grid) == wanted


def test_end_of_one_grid_leaves_the_other_at_work(tmp_path: Path) -> None:
    documents = (grid_document(), grid_document(("grid_strategy.num_grids", 12)))
    with LiveDesk(tmp_path, *documents) as desk:
        desk.wait_quiet()
        first, second = desk.grids
        desk.post.send(first.addresses.grid_manager, StopGrid("enough"))
        desk.wait_until(lambda: desk.history(0).stop_reason == "enough", "the first grid stopped")
        travels(desk, documents[1], (96, 84, 100, 112, 100), grid=1)

        assert {order.client_order_id.startswith(second.prefix) for order in desk.exchange_orders()} == {True}
        assert not desk.fills(0, grid=0)
