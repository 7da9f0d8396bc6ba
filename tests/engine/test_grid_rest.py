"""A grid that is told to rest takes its orders down, says when it rests, and begins again when it is told to."""

from __future__ import annotations

from attrs import evolve

from engine.effects import After
from engine.grid_manager import GridManager
from engine.messages import FundsCleared, GridRecalled, GridStopped, HaltTrading, LiquidateGrid, RangeEntered, StopGrid
from engine.messages.steering import (
    GridPaused,
    GridResumed,
    PauseBegun,
    PauseGrid,
    PauseOver,
    RestartAll,
    RestartGrid,
    ResumeGrid,
    TellAgain,
)
from tests.engine.journalled import BEGUN, JOURNALLED
from tests.engine.samples import D, messages, told
from tests.engine.test_recall_manager import IN_RANGE, RUNNING, manager, wishes

GRID = JOURNALLED.grid
CLEARED = FundsCleared(D(300), D(7))
PAUSED = GridPaused(GRID, "asked to", None, D(300), D(7))
PAUSE, RESUME, RESTART = PauseGrid("asked to"), ResumeGrid("please"), RestartGrid("once more")


def running() -> GridManager:
    of = manager()
    of.handle(GridRecalled(RUNNING, (), ()))
    return of


def resting() -> GridManager:
    of = running()
    of.handle(PAUSE)
    of.handle(CLEARED)
    return of


def test_a_pause_is_written_down_before_the_first_order_is_taken_down() -> None:
    begun = PauseBegun(GRID, "asked to", None)
    sent = running().handle(PAUSE)
    assert messages(sent) == [begun, HaltTrading()]
    assert told(sent[:1], str(JOURNALLED.journal)) == [begun]


def test_that_a_grid_rests_is_told_when_no_order_is_left() -> None:
    of = running()
    of.handle(PAUSE)
    sent = of.handle(CLEARED)
    assert told(sent, str(JOURNALLED.journal)) == [PAUSED]


def test_a_grid_that_rests_has_its_core_begin_again_when_it_is_to_go_on() -> None:
    sent = resting().handle(RESUME)
    resumed = GridResumed(GRID, "please")
    assert told(sent, str(JOURNALLED.journal)) == [resumed]
    assert told(sent, JOURNALLED.core) == [RestartAll("please")]
    assert told(sent[-1:], JOURNALLED.core), "the journal knows before the core is gone"


def test_a_core_is_asked_once_to_begin_again() -> None:
    of = resting()
    of.handle(RESUME)
    assert of.handle(RESUME) == of.handle(RESTART) == of.handle(PAUSE) == []


def test_a_grid_that_is_to_go_on_while_it_takes_orders_down_waits_until_none_is_left() -> None:
    of = running()
    of.handle(PAUSE)
    assert of.handle(RESUME) == []
    assert told(of.handle(CLEARED), JOURNALLED.core) == [RestartAll("please")]


def test_the_last_word_counts() -> None:
    of = running()
    of.handle(PAUSE)
    of.handle(RESUME)
    again = PauseGrid("asked again")
    of.handle(again)
    sent = of.handle(CLEARED)
    assert told(sent, JOURNALLED.core) == []
    assert told(sent, str(JOURNALLED.journal)) == [evolve(PAUSED, reason="asked again")]


def test_a_restart_is_no_pause_to_the_journal() -> None:
    of = running()
    sent = of.handle(RESTART)
    assert told(sent, str(JOURNALLED.journal)) == []
    assert told(sent, JOURNALLED.balance_tracker) == [HaltTrading()]
    sent = of.handle(CLEARED)
    assert told(sent, JOURNALLED.core) == [RestartAll("once more")]


def test_a_grid_at_work_has_nothing_to_go_on_with() -> None:
    assert running().handle(RESUME) == []


