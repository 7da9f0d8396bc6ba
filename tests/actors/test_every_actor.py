"""What holds for the shell of every actor of the tree, whatever its behaviour."""

from __future__ import annotations

import pytest
from attrs import frozen

from actors import (
    balance_tracker,
    gateway,
    grid_level,
    grid_manager,
    order_manager,
    paper_exchange,
    reporter,
    risk_monitor,
    simulated_exchange,
)
from actors.base import Ping
from actors.mail import AskError
from engine.gateway.rules import gateway_rules
from engine.messages import (
    Advance,
    ArmLevel,
    DescribeFunds,
    DescribeGateway,
    DescribeHistory,
    DescribeLevel,
    DescribeOrders,
)
from engine.supervision import ChildSpec, Restart
from tests.actors.fake_post import Hosted
from tests.actors.grids import grid, planned

SETUP, REAL, PAPER = grid(), grid(name="on a real exchange"), grid(name="on paper")
RULES = gateway_rules(SETUP.settings.execution, callers=1, order_limits=(), answer_window=4.0)
SPECS = [
    balance_tracker.spec(SETUP),
    grid_level.spec(SETUP, planned(SETUP, "0")),
    grid_manager.spec(SETUP),
    order_manager.spec(SETUP),
    reporter.spec([SETUP]),
    risk_monitor.spec(SETUP),
    simulated_exchange.spec(SETUP),
    gateway.spec(REAL, RULES),
    paper_exchange.spec(PAPER),
]
every_actor = pytest.mark.parametrize("spec", SPECS, ids=lambda spec: str(spec.address))
QUESTIONS = {
    "SOL/USDT/balance_tracker": DescribeFunds(),
    "SOL/USDT/exchange": Advance(),
    "on a real exchange/exchange": DescribeGateway(),
    "SOL/USDT/level/0": DescribeLevel(),
    "SOL/USDT/order_manager": DescribeOrders(),
    "reporter": DescribeHistory("SOL/USDT"),
}


@frozen
class Gibberish:
    """A message that is in no inbox."""


@every_actor
def test_actor_is_to_live_for_ever(spec: ChildSpec) -> None:
    assert spec.restart is Restart.PERMANENT


@every_actor
def test_each_incarnation_gets_a_behaviour_of_its_own(spec: ChildSpec) -> None:
    assert spec.factory() is not spec.factory()


@every_actor
def test_nothing_is_said_before_the_first_message(spec: ChildSpec) -> None:
    hosted = Hosted(spec)

    assert (hosted.post.sent, hosted.post.timers, hosted.post.last_words) == ([], [], [])


@every_actor
def test_crash_is_reported_and_nothing_follows_it(spec: ChildSpec, caplog: pytest.LogCaptureFixture) -> None:
    hosted = Hosted(spec)

    assert hosted.tell(Gibberish()) == []
    assert hosted.failure.address == spec.address
    assert "Gibberish" in hosted.failure.error
    assert "in handle" in hosted.failure.trace
    assert spec.address in caplog.text
    assert not hosted.shell.actor_inbox.empty()  # its own stop
    assert hosted.tell(ArmLevel()) == []
    assert len(hosted.post.last_words) == 1


@every_actor
def test_question_that_crashes_the_actor_fails_for_its_asker(spec: ChildSpec) -> None:
    hosted = Hosted(spec)

    with pytest.raises(AskError, match="Gibberish"):
        hosted.ask(Gibberish())
    assert "Gibberish" in hosted.failure.error


@pytest.mark.parametrize("spec", [spec for spec in SPECS if spec.address in QUESTIONS], ids=lambda s: str(s.address))
def test_question_is_answered_to_its_asker_alone(spec: ChildSpec) -> None:
    hosted = Hosted(spec)

    assert hosted.ask(QUESTIONS[spec.address]) is not None
    assert hosted.tell(QUESTIONS[spec.address]) == []
    assert hosted.post.last_words == []


@every_actor
def test_ping_shows_that_the_actor_is_alive(spec: ChildSpec) -> None:
    hosted = Hosted(spec)
    hosted.life.ponged = False

    hosted.tell(Ping())
    assert hosted.life.ponged
