"""What is logged of calls to an exchange: every trouble, and none of them over and over."""

from __future__ import annotations

import logging

import pytest
from attrs import frozen

from actors.opening.watched_line import CallTroubles, WatchedLine
from engine.calls import Call, Cancel, Done, NotFound, NotYet, Outcome, Refusal, Refused, Unknown
from engine.values import Side
from tests.actors.lines import limit

ORDER = limit("x", Side.BUY, "100")
PERMISSION = Refused(Refusal.PERMISSION, "revoked")


@frozen
class Line:
    """End every call in one way."""

    outcome: Outcome

    def put_through(self, _call: Call, /) -> Outcome:
        return self.outcome

    def close(self) -> None:
        """Do nothing."""


@pytest.mark.parametrize(
    ("call", "outcome", "level", "told"),
    [
        (ORDER, PERMISSION, "WARNING", "placing an order was refused: revoked"),
        (ORDER, Refused(Refusal.WOULD_TAKE, "would take"), "INFO", "placing an order was refused: would take"),
        (Cancel("x"), Unknown("no answer"), "WARNING", "cancelling an order failed: no answer"),
        (Cancel("x"), NotYet(2.5, "busy"), "WARNING", "cancelling an order has to wait for 2.5 s: busy"),
    ],
)
def test_trouble_is_logged_once_whoever_has_it(
    call: Call, outcome: Outcome, level: str, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    troubles = CallTroubles("SOL/USDT")
    lines = [WatchedLine(Line(outcome), troubles) for _ in range(4)]

    assert [line.put_through(call) for line in lines] == [outcome] * 4
    assert [(record.levelname, record.message) for record in caplog.records] == [(level, f"SOL/USDT: {told}")]


@pytest.mark.parametrize("outcome", [Done(), NotFound("filled by now")])
def test_what_is_no_trouble_is_not_logged(outcome: Outcome, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    WatchedLine(Line(outcome), CallTroubles("SOL/USDT")).put_through(Cancel("x"))

    assert caplog.records == []


def test_other_trouble_is_news_again(caplog: pytest.LogCaptureFixture) -> None:
    troubles = CallTroubles("SOL/USDT")
    for number in range(250):
        troubles.note(ORDER, Unknown(f"trouble {number}"))

    assert len(caplog.records) == 250
