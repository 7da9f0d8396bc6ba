from __future__ import annotations

from decimal import Decimal

import pytest
from attrs import evolve

from engine.grid_level import LevelDescribed, LevelState
from engine.live_view import GridAnswers, GridWatch, LiveGrid, Rung, Standing
from engine.messages import FundsDescribed, OpenOrder, PricesDescribed, TradeBooked
from engine.reporter import GridHistory, Pause
from engine.tally import Tally
from engine.values import ZERO
from tests.engine.samples import BUY, SELL, D, Number, decimals, grid_rules, market_wish, trade, wish

RULES = grid_rules()  # prices 100, 110, 120, 130, 140
NOTHING = GridHistory(None, None, None, ())


def described(
    slot: str, state: LevelState, quantity: Number = 2, trouble: str | None = None, low: Number = 110
) -> LevelDescribed:
    return LevelDescribed(slot, D(low), D(low) + 10, state, D(quantity), 0, trouble)


def tallied(*trades: TradeBooked) -> GridHistory:
    """Give the history of a grid that began with 1000 USDT and has made these trades."""
    tally = Tally(None, RULES, (D(1000), ZERO), D(130))
    for one in trades:
        tally.book(one)
    return GridHistory(None, 7, None, trades, tally=tally.told())


def look(answers: GridAnswers, before: GridAnswers | None = None) -> LiveGrid:
    watch = GridWatch("SOL/USDT", "live", RULES, D(1000))
    if before is not None:
        watch.look(before)
    return watch.look(answers)


def only_rung(level: LevelDescribed, funds: FundsDescribed | None = None, orders: tuple[OpenOrder, ...] = ()) -> Rung:
    (rung,) = look(GridAnswers(funds=funds, levels=(level,), orders=orders)).rungs
    return rung


def test_before_anybody_answers_there_is_a_grid_without_price_or_orders() -> None:
    grid = look(GridAnswers())
    assert (grid.price, grid.rungs, grid.orders, grid.armed_at, grid.feed_trouble) == (None, (), (), None, None)
    assert (grid.bottom, grid.top, grid.value, grid.grid_profit, grid.change) == decimals(100, 140, 1000, 0, 0)


def test_change_is_that_since_the_first_price() -> None:
    prices = [GridAnswers(PricesDescribed(D(price), 0, None)) for price in (120, 126)]
    assert look(prices[1], prices[0]).change == D("0.05")


def test_who_does_not_answer_is_shown_as_last_seen() -> None:
    before = GridAnswers(
        PricesDescribed(D(120), 0, "no news for 9 s"),
        FundsDescribed(D(1000), ZERO, ZERO, ZERO, ()),
        (OpenOrder("a", wish("1", BUY, 110, 2), ZERO, is_accepted=True),),
        (described("1", LevelState.WAITING_FOR_BUY_FILL),),
        GridHistory(None, 7, None, ()),
    )
    assert look(GridAnswers(), before) == look(before)


def test_profit_made_and_profit_held_are_told_apart_after_fees() -> None:
    trades = (
        trade(market_wish(BUY, 120, 2), "0", fee=1),
        trade(wish("0", BUY, 100, 1), "1", fee="0.5"),
        trade(wish("0", SELL, 110, 1), "2", fee="0.01", fee_asset="BNB"),
    )
    grid = look(GridAnswers(PricesDescribed(D(130), 0, None), history=tallied(*trades)))
    assert (grid.grid_profit, grid.unrealized_profit, grid.total_fees) == decimals("9.5", 19, "1.5")
    assert grid.value == 1000 + D("9.5") + 19
    assert (grid.other_fees, grid.cycles, grid.armed_at) == ((("BNB", D("0.01")),), 1, 7)


def test_rungs_come_highest_price_first_and_a_level_stands_at_the_price_of_its_side() -> None:
    levels = (
        described("0", LevelState.WAITING_FOR_BUY_FILL, low=100),
        described("1", LevelState.WAITING_FOR_SELL_FILL, low=110),
        described("2", LevelState.READY_TO_SELL, low=120, trouble="waits for funds"),
    )
    rungs = look(GridAnswers(levels=levels)).rungs
    assert [(rung.slot, rung.side, rung.price) for rung in rungs] == [
        ("2", SELL, D(130)),
        ("1", SELL, D(120)),
        ("0", BUY, D(100)),
    ]


def test_a_rung_tells_how_far_its_order_is_filled() -> None:
    order = OpenOrder("a", wish("1", SELL, 120, 2), D("0.5"), is_accepted=True)
    rung = only_rung(described("1", LevelState.WAITING_FOR_SELL_FILL), orders=(order,))
    assert (rung.quantity, rung.filled, rung.why) == (D(2), D("0.5"), None)


