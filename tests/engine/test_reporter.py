from __future__ import annotations

import pytest

from engine.addresses import CONSOLE, CONTROLLER, NOTIFIER
from engine.effects import Reply, Send
from engine.grid import make_plan
from engine.journal.rows import EventRow
from engine.messages import DescribeHistory, GridArmed, GridStopped, HistoryRecalled, RecallHistory, TradeBooked
from engine.messages.alerting import CycleEarned, EventsTold
from engine.messages.steering import GridPaused, GridResumed, PauseBegun
from engine.reporter import GridHistory, Pause, Reporter, Tallied
from engine.values import ZERO
from tests.engine.journalled import JOURNALLED
from tests.engine.samples import BUY, MINUTE, SELL, D, grid_rules, market_wish, trade, wish

PLAN = make_plan(grid_rules(), D(120), D(1200), ZERO)


def history(of: Reporter, grid: str) -> GridHistory:
    (reply,) = of.handle(DescribeHistory(grid))
    assert isinstance(reply, Reply)
    assert isinstance(reply.value, GridHistory)
    return reply.value


def written(*trades: TradeBooked) -> EventsTold:
    return EventsTold("SOL/USDT", (), trades, 1)


def test_a_grid_of_which_nothing_was_heard_never_armed() -> None:
    assert history(Reporter({"SOL/USDT": MINUTE}), "SOL/USDT") == GridHistory(None, None, None, ())


def test_a_history_holds_plan_trades_and_stop_in_order_and_of_its_own_grid_only() -> None:
    of = Reporter({"SOL/USDT": MINUTE, "BTC/USDT": MINUTE})
    bought, sold = trade(wish("1", BUY, 110, 1), "1"), trade(wish("1", SELL, 120, 1), "2")
    for fact in (GridArmed("SOL/USDT", 7, PLAN), bought, sold, GridStopped("SOL/USDT", "stop_loss", D(0), D(0))):
        assert of.handle(fact) == []
    assert history(of, "SOL/USDT") == GridHistory(PLAN, 7, "stop_loss", (bought, sold))
    assert history(of, "BTC/USDT") == GridHistory(None, None, None, ())


def test_a_history_that_was_told_does_not_change_afterwards() -> None:
    of = Reporter({"SOL/USDT": MINUTE})
    before = history(of, "SOL/USDT")
    of.handle(trade(wish("1", BUY, 110, 1)))
    assert before.trades == ()


def test_a_pause_is_told_from_its_beginning_to_its_end() -> None:
    of = Reporter({"SOL/USDT": MINUTE})
    of.handle(PauseBegun("SOL/USDT", "asked to", 9))
    assert history(of, "SOL/USDT").pause == Pause("asked to", 9)
    of.handle(GridPaused("SOL/USDT", "asked to", 9, D(1), D(2)))
    assert history(of, "SOL/USDT").pause == Pause("asked to", 9, is_resting=True)
    of.handle(GridResumed("SOL/USDT", "asked to"))
    assert history(of, "SOL/USDT").pause is None


def test_a_grid_that_begins_again_has_not_stopped_and_those_who_wait_hear_of_all_that() -> None:
    of = Reporter({"SOL/USDT": MINUTE}, (CONSOLE, CONTROLLER))
    for fact in (
        GridArmed("SOL/USDT", 7, PLAN),
        GridStopped("SOL/USDT", "stop", D(0), D(0)),
        GridResumed("SOL/USDT", "asked to"),
    ):
        assert of.handle(fact) == [Send(CONSOLE, fact), Send(CONTROLLER, fact)]
    assert history(of, "SOL/USDT").stop_reason is None


def test_the_newest_events_are_kept_and_no_more() -> None:
    of = Reporter({"SOL/USDT": MINUTE})
    rows = [EventRow(time=time, kind="order_intended") for time in range(300)]
    of.handle(EventsTold("SOL/USDT", tuple(rows[:250]), (), 0))
    of.handle(EventsTold("SOL/USDT", tuple(rows[250:]), (), 0))
    assert history(of, "SOL/USDT").events == tuple(rows[100:])


def test_a_grid_that_nobody_named_is_a_bug() -> None:
    with pytest.raises(KeyError):
        Reporter({"SOL/USDT": MINUTE}).handle(GridStopped("BTC/USDT", "stop_loss", D(0), D(0)))


def test_what_a_cycle_earned_is_told_as_it_completes() -> None:
    tallied = {"SOL/USDT": Tallied(grid_rules(), D(1000))}
    of = Reporter({"SOL/USDT": MINUTE}, tallied=tallied, tell_earnings=NOTIFIER)
    of.handle(GridArmed("SOL/USDT", 7, PLAN))
    assert of.handle(written(trade(wish("0", BUY, 100, 1), "1"))) == []
    sold = trade(wish("0", SELL, 110, 1), "2", fee=1)
    assert of.handle(written(sold)) == [Send(NOTIFIER, CycleEarned("SOL/USDT", D(9)))]


def test_of_a_long_life_the_newest_trades_are_kept_and_the_sums_of_all() -> None:
    of = Reporter({"SOL/USDT": MINUTE}, tallied={"SOL/USDT": Tallied(grid_rules(), D(1000))})
    of.handle(GridArmed("SOL/USDT", 7, PLAN))
    trades = [
        trade(wish("0", SELL if number % 2 else BUY, 110 if number % 2 else 100, 1), str(number))
        for number in range(1500)
    ]
    for one in trades:
        of.handle(one)
    told = history(of, "SOL/USDT")
    assert told.trades == tuple(trades[500:])
    assert told.tally is not None
    assert (told.tally.trades, told.tally.cycles, told.tally.grid_profit) == (1500, 750, D(7500))


def test_what_a_journal_recalls_is_added_up_once_with_what_has_come_since() -> None:
    of = Reporter({"SOL/USDT": MINUTE}, tallied={"SOL/USDT": Tallied(grid_rules(), D(1000))})
    bought, sold = trade(wish("0", BUY, 100, 1), "1"), trade(wish("0", SELL, 110, 1), "2")
    of.handle(written(bought))
    for _ in range(2):
        of.handle(HistoryRecalled("SOL/USDT", (D(900), ZERO), 7, PLAN, (bought,)))
    of.handle(written(sold))
    told = history(of, "SOL/USDT")
    assert told.trades == (bought, sold)
    assert told.tally is not None
    assert (told.tally.trades, told.tally.cycles, told.tally.quote) == (2, 1, D(910))


def test_nothing_is_added_up_before_a_journal_has_said_what_came_before() -> None:
    journal = JOURNALLED.journal
    assert journal is not None
    of = Reporter(
        {"SOL/USDT": MINUTE},
        journals=[journal],
        tallied={"SOL/USDT": Tallied(grid_rules(), D(1000))},
        tell_earnings=NOTIFIER,
    )
    assert of.start() == [Send(journal, RecallHistory())]
    bought, sold = trade(wish("0", BUY, 100, 1), "1"), trade(market_wish(SELL, 110, 1), "2")
    assert of.handle(written(sold)) == []  # it sells all, of which nothing was bought as far as anybody here knows
    assert (history(of, "SOL/USDT").tally, history(of, "SOL/USDT").trades) == (None, ())
    of.handle(HistoryRecalled("SOL/USDT", (D(900), ZERO), 7, PLAN, (bought, sold)))
    told = history(of, "SOL/USDT")
    assert told.trades == (bought, sold)
    assert told.tally is not None
    assert (told.tally.trades, told.tally.base, told.tally.quote) == (2, ZERO, D(910))
