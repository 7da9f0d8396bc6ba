"""The table of reconciliation, line by line."""

from __future__ import annotations

import pytest

from engine.calls import OrderReport
from engine.journal.rows import OrderRow
from engine.orders import OrderState
from engine.recovery.findings import Finding, find
from engine.values import Kind
from tests.engine.samples import BUY, D, Number


def order(order_id: str = "7", filled: Number = 0) -> OrderRow:
    return OrderRow(
        client_order_id="ga-1-0b0",
        order_id=order_id,
        slot="1",
        level=1,
        cycle=0,
        attempt=0,
        side=BUY,
        kind=Kind.LIMIT,
        price=D(100),
        quantity=D(3),
        answers="",
        reserved=D(300),
        filled=D(filled),
        state=OrderState.ACCEPTED if order_id else OrderState.SUBMITTED,
        placed_at=0,
    )


def report(filled: Number = 0, *, is_open: bool = True) -> OrderReport:
    return OrderReport("ga-1-0b0", "7", D(filled), is_open=is_open)


@pytest.mark.parametrize(
    ("known", "listed", "looked_up", "finding", "filled"),
    [
        (order(), [report()], [], Finding.OPEN, 0),
        (order(""), [report()], [], Finding.OPEN, 0),
        (order(filled=1), [report(1)], [], Finding.OPEN, 1),
        (order(), [report(1)], [], Finding.FILLED_IN_PART, 1),
        (order(filled=1), [report(2)], [], Finding.FILLED_IN_PART, 2),
        (order(), [], [report(3, is_open=False)], Finding.FILLED, 3),
        (order(filled=1), [], [report(3, is_open=False)], Finding.FILLED, 3),
        (order(), [], [report(is_open=False)], Finding.ENDED, 0),
        (order(), [], [report(2, is_open=False)], Finding.ENDED, 2),
        (order(""), [], [None], Finding.NEVER_ARRIVED, 0),
        (order(filled=1), [], [None], Finding.ENDED, 1),
        (order(), [], [], Finding.UNKNOWN, 0),
    ],
    ids=[
        "it is open",
        "it was sent and nobody heard of it, and is open",
        "it is open as far as it was filled before",
        "it was filled in part meanwhile",
        "it was filled further meanwhile",
        "it was filled meanwhile",
        "the rest of it was filled meanwhile",
        "it was cancelled or expired",
        "it was filled in part and cancelled",
        "it never arrived",
        "the exchange has forgotten it",
        "the exchange does not tell",
    ],
)
def test_what_becomes_of_an_order_that_the_journal_believes_to_be_live(
    known: OrderRow, listed: list[OrderReport], looked_up: list[OrderReport | None], finding: Finding, filled: int
) -> None:
    answers = dict.fromkeys(["ga-1-0b0"], looked_up[0]) if looked_up else {}
    (found,) = find([known], {one.client_order_id: one for one in listed}, answers)

    assert (found.finding, found.filled) == (finding, D(filled))