def test_a_level_with_orders_on_both_sides_is_two_rungs() -> None:
    orders = (
        OpenOrder("a", wish("1", SELL, 120, "0.5"), ZERO, is_accepted=True),
        OpenOrder("b", wish("1", BUY, 110, "1.5"), ZERO, is_accepted=True),
    )
    rungs = look(GridAnswers(levels=(described("1", LevelState.WAITING_FOR_SELL_FILL),), orders=orders)).rungs
    assert [(rung.slot, rung.side, rung.price, rung.quantity) for rung in rungs] == [
        ("1", SELL, D(120), D("0.5")),
        ("1", BUY, D(110), D("1.5")),
    ]


@pytest.mark.parametrize(
    ("level", "why"),
    [
        (described("1", LevelState.READY_TO_BUY, trouble="the exchange refused it"), "the exchange refused it"),
        (described("1", LevelState.READY_TO_BUY, 0), "its order rounds to zero"),
        (described("1", LevelState.READY_TO_SELL), "its turn is near"),
        (described("1", LevelState.READY_TO_BUY_OR_SELL, 0), "not armed yet"),
        (described("1", LevelState.WAITING_FOR_BUY_FILL, trouble="stale"), None),
    ],
)
def test_an_empty_level_tells_why(level: LevelDescribed, why: str | None) -> None:
    assert only_rung(level).why == why


@pytest.mark.parametrize(
    ("side", "free", "why"),
    [
        (BUY, (D("12.5"), ZERO), "needs 220.00 USDT, 12.50 free"),
        (SELL, (D(900), D("0.5")), "needs 2 SOL, 0.5 free"),
        (BUY, (D(900), ZERO), "waits for funds"),
    ],
)
def test_a_level_that_waits_for_money_tells_what_it_lacks(
    side: object, free: tuple[Decimal, Decimal], why: str
) -> None:
    state = LevelState.READY_TO_BUY if side is BUY else LevelState.READY_TO_SELL
    waiting = (wish("3", BUY, 100, 1), wish("1", BUY if side is BUY else SELL, 110, 2))
    funds = FundsDescribed(*free, ZERO, ZERO, waiting)
    assert only_rung(described("1", state, trouble="waits for funds"), funds).why == why


def test_a_stopped_grid_has_no_rungs_left() -> None:
    answers = GridAnswers(levels=(described("1", LevelState.WAITING_FOR_BUY_FILL),), history=NOTHING)
    assert len(look(answers).rungs) == 1
    stopped = look(evolve(answers, history=GridHistory(None, 7, "stop_loss", ())))
    assert (stopped.rungs, stopped.stop_reason) == ((), "stop_loss")


def test_a_level_without_an_order_is_empty_because_its_grid_is_paused() -> None:
    order = OpenOrder("a", wish("2", SELL, 130, 1), ZERO, is_accepted=True)
    levels = (
        described("1", LevelState.WAITING_FOR_BUY_FILL),
        described("2", LevelState.WAITING_FOR_SELL_FILL, low=120),
    )
    answers = GridAnswers(
        levels=levels, orders=(order,), history=GridHistory(None, 7, None, (), pause=Pause("why", None))
    )
    assert [rung.why for rung in look(answers).rungs] == [None, "the grid is paused"]


LEVELS = (described("1", LevelState.WAITING_FOR_BUY_FILL),)


@pytest.mark.parametrize(
    ("history", "levels", "standing"),
    [
        (GridHistory(None, None, None, ()), (), Standing.WAITING),
        (GridHistory(None, 7, None, ()), (), Standing.ARMING),
        (GridHistory(None, 7, None, ()), LEVELS, Standing.RUNNING),
        (GridHistory(None, 7, None, (), pause=Pause("why", None)), LEVELS, Standing.PAUSING),
        (GridHistory(None, 7, None, (), pause=Pause("why", 9, is_resting=True)), LEVELS, Standing.PAUSED),
        (GridHistory(None, None, None, (), pause=Pause("why", 9, is_resting=True)), (), Standing.PAUSED),
        (GridHistory(None, 7, "stop_loss", (), pause=Pause("why", None)), LEVELS, Standing.STOPPED),
    ],
)
def test_where_a_grid_stands(history: GridHistory, levels: tuple[LevelDescribed, ...], standing: Standing) -> None:
    assert look(GridAnswers(levels=levels, history=history)).standing is standing
