"""A ledger that begins where another one was: what is set aside, who is served when, what it tells."""

from __future__ import annotations

from typing import Any

import pytest

from engine.balance_tracker import BalanceTracker
from engine.balances import Ledger
from engine.effects import Effect, Reply
from engine.journal.rows import BalanceRow, OrderRow
from engine.messages import (
    AGAIN,
    ARMING,
    CancelAllOrders,
    DescribeFunds,
    ExpectWishes,
    FundsCleared,
    FundsDescribed,
    FundsRecalled,
    FundsTold,
    HaltTrading,
    HoldingsChanged,
    LevelWaited,
    NothingToPlace,
    OrderEnded,
    PlaceOrder,
    TellFunds,
    TellHoldings,
)
from engine.orders import OrderState
from engine.values import ZERO, Fees
from tests.engine.journalled import BEGUN, JOURNALLED, booked, ended, order_row
from tests.engine.samples import (
    BUY,
    CENT,
    FREE,
    MARKET,
    SELL,
    D,
    Number,
    decimals,
    market_wish,
    messages,
    owner,
    told,
    trade,
    wish,
)

LOW, MID, HIGH = wish("0", BUY, 100, 1), wish("1", BUY, 110, 2), wish("3", SELL, 140, 2)


def tracker(fees: Fees = FREE) -> BalanceTracker:
    return BalanceTracker(Ledger(MARKET, fees, D(1200), ZERO), MARKET, JOURNALLED)


def rows(quote: Number, reserved_quote: Number, base: Number, reserved_base: Number) -> tuple[BalanceRow, ...]:
    return (BalanceRow("USDT", D(quote), D(reserved_quote)), BalanceRow("SOL", D(base), D(reserved_base)))


def recalled(balances: tuple[BalanceRow, ...], *orders: OrderRow) -> BalanceTracker:
    of = tracker()
    of.handle(FundsRecalled(BEGUN, balances, orders))
    return of


def expecting(of: BalanceTracker, *slots: str, answers: tuple[tuple[str, str], ...] = (), price: Number = 115) -> None:
    assert of.handle(ExpectWishes(tuple(map(owner, slots)), D(price), answers)) == []


def funds(of: BalanceTracker) -> FundsDescribed:
    (reply,) = of.handle(DescribeFunds())
    assert isinstance(reply, Reply)
    assert isinstance(reply.value, FundsDescribed)
    return reply.value


def funded(effects: list[Effect]) -> list[str]:
    return [one.owner.slot for one in told(effects, JOURNALLED.order_manager) if isinstance(one, PlaceOrder)]


def done(of: BalanceTracker, slot: str) -> list[Effect]:
    """Say that a level has told all its wishes."""
    return of.handle(NothingToPlace(owner(slot), ARMING))


# --- what there is --------------------------------------------------------------------------------------


def test_rows_become_free_and_reserved_money() -> None:
    third = BalanceRow("BNB", ZERO, ZERO, D("0.25"))
    of = recalled((*rows(700, 220, 1, 2), third), order_row(MID), order_row(HIGH))
    now = funds(of)
    assert (now.free_quote, now.reserved_quote, now.free_base, now.reserved_base) == decimals(700, 220, 1, 2)
    assert now.other_fees == (("BNB", D("0.25")),)
    assert now.waiting == ()


def test_what_an_order_had_set_aside_is_freed_when_it_ends_and_used_when_it_fills() -> None:
    of = recalled(rows(700, 220, 1, 2), order_row(MID), order_row(HIGH))
    of.handle(ended(MID))
    of.handle(booked(HIGH, "9"))
    now = funds(of)
    assert (now.free_quote, now.reserved_quote, now.free_base, now.reserved_base) == decimals(1200, 0, 1, 0)


