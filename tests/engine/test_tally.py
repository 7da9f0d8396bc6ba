"""A tally comes to what the books come to, and stays as small as it was."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from random import Random

import pytest

from engine.grid import make_plan
from engine.messages import TradeBooked
from engine.performance import book_history
from engine.reporter import GridHistory
from engine.tally import DAY, DayTold, LevelTold, Tally
from engine.values import ZERO
from tests.engine.samples import BUY, SELL, D, grid_rules, market_wish, trade, wish

RULES = grid_rules()
PLAN = make_plan(RULES, D(120), D(1200), ZERO)
CAPITAL = (D(1200), ZERO)


def random_trades(seed: int) -> list[TradeBooked]:
    random = Random(seed)
    trades = [trade(market_wish(BUY, 120, 5), "0", fee="0.6")]
    for number in range(1, 200):
        slot, buys = str(random.randrange(4)), random.random() < 0.5
        low = 100 + 10 * int(slot)
        of = wish(slot, BUY if buys else SELL, low if buys else low + 10, 1)
        fee, asset = D(random.randrange(100)) / 1000, random.choice(("USDT", "SOL", "BNB")) if buys else "USDT"
        day = random.randrange(20) * DAY
        trades.append(trade(of, str(number), fee=fee, fee_asset=asset, time=day, complete=random.random() < 0.7))
    return trades


@pytest.mark.parametrize("seed", range(20))
def test_it_adds_up_to_the_books_of_all_trades(seed: int) -> None:
    trades = random_trades(seed)
    tally = Tally(PLAN, RULES, CAPITAL, D(120))
    for one in trades:
        tally.book(one)
    told = tally.told()

    whole = book_history(GridHistory(PLAN, 0, None, tuple(trades)), RULES, CAPITAL, D(120))
    assert (told.quote, told.base, told.held_cost) == (whole.quotes[-1], whole.bases[-1], whole.held_cost)
    assert (told.total_fees, told.other_fees) == (whole.total_fees, whole.other_fees)
    assert told.cycles == len(whole.cycles) > 10
    assert abs(told.grid_profit - whole.grid_profit) < Decimal("1e-18")
    assert (told.trades, told.buys) == (len(trades), sum(one.side is BUY for one in trades))
    by_slot, by_day = Counter(one.slot for one in whole.cycles), Counter(one.time // DAY for one in whole.cycles)
    assert {one.slot: one.cycles for one in told.levels} == by_slot
    assert {one.number: one.cycles for one in told.days if one.cycles} == by_day
    assert abs(sum((one.fees for one in told.days), ZERO) - told.total_fees) < Decimal("1e-18")


def test_days_and_levels_have_what_their_cycles_earned() -> None:
    tally = Tally(PLAN, RULES, CAPITAL, D(120))
    tally.book(trade(wish("0", BUY, 100, 1), "1", fee="0.5", time=3 * DAY - 1))
    tally.book(trade(wish("0", SELL, 110, 1), "2", fee="0.5", time=3 * DAY))
    told = tally.told()
    assert told.levels == (LevelTold("0", D(9), 1),)
    assert told.days == (DayTold(2, ZERO, 0, 1, D("0.5")), DayTold(3, D(9), 1, 1, D("0.5")))


def test_after_years_the_oldest_days_are_forgotten() -> None:
    tally = Tally(PLAN, RULES, CAPITAL, D(120))
    for day in range(1000):
        tally.book(trade(wish("0", BUY if day % 2 else SELL, 100, 1), str(day), time=day * DAY))
    told = tally.told()
    assert [one.number for one in told.days] == list(range(600, 1000))
    assert told.trades == 1000
