from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from engine.effects import Effect
from engine.grid_manager import GridManager
from engine.messages import (
    ArmLevel,
    ExpectWishes,
    FundsCleared,
    GridArmed,
    GridStopped,
    HaltTrading,
    LevelsStarted,
    LiquidateGrid,
    OpenGrid,
    PlaceOrder,
    RangeEntered,
    StartLevels,
    StopLevels,
    WatchRange,
    WishFunded,
    WishWaited,
)
from engine.settings.choices import InitialPurchase
from engine.values import ZERO, Market
from tests.engine.samples import (
    ADDRESSES,
    BUY,
    GRID_OWNER,
    SELL,
    D,
    decimals,
    grid_rules,
    market_wish,
    messages,
    owner,
    told,
    trade,
)

CLOSED = RangeEntered(60_000, D(120))


def manager(quote: int = 1200, base: int = 0, **rules: Any) -> GridManager:
    return GridManager(grid_rules(**rules), D(quote), D(base), ADDRESSES)


def started(effects: list[Effect]) -> bool:
    return bool(told(effects, ADDRESSES.levels))


def running(**rules: Any) -> GridManager:
    of = manager(**rules)
    of.handle(OpenGrid())
    of.handle(CLOSED)
    of.handle(trade(market_wish(BUY, 120, 5)))
    of.handle(LevelsStarted())
    return of


def test_an_opened_grid_waits_for_a_close_in_its_range() -> None:
    effects = manager(market=Market("SOL", "USDT", price_tick=D(3))).handle(OpenGrid())
    assert messages(effects) == told(effects, ADDRESSES.exchange) == [WatchRange(D(99), D(141))]


def test_arming_with_a_purchase_buys_first() -> None:
    of = manager(slippage=D("0.01"))
    effects = of.handle(CLOSED)
    (armed,) = told(effects, ADDRESSES.reporter)
    assert isinstance(armed, GridArmed)
    assert (armed.grid, armed.time) == ("SOL/USDT", 60_000)
    assert (armed.plan.price, armed.plan.unit) == decimals(120, 2)
    (order,) = told(effects, ADDRESSES.balance_tracker)
    assert order == market_wish(BUY, "121.2", "4.95049504")
    assert order.owner == GRID_OWNER
    assert not started(effects)
    effects = of.handle(trade(order))
    assert told(effects, ADDRESSES.levels) == [StartLevels(armed.plan.levels)]


def test_arming_without_a_purchase_starts_the_levels_at_once() -> None:
    effects = manager(initial_purchase=InitialPurchase.NONE).handle(CLOSED)
    assert started(effects)
    assert told(effects, ADDRESSES.balance_tracker) == []


def test_a_purchase_that_can_not_be_funded_is_left_out() -> None:
    of = manager()
    of.handle(CLOSED)
    assert started(of.handle(WishWaited(BUY, too_small=False)))


def test_a_purchase_that_fills_in_parts_starts_the_levels_once_when_it_is_complete() -> None:
    of = manager()
    of.handle(CLOSED)
    order = market_wish(BUY, 120, 5)
    assert not started(of.handle(trade(order, "1", quantity=2, complete=False)))
    assert started(of.handle(trade(order, "2", quantity=3)))


def test_levels_are_armed_when_all_are_alive_and_the_ledger_hears_first_who_owes() -> None:
    of = manager(initial_purchase=InitialPurchase.NONE)
    of.handle(CLOSED)
    first, *rest = of.handle(LevelsStarted())
    owners = tuple(map(owner, ("1", "2", "0", "3")))
    assert first == (ADDRESSES.balance_tracker, ExpectWishes(owners, D(120)))
    assert rest == [(one.address, ArmLevel()) for one in owners]


def test_a_grid_arms_once() -> None:
    of = manager()
    of.handle(CLOSED)
    assert of.handle(RangeEntered(120_000, D(115))) == []


def test_news_of_a_funded_wish_changes_nothing() -> None:
    assert manager().handle(WishFunded(BUY)) == []


def test_a_liquidation_halts_then_sells_all_then_stops() -> None:
    of = running()
    assert told(of.handle(LiquidateGrid("stop_loss", D(90))), ADDRESSES.balance_tracker) == [HaltTrading()]
    (sale,) = messages(of.handle(FundsCleared(D(300), D("7.5"))))
    assert sale == market_wish(SELL, 90, "7.5", cycle=1)
    assert of.handle(trade(sale)) == []
    effects = of.handle(FundsCleared(D(975), ZERO))
    assert told(effects, ADDRESSES.levels) == [StopLevels()]
    assert told(effects, ADDRESSES.reporter) == [GridStopped("SOL/USDT", "stop_loss", D(975), ZERO)]