def test_a_partly_filled_order_goes_on_with_what_it_still_sets_aside() -> None:
    part = order_row(MID, reserved=D(110), filled=D(1), brought_in=D(1), state=OrderState.PARTLY_FILLED)
    of = recalled(rows(700, 110, 1, 0), part)
    of.handle(booked(MID, "9", quantity=1))
    assert funds(of).free_quote == 700
    assert (funds(of).reserved_quote, funds(of).free_base) == decimals(0, 2)


def test_what_a_part_brought_in_is_kept_for_the_answer_of_its_own_level() -> None:
    part = order_row(MID, reserved=D(110), filled=D(1), brought_in=D(1), state=OrderState.PARTLY_FILLED)
    of = recalled(rows(700, 110, 1, 0), part)
    expecting(of, "1", "3")
    poor = wish("3", SELL, 140, 1, AGAIN)
    of.handle(poor)
    assert funded(done(of, "3") + done(of, "1")) == []
    of.handle(booked(MID, "9", quantity=1))
    assert funded(of.handle(wish("1", SELL, 120, 2, "9"))) == ["1"]
    assert [one.owner.slot for one in funds(of).waiting] == ["3"]


def test_what_a_part_brought_in_is_nobodys_any_more_when_its_order_has_ended() -> None:
    part = order_row(MID, reserved=D(110), filled=D(1), brought_in=D(1), state=OrderState.PARTLY_FILLED)
    of = recalled(rows(700, 110, 1, 0), part)
    expecting(of, "1", "3")
    of.handle(wish("3", SELL, 140, 1, AGAIN))
    done(of, "1")
    done(of, "3")
    of.handle(ended(MID, 1, "8"))
    assert funded(of.handle(NothingToPlace(owner("1"), "8"))) == ["3"]


# --- who is served when ---------------------------------------------------------------------------------


def test_a_wish_that_answers_a_trade_is_served_before_those_that_waited() -> None:
    of = recalled(rows(220, 0, 0, 0))
    expecting(of, "0", "1", answers=(("1", "9"),))
    near = wish("0", BUY, 114, 1, AGAIN)
    assert funded(of.handle(near)) == []
    assert funded(done(of, "0")) == []
    assert funded(of.handle(wish("1", BUY, 110, 2, "9"))) == ["1"]
    assert funded(done(of, "1")) == []
    assert [one.owner.slot for one in funds(of).waiting] == ["0"]


@pytest.mark.parametrize("order", [("0", "1", "2"), ("2", "0", "1"), ("1", "2", "0")])
def test_those_that_waited_are_served_nearest_first_when_all_have_answered(order: tuple[str, ...]) -> None:
    wishes = {
        "0": wish("0", BUY, 100, 1, AGAIN),
        "1": wish("1", BUY, 110, 1, AGAIN),
        "2": wish("2", BUY, 120, 1, AGAIN),
    }
    of = recalled(rows(225, 0, 0, 0))
    expecting(of, *order, price=104)
    effects: list[Effect] = []
    for slot in order:
        assert funded(effects) == []
        of.handle(wishes[slot])
        effects += done(of, slot)
    assert funded(effects) == ["0", "1"]


def test_an_answer_that_nobody_owes_is_no_news_after_a_start() -> None:
    of = recalled(rows(1000, 0, 0, 0))
    expecting(of, "1", answers=(("1", "9"),))
    assert of.handle(wish("1", BUY, 110, 2, "8")) == []
    assert funded(of.handle(wish("1", BUY, 110, 2, "9"))) == ["1"]
    assert of.handle(wish("1", BUY, 110, 2, "9")) == []


@pytest.mark.parametrize("answers", [ARMING, AGAIN])
def test_a_wish_whose_order_is_there_already_is_no_second_one(answers: str) -> None:
    of = recalled(rows(780, 220, 0, 0), order_row(MID))
    expecting(of, "1")
    of.handle(NothingToPlace(owner("1"), ARMING))
    before = funds(of)
    assert of.handle(wish("1", BUY, 110, 2, answers)) == []
    assert funds(of) == before


