"""The simulated world's exchange is right: the real sandbox answers, fills and tells the same, script by script."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest

from engine.calls import ListBalances, ListOpenOrders, NotFound, Place, Refused, Unknown
from engine.values import Kind, Side
from tests.e2e.both_exchanges import Comparison, Difference, build_model
from tests.e2e.exchange_sides import Build, ModelSide
from tests.e2e.model_scripts import SETTINGS, Move, Setting, draw
from tests.e2e.wrong_models import WRONG_MODELS
from tests.simulation.spot.exchange import SpotOrder

SEEDS = range(10)


@pytest.mark.parametrize("name", SETTINGS)
def test_model_and_sandbox_agree_on_every_outcome_balance_and_report(name: str) -> None:
    comparison = Comparison(name, SETTINGS[name])
    for seed in SEEDS:
        difference = comparison.difference(draw(SETTINGS[name], seed))
        if difference is not None:
            pytest.fail(f"script {seed}, {comparison.shortened(difference)}", pytrace=False)


def test_private_stream_over_a_socket_tells_what_the_model_tells() -> None:
    setting = SETTINGS["fees in a little BNB"]
    with Comparison("socket", setting).sides() as (model, sandbox, running), running.private_stream() as hear:
        for step in draw(setting, "socket", 150):
            model.play(step)
            sandbox.play(step)

        assert len(model.told) > 50
        assert sandbox.comparable(hear(len(model.told))) == model.told


def test_scripts_reach_what_an_exchange_can_answer() -> None:
    reached = Counter(trait for setting in SETTINGS.values() for seed in SEEDS for trait in _traits(setting, seed))

    wanted = [
        *("Account has insufficient", "Duplicate order", "Filter failure: LOT_SIZE", "Filter failure: NOTIONAL"),
        *("Filter failure: PERCENT_PRICE", "Filter failure: MAX_NUM", "Illegal characters", "Market is closed"),
        *("Order does not exist", "Order would immediately", "Parameter 'quantity' over", "Unknown order sent"),
        *("not sent: binance amount", "not sent: binance price", "price ", "quantity "),
        *("filled in parts", "ended in part", "bought nothing", "traded with itself", "name used again"),
        *("fees of two assets", "cheaper than its limit"),
    ]
    counts = {trait: sum(reached[text] for text in reached if text.startswith(trait)) for trait in wanted}
    assert [trait for trait, count in counts.items() if count < 5] == []


def _traits(setting: Setting, seed: int) -> list[str]:
    """Name all that one script reaches."""
    model = ModelSide(setting, build_model)
    outcomes = [model.play(step) for step in draw(setting, seed)]
    orders = list(model.exchange.orders.values())
    trades = model.exchange.trades
    return [
        *(outcome.text for outcome in outcomes if isinstance(outcome, NotFound | Refused | Unknown)),
        *(trait for order in orders for trait in _traits_of(order)),
        *["traded with itself"] * (len(trades) - len({trade.trade_id for trade in trades})),
        *["name used again"] * (len(orders) - len({order.client_order_id for order in orders})),
        *["fees of two assets"] * (len({trade.fee_asset for trade in trades if trade.fee}) - 1),
    ]


def _traits_of(order: SpotOrder) -> list[str]:
    traits = {
        "filled in parts": order.filled == order.quantity and len(order.trades) > 1,
        "ended in part": not order.is_open and 0 < order.filled < order.quantity,
        "bought nothing": order.kind is Kind.MARKET and not order.filled,
        "cheaper than its limit": order.is_buy and any(trade.price < order.price for trade in order.trades),
    }
    return [trait for trait, has in traits.items() if has]


# --- a wrong model is noticed ------------------------------------------------------------------------


def _first_difference(wrong: Build) -> Difference | None:
    """Play scripts in every setting on a wrong model until one shows it."""
    comparisons = [Comparison(name, setting, wrong) for name, setting in SETTINGS.items()]
    for seed in SEEDS:
        for comparison in comparisons:
            difference = comparison.difference(draw(comparison.setting, seed))
            if difference is not None:
                return difference
    return None


@pytest.mark.parametrize("wrong", WRONG_MODELS)
def test_wrong_model_is_noticed(wrong: str) -> None:
    assert _first_difference(WRONG_MODELS[wrong]) is not None


def test_difference_is_told_with_the_steps_that_it_needs() -> None:
    crossing = Place("g-1", Side.BUY, Kind.LIMIT, Decimal(110), Decimal(1), post_only=True)
    comparison = Comparison("usual", SETTINGS["usual"], WRONG_MODELS["takes post-only orders"])
    difference = comparison.difference([ListBalances(), Move(Decimal(101)), crossing, ListOpenOrders()])

    assert difference is not None
    assert str(difference).splitlines()[0] == "usual: outcome differs after step 3"
    told = str(comparison.shortened(difference)).splitlines()
    assert told[:2] == ["usual: outcome differs after step 1", f">   1 {crossing}"]
    assert told[2].startswith("model:   Done(")
    assert told[3].startswith("sandbox: Refused(reason=<Refusal.WOULD_TAKE")
