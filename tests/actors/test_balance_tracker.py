"""The ledger as an actor: what it is opened with, and whom it tells."""

from __future__ import annotations

from decimal import Decimal

from actors import balance_tracker
from engine.effects import Send
from engine.grid_setup import BacktestSetup
from engine.messages import (
    CancelAllOrders,
    DescribeFunds,
    ExpectWishes,
    FundsCleared,
    FundsDescribed,
    HaltTrading,
    HoldingsChanged,
    OrderEnded,
    WishWaited,
)
from engine.values import ZERO, Side
from tests.actors.fake_post import Hosted
from tests.actors.grids import booked, grid, grid_owner, level_owner, wish

SETUP = grid()
LEVEL = level_owner(SETUP, "0")
EXPECTED = ExpectWishes((LEVEL,), Decimal(120))
BUY = wish(LEVEL, Side.BUY, 100, 2)
PURCHASE = wish(grid_owner(SETUP), Side.BUY, 120, 4)


def ledger(setup: BacktestSetup = SETUP) -> Hosted:
    return Hosted(balance_tracker.spec(setup))


def funds(hosted: Hosted) -> FundsDescribed:
    described = hosted.ask(DescribeFunds())
    assert isinstance(described, FundsDescribed)
    return described


def test_ledger_lives_in_its_grid() -> None:
    assert balance_tracker.spec(SETUP).address == "SOL/USDT/balance_tracker"


def test_ledger_opens_with_the_budget_and_no_base() -> None:
    hosted = ledger(grid(("trading_settings.initial_balance", Decimal("123.45"))))

    assert funds(hosted) == FundsDescribed(Decimal("123.45"), ZERO, ZERO, ZERO, ())


def test_funded_wish_goes_on_to_the_order_manager_with_its_fee_reserved() -> None:
    hosted = ledger()

    assert hosted.tell(EXPECTED) == []
    assert hosted.tell(BUY) == [Send(SETUP.addresses.order_manager, BUY)]
    assert funds(hosted) == FundsDescribed(Decimal("799.8"), ZERO, Decimal("200.2"), ZERO, ())


def test_wish_that_cannot_be_funded_is_kept_and_its_level_told() -> None:
    hosted = ledger()
    dear = wish(LEVEL, Side.BUY, 100, 10)  # and the fee is not there

    hosted.tell(EXPECTED)
    assert hosted.tell(dear) == [Send(SETUP.addresses.level("0"), WishWaited(Side.BUY, too_small=False))]
    assert funds(hosted).waiting == (dear,)


def test_wish_under_the_minimum_of_the_configuration_waits() -> None:
    hosted = ledger(grid(("market.min_cost", 201)))

    hosted.tell(EXPECTED)
    assert hosted.tell(BUY) == [Send(SETUP.addresses.level("0"), WishWaited(Side.BUY, too_small=True))]


def test_purchase_that_cannot_be_funded_is_answered_to_the_grid_manager() -> None:
    assert ledger().tell(wish(grid_owner(SETUP), Side.BUY, 120, 9)) == [
        Send(SETUP.addresses.grid_manager, WishWaited(Side.BUY, too_small=False))
    ]


def test_first_base_is_told_to_the_risk_monitor() -> None:
    hosted = ledger()

    hosted.tell(PURCHASE)
    assert hosted.tell(booked(PURCHASE, fee="0.48")) == [
        Send(SETUP.addresses.risk_monitor, HoldingsChanged(Decimal(4)))
    ]
    assert funds(hosted) == FundsDescribed(Decimal("519.52"), Decimal(4), ZERO, ZERO, ())


def test_halt_has_orders_cancelled_and_reports_funds_when_the_last_has_ended() -> None:
    hosted = ledger()
    hosted.tell(EXPECTED)
    hosted.tell(BUY)

    assert hosted.tell(HaltTrading()) == [Send(SETUP.addresses.order_manager, CancelAllOrders())]
    assert hosted.tell(OrderEnded(LEVEL, Side.BUY, ZERO, "")) == [
        Send(SETUP.addresses.grid_manager, FundsCleared(Decimal(1000), ZERO))
    ]


def test_trade_of_no_order_breaks_the_ledger_and_nothing_is_told() -> None:
    hosted = ledger()

    assert hosted.tell(booked(BUY)) == []
    assert "LedgerBroken" in hosted.failure.error