def test_a_liquidation_that_fills_in_parts_stops_once_when_it_is_complete() -> None:
    of = running()
    of.handle(LiquidateGrid("stop_loss", D(90)))
    (sale,) = messages(of.handle(FundsCleared(D(300), D(7))))
    assert of.handle(trade(sale, "1", quantity=3, complete=False)) == []
    assert of.handle(trade(sale, "2", quantity=4)) == []
    stopped = [GridStopped("SOL/USDT", "stop_loss", D(930), ZERO)]
    assert told(of.handle(FundsCleared(D(930), ZERO)), ADDRESSES.reporter) == stopped


def test_a_purchase_that_completes_after_the_trigger_is_not_taken_for_the_sale() -> None:
    of = manager()
    of.handle(CLOSED)
    purchase = market_wish(BUY, 120, 5)
    of.handle(trade(purchase, "1", quantity=2, complete=False))  # held from here on, so a threshold may trigger
    of.handle(LiquidateGrid("stop_loss", D(119)))
    assert of.handle(trade(purchase, "2", quantity=3)) == []
    assert messages(of.handle(FundsCleared(D(600), D(5)))) == [market_wish(SELL, 119, 5, cycle=1)]


@pytest.mark.parametrize(
    ("base", "market", "sold"),
    [
        ("7.57", Market("SOL", "USDT", amount_step=D("0.1")), "7.5"),
        ("0.07", Market("SOL", "USDT", amount_step=D("0.1")), None),
        ("7.5", Market("SOL", "USDT", min_amount=D("7.6")), None),
        ("7.5", Market("SOL", "USDT", min_cost=D(675)), "7.5"),
        ("7.5", Market("SOL", "USDT", min_cost=D(676)), None),
        ("0", Market("SOL", "USDT"), None),
    ],
)
def test_what_the_market_will_not_take_is_left_as_dust(base: str, market: Market, sold: str | None) -> None:
    of = running(market=market)
    of.handle(LiquidateGrid("take_profit", D(90)))
    effects = of.handle(FundsCleared(D(0), D(base)))
    orders = [message for message in messages(effects) if isinstance(message, PlaceOrder)]
    assert [order.quantity for order in orders] == ([] if sold is None else [D(sold)])
    assert told(effects, ADDRESSES.reporter) == (
        [GridStopped("SOL/USDT", "take_profit", ZERO, D(base))] if sold is None else []
    )


def test_a_sale_that_is_refused_stops_the_grid_as_it_is() -> None:
    of = running()
    of.handle(LiquidateGrid("stop_loss", D(90)))
    of.handle(FundsCleared(D(300), D(7)))
    refused = WishWaited(SELL, too_small=True)
    assert told(of.handle(refused), ADDRESSES.reporter) == [GridStopped("SOL/USDT", "stop_loss", D(300), D(7))]


def test_levels_that_come_alive_after_the_trigger_are_not_armed() -> None:
    of = manager()
    of.handle(CLOSED)
    of.handle(trade(market_wish(BUY, 120, 5)))
    of.handle(LiquidateGrid("take_profit", D(120)))
    assert of.handle(LevelsStarted()) == []


def test_a_second_trigger_is_ignored() -> None:
    of = running()
    of.handle(LiquidateGrid("stop_loss", D(90)))
    assert of.handle(LiquidateGrid("take_profit", D(200))) == []
    (sale,) = messages(of.handle(FundsCleared(D(0), D(1))))
    assert sale.price == 90
    of.handle(trade(sale))
    stopped = [GridStopped("SOL/USDT", "stop_loss", D(90), ZERO)]
    assert told(of.handle(FundsCleared(D(90), ZERO)), ADDRESSES.reporter) == stopped


def test_market_orders_of_a_grid_have_names_of_their_own() -> None:
    of = manager()
    (purchase,) = told(of.handle(CLOSED), ADDRESSES.balance_tracker)
    of.handle(trade(purchase))
    of.handle(LiquidateGrid("stop_loss", D(90)))
    (sale,) = messages(of.handle(FundsCleared(D(0), D(1))))
    assert (purchase.cycle, sale.cycle) == (0, 1)


@pytest.mark.parametrize(("quote", "base", "purchase"), [(960, 2, 3), (0, 10, 0)])
def test_a_grid_arms_with_the_base_it_holds(quote: int, base: int, purchase: int) -> None:
    effects = manager(quote, base).handle(CLOSED)
    bought = [message.quantity for message in told(effects, ADDRESSES.balance_tracker)]
    assert bought == ([Decimal(purchase)] if purchase else [])
