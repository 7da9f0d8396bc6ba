from __future__ import annotations

import threading
from typing import Any

import pytest

from actors.control.bulletin import Bulletin
from actors.control.questions import Steer
from actors.control.steering import Fact, is_answer, judged, message_for
from engine.live_view import Standing
from engine.messages import GridStopped, StopGrid
from engine.messages.steering import Command, GridPaused, GridResumed, PauseGrid, RestartGrid, ResumeGrid
from engine.reporter import GridHistory, Pause
from engine.values import ZERO

SOON = 5.0


def history(armed_at: int | None = 1, stop_reason: str | None = None, pause: Pause | None = None) -> GridHistory:
    return GridHistory(None, armed_at, stop_reason, (), pause=pause)


RUNS, WAITS = history(), history(armed_at=None)
PAUSING, PAUSED = history(pause=Pause("x", None)), history(pause=Pause("x", None, is_resting=True))
STOPPED, TOOK_PROFIT = history(stop_reason="its owner"), history(stop_reason="take_profit")
PAUSE, RESUME, RESTART, STOP = Command.PAUSE, Command.RESUME, Command.RESTART, Command.STOP


@pytest.mark.parametrize("command", [PAUSE, RESTART, STOP])
@pytest.mark.parametrize("standing", [RUNS, WAITS, PAUSING, PAUSED])
def test_what_is_not_at_its_end_may_be_paused_restarted_and_stopped(command: Command, standing: GridHistory) -> None:
    assert not judged(command, "SOL/USDT", standing).is_refused


@pytest.mark.parametrize(
    ("command", "standing", "why"),
    [
        (RESUME, RUNS, "is running; there is nothing to resume"),
        (RESUME, WAITS, "waits for the price to enter its range; there is nothing to resume"),
        (PAUSE, STOPPED, "was stopped by its owner; there is nothing to pause"),
        (RESTART, STOPPED, "was stopped by its owner; resume begins again with it"),
        (PAUSE, TOOK_PROFIT, "was stopped by take-profit; there is nothing to pause"),
        (RESTART, TOOK_PROFIT, "was stopped by take-profit; there is nothing to restart"),
        (RESUME, TOOK_PROFIT, "was stopped by take-profit; it does not resume; start it with --fresh"),
        (RESUME, history(stop_reason="stop_loss"), "was stopped by stop-loss; it does not resume"),
        (RESUME, history(stop_reason="trailing_stop_loss"), "was stopped by trailing stop-loss; it does not resume"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_reason(command: Command, standing: GridHistory, why: str) -> None:
    outcome = judged(command, "SOL/USDT", standing)
    assert outcome.is_refused
    assert outcome.text.startswith(why)


@pytest.mark.parametrize("standing", [PAUSING, PAUSED, STOPPED])
def test_what_rests_or_was_stopped_by_its_owner_resumes(standing: GridHistory) -> None:
    assert not judged(RESUME, "SOL/USDT", standing).is_refused


def test_what_is_done_already_is_no_refusal() -> None:
    assert judged(STOP, "SOL/USDT", STOPPED).is_done


@pytest.mark.parametrize("standing", [PAUSING, PAUSED])
def test_what_rests_has_yet_to_hear_of_a_new_pause(standing: GridHistory) -> None:
    assert not judged(PAUSE, "SOL/USDT", standing).is_done


def test_a_grid_of_which_nobody_knows_is_told_all_the_same() -> None:
    outcome = judged(RESUME, "SOL/USDT", None)
    assert (outcome.is_refused, outcome.is_done, outcome.standing) == (False, False, None)


@pytest.mark.parametrize(
    ("command", "seconds", "message"),
    [
        (PAUSE, None, PauseGrid("why", None, None)),
        (PAUSE, 1.5, PauseGrid("why", 11_500, 1.5)),
        (RESUME, None, ResumeGrid("why")),
        (RESTART, None, RestartGrid("why")),
        (STOP, None, StopGrid("why", lasts=True)),
    ],
)
def test_each_command_is_a_message_of_its_own(command: Command, seconds: float | None, message: Any) -> None:
    assert message_for(Steer(command, ("SOL/USDT",), seconds, "why"), now=10_000) == message


@pytest.mark.parametrize(
    ("command", "fact", "answers"),
    [
        (PAUSE, GridPaused("x", "", 11_500, ZERO, ZERO), True),
        (PAUSE, GridPaused("x", "", 9_000, ZERO, ZERO), False),
        (PAUSE, GridResumed("x", ""), False),
        (PAUSE, GridStopped("x", "", ZERO, ZERO), True),
        (RESUME, GridResumed("x", ""), True),
        (RESUME, GridPaused("x", "", 11_500, ZERO, ZERO), False),
        (STOP, GridStopped("x", "", ZERO, ZERO), True),
        (STOP, GridPaused("x", "", None, ZERO, ZERO), False),
    ],
)
def test_wish_is_repeated_until_it_is_answered_itself(command: Command, fact: Fact, *, answers: bool) -> None:
    seconds = 1.5 if command is PAUSE else None
    assert is_answer(fact, command, message_for(Steer(command, ("x",), seconds, ""), now=10_000)) is answers


def test_where_a_grid_stands_is_read_from_its_history() -> None:
    standings = [judged(STOP, "x", one).standing for one in (WAITS, RUNS, PAUSING, PAUSED, STOPPED)]
    assert standings == [
        Standing.WAITING,
        Standing.RUNNING,
        Standing.PAUSING,
        Standing.PAUSED,
        Standing.STOPPED,
    ]


# --- waiting ---------------------------------------------------------------------------------------------

A_PAUSED: Fact = GridPaused("a", "", None, ZERO, ZERO)


def test_who_waits_hears_of_every_grid_they_wait_for() -> None:
    bulletin = Bulletin()
    mark = bulletin.mark
    done: list[set[str]] = []
    wanted = {"a": (GridPaused,), "b": (GridPaused,)}
    waiter = threading.Thread(target=lambda: done.append(bulletin.wait(wanted, mark, SOON)))
    waiter.start()
    bulletin.post(GridResumed("b", ""))
    bulletin.post(GridPaused("b", "", None, ZERO, ZERO))
    bulletin.post(A_PAUSED)
    waiter.join(SOON)
    assert done == [{"a", "b"}]


def test_what_was_told_before_the_wish_does_not_count() -> None:
    bulletin = Bulletin()
    bulletin.post(A_PAUSED)
    mark = bulletin.mark
    assert bulletin.wait({"a": (GridPaused,)}, mark, 0) == set()
    bulletin.post(GridStopped("a", "", ZERO, ZERO))
    assert bulletin.wait({"a": (GridPaused,)}, mark, 0) == set()
    assert bulletin.wait({"a": (GridStopped,)}, mark, 0) == {"a"}


def test_nobody_waits_longer_than_there_is_a_controller() -> None:
    bulletin = Bulletin()
    done: list[set[str]] = []
    waiter = threading.Thread(target=lambda: done.append(bulletin.wait({"a": (GridPaused,)}, 0, 60)))
    waiter.start()
    bulletin.close()
    waiter.join(SOON)
    assert done == [set()]
