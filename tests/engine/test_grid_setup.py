from __future__ import annotations

import pytest

from engine.errors import BadInput
from engine.grid import level_prices
from engine.grid_setup import BacktestSetup, grid_names, grid_rules
from engine.orders import client_order_id
from engine.settings import Settings
from engine.settings.structure import structure_settings
from engine.values import Fees, Side
from tests.engine.configurations import changed, load
from tests.engine.samples import D, candles, decimals


def in_file(name: str, base: str = "SOL") -> Settings:
    return structure_settings(changed(("pair.base_currency", base)), f"config/{name}.toml")


def test_rules_are_what_the_configuration_says() -> None:
    rules = grid_rules(
        load(
            ("grid_strategy.buy_ratio", D("0.9")),
            ("grid_strategy.initial_purchase", "exact"),
            ("execution.backtest_slippage", D("0.002")),
            ("exchange.fee_asset", "received"),
            ("market.price_tick", D("0.5")),
        )
    )
    assert (rules.bottom, rules.top, rules.buy_ratio, rules.sell_ratio) == decimals(130, 200, "0.9", 1)
    assert (rules.initial_purchase, rules.slippage) == ("exact", D("0.002"))
    assert rules.fees == Fees(D("0.001"), in_received=True)
    assert (rules.market.pair, rules.market.price_tick) == ("SOL/USDT", D("0.5"))
    assert level_prices(rules) == decimals(130, "147.5", 165, "182.5", 200)


def test_levels_that_round_to_one_price_are_the_users_to_mend() -> None:
    settings = load(("grid_strategy.num_grids", 100), ("market.price_tick", D(1)))
    with pytest.raises(BadInput) as caught:
        grid_rules(settings)
    (problem,) = caught.value.problems
    for part in ("config/x.toml", "grid_strategy.num_grids = 100", "market.price_tick is 1", "fewer levels"):
        assert part in problem


@pytest.mark.parametrize(
    ("files", "names"),
    [
        ([("one", "SOL")], ["SOL/USDT"]),
        ([("one", "SOL"), ("two", "BTC")], ["SOL/USDT", "BTC/USDT"]),
        ([("one", "SOL"), ("two", "SOL"), ("three", "BTC")], ["SOL/USDT one", "SOL/USDT two", "BTC/USDT"]),
        ([("one", "SOL")] * 3, ["SOL/USDT one", "SOL/USDT one #2", "SOL/USDT one #3"]),
    ],
)
def test_grids_side_by_side_have_names_of_their_own(files: list[tuple[str, str]], names: list[str]) -> None:
    assert grid_names([in_file(name, base) for name, base in files]) == names


def test_the_addresses_of_two_grids_do_not_meet() -> None:
    one, two = (BacktestSetup.of(name, load(), candles(150)).addresses for name in ("SOL/USDT a", "SOL/USDT b"))
    assert one.exchange != two.exchange
    assert one.level("1") != two.level("1")
    assert one.level("1") != one.level("1b")
    assert one.reporter == two.reporter


def test_a_tag_is_the_same_for_the_same_grid_and_leaves_room_for_the_rest_of_an_id() -> None:
    tag = BacktestSetup.of("a", load(), candles(150)).tag
    assert tag == BacktestSetup.of("b", load(("trading_settings.initial_balance", D(5))), candles(160)).tag
    assert tag != BacktestSetup.of("a", load(("grid_strategy.num_grids", 6)), candles(150)).tag
    assert client_order_id(tag, "9999b", 10**9, Side.SELL, 999).startswith(tag)