def test_a_first_wish_that_never_became_an_order_is_served() -> None:
    of = recalled(rows(1000, 0, 0, 0))
    expecting(of, "1", "0")
    assert funded(of.handle(MID)) == []
    done(of, "1")
    assert funded(done(of, "0")) == ["1"]


def test_a_wish_that_waits_is_told_to_its_level_and_to_the_journal() -> None:
    of = recalled(rows(5, 0, 0, 0))
    expecting(of, "1")
    of.handle(wish("1", BUY, 110, 2, AGAIN))
    assert LevelWaited("1", BUY, too_small=False) in told(done(of, "1"), str(JOURNALLED.journal))


# --- a stop, and holdings ---------------------------------------------------------------------------------


def test_a_halt_clears_when_the_last_recalled_order_has_ended() -> None:
    of = recalled(rows(700, 220, 1, 2), order_row(MID), order_row(HIGH))
    assert messages(of.handle(HaltTrading())) == [CancelAllOrders()]
    assert told(of.handle(ended(MID)), JOURNALLED.grid_manager) == []
    assert told(of.handle(ended(HIGH)), JOURNALLED.grid_manager) == [FundsCleared(D(920), D(3))]


def test_a_sale_that_was_under_way_is_waited_for() -> None:
    sale = market_wish(SELL, 90, 3, cycle=2)
    of = recalled(rows(700, 0, 0, 3), order_row(sale))
    assert messages(of.handle(HaltTrading())) == [CancelAllOrders()]
    assert told(of.handle(booked(sale, "9")), JOURNALLED.grid_manager) == [FundsCleared(D(970), ZERO)]


@pytest.mark.parametrize(("base", "reserved"), [(0, 0), (1, 0), (0, 2), (1, 2)])
def test_what_is_held_is_told_when_it_is_known_and_when_somebody_asks(base: int, reserved: int) -> None:
    of = tracker()
    orders = (order_row(HIGH),) if reserved else ()
    effects = of.handle(FundsRecalled(BEGUN, rows(500, 0, base, reserved), orders))
    assert effects == of.handle(TellHoldings())
    assert told(effects, JOURNALLED.risk_monitor) == messages(effects) == [HoldingsChanged(D(base + reserved))]


def test_funds_are_told_with_how_many_trades_led_there() -> None:
    of = recalled(rows(700, 220, 1, 2), order_row(MID), order_row(HIGH))
    assert told(of.handle(TellFunds()), JOURNALLED.reconciler) == [FundsTold(D(920), D(3), 0)]
    of.handle(booked(MID, "9", quantity=1, complete=False))
    of.handle(ended(HIGH))
    assert told(of.handle(TellFunds()), JOURNALLED.reconciler) == [FundsTold(D(810), D(4), 1)]


def test_a_recalled_ledger_and_one_that_lived_through_it_are_the_same() -> None:
    lived = tracker(CENT)
    lived.handle(ExpectWishes((owner("1"), owner("0")), D(115)))
    news: list[Any] = [MID, LOW, booked(MID, "1", quantity=1, fee="1.1", complete=False)]
    for one in news:
        lived.handle(one)
    book = lived._ledger
    orders = [
        order_row(one, reserved=book.reserved_by(one.owner.slot, one.side), brought_in=D(got))
        for one, got in ((MID, 1), (LOW, 0))
    ]
    again = tracker(CENT)
    again.handle(FundsRecalled(BEGUN, book.balances(), tuple(orders)))
    after: list[Any] = [
        booked(MID, "2", quantity=1, fee="1.1"),
        wish("1", SELL, 120, 2, "2"),
        OrderEnded(LOW.owner, BUY, ZERO, ""),
        trade(wish("1", SELL, 120, 2), "3", fee="2.4"),
        wish("1", BUY, 110, 2, "3", cycle=1),
    ]
    for one in after:
        assert messages(again.handle(one)) == messages(lived.handle(one))
        assert funds(again) == funds(lived)