def test_a_pause_for_some_time_ends_with_the_reminder_of_its_own() -> None:
    of = running()
    (first,) = [one for one in of.handle(PauseGrid("asked to", 9_000, 5.0)) if isinstance(one, After)]
    of.handle(CLEARED)
    (second,) = [one for one in of.handle(PauseGrid("asked to", 19_000, 15.0)) if isinstance(one, After)]
    assert (first.delay, second.delay) == (5.0, 15.0)
    assert of.handle(first.message) == []
    assert isinstance(second.message, PauseOver)
    assert told(of.handle(second.message), JOURNALLED.core) == [RestartAll("its time was over")]


def test_a_grid_that_rests_is_told_of_a_new_time_at_once() -> None:
    sent = resting().handle(PauseGrid("asked to", 9_000, 5.0))
    assert told(sent, str(JOURNALLED.journal)) == [PauseBegun(GRID, "asked to", 9_000), evolve(PAUSED, until=9_000)]
    assert told(sent, JOURNALLED.balance_tracker) == []


def test_a_grid_that_rests_says_so_again_when_it_is_paused_again_and_writes_nothing() -> None:
    assert messages(resting().handle(PAUSE)) == [TellAgain(PAUSED)]


def test_a_grid_that_is_on_its_way_to_rest_says_nothing_when_it_is_paused_again() -> None:
    of = running()
    of.handle(PAUSE)
    assert of.handle(PAUSE) == []


def test_a_process_that_begins_with_a_pause_goes_on_resting_for_what_is_left_of_it() -> None:
    of = manager()
    row = evolve(RUNNING, pause_reason="asked to", paused_until=61_000)
    sent = of.handle(GridRecalled(row, (), (), time=1_000))
    assert told(sent, JOURNALLED.balance_tracker)[0] == HaltTrading()
    assert [one.delay for one in sent if isinstance(one, After)] == [60.0]
    assert told(of.handle(CLEARED), str(JOURNALLED.journal)) == [evolve(PAUSED, until=61_000)]


def test_a_pause_that_was_over_before_the_process_began_ends_at_once() -> None:
    row = evolve(RUNNING, pause_reason="asked to", paused_until=61_000)
    sent = manager().handle(GridRecalled(row, (), (), time=70_000))
    assert [one.delay for one in sent if isinstance(one, After)] == [0.0]


def test_a_grid_that_rests_does_not_arm() -> None:
    of = manager()
    of.handle(GridRecalled(BEGUN, (), ()))
    of.handle(PAUSE)
    assert isinstance(IN_RANGE, RangeEntered)
    assert of.handle(IN_RANGE) == []


def test_a_grid_that_rests_still_sells_all_when_its_stop_loss_is_met() -> None:
    of = resting()
    sent = of.handle(LiquidateGrid("stop_loss", D(90)))
    assert told(sent, JOURNALLED.balance_tracker) == [HaltTrading()]
    assert [one.quantity for one in wishes(of.handle(CLEARED))] == [D(7)]
    assert of.handle(RESUME) == of.handle(RESTART) == of.handle(PAUSE) == []


def test_a_stop_that_lasts_is_a_pause_to_the_next_life() -> None:
    of = running()
    sent = of.handle(StopGrid("its owner", lasts=True))
    assert told(sent, str(JOURNALLED.journal)) == [PauseBegun(GRID, "stopped by its owner", None)]
    assert told(sent, JOURNALLED.balance_tracker) == [HaltTrading()]
    assert [type(one) for one in told(of.handle(CLEARED), str(JOURNALLED.journal))] == [GridStopped]
    assert told(of.handle(RESUME), JOURNALLED.core) == [RestartAll("please")]


def test_a_grid_that_was_stopped_by_hand_begins_again_when_it_is_told_to() -> None:
    of = running()
    of.handle(StopGrid("stop"))
    assert of.handle(PAUSE) == of.handle(RESUME) == []
    of.handle(CLEARED)
    assert told(of.handle(RESUME), JOURNALLED.core) == [RestartAll("please")]
